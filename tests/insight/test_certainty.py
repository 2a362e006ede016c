"""Intervals hold what they promise: simulated classifiers with known errors, groups small and large."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.insight import certainty
from heedful.insight.certainty import Confusion, estimate, on_simplex

LABELS = ("negative", "neutral", "positive")
NET = {"negative": -100.0, "neutral": 0.0, "positive": 100.0}
NEGATIVE = {"negative": 100.0, "neutral": 0.0, "positive": 0.0}
RATES = {
    "good": ((0.88, 0.09, 0.03), (0.08, 0.84, 0.08), (0.03, 0.09, 0.88)),
    "middling": ((0.72, 0.22, 0.06), (0.18, 0.66, 0.16), (0.07, 0.20, 0.73)),
}
MIXES = ((0.3, 0.4, 0.3), (0.05, 0.9, 0.05), (0.7, 0.2, 0.1))


def covered(rates, score, mix, size, checked_on, random, rounds=40, groups=12):
    """Share of intervals that hold the true value, over fresh validation sets and fresh groups."""
    scores = np.array(list(score.values()))
    held = []
    for _ in range(rounds):
        counts = tuple(tuple(int(n) for n in random.multinomial(checked_on, row)) for row in rates)
        truth = random.multinomial(size, mix, size=groups)
        called = sum(
            np.stack([random.multinomial(n, rates[t]) for n in truth[:, t]]).astype(float) for t in range(len(rates))
        )
        found = estimate(called, score, Confusion(LABELS, counts))
        value = truth @ scores / size
        held.append(((found.low <= value + 1e-9) & (value - 1e-9 <= found.high)).mean())
        certainty._draws.cache_clear()
    return float(np.mean(held))


@pytest.mark.parametrize("name", RATES)
@pytest.mark.parametrize("size", [5, 25, 2000])
def test_intervals_hold_the_truth_at_least_as_often_as_they_say(name, size):
    random = np.random.default_rng(5)
    shares = [covered(RATES[name], score, mix, size, 400, random) for mix in MIXES for score in (NET, NEGATIVE)]
    assert 0.93 <= np.mean(shares) <= 0.99, shares
    assert min(shares) >= 0.85, shares  # each from forty validation sets only


def test_the_corrected_share_is_right_on_average():
    random = np.random.default_rng(2)
    rates = RATES["middling"]
    confusion = Confusion(LABELS, tuple(tuple(int(n) for n in 2000 * np.array(row)) for row in rates))
    truth = np.array((0.1, 0.7, 0.2))
    called = random.multinomial(5000, truth @ np.array(rates), size=200).astype(float)
    assert abs((called / 5000 @ [100, 0, 0]).mean() - 10) > 10  # as read, more than twice as many
    assert estimate(called, NEGATIVE, confusion).value.mean() == pytest.approx(10, abs=0.5)


def test_the_same_counts_give_the_same_interval_whatever_stands_beside_them():
    confusion = Confusion(LABELS, ((88, 9, 3), (8, 84, 8), (3, 9, 88)))
    one = np.array([[30.0, 50.0, 20.0]])
    many = np.vstack([np.arange(3 * n, 3 * n + 3) for n in range(1, 900)] + [one[0]]).astype(float)
    alone, among = estimate(one, NET, confusion), estimate(many, NET, confusion)
    assert (alone.value[0], alone.low[0], alone.high[0]) == pytest.approx(
        (among.value[-1], among.low[-1], among.high[-1]), abs=1e-9
    )


def test_labels_may_stand_in_another_order():
    counts = ((88, 9, 3), (8, 84, 8), (3, 9, 88))
    turned = Confusion(LABELS[::-1], tuple(row[::-1] for row in counts[::-1]))
    observed = np.array([[30.0, 50.0, 20.0]])
    assert estimate(observed, NET, turned).low == estimate(observed, NET, Confusion(LABELS, counts)).low


def test_without_a_measured_accuracy_there_is_no_interval():
    for confusion in (None, Confusion(("yes", "no"), ((9, 1), (1, 9)))):
        found = estimate(np.array([[1.0, 1.0, 2.0]]), NET, confusion)
        assert found.value.tolist() == [25.0]
        assert found.low is None
        assert found.high is None


def test_a_classifier_that_knows_nothing_leaves_everything_open():
    confusion = Confusion(LABELS, ((40, 40, 40), (40, 40, 40), (40, 40, 40)))
    found = estimate(np.array([[300.0, 300.0, 400.0]]), NEGATIVE, confusion)
    assert found.high[0] - found.low[0] > 80


@given(
    st.lists(st.tuples(*[st.integers(0, 10_000)] * 3).filter(sum), min_size=1, max_size=5),
    st.tuples(*[st.tuples(*[st.integers(0, 500)] * 3)] * 3),
)
def test_the_value_lies_in_its_interval_and_the_interval_in_the_scale(observed, counts):
    found = estimate(np.array(observed, float), NET, Confusion(LABELS, counts))
    assert (found.low >= -100).all()
    assert (found.low <= found.value).all()
    assert (found.value <= found.high).all()
    assert (found.high <= 100).all()


@given(st.lists(st.floats(-5, 5), min_size=3, max_size=3))
def test_the_nearest_shares_are_shares(point):
    (shares,) = on_simplex(np.array([point]))
    assert shares.sum() == pytest.approx(1)
    assert (shares >= 0).all()
    grid = np.random.default_rng(1).dirichlet((0.5, 0.5, 0.5), 300)
    assert np.linalg.norm(shares - point) <= np.linalg.norm(grid - np.array(point), axis=1).min() + 1e-9


def test_what_was_called_is_possible_where_the_measured_errors_cannot_be_those_of_the_group():
    confusion = Confusion(("negative", "neutral", "positive"), ((700, 200, 100), (100, 800, 100), (100, 200, 700)))
    found = estimate(np.array([[2900.0, 150.0, 56.0]]), NET, confusion)
    assert found.value[0] == pytest.approx(-100, abs=1)
    assert found.low[0] == -100
    assert found.high[0] == pytest.approx((56 - 2900) / 3106 * 100)
