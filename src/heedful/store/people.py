"""Exact counts of people per group on DuckDB: one whole number per row, sorted.

DuckDB counts distinct values with a hash table per group, which takes most of a question's time over millions of rows.
Here each row becomes its group's number above the 32 bits of its person's, and NumPy sorts the numbers. What that
brings is told in docs/decisions/0009-quick-questions.md.
"""

import itertools
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from math import prod
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation

Ints = NDArray[np.int64]
MOST_ROWS = 25_000_000
"""So many take 425 MB of memory (twice 8 bytes each and one); beyond, DuckDB counts, which can use the disk."""
MOST_GROUPS = 2**31
SHORT = 20
"""Up to so many values, a list is looked through: quick, as DuckDB does it once for each word of its dictionary."""
MOST_WORDS = 20_000
"""Making an enum of so many takes as long as it saves; so does one of more than a twentieth of the rows."""
LARGE = 2_000_000
_one_at_a_time = Lock()
"""Questions over many rows take turns, so that their memory does not add up."""
_names = itertools.count()


def people(con: "DuckDBPyConnection", rows: "DuckDBPyRelation", groups: pa.Table, keys: Sequence[str]) -> Ints | None:
    """Distinct `who` of each of the groups, in their order; None where that is better left to DuckDB.

    Rows without a person count for nobody. `keys` are columns of words, whole numbers or times.
    """
    keys = [key for key in keys if groups[key].null_count < groups.num_rows]
    scales = [_scale(groups[key]) for key in keys]
    named = pc.sum(groups["named"]).as_py() or 0
    if named > MOST_ROWS or prod(scale.size for scale in scales) >= MOST_GROUPS:
        return None
    if any(isinstance(scale, _Words) and scale.size > max(SHORT, min(MOST_WORDS, named // 20)) for scale in scales):
        return None
    if not named:
        return np.zeros(groups.num_rows, np.int64)
    code, number = "0::bigint", np.zeros(groups.num_rows, np.int64)
    for scale, key in zip(scales, keys, strict=True):
        code = f"({code} * {scale.size} + coalesce({scale.sql(con, key)}, 0))"
        number = number * scale.size + scale.places(groups[key])
    with _one_at_a_time if named > LARGE else nullcontext():
        distinct = _distinct(_numbers(rows, f"({code} << 32) | who"))
    return np.searchsorted(distinct, (number + 1) << 32) - np.searchsorted(distinct, number << 32)


def _numbers(rows: "DuckDBPyRelation", number: str) -> Ints:
    """One number for each row with a person."""
    column = rows.filter("who is not null").project(f"{number} as number").to_arrow_table()["number"]
    return np.concatenate([chunk.to_numpy() for chunk in column.chunks])


def _distinct(numbers: Ints) -> Ints:
    """The distinct numbers, ascending; sorts what it is given."""
    numbers.sort()
    first = np.empty(len(numbers), bool)
    first[:1] = True
    np.not_equal(numbers[1:], numbers[:-1], out=first[1:])
    return numbers[first]


@dataclass(frozen=True)
class _Words:
    """The numbers of some words, from 1; 0 is for none."""

    words: pa.Array

    @property
    def size(self) -> int:
        return len(self.words) + 1

    def places(self, column: pa.ChunkedArray) -> Ints:
        return _whole(pc.add(pc.index_in(column, self.words), 1))

    def sql(self, con: "DuckDBPyConnection", key: str) -> str:
        if len(self.words) <= SHORT:
            quoted = ", ".join("'" + word.replace("'", "''") + "'" for word in self.words.to_pylist())
            return f"list_position([{quoted}]::varchar[], {key})::bigint"
        name = f"words_{next(_names)}"
        con.register(name, pa.table({"word": self.words}))
        con.execute(f"create temp type {name}_kind as enum (select word from {name})")
        con.unregister(name)
        return f"enum_code({key}::{name}_kind)::bigint + 1"


@dataclass(frozen=True)
class _Steps:
    """The numbers of evenly spaced values, from 1; 0 is for none. Times count in microseconds."""

    low: int
    step: int
    size: int
    time: bool

    def places(self, column: pa.ChunkedArray) -> Ints:
        return (_whole(column.cast(pa.int64()), self.low - self.step) - self.low) // self.step + 1

    def sql(self, _: "DuckDBPyConnection", key: str) -> str:
        return f"({f'epoch_us({key})' if self.time else key} - {self.low}) // {self.step} + 1"


def _scale(column: pa.ChunkedArray) -> _Words | _Steps:
    """How a key's values become whole numbers."""
    values = pc.drop_null(pc.unique(column))
    if pa.types.is_string(values.type):
        return _Words(values)
    known = np.sort(values.cast(pa.int64()).to_numpy())
    step = int(np.gcd.reduce(np.diff(known))) or 1
    return _Steps(int(known[0]), step, int(known[-1] - known[0]) // step + 2, pa.types.is_timestamp(values.type))


def _whole(column: pa.ChunkedArray, missing: int = 0) -> Ints:
    numbers: Ints = pc.fill_null(column, missing).to_numpy().astype(np.int64)
    return numbers
