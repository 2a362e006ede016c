"""Topics keep their id through what happens to them, and new messages join them."""

import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from heedful.insight.topics import NONE, Leaf, Theme, Topics, discover, first, join, match, renew
from heedful.insight.topics.points import agreement

sys.path.insert(0, str(Path(__file__).parent))
from planted import planted

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def topics(members: list[str], *, at: list[int] | None = None) -> Topics:
    """Topics with these messages, a letter each; `at` places them."""
    leaf = {key: number for number, keys in enumerate(members) for key in keys}
    places = np.eye(64, dtype=np.float32)[at if at is not None else list(range(len(members)))]
    leaves = tuple(Leaf(f"name {number}", (), len(keys), 0, ()) for number, keys in enumerate(members))
    numbers = np.arange(len(members))
    above = (Theme("all", (), len(leaf), tuple(numbers.tolist())),) if members else ()
    floor, sizes = np.full(len(members), 0.5, np.float32), np.ones(len(members), np.float32)
    return Topics(
        tuple(leaf), np.array(list(leaf.values()), np.int64), leaves, above, places, places, numbers, sizes, floor
    )


def test_ids_go_with_the_messages_not_with_the_numbers() -> None:
    known, events = first(topics(["abcdef", "ghij", "kl"]), at=NOW)
    assert known.ids == ("topic-1", "topic-2", "topic-3")
    assert [event.kind for event in events] == ["born"] * 3
    after, events = match(known, topics(["klmnop", "abcdeg", "fhij"]), at=NOW)
    assert after.ids == ("topic-3", "topic-1", "topic-2")
    assert after.theme_ids == ("theme-1",)
    assert events == ()


def test_a_split() -> None:
    known, _ = first(topics(["abcdefgh", "xyz"]), at=NOW)
    after, events = match(known, topics(["abcde", "fgh", "xyz"]), at=NOW)
    assert after.ids == ("topic-1", "topic-3", "topic-2")
    assert [(event.kind, event.topic, event.of) for event in events] == [("split", "topic-3", ("topic-1",))]


def test_a_merge() -> None:
    known, _ = first(topics(["abcde", "fgh", "xyz"]), at=NOW)
    after, events = match(known, topics(["abcdefgh", "xyz"]), at=NOW)
    assert after.ids == ("topic-1", "topic-3")
    assert [(event.kind, event.topic, event.of) for event in events] == [("merged", "topic-1", ("topic-2",))]


def test_a_birth_a_fading_and_no_id_twice() -> None:
    known, _ = first(topics(["abc", "def"]), at=NOW)
    gone, events = match(known, topics(["abc"]), at=NOW)
    assert [(event.kind, event.topic) for event in events] == [("faded", "topic-2")]
    after, events = match(gone, topics(["abc", "xyz"], at=[0, 9]), at=NOW)
    assert after.ids == ("topic-1", "topic-3")
    assert [(event.kind, event.topic) for event in events] == [("born", "topic-3")]


def test_a_topic_whose_messages_were_all_erased_is_known_by_its_place() -> None:
    known, _ = first(topics(["abc", "def"]), at=NOW)
    after, events = match(known, topics(["abc", "xyz"]), at=NOW)
    assert after.ids == known.ids
    assert events == ()


def test_from_nothing_and_to_nothing() -> None:
    nothing, events = first(topics([]), at=NOW)
    assert events == ()
    known, events = match(nothing, topics(["abc"]), at=NOW)
    assert known.ids == ("topic-1",)
    assert [event.kind for event in match(known, topics([]), at=NOW)[1]] == ["faded"]


def test_new_messages_join_and_strange_ones_do_not() -> None:
    old, new = planted(100), planted(30, seed=8)
    found = discover(old.texts, old.embeddings, keys=old.keys)
    leaf, alike = join(found, new.embeddings)
    assert agreement(leaf + 1, new.truth, np.ones(len(leaf))) > 0.95
    assert (alike[leaf != NONE] > 0).all()
    strange = np.random.default_rng(4).normal(size=(20, 384)).astype(np.float32)
    strange /= np.linalg.norm(strange, axis=1, keepdims=True)
    assert (join(found, strange)[0] == NONE).all()
    assert join(found, new.embeddings[:0])[0].shape == (0,)


def test_a_thousand_join_fast() -> None:
    found = discover(*(lambda some: (some.texts, some.embeddings))(planted(300)), keys=planted(300).keys)
    began = time.process_time()
    join(found, planted(170).embeddings[:1_000])
    assert time.process_time() - began < 5


def test_messages_that_join_leave_the_others_where_they_were() -> None:
    old, new = planted(100), planted(15, seed=9, start=10_000)
    before = discover(old.texts, old.embeddings, keys=old.keys)
    known, _ = first(before, at=NOW)
    keys = [*old.keys, *new.keys]
    made = renew(before, [*old.texts, *new.texts], np.concatenate([old.embeddings, new.embeddings]), keys=keys)
    after, events = match(known, made, at=NOW)
    assert agreement(before.leaf + 1, made.leaf[: len(old.keys)] + 1, np.ones(len(old.keys))) > 0.95
    assert set(after.ids) == set(known.ids)
    assert events == ()


def test_a_new_subject_becomes_a_topic_and_the_others_keep_their_ids() -> None:
    old, both = planted(100, topics=4), planted(100, topics=5, seed=9, start=10_000)
    new = np.flatnonzero(both.truth == 4)
    before = discover(old.texts, old.embeddings, keys=old.keys)
    known, _ = first(before, at=NOW)
    made = renew(
        before,
        [*old.texts, *(both.texts[row] for row in new)],
        np.concatenate([old.embeddings, both.embeddings[new]]),
        keys=[*old.keys, *(both.keys[row] for row in new)],
    )
    after, events = match(known, made, at=NOW)
    assert set(known.ids) < set(after.ids)
    assert [event.kind for event in events] == ["born"]
    born = after.ids.index(events[0].topic)
    assert (made.leaf[len(old.keys) :] == born).mean() > 0.9


@pytest.mark.parametrize("kept", [0, 3])
def test_renewing_little(kept: int) -> None:
    old = planted(20)
    before = discover(old.texts[:kept], old.embeddings[:kept], keys=old.keys[:kept])
    made = renew(before, old.texts, old.embeddings, keys=old.keys)
    assert (made.leaf != NONE).any()
    assert renew(made, [None], old.embeddings[:1], keys=["k"]).leaf.tolist() == [NONE]
