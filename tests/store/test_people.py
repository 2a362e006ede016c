"""Exact people per group by sorting are those that DuckDB counts, whatever the groups are named by."""

from datetime import datetime, timedelta

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.store import people as module
from heedful.store.people import people

WORDS = ["", "o'hare", "a\\b", "zoë", '"', "null", *(f"item {i}" for i in range(40))]
START = datetime(2026, 3, 29)
ROWS = st.lists(
    st.tuples(
        st.sampled_from([None, *WORDS]),
        st.one_of(st.none(), st.integers(-9, 9)),
        st.one_of(st.none(), st.integers(0, 400).map(lambda half: START + timedelta(minutes=30 * half))),
        st.one_of(st.none(), st.integers(0, 30), st.just(2**32 - 1)),
    ),
    max_size=60,
)
SHAPE = pa.schema(
    [("word", pa.string()), ("number", pa.int64()), ("hour", pa.timestamp("us")), ("who", pa.uint32())],
)


def table_of(rows: list[tuple[object, ...]]) -> pa.Table:
    return pa.Table.from_pylist([dict(zip(SHAPE.names, row, strict=True)) for row in rows], SHAPE)


def counted(rows: pa.Table, keys: list[str], everybody: int = 2**32) -> tuple[list[int] | None, list[int]]:
    """What sorting finds, and what DuckDB counts."""
    with duckdb.connect() as con:
        con.register("arrived", rows)
        con.execute("create table rows as from arrived")
        by = ", ".join(keys) or "true"
        groups = con.sql(
            f"select {by}, count(who) as named, count(distinct who) as people from rows group by {by}"
        ).to_arrow_table()
        found = people(con, con.table("rows"), groups, keys, everybody)
        return None if found is None else found.tolist(), groups["people"].to_pylist()


@given(ROWS, st.permutations(["word", "number", "hour"]), st.integers(0, 3), st.booleans())
def test_sorting_finds_what_counting_does(rows, keys, many, few):
    """With few people the numbers are short, with many long."""
    if few:
        rows = [(*row, who and min(who, 30)) for *row, who in rows]
    found, expected = counted(table_of(rows), keys[:many], 31 if few else 2**32)
    assert found == expected


def test_each_person_counts_once_in_a_group_and_nobody_for_rows_without_one():
    rows = [("a", 1, None, 7), ("a", 1, None, 7), ("a", 1, None, None), ("b", 1, None, 7), (None, 1, None, 8)]
    found, expected = counted(table_of(rows), ["word"])
    assert found == expected
    assert sorted(found or []) == [1, 1, 1]


def test_what_would_take_too_much_memory_is_left_to_the_engine(monkeypatch: pytest.MonkeyPatch):
    rows = table_of([("a", 1, None, 1), ("b", 2**40, None, 2), ("c", 7, None, 3)])
    assert counted(rows, ["word"])[0] == counted(rows, ["number"])[0] == [1, 1, 1]
    monkeypatch.setattr(module, "MOST_ROWS", 2)
    assert counted(rows, ["word"])[0] is None


def test_groups_whose_numbers_cannot_be_kept_apart_are_left_to_the_engine(monkeypatch: pytest.MonkeyPatch):
    rows = table_of([(f"word {i}", 1, None, i) for i in range(30)])
    assert counted(rows, ["word"], 2**27)[0] == [1] * 30  # 5 bits are too few for 30 groups, 37 are not
    monkeypatch.setattr(module, "WIDTHS", {32: "uinteger"})
    assert counted(rows, ["word"], 2**27)[0] is None


def test_each_number_is_kept_once():
    assert module._distinct(np.array([5, 1, 1, 9])).tolist() == [1, 5, 9]
    assert module._distinct(np.array([], np.int64)).tolist() == []
