"""Exact counts of people per group on DuckDB: one whole number per row, sorted.

DuckDB counts distinct values with a hash table per group, which takes most of a question's time over millions of rows.
Here each row becomes a number, its group's above its person's, and NumPy sorts the numbers. A group's number is what
DuckDB's hash of its keys leaves in the bits that people do not need. What that brings is told in
docs/decisions/0009-quick-questions.md.
"""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import product
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from heedful.errors import Bug
from heedful.store.arrays import own

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation

Ints = NDArray[np.int64]
Numbers = NDArray[np.unsignedinteger[Any]]
MOST_ROWS = 25_000_000
"""So many take 425 MB of memory (twice 8 bytes each and one); beyond, DuckDB counts, which can use the disk."""
LARGE = 2_000_000
WIDTHS = {32: "uinteger", 64: "ubigint"}
"""Bits of a number: few groups of not too many people fit into 32, which sorts in half the time."""
TRIES = 4
_one_at_a_time = Lock()
"""Questions over many rows take turns, so that their memory does not add up."""


@dataclass(frozen=True)
class _Groups:
    """SQL for the number of a row's group, already above the bits of its person's, and each group's number."""

    sql: str
    kind: str
    numbers: Numbers


def people(
    con: "DuckDBPyConnection", rows: "DuckDBPyRelation", groups: pa.Table, keys: Sequence[str], everybody: int
) -> Ints | None:
    """Distinct `who` of each of the groups, in their order; None where that is better left to DuckDB.

    Rows without a person count for nobody, and every `who` is below `everybody`. `groups` has every group of the rows
    by the columns `keys`, and `named`, its rows with a person.
    """
    named = pc.sum(groups["named"]).as_py() or 0
    if not named:
        return np.zeros(groups.num_rows, np.int64)
    bits = max((everybody - 1).bit_length(), 1)
    if named > MOST_ROWS or (found := _numbered(con, groups, keys, bits)) is None:
        return None
    with _one_at_a_time if named > LARGE else nullcontext():
        distinct = _distinct(_numbers(rows.filter("who is not null"), f"({found.sql} | who)::{found.kind}"))
    order = np.argsort(found.numbers)  # one near the other: a third of the time of looking for them as they come
    low = np.searchsorted(distinct, found.numbers[order])
    high = np.searchsorted(distinct, found.numbers[order] | (2**bits - 1), side="right")
    if (high - low).sum() != len(distinct):
        raise Bug("there are rows of people in none of the groups")
    counted = np.empty(len(order), np.int64)
    counted[order] = high - low
    return counted


def _numbered(con: "DuckDBPyConnection", groups: pa.Table, keys: Sequence[str], bits: int) -> _Groups | None:
    """Numbers that keep the groups apart, made of hashes of their keys; None where none do."""
    if not keys:
        return _Groups("0", WIDTHS[32], np.zeros(1, np.uint32))
    hashes = [f"hash({salt}, {', '.join(keys)})" for salt in range(TRIES)]
    columns = ", ".join(f"{hashed} as h{salt}" for salt, hashed in enumerate(hashes))
    hashed = con.from_arrow(groups).project(columns).to_arrow_table()
    for (width, kind), (sql, column) in product(WIDTHS.items(), zip(hashes, hashed.columns, strict=True)):
        mask = 2 ** max(width - bits, 0) - 1
        if groups.num_rows**2 > 8 * mask + 8:  # hopeless: two of them would share a number 98 times in a hundred
            continue
        numbers = (column.to_numpy() & mask) << bits
        if len(np.unique(numbers)) == len(numbers):
            return _Groups(f"(({sql} & {mask}) << {bits})", kind, numbers.astype(f"u{width // 8}"))
    return None


def _numbers(rows: "DuckDBPyRelation", number: str) -> Numbers:
    """A whole number made of each row."""
    return own(rows.project(f"{number} as number").to_arrow_table()["number"])


def _distinct(numbers: Numbers) -> Numbers:
    """The distinct numbers, ascending; sorts what it is given."""
    numbers.sort()
    first = np.empty(len(numbers), bool)
    first[:1] = True
    np.not_equal(numbers[1:], numbers[:-1], out=first[1:])
    return numbers[first]
