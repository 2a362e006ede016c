"""What people checked: which of it is a random sample of a group, and that figures are corrected by it."""

import random
from datetime import datetime

import numpy as np
import pyarrow as pa
import pytest

import random_rows
from heedful.insight.ask import Question, ask
from heedful.insight.checks import LEAST, Checks, drawn, settled
from heedful.language.cards import Confusion
from heedful.records import SENTIMENTS

NOW = datetime.fromisoformat("2026-04-12T09:00:00+00:00")
MEASURED = Confusion(SENTIMENTS, ((88, 9, 3), (8, 84, 8), (3, 9, 88)))


def known(*numbers, seen=100):
    return Checks(np.array(numbers), ("neutral",) * len(numbers), np.full(len(numbers), seen))


def usable(group, key, n, looked):
    return np.flatnonzero(drawn(np.array(group), np.array(key), np.array(n), looked)).tolist()


def test_the_first_by_key_without_a_gap_are_a_sample():
    assert usable([0] * 5, [10, 20, 30, 40, 50], [1, 2, 3, 4, 5], known(1, 2, 4)) == [0, 1]


def test_each_group_has_its_own_first():
    group, key = [0, 1, 0, 1, 0], [10, 20, 30, 40, 50]
    assert usable(group, key, [1, 2, 3, 4, 5], known(1, 3, 4)) == [0, 2]


def test_what_came_in_after_people_looked_is_no_gap():
    looked = known(1, 3, 4, seen=7)
    assert usable([0] * 4, [10, 20, 30, 40], [1, 9, 3, 4], looked) == [0, 2, 3]
    assert usable([0] * 4, [10, 20, 30, 40], [1, 7, 3, 4], looked) == [0]


def test_looking_at_one_newcomer_makes_no_gap_of_the_others_behind_it():
    looked = Checks(np.array([1, 3, 9]), ("neutral",) * 3, np.array([7, 7, 12]))
    assert usable([0] * 4, [10, 15, 30, 20], [1, 9, 3, 10], looked) == [0, 1, 2]


@pytest.mark.parametrize(
    ("said", "label"),
    [
        ([("positive", False)], "positive"),
        ([("positive", False), ("positive", False)], "positive"),
        ([("positive", False), ("neutral", False)], None),
        ([("positive", False), ("neutral", False), ("neutral", True)], "neutral"),
        ([("positive", False), (None, False)], "positive"),
        ([("positive", False), (None, True)], None),
        ([(None, False)], None),
    ],
)
def test_what_a_message_is_by_what_people_said(said, label):
    assert settled(said) == label


def verdicts(tables, truth, count, *, by="ann", where=lambda row: True, seen=10**6):
    """What somebody says of the first incoming messages by key."""
    rows = [row for row in tables["message"].to_pylist() if row["direction"] == "in" and where(row)]
    rows = sorted(rows, key=lambda row: row["key"])[:count]
    made = [
        {"n": row["n"], "message": row["id"], "reading": "sentiment", "label": truth[row["n"]], "checker": by}
        | {"settles": False, "seen": seen, "checked_at": datetime(2026, 4, 12), "r": 10**6 + at}
        | {"person": row["person"], "occurred_at": row["occurred_at"]}
        for at, row in enumerate(rows)
    ]
    return {**tables, "verdict": pa.Table.from_pylist(made, random_rows.shape("verdict"))}


@pytest.fixture(scope="module")
def shuffled():
    """Rows with keys by lot, and what each message truly is: negative more often than it is read."""
    tables, draw = random_rows.made(4_000), random.Random(8)
    keys = [draw.getrandbits(64) for _ in range(tables["message"].num_rows)]
    message = tables["message"]
    message = message.set_column(
        message.schema.get_field_index("key"), message.schema.field("key"), pa.array(keys, pa.uint64())
    )
    read = {row["n"]: row["sentiment"] for row in tables["reading"].to_pylist()}
    truth = {n: "negative" if draw.random() < 0.3 else read.get(n) or draw.choice(SENTIMENTS) for n in range(4_000)}
    return {**tables, "message": message}, truth


def asked(engine, tables, metric="negative_share", *by, **more):
    view = engine(tables, random_rows.viewer())
    return ask(view, Question(metric, by, **more), now=NOW, accuracy=lambda *_: MEASURED)


def test_a_share_is_corrected_by_its_own_rows(engine, shuffled):
    tables, truth = shuffled
    read = {row["n"] for row in tables["reading"].to_pylist() if row["sentiment"]}
    came = [row["n"] for row in tables["message"].to_pylist() if row["direction"] == "in" and row["n"] in read]
    actual = 100 * np.mean([truth[n] == "negative" for n in came])
    (before,) = asked(engine, tables).figures
    assert not before.low <= actual <= before.high  # the errors of the card are not those of these messages
    found = asked(engine, verdicts(tables, truth, 400))
    (figure,) = found.figures
    assert found.checked == "checked"
    assert figure.low <= actual <= figure.high
    assert 250 < figure.checked < 400  # some of them have no reading
    assert figure.high - figure.low < 12
    shares = [asked(engine, verdicts(tables, truth, 400), f"{c}_share").figures[0].value for c in SENTIMENTS]
    assert sum(shares) == pytest.approx(100)
    everything = asked(engine, verdicts(tables, truth, 4_000)).figures[0]
    assert everything.low == everything.value == everything.high == pytest.approx(actual)


def test_slices_use_their_own_sample_and_small_ones_the_errors_of_all(engine, shuffled):
    tables, truth = shuffled
    found = asked(engine, verdicts(tables, truth, 400), "negative_share", "channel", "language")
    used = {figure.checked for figure in found.figures if figure.rows}
    assert 0 in used
    assert max(used) >= LEAST
    assert not any(0 < count < LEAST for count in used)
    assert found.checked == "measured"
    for figure in found.figures:
        if figure.checked:
            (alone,) = asked(engine, verdicts(tables, truth, 400), where=tuple(figure.group.items())).figures
            assert (alone.value, alone.low, alone.checked) == (figure.value, figure.low, figure.checked)


def test_looking_deeper_into_one_group_does_not_bend_the_whole(engine, shuffled):
    tables, truth = shuffled
    chats = verdicts(tables, truth, 200, where=lambda row: row["channel"] == "chat")["verdict"]
    (alone,) = asked(engine, {**tables, "verdict": chats}, where=(("channel", "chat"),)).figures
    assert alone.checked > 150
    (whole,) = asked(engine, {**tables, "verdict": chats}).figures
    assert whole.checked == 0  # the first message that is no chat was passed over


def test_both_engines_use_the_same_sample(shuffled):
    tables, truth = shuffled
    checked = verdicts(tables, truth, 600)
    answers = [
        asked(engine, checked, "net_sentiment", "brand", compare=True, since="2026-04-01").to_json()["rows"]
        for engine in random_rows.ENGINES.values()
    ]
    assert answers[0] == answers[1]
    assert any(row.get("checked") and row["change_low"] < row["change"] < row["change_high"] for row in answers[0])
