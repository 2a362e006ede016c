"""The worker's sorter: topics are found by themselves, new messages join, and nobody's change is lost to a search."""

import os
import time

import pytest

from heedful.catalogue.topic import catalogue
from heedful.server.sorter import Sorter
from planted import planted
from spoken import act, counts, read, records

FIRST = planted(40, spread=0.4)
MORE = planted(2, spread=0.4, seed=11)
PATIENCE = 120.0
BEGIN = os.getpid
"""What begins in the process that searches: something that it can import."""


@pytest.fixture
def sorter(store):
    made = Sorter(store, lambda: 0, BEGIN)
    yield made
    made.close()


def until_idle(sorter: Sorter) -> None:
    """Steps until nothing is left and no search is under way."""
    until = time.monotonic() + PATIENCE
    while sorter.step() or sorter.searching:
        assert time.monotonic() < until, "the search did not end"
        time.sleep(0.02)


def test_topics_are_found_and_new_messages_join_them(send, store, sorter):
    assert not sorter.step()
    send("message", records(FIRST))
    read(store, FIRST)
    until_idle(sorter)
    assert len(list(catalogue(store.topics.defined()))) == 6
    version = store.topics.version()
    send("message", records(MORE, start=10_000))
    read(store, FIRST, MORE)
    until_idle(sorter)
    assert store.topics.version() == version
    assert sum(counts(store).values()) == len(FIRST.texts) + len(MORE.texts)
    assert not sorter.step()


def test_a_change_made_while_topics_are_looked_for_is_kept_and_they_are_looked_for_again(send, store, sorter):
    send("message", records(FIRST))
    read(store, FIRST)
    until_idle(sorter)
    sorter.find()
    while not sorter.step() and store.topics.version() == 1:
        if sorter._searching is not None:
            break
    act(store, "rename", topic="topic-1", name="Ours")
    until_idle(sorter)
    assert [past.action for past in store.topics.changes()] == ["found", "rename", "found"]
    assert catalogue(store.topics.defined())["topic-1"].name == "Ours"


def test_while_much_waits_to_be_read_no_search_begins(send, store):
    sorter = Sorter(store, lambda: 5_000, BEGIN)
    send("message", records(FIRST))
    read(store, FIRST)
    for _ in range(3):
        sorter.step()
    assert not sorter.searching
    assert store.topics.version() == 0
