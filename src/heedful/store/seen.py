"""Which keys a table holds, in memory, so that records that are all new need no look through the table.

Looking through 20 million keys took 200 to 400 ms for each stretch of the journal, however short it was.
"""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from heedful.store.arrays import own

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Keys = NDArray[np.uint64]
MOST = 32_000_000
"""So many keys take 256 MB; a table with more is looked through."""


class Seen:
    """Keys in sorted runs, each at least twice as long as the next, as in a log-structured merge tree."""

    def __init__(self, keys: Keys) -> None:
        """Of keys in any order; it sorts them in place."""
        keys.sort()
        self._runs = [keys]

    @classmethod
    def of(cls, con: "DuckDBPyConnection", table: str) -> "Seen | None":
        """The keys of a stored table; None where there are too many to keep."""
        rows = con.execute(f"select count(*) from facts.{table}").fetchall()[0][0]
        return None if rows > MOST else cls(own(con.sql(f"select key from facts.{table}").to_arrow_table()["key"]))

    def __len__(self) -> int:
        """How many keys there are."""
        return sum(len(run) for run in self._runs)

    def fresh(self, keys: Keys) -> Keys:
        """The keys that are new, each once."""
        left = np.unique(keys)
        for run in self._runs:
            left = left[~_held(run, left)]
        return left

    def add(self, keys: Keys) -> None:
        """Take in keys that are stored now."""
        run = np.sort(keys)
        while self._runs and len(self._runs[-1]) < 2 * len(run):
            run = np.sort(np.concatenate([self._runs.pop(), run]))
        self._runs.append(run)


def _held(run: Keys, keys: Keys) -> NDArray[np.bool_]:
    """Which of the keys are in a sorted run."""
    if not len(run):
        return np.zeros(len(keys), bool)
    at = np.minimum(np.searchsorted(run, keys), len(run) - 1)
    held: NDArray[np.bool_] = run[at] == keys
    return held
