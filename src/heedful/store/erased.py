"""Records that were erased, so that they never come back: their keys, by table, and when each was erased."""

from collections.abc import Iterable, Mapping

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from heedful.store.arrays import own

Keys = NDArray[np.uint64]
Times = NDArray[np.datetime64]


class Erased:
    """Keys of erased records in memory, sorted."""

    def __init__(self, records: Mapping[str, tuple[Keys, Times]] | None = None) -> None:
        """Of keys and times of their erasure, table by table."""
        self._records: dict[str, tuple[Keys, Times]] = {}
        for table, (keys, times) in (records or {}).items():
            self._take(table, keys, times)

    def add(self, records: Mapping[str, Iterable[int]], at: np.datetime64) -> None:
        """Take in what is erased now."""
        for table, some in records.items():
            new = np.array(list(some), np.uint64)
            keys, times = self._records.get(table, (new[:0], np.empty(0, "datetime64[us]")))
            self._take(table, np.concatenate([keys, new]), np.concatenate([times, np.full(len(new), at)]))

    def join(self, table: str, keys: Keys, times: Times) -> None:
        """Take in what was erased before, each at its own time (naive UTC)."""
        before, when = self._records.get(table, (keys[:0], times[:0]))
        self._take(table, np.concatenate([before, keys]), np.concatenate([when, times]))

    def _take(self, table: str, keys: Keys, times: Times) -> None:
        order = np.lexsort((-times.astype(np.int64), keys))  # of one key the latest time, which is then found first
        self._records[table] = keys[order], times[order]

    def again(self, table: str, rows: pa.Table) -> NDArray[np.bool_] | None:
        """Which rows are erased records of before their erasure, or undated; None where none can be."""
        keys, times = self._records.get(table, (None, None))
        if keys is None or times is None or not len(keys):
            return None
        arrived = own(rows["key"])
        at = np.minimum(np.searchsorted(keys, arrived), len(keys) - 1)
        dated = rows["occurred_at"].to_numpy().astype("datetime64[us]")
        known: NDArray[np.bool_] = (keys[at] == arrived) & (np.isnat(dated) | (dated <= times[at]))
        return known
