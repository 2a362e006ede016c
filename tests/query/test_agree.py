"""A search means the same wherever it is asked: of one message, of the store, and of many searches at once."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heedful.query.many import Many, shares
from heedful.query.match import match
from heedful.query.over_store import Found
from heedful.query.parse import parse
from heedful.query.said import said
from heedful.query.tree import written
from heedful.store.search import Search
from query.asked import ROWS, SEARCHES, table
from random_rows import on_duckdb, viewer


@pytest.fixture(scope="module")
def search(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Search]:
    made = Search(tmp_path_factory.mktemp("agree") / "search.db")
    yield made
    made.close()


@settings(max_examples=int(os.environ.get("HEEDFUL_EXAMPLES", "25")), deadline=None)
@given(rows=st.lists(ROWS, min_size=1, max_size=12), asked=st.lists(SEARCHES, min_size=1, max_size=6))
def test_the_store_finds_what_fits(search: Search, rows: list[dict[str, Any]], asked: list[str]) -> None:
    messages = table(rows)
    search.remove(range(1, 100))
    search.add(messages.select(["n", "occurred_at", "title", "text"]), through=len(rows))
    each = [(row["n"], said(row)) for row in messages.to_pylist()]
    with on_duckdb({"message": messages}, viewer()) as view:
        for query in asked:
            tree = parse(query)
            assert parse(written(tree)) == tree
            fitting = [n for n, message in each if match(tree, message)]
            found = Found(view, search, tree, view.frame("message"))
            assert sorted(found.numbers().tolist()) == fitting, query
            newest = found.newest(100)
            assert sorted(n for _, n in newest) == fitting, query
            assert newest == sorted(newest, reverse=True)


@given(rows=st.lists(ROWS, min_size=1, max_size=12), asked=st.lists(SEARCHES, min_size=1, max_size=40))
def test_many_at_once_find_what_fits(rows: list[dict[str, Any]], asked: list[str]) -> None:
    messages, trees = table(rows), [parse(query) for query in asked]
    each = [said(row) for row in messages.to_pylist()]
    fitting = [[place for place, tree in enumerate(trees) if match(tree, message)] for message in each]
    for known in ({}, shares(each), {word: 0.9 for message in each[:3] for word in message.held}):
        assert list(Many(trees, known).of_each(messages)) == fitting
