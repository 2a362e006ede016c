"""Yes/no readings checked in two strata: shares follow, by the group's own checks or by this workspace's errors."""

import random
from datetime import datetime

import numpy as np
import pyarrow as pa
import pytest

import random_rows
from heedful.insight.ask import Question, ask
from heedful.insight.checks import LEAST, LEAST_HERE, checks
from heedful.insight.dimensions import DIMENSIONS
from heedful.insight.prevalence import by_errors_of, scored
from heedful.insight.strata import Found, found_among

NOW = datetime.fromisoformat("2026-04-12T09:00:00+00:00")
REFUND = "intent: refund"
ROWS = 4_000
ONE = np.array([[1.0, 0.0]])


def read_of(tables, reading):
    """What each message was read as: whether it is so, by row number; no entry where it was not read."""
    kind, _, value = reading.partition(":")
    if kind == "topic":
        return {row["n"]: row["read_topic"] == value for row in tables["message"].to_pylist()}
    held = "categories" if kind == "category" else "labels"
    return {row["n"]: value in row[held] for row in tables["reading"].to_pylist() if row[held] is not None}


def said(tables, truth, count, *, reading=f"category:{REFUND}", where=lambda row: True, turns=(True, False)):
    """What somebody says of so many incoming messages of each stratum, the first by key."""
    read = read_of(tables, reading)
    rows = [
        row for row in tables["message"].to_pylist() if row["direction"] == "in" and where(row) and row["n"] in read
    ]
    rows.sort(key=lambda row: row["key"])
    looked = [row for called in turns for row in [row for row in rows if read[row["n"]] == called][:count]]
    made = [
        {"n": row["n"], "message": row["id"], "reading": reading, "checker": "ann"}
        | {"label": "yes" if truth[row["n"]] else "no", "settles": False, "seen": 10**6, "r": 10**6 + at}
        | {"checked_at": datetime(2026, 4, 12), "person": row["person"], "occurred_at": row["occurred_at"]}
        for at, row in enumerate(looked)
    ]
    return {**tables, "verdict": pa.Table.from_pylist(made, random_rows.shape("verdict"))}


@pytest.fixture(scope="module")
def shuffled():
    """Rows with keys by lot; some of what was read so is not, and more of the others are."""
    tables, draw = random_rows.made(ROWS), random.Random(21)
    message = tables["message"]
    keys = pa.array([draw.getrandbits(64) for _ in range(ROWS)], pa.uint64())
    message = message.set_column(message.schema.get_field_index("key"), message.schema.field("key"), keys)
    return {**tables, "message": message}


def truth_of(tables, reading=f"category:{REFUND}"):
    draw = random.Random(5)
    read = read_of(tables, reading)
    return {n: (draw.random() < 0.9) if read.get(n) else (draw.random() < 0.4) for n in range(ROWS)}


def figure(engine, tables, *, by=("category",), value=REFUND, **more):
    view = engine(tables, random_rows.viewer())
    found = ask(view, Question("share", by, **more), now=NOW)
    return next(one for one in found.figures if one.group[by[-1]] == value)


def actual(tables, truth, reading=f"category:{REFUND}", where=lambda row: True):
    read = read_of(tables, reading)
    rows = [r for r in tables["message"].to_pylist() if r["direction"] == "in" and r["n"] in read and where(r)]
    return 100 * np.mean([truth[row["n"]] for row in rows])


@pytest.mark.parametrize(
    ("reading", "by"),
    [(f"category:{REFUND}", "category"), ("label:irony", "label"), ("topic:topic-1", "topic")],
)
def test_a_share_is_corrected_by_its_own_two_strata(engine, shuffled, reading, by):
    truth, value = truth_of(shuffled, reading), reading.partition(":")[2]
    wanted = actual(shuffled, truth, reading)
    before = figure(engine, shuffled, by=(by,), value=value)
    assert (before.low, before.checked) == (None, 0)
    assert abs(before.value - wanted) > 3
    found = figure(engine, said(shuffled, truth, 150, reading=reading), by=(by,), value=value)
    assert found.low <= wanted <= found.high
    assert found.checked == 300
    assert found.high - found.low < 14
    assert found.rows == before.rows


def test_where_all_were_looked_at_the_share_is_the_truth(engine, shuffled):
    truth = truth_of(shuffled)
    found = figure(engine, said(shuffled, truth, ROWS))
    assert [found.low, found.value, found.high] == pytest.approx([actual(shuffled, truth)] * 3)


def test_one_stratum_alone_corrects_nothing(engine, shuffled):
    for turns in ((True,), (False,)):
        found = figure(engine, said(shuffled, truth_of(shuffled), 60, turns=turns))
        assert (found.checked, found.low) == (0, None)


def test_it_takes_twenty_of_each_of_the_group_itself(engine, shuffled):
    truth = truth_of(shuffled)
    assert figure(engine, said(shuffled, truth, LEAST)).checked == 2 * LEAST
    assert figure(engine, said(shuffled, truth, LEAST - 1)).checked == 0


def chats(row):
    return row["channel"] == "chat"


def test_a_slice_uses_its_own_and_looking_deeper_into_it_leaves_the_whole_as_it_was(engine, shuffled):
    truth = truth_of(shuffled)
    tables = said(shuffled, truth, 60, where=chats)
    alone = figure(engine, tables, where=(("channel", "chat"),))
    assert alone.checked == 120
    assert alone.low <= actual(shuffled, truth, where=chats) <= alone.high
    within = figure(engine, tables, by=("channel", "category"), where=(("channel", "chat"),))
    assert (within.value, within.low, within.high) == (alone.value, alone.low, alone.high)
    whole = figure(engine, tables)
    assert whole.checked == 0


