"""Identifiers for rows that bring none: the hash of the row, and its ordinal among equal rows of the file."""

from collections.abc import Iterable
from hashlib import blake2b

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from heedful.intake.files.values import as_text, join_present

Keys = npt.NDArray[np.uint64]


class Seen:
    """How often each key came before, at eight bytes a row: sorted runs that are merged as they grow."""

    def __init__(self) -> None:
        """Nothing has been seen."""
        self._runs: list[Keys] = []

    def before(self, keys: Keys) -> npt.NDArray[np.int64]:
        """For each key, how many equal ones came earlier, in this call and in those before."""
        order = np.argsort(keys, kind="stable")
        ranked = keys[order]
        starts = np.flatnonzero(np.concatenate(([True], ranked[1:] != ranked[:-1]))) if len(keys) else order
        sizes = np.diff(np.append(starts, len(keys)))
        count = np.arange(len(keys)) - np.repeat(starts, sizes)
        for run in self._runs:
            count += np.searchsorted(run, ranked, "right") - np.searchsorted(run, ranked, "left")
        result = np.empty(len(keys), np.int64)
        result[order] = count
        self._add(ranked)
        return result

    def _add(self, ranked: Keys) -> None:
        self._runs.append(ranked)
        while len(self._runs) > 1 and len(self._runs[-2]) <= 2 * len(self._runs[-1]):
            merged = np.concatenate((self._runs.pop(-2), self._runs.pop()))
            merged.sort(kind="stable")
            self._runs.append(merged)


def row_ids(rows: pa.RecordBatch, seen: Seen) -> pa.Array:
    """An id per row: the same for the same row whatever the format of the file or the order of its columns."""
    texts = row_texts(rows)
    digests = [blake2b(text, digest_size=16).digest() for text in texts.cast(pa.binary()).to_pylist()]
    keys = np.frombuffer(b"".join(digests), np.uint64)[::2]
    ordinals = seen.before(keys)
    hexes = [digest.hex() for digest in digests]
    for at in np.flatnonzero(ordinals):
        hexes[at] += f"-{ordinals[at] + 1}"
    return pa.array(hexes, pa.string())


def row_texts(rows: pa.RecordBatch) -> pa.Array:
    """Each row as one text of its names and values, without the empty ones, by name."""
    parts = []
    for name in sorted(rows.schema.names):
        text = as_text(rows.column(name))
        if text.null_count < len(text):
            parts.append(pc.binary_join_element_wise(f"{name}\x1e", text, ""))
    if not parts:
        return pa.array([""] * rows.num_rows, pa.string())
    return join_present(parts, "\x1f")


def short_hash(parts: Iterable[str]) -> str:
    """Sixteen hexadecimal digits of some texts."""
    return blake2b("\x1f".join(parts).encode(), digest_size=8).hexdigest()
