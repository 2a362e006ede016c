"""Checking readings: who is asked what next, second opinions, disagreements, and how often a reading is right."""

import random
from datetime import timedelta

import pytest
from starlette.requests import Request

import shop
from heedful.errors import BadSettings, NotFound
from heedful.insight.ask import Question, ask
from heedful.insight.checking import (
    SECOND,
    SETTLE,
    Task,
    examples,
    next_one,
    verdict,
    voices,
)
from heedful.insight.standing import by_group, kappa, standing
from heedful.privacy.viewer import Viewer

ANALYST = Viewer("user:ann", frozenset({"analyst"}), smallest=1)
TASK = Task()


@pytest.fixture
def full(tmp_path):
    opened = shop.open_shop(tmp_path / "shop")
    opened.take("message", shop.messages(200))
    yield opened
    opened.close()


def say(of, id, label, who="ann", task=TASK):
    with of.store.view(ANALYST) as view:
        newest = int(view.as_of.partition("-")[0])
        rows = verdict(view, task, id, label, who, now=shop.NOW, newest=newest)
    of.store.append_verdicts(rows)


def asked(of, function, *arguments, **more):
    with of.store.view(ANALYST) as view:
        return function(view, *arguments, **more)


def check(of, count, label=lambda id: "neutral", who="ann", task=TASK):
    seen = []
    for _ in range(count):
        seen.append(asked(of, next_one, task, who))
        say(of, seen[-1], label(seen[-1]), who, task)
    return seen


def test_messages_come_in_an_order_as_by_lot_and_once_each(full):
    seen = check(full, 12)
    assert seen == sorted(seen)[:12]
    with full.store.view(ANALYST) as view:
        rows = view.frame("message").select("id", "direction").collect("pyarrow").to_arrow().to_pylist()
    assert seen == sorted(row["id"] for row in rows if row["direction"] == "in")[:12]


def test_a_second_opinion_is_another_s_and_settling_ends_a_disagreement(full):
    first = check(full, 4, who="ann")
    second = Task(turn=SECOND)
    assert asked(full, next_one, second, "ann") is None
    assert check(full, 4, label=lambda id: "positive" if id == first[1] else "neutral", who="ben", task=second) == first
    assert asked(full, next_one, second, "ben") is None
    state = asked(full, standing, TASK)
    assert (state.looked, state.both, state.agreed, state.unsettled) == (4, 4, 3, 1)
    settle = Task(turn=SETTLE)
    assert asked(full, next_one, settle, "ann") == first[1]
    say(full, first[1], "negative", "cem", settle)
    state = asked(full, standing, TASK)
    assert (state.unsettled, state.both, state.agreed) == (0, 4, 3)
    assert asked(full, next_one, settle, "ann") is None
    heard = [voice["label"] for voice in asked(full, voices, "sentiment", first[1])]
    assert heard == ["neutral", "positive", "negative"]
    truth = {row["id"]: row["label"] for row in asked(full, examples, TASK).to_pylist()}
    assert truth[first[1]] == "negative"


def test_who_thinks_again_takes_their_word_back(full):
    (id,) = check(full, 1)
    before = full.store.clock()
    say(full, id, "positive")
    assert [voice["label"] for voice in asked(full, voices, "sentiment", id)] == ["positive"]
    with full.store.view(ANALYST, as_of=before) as then:
        assert [voice["label"] for voice in voices(then, "sentiment", id)] == ["neutral"]


def test_accuracy_is_of_a_random_sample_and_figures_follow(full):
    with full.store.view(ANALYST) as view:
        before = ask(view, Question("negative_share"), now=shop.NOW)
        rows = view.frame("message").select("id", "read_sentiment").collect("pyarrow").to_arrow().to_pylist()
    read = {row["id"]: row["read_sentiment"] for row in rows}
    draw = random.Random(3)
    truth = {id: "negative" if draw.random() < 0.5 else label for id, label in read.items()}
    check(full, 40, label=truth.__getitem__)
    state = asked(full, standing, TASK)
    rightly = sum(read[id] == truth[id] for id in sorted(read) if read[id])
    assert state.sample.sampled > 25
    value, low, high = state.sample.accuracy
    assert low < value < high < 1
    # who is asked depends on the workspace's secret: at twice its width one interval in 10,000 would miss
    assert 2 * low - value <= rightly / sum(label is not None for label in read.values()) <= 2 * high - value
    after = asked(full, ask, Question("negative_share"), now=shop.NOW)
    assert (before.checked, after.checked) == ("not checked", "checked")
    assert after.figures[0].value > before.figures[0].value
    assert after.figures[0].checked == state.sample.sampled
    groups = asked(full, by_group, TASK, "channel")
    assert sum(sample.sampled for sample in groups.values()) == state.sample.sampled


def test_a_task_for_one_channel_stays_in_it(full):
    task = Task(where=(("channel", "chat"),))
    seen = check(full, 5, task=task)
    with full.store.view(ANALYST) as view:
        rows = view.frame("message").select("id", "channel").collect("pyarrow").to_arrow().to_pylist()
    assert {row["channel"] for row in rows if row["id"] in seen} == {"chat"}
    assert asked(full, standing, task).looked == 5
    assert asked(full, standing, Task(where=(("channel", "email"),))).looked == 0


def test_what_somebody_said_goes_with_the_person_who_wrote(full):
    seen = check(full, 6)
    with full.store.view(ANALYST) as view:
        rows = view.frame("message").select("id", "person").collect("pyarrow").to_arrow().to_pylist()
    person = next(row["person"] for row in rows if row["id"] in seen and row["person"])
    theirs = {row["id"] for row in rows if row["person"] == person}
    officer = Viewer("user:pia", frozenset({"privacy officer"}))
    with full.upkeep(Request({"type": "http", "query_string": b""})) as upkeep:
        upkeep.erasing.forget([f"p_{person:016x}"], officer, shop.NOW)
    with full.store.view(ANALYST) as view:
        left = view.frame("verdict").select("message").collect("pyarrow").to_arrow()["message"].to_pylist()
    assert set(left) == set(seen) - theirs


def test_what_makes_no_sense_is_refused(full):
    with pytest.raises(NotFound, match="can be checked; there are: sentiment"):
        Task("mood")
    with pytest.raises(BadSettings, match="none of: first"):
        Task(turn="third")
    with pytest.raises(NotFound, match="no dimension named 'colour'"):
        Task(where=(("colour", "red"),))
    with pytest.raises(BadSettings, match="none of: negative"):
        say(full, "x", "angry")
    with pytest.raises(NotFound, match="no message 'x'"):
        say(full, "x", "neutral")


def test_agreement_beyond_chance():
    pairs = [("yes", "yes")] * 20 + [("yes", "no")] * 5 + [("no", "yes")] * 10 + [("no", "no")] * 15
    assert kappa(pairs) == pytest.approx(0.4)  # Cohen's own worked example, as in many textbooks
    assert kappa([("yes", "yes")] * 3) is None
    assert kappa([]) is None


def test_nothing_is_left_at_the_end(tmp_path):
    small = shop.open_shop(tmp_path / "small", demo=False)
    small.take("message", [{"id": "1", "text": "Fine.", "occurred_at": (shop.NOW - timedelta(1)).isoformat()}])
    assert check(small, 1)
    assert asked(small, next_one, TASK, "ann") is None
    small.close()