def test_a_slice_with_too_few_uses_the_errors_of_the_workspace(engine, shuffled):
    truth = truth_of(shuffled)
    tables = said(shuffled, truth, 200)
    for channel in ("chat", "social"):
        sliced = figure(engine, tables, where=(("channel", channel), ("country", "NP")))
        assert sliced.checked == 0
        assert sliced.low < sliced.value < sliced.high
    found = ask(engine(tables, random_rows.viewer()), Question("share", ("country", "category")), now=NOW)
    ours = [one for one in found.figures if one.group["category"] == REFUND]
    assert {one.low is None for one in ours} == {False}
    assert any(one.checked for one in ours)
    assert not all(one.checked for one in ours)
    few = figure(engine, said(shuffled, truth, LEAST_HERE // 2 - 1), where=(("country", "NP"),))
    assert few.low is None


def test_both_engines_say_the_same(shuffled):
    tables = said(shuffled, truth_of(shuffled), 120)
    question = Question("share", ("brand", "category"), since="2026-04-01", compare=True)
    answers = [
        ask(engine(tables, random_rows.viewer()), question, now=NOW).to_json()
        for engine in random_rows.ENGINES.values()
    ]
    assert answers[0] == answers[1]
    rows = [row for row in answers[0]["rows"] if row["category"] == REFUND]
    assert any(row.get("checked") and row["change_low"] < row["change"] < row["change_high"] for row in rows)


def test_a_gap_in_one_stratum_leaves_the_other_as_it_was(engine, shuffled):
    tables = said(shuffled, truth_of(shuffled), 60)
    rows = tables["verdict"].to_pylist()  # 60 that were read so, then 60 that were not
    passed_over = {**tables, "verdict": pa.Table.from_pylist(rows[:64] + rows[65:], random_rows.shape("verdict"))}
    view = engine(passed_over, random_rows.viewer())
    told = found_among(view, DIMENSIONS["category"], REFUND, checks(view, f"category:{REFUND}"))
    assert told.truly.sum(axis=1).tolist() == [60, 4]
    assert not told.enough


def found_of(called, truly, untold=(0, 0)):
    return Found(np.array(called), np.array(truly), np.array(untold))


@pytest.mark.parametrize(
    ("found", "enough"),
    [
        (found_of((900, 9_000), ((15, 5), (1, 19))), True),
        (found_of((900, 9_000), ((15, 4), (1, 19))), False),
        (found_of((900, 9_000), ((15, 5), (1, 18)), (0, 5)), False),
        (found_of((7, 9_000), ((5, 2), (1, 19))), True),
        (found_of((7, 9_000), ((5, 1), (1, 19)), (1, 0)), True),
        (found_of((7, 9_000), ((5, 1), (1, 19))), False),
        (found_of((0, 9_000), ((0, 0), (1, 19))), True),
        (found_of((3, 9_000), ((0, 0), (1, 19)), (3, 0)), False),
        (found_of((0, 0), ((0, 0), (0, 0))), False),
    ],
)
def test_how_much_is_enough(found, enough):
    assert found.enough == enough


def population(random_, rows, truth, found, false):
    true = random_.random(rows) < truth
    return true, np.where(true, random_.random(rows) < found, random_.random(rows) < false)


def looked_at(random_, true, called, each):
    checked = np.zeros((2, 2), np.int64)
    for stratum, held in enumerate((called, ~called)):
        some = random_.choice(np.flatnonzero(held), min(each, held.sum()), replace=False)
        checked[stratum] = (true[some].sum(), (~true[some]).sum())
    return np.array([called.sum(), (~called).sum()]), checked


@pytest.mark.parametrize("rare", [0.01, 0.05])
def test_intervals_of_what_is_rare_hold_the_truth(rare):
    random_, held = np.random.default_rng(6), []
    for _ in range(200):
        true, called = population(random_, 10_000, rare, 0.8, 0.005)
        made = scored(*looked_at(random_, true, called, 50), ONE)
        held.append(made.low[0] - 1e-9 <= true.mean() <= made.high[0] + 1e-9)
    assert 0.91 <= np.mean(held) <= 0.99


def test_the_errors_of_others_are_those_of_all_of_them_and_not_of_the_ones_looked_at():
    random_, held, off = np.random.default_rng(7), [], []
    for _ in range(200):
        true, called = population(random_, 10_000, 0.1, 0.7, 0.04)
        size, checked = looked_at(random_, true, called, 150)
        there, read = population(random_, 1_000, 0.3, 0.7, 0.04)
        made = by_errors_of(np.array([[read.sum(), (~read).sum()]]), size, checked)
        held.append(made.low[0] <= there.mean() <= made.high[0])
        off.append(made.value[0] - there.mean())
    assert 0.91 <= np.mean(held) <= 0.99
    assert abs(np.mean(off)) < 0.03


def test_a_reading_that_says_nothing_leaves_everything_possible():
    made = by_errors_of(np.array([[30, 70]]), np.array([300, 700]), np.array([[10, 40], [10, 40]]))
    assert made.low[0] < 0.05
    assert made.high[0] > 0.95
