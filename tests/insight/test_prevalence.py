"""Shares corrected by checked rows: right on average, covered as often as they say, exact where all are checked."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.insight.certainty import difference
from heedful.insight.prevalence import Quality, counted, quality, scored, shares, wilson

CASES = {
    "common": ((0.3, 0.4, 0.3), ((0.8, 0.15, 0.05), (0.1, 0.8, 0.1), (0.05, 0.15, 0.8))),
    "lopsided": ((0.63, 0.21, 0.16), ((0.76, 0.19, 0.05), (0.16, 0.69, 0.15), (0.06, 0.11, 0.83))),
    "two": ((0.1, 0.9), ((0.95, 0.05), (0.03, 0.97))),
    "poor": ((0.3, 0.7), ((0.7, 0.3), (0.3, 0.7))),
    "many": (np.full(8, 1 / 8), np.eye(8) * 0.6 + 0.05),  # right 65 times in 100
}


def drawn(random, truth, rates, rows, checked):
    """Rows of a population, some of them checked: counts as called, and of the checked by (called, true), and truth."""
    classes = len(truth)
    true = random.choice(classes, rows, p=truth)
    called = (random.random(rows)[:, None] > np.cumsum(np.array(rates)[true], axis=1)).sum(axis=1).clip(0, classes - 1)
    looked = random.choice(rows, checked, replace=False)
    found = np.zeros((classes, classes), np.int64)
    np.add.at(found, (called[looked], true[looked]), 1)
    return np.bincount(called, minlength=classes), found, np.bincount(true, minlength=classes) / rows


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize(("rows", "checked"), [(5_000, 200), (300, 100)])
def test_intervals_hold_the_truth_as_often_as_they_say(case, rows, checked):
    random, held = np.random.default_rng(3), []
    for _ in range(150):
        called, found, truth = drawn(random, *CASES[case], rows, checked)
        made = shares(called, found)
        held.append((made.low - 1e-9 <= truth) & (truth <= made.high + 1e-9))
    assert 0.92 <= np.mean(held) <= 0.985, np.mean(held, axis=0)


def test_what_was_read_taken_for_the_truth_is_nearly_always_wrong():
    random, held = np.random.default_rng(3), []
    for _ in range(100):
        called, _, truth = drawn(random, *CASES["poor"], 5_000, 200)
        low, high = wilson(called, 5_000)
        held.append((low <= truth) & (truth <= high))
    assert np.mean(held) < 0.05


def test_what_is_read_wrongly_is_put_right_on_average():
    random, off = np.random.default_rng(4), []
    for _ in range(200):
        called, found, truth = drawn(random, *CASES["poor"], 2_000, 200)
        off.append([shares(called, found).value - truth, called / 2_000 - truth])
    corrected, naive = np.abs(np.mean(off, axis=0)).max(axis=1)
    assert corrected < 0.01
    assert naive > 0.1


def test_where_all_are_checked_the_truth_is_known():
    found = np.array([[30, 5, 1], [4, 40, 2], [0, 3, 15]])
    made = shares(found.sum(axis=1), found)
    assert made.value.tolist() == (found.sum(axis=0) / 100).tolist()
    assert made.low.tolist() == made.high.tolist() == made.value.tolist()


def test_without_a_checked_row_there_is_no_share():
    made = shares(np.array([5, 5]), np.zeros((2, 2), np.int64))
    assert np.isnan([made.value, made.low, made.high]).all()


def test_a_class_that_was_never_checked_is_taken_as_the_others_are():
    made = shares(np.array([90, 10]), np.array([[20, 5], [0, 0]]))
    assert made.value[0] == pytest.approx(0.8)


@given(st.lists(st.tuples(st.sampled_from("abcde"), st.sampled_from([None, *"abcde"])), min_size=1, max_size=80))
def test_shares_are_shares(rows):
    called, found = counted("abcde", [c for c, _ in rows], [t for _, t in rows])
    assert called.sum() == len(rows)
    assert found.sum() == sum(t is not None for _, t in rows)
    made = shares(called, found)
    if found.sum():
        assert made.value.sum() == pytest.approx(1)
        assert (made.low >= 0).all()
        assert (made.low <= made.value).all()
        assert (made.value <= made.high + 1e-12).all()


def test_a_score_is_made_of_shares():
    called, found = np.array([40, 40, 20]), np.array([[10, 2, 0], [3, 12, 2], [0, 1, 6]])
    net, positive = scored(called, found, np.array([[-1.0, 0.0, 1.0], [0.0, 0.0, 1.0]])).value
    value = shares(called, found).value
    assert net == pytest.approx(value[2] - value[0])
    assert positive == pytest.approx(value[2])


def test_the_usual_interval_of_a_proportion():
    assert np.round(wilson(np.array([8]), 10), 3).T.tolist() == [[0.49, 0.943]]  # Agresti and Coull, 1998


def test_differences_are_covered_as_often_as_they_say():
    random, held = np.random.default_rng(6), []
    for _ in range(300):
        sides = [drawn(random, *CASES[case], 2_000, 100) for case in ("common", "lopsided")]
        made = [shares(called, found) for called, found, _ in sides]
        ends = [difference(*((m.value[0], m.low[0], m.high[0]) for m in made))]
        truth = sides[0][2][0] - sides[1][2][0]
        held += [low <= truth <= high for low, high in ends]
    assert 0.92 <= np.mean(held) <= 0.98
    assert difference((1.0, None, None), (1.0, 0.5, 1.5)) == (None, None)


def test_quality_is_exact_where_all_were_checked():
    made = quality(np.array([40, 160]), np.array([[30, 10], [20, 140]]))
    assert made.right == (0.85, 0.85, 0.85)
    assert made.precision == ((0.75, 0.75, 0.75), (0.875, 0.875, 0.875))
    assert made.recall[0] == pytest.approx((0.6, 0.6, 0.6))
    assert made.recall[1] == pytest.approx((14 / 15,) * 3)


def test_quality_weighs_each_class_by_its_size_and_not_by_how_much_of_it_was_looked_at():
    called = np.array([100, 9_900])
    made = quality(called, np.array([[40, 10], [1, 49]]))
    assert made.precision[0][0] == 0.8
    found, missed = 100 * 0.8, 9_900 * 0.02
    assert made.recall[0][0] == pytest.approx(found / (found + missed))
    assert made.recall[0][1] < 0.2
    assert made.recall[0][2] > 0.7
    assert made.right[0] == pytest.approx((80 + 9_900 * 0.98) / 10_000)


@pytest.mark.parametrize(
    ("checked", "known"),
    [
        (((0, 0), (0, 0)), Quality(None, (None, None), (None, None))),
        (((9, 1), (0, 0)), None),
        (((0, 0), (1, 9)), None),
    ],
)
def test_quality_says_nothing_of_what_nobody_looked_at(checked, known):
    made = quality(np.array([100, 900]), np.array(checked))
    assert (made.right, made.recall) == (None, (None, None))
    assert made == known or sum(one is not None for one in made.precision) == 1


def test_quality_holds_as_often_as_it_says():
    random, held = np.random.default_rng(8), []
    for _ in range(150):
        true = random.random(5_000) < 0.1
        called = np.where(true, random.random(5_000) < 0.7, random.random(5_000) < 0.05)
        checked, size = np.zeros((2, 2), np.int64), np.array([called.sum(), (~called).sum()])
        for stratum, those in enumerate((called, ~called)):
            some = random.choice(np.flatnonzero(those), 80, replace=False)
            checked[stratum] = (true[some].sum(), (~true[some]).sum())
        made = quality(size, checked)
        wanted = (true[called].mean(), called[true].mean(), (true == called).mean())
        held.append(
            [
                low <= at <= high
                for (_, low, high), at in zip((made.precision[0], made.recall[0], made.right), wanted, strict=True)
            ]
        )
    assert (np.mean(held, axis=0) > 0.87).all(), np.mean(held, axis=0)
