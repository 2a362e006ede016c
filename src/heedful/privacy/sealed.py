"""A batch that went through seal(): the only thing the store accepts."""

from dataclasses import dataclass

import pyarrow as pa


@dataclass(frozen=True)
class Identity:
    """A raw identifier of a person, on its way to the encrypted identities."""

    person: int
    kind: str
    value: str


@dataclass(frozen=True)
class Sealed:
    """Rows of one table in the stored shape (without `n`), and the identifiers that were taken out of them."""

    table: str
    batch: pa.RecordBatch
    identities: tuple[Identity, ...] = ()
