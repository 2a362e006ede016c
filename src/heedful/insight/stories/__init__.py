"""Stories, not copies: reposts, quotes, edits, truncations and campaigns of one text are one story.

`fold` finds the stories of many texts. `plain` says what counts of a text, `shingles` makes sets of it, `near` finds
pairs that may be copies, and `likeness` whether they are.
"""

from heedful.insight.stories.fold import NONE, fold
from heedful.insight.stories.plain import Plain, plain

__all__ = ["NONE", "Plain", "fold", "plain"]
