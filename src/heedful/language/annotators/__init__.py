"""What can be read from a message: one file each.

An annotator sees only the columns it asks for and makes only the columns it names; where it belongs in the order
follows from the two. The schema metadata of a batch may hold `default_language`: the code that a short text is
taken to be in where nothing speaks against it.
"""

from typing import Protocol

import pyarrow as pa


class Annotator(Protocol):
    """What a module in this folder has to define."""

    @property
    def NEEDS(self) -> tuple[str, ...]:  # noqa: N802
        """Columns of `message`, or columns that another annotator adds."""

    @property
    def ADDS(self) -> pa.Schema:  # noqa: N802
        """The columns it makes: fields of `reading`."""

    @property
    def VERSION(self) -> str:  # noqa: N802
        """Changes whenever the same text may be read differently; messages are then read again."""

    def annotate(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Exactly ADDS for the same rows; no row depends on its neighbours; null where nothing can be read."""
