"""From a file to batches of records: look at it, say what was found, then read it in blocks.

`inspect` guesses the format, the encoding and which column means what; `read` yields the records.
"""

from heedful.intake.files.inspection import inspect
from heedful.intake.files.plan import Bad, Column, Layout, Plan, Shaped, Survey
from heedful.intake.files.reading import read

__all__ = ["Bad", "Column", "Layout", "Plan", "Shaped", "Survey", "inspect", "read"]
