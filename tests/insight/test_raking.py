"""Raked weights meet their margins, keep how groups go together, and say what they cost."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.errors import BadSettings
from heedful.insight.raking import raked

SHARES = st.lists(st.floats(0.05, 1), min_size=2, max_size=4)


def share(weights, groups, name):
    return weights.weight[np.array(groups) == name].sum() / weights.weight.sum()


def test_one_dimension_is_what_dividing_gives():
    channel = ["chat"] * 80 + ["email"] * 20
    made = raked({"channel": channel}, {"channel": {"chat": 0.5, "email": 0.5}})
    assert made.weight[:80] == pytest.approx(50 / 80)
    assert made.weight[80:] == pytest.approx(50 / 20)
    assert made.effect == pytest.approx(100 * (80 * 0.625**2 + 20 * 2.5**2) / 100**2)
    assert made.effective == pytest.approx(100 / made.effect) == pytest.approx(64)


def test_deming_and_stephan_s_table_is_fitted_and_keeps_its_odds():
    table = np.array([[40, 30], [35, 50]])
    one = [name for name, row in zip("ab", table, strict=True) for _ in range(row.sum())]
    other = [name for row in table for name, count in zip("xy", row, strict=True) for _ in range(count)]
    made = raked({"one": one, "other": other}, {"one": {"a": 0.6, "b": 0.4}, "other": {"x": 0.3, "y": 0.7}})
    fitted = np.array(
        [
            [made.weight[(np.array(one) == a) & (np.array(other) == b)].sum() / made.weight.sum() for b in "xy"]
            for a in "ab"
        ]
    )
    assert fitted.sum(axis=1) == pytest.approx([0.6, 0.4])
    assert fitted.sum(axis=0) == pytest.approx([0.3, 0.7])
    odds = table[0, 0] * table[1, 1] / (table[0, 1] * table[1, 0])
    assert fitted[0, 0] * fitted[1, 1] / (fitted[0, 1] * fitted[1, 0]) == pytest.approx(odds)


def test_margins_that_are_met_already_change_nothing():
    channel, country = ["chat", "email"] * 50, ["DE"] * 50 + ["US"] * 50
    made = raked(
        {"channel": channel, "country": country},
        {"channel": {"chat": 0.5, "email": 0.5}, "country": {"DE": 0.5, "US": 0.5}},
    )
    assert made.weight == pytest.approx(1)
    assert (made.effect, made.effective) == (pytest.approx(1), pytest.approx(100))


@given(SHARES, SHARES, st.integers(0, 1000))
def test_all_margins_are_met_whatever_they_are(one, other, seed):
    random = np.random.default_rng(seed)
    margins = {
        name: {str(at): value / sum(values) for at, value in enumerate(values)}
        for name, values in (("one", one), ("other", other))
    }
    # every cell has rows, so that any margins can be met
    cells = [(a, b) for a in margins["one"] for b in margins["other"]]
    rows = [cell for cell in cells for _ in range(int(random.integers(1, 30)))]
    groups = {"one": [a for a, _ in rows], "other": [b for _, b in rows]}
    made = raked(groups, margins)
    assert made.weight.mean() == pytest.approx(1)
    assert (made.weight > 0).all()
    for name, margin in margins.items():
        for group, wanted in margin.items():
            assert share(made, groups[name], group) == pytest.approx(wanted, abs=1e-6)
    assert made.effect >= 1 - 1e-12


def test_a_weighted_mean_is_that_of_the_population():
    random = np.random.default_rng(3)
    population = random.choice(["young", "old"], 20_000, p=[0.5, 0.5])
    satisfied = random.random(20_000) < np.where(population == "young", 0.3, 0.8)
    wrote = random.random(20_000) < np.where(population == "young", 0.2, 0.02)
    age, said = population[wrote], satisfied[wrote]
    made = raked({"age": age.tolist()}, {"age": {"young": 0.5, "old": 0.5}})
    assert abs(said.mean() - satisfied.mean()) > 0.1
    assert np.average(said, weights=made.weight) == pytest.approx(satisfied.mean(), abs=0.03)
    assert made.effective < len(said)


def test_rows_of_no_group_keep_their_share():
    country = ["DE"] * 60 + ["US"] * 20 + [None] * 20
    made = raked({"country": country}, {"country": {"DE": 0.5, "US": 0.5}})
    assert share(made, country, None) == pytest.approx(0.2)
    assert share(made, country, "DE") == pytest.approx(0.4)


def test_cells_of_many_rows_weigh_what_the_rows_would():
    random = np.random.default_rng(8)
    one, other = random.choice(["a", "b"], 900, p=[0.8, 0.2]), random.choice(["x", "y", None], 900)
    margins = {"one": {"a": 0.5, "b": 0.5}, "other": {"x": 0.1, "y": 0.9}}
    each = raked({"one": one.tolist(), "other": other.tolist()}, margins)
    cells = Counter(zip(one.tolist(), other.tolist(), strict=True))
    groups = {"one": [a for a, _ in cells], "other": [b for _, b in cells]}
    made = raked(groups, margins, rows=list(cells.values()))
    of = dict(zip(cells, made.weight, strict=True))
    assert [of[cell] for cell in zip(one.tolist(), other.tolist(), strict=True)] == pytest.approx(each.weight.tolist())
    assert (made.effect, made.effective) == (pytest.approx(each.effect), pytest.approx(each.effective))


def test_a_margin_of_all_others_is_that_of_every_group_without_one():
    country = ["DE"] * 50 + ["FR"] * 20 + ["IT"] * 30
    made = raked({"country": country}, {"country": {"DE": 0.8, "*": 0.2}})
    assert share(made, country, "DE") == pytest.approx(0.8)
    assert share(made, country, "FR") == pytest.approx(0.2 * 20 / 50)


@pytest.mark.parametrize(
    ("groups", "margins", "said"),
    [
        ({}, {}, "nothing to weight"),
        ({"a": []}, {"a": {"x": 1.0}}, "nothing to weight"),
        ({"a": ["x"]}, {"b": {"x": 1.0}}, "the rows have no such dimension"),
        ({"a": ["x", "y"]}, {"a": {"x": 0.5, "y": 0.6}}, "add up to 1, not 1.1"),
        ({"a": ["x", "y"]}, {"a": {"x": 1.0, "y": 0.0}}, "over 0"),
        ({"a": ["x", "z"]}, {"a": {"x": 1.0}}, "rows of z, of which the margins say nothing"),
        ({"a": ["x", "x"]}, {"a": {"x": 0.5, "y": 0.5}}, "no row is of a y"),
        (
            {"a": ["x", "y"], "b": ["p", "q"]},
            {"a": {"x": 0.5, "y": 0.5}, "b": {"p": 0.2, "q": 0.8}},
            "cannot be met together",
        ),
    ],
)
def test_what_cannot_be_met_is_named(groups, margins, said):
    with pytest.raises(BadSettings, match=said):
        raked(groups, margins)
