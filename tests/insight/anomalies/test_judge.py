"""One judge, one series: the usual raises nothing, an incident one alert, and later values change nothing before."""

import math

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heedful.insight.anomalies import Judge
from heedful.insight.anomalies.bar import MARGIN, Bar
from heedful.insight.anomalies.lasting import surprise

DAY = 86_400
START = 1_767_571_200  # a Monday
MINUTES, HOUR = 300, 3600


def times(step, days):
    return np.arange(START, START + days * DAY, step, dtype=float)


def usual(at, rate, *, seed=1, size=5.0):
    """Counts with the rhythm of a day and a week and heavier tails than Poisson's (`size` None: Poisson)."""
    random = np.random.default_rng(seed)
    mean = rate * np.exp(0.8 * np.sin((at / HOUR % 24 - 9) / 24 * 2 * np.pi) - 0.5 * ((at - START) // DAY % 7 > 4))
    if size:
        mean = mean * random.gamma(size, 1 / size, len(at))
    return random.poisson(mean).astype(float)


def judged(at, values, **choices):
    judge = Judge.of(**choices)
    return [judge.see(moment, value) for moment, value in zip(at.tolist(), values.tolist(), strict=True)]


def alerts(at, values, **choices):
    return [row for row, verdict in enumerate(judged(at, values, **choices)) if verdict.alert]


@pytest.mark.parametrize("step", [MINUTES, HOUR, DAY], ids=["5 minutes", "hour", "day"])
@pytest.mark.parametrize("size", [None, 3.0], ids=["Poisson", "heavy tails"])
@pytest.mark.parametrize("rate", [0.02, 1, 50, 1000])
def test_quiet_weeks_keep_the_budget(step, size, rate):
    days = 56 if step == MINUTES else 200
    at = times(step, days)
    found = alerts(at, usual(at, rate, size=size))
    assert len(found) <= days / 7, "at most one a week"
    assert len([row for row in found if at[row] < START + 14 * DAY]) <= 2


def test_a_larger_budget_alerts_more_and_a_smaller_one_less():
    at = times(HOUR, 200)
    values = usual(at, 20, size=1.0)
    few, some, many = (len(alerts(at, values, per_week=budget)) for budget in (0.2, 1, 5))
    assert few < some < many
    assert many <= 5 * 200 / 7


@pytest.mark.parametrize(("step", "rows"), [(MINUTES, 24), (HOUR, 3)])
@pytest.mark.parametrize("rate", [1, 20, 500])
def test_a_burst_is_one_alert_at_once(step, rows, rate):
    at = times(step, 42)
    values = usual(at, rate)
    begins = int(30.5 * DAY / step)
    values[begins : begins + rows] = values[begins : begins + rows] * 10 + 5 * rate
    found = [row for row in alerts(at, values) if begins <= row < begins + DAY // step]
    assert len(found) == 1
    assert found[0] - begins <= 3


def test_a_fall_alerts_too():
    at = times(HOUR, 42)
    values = usual(at, 500, size=50.0)
    values[30 * 24 + 9 : 30 * 24 + 15] = 0
    assert [row - 30 * 24 for row in alerts(at, values) if row >= 30 * 24][:1] in ([9], [10])


def test_a_peak_known_from_the_weeks_before_is_none():
    at = times(HOUR, 56)
    values = usual(at, 100, size=None)
    mondays = ((at - START) % (7 * DAY) >= 9 * HOUR) & ((at - START) % (7 * DAY) < 12 * HOUR)
    values += np.where(mondays, usual(at, 300, seed=2, size=None), 0)
    found = alerts(at, values)
    assert not any(mondays[row] for row in found if at[row] >= START + 28 * DAY)
    expected = [verdict.expected for verdict in judged(at, values)]
    last = np.flatnonzero(mondays)[-2]
    assert expected[last] > 0.6 * values[last]
    values[last - 48 : last - 45] = values[last]  # the same height on a Saturday
    assert [row for row in alerts(at, values) if last - 48 <= row < last - 45]


def test_the_first_rows_do_not_alarm():
    random = np.random.default_rng(3)
    for seed in range(20):
        at = times(HOUR, 2)
        values = random.pareto(1.1, len(at)) * 100 * (seed + 1)
        assert alerts(at, values) == []
    at = times(DAY, 14)
    assert alerts(at, np.random.default_rng(1).poisson(30, 14).astype(float)) == []


def test_a_large_burst_in_the_first_week_is_seen():
    at = times(MINUTES, 5)
    values = usual(at, 20)
    begins = int(4.4 * DAY / MINUTES)
    values[begins : begins + 24] *= 15
    assert [row for row in alerts(at, values) if begins <= row < begins + 24]


@pytest.mark.parametrize("value", [0.0, 5.0, -3.5, 1e9])
def test_a_series_that_never_moves_raises_nothing_until_it_does(value):
    at = times(HOUR, 30)
    values = np.full(len(at), value)
    verdicts = judged(at, values)
    assert not any(verdict.alert for verdict in verdicts)
    assert {verdict.expected for verdict in verdicts[1:]} == {value}
    assert {verdict.score for verdict in verdicts[1:]} == {0.0}
    values[600:610] = value * 3 + 100
    assert alerts(at, values) == [600]


def test_a_new_level_is_one_alert_and_then_the_rule():
    at = times(MINUTES, 56)
    values = usual(at, 20)
    change = 28 * DAY // MINUTES
    values[change:] = usual(at, 200, seed=2)[change:]
    after = [row for row in alerts(at, values) if row >= change]
    assert after[0] - change <= 3
    assert len(after) <= 2, "not a storm"
    late = judged(at, values)[-7 * DAY // MINUTES :]
    assert np.mean([verdict.expected for verdict in late]) == pytest.approx(values[-len(late) :].mean(), rel=0.2)


def test_an_incident_leaves_the_rule_as_it_was():
    at = times(MINUTES, 35)
    values = usual(at, 50)
    disturbed = values.copy()
    hit = slice(25 * DAY // MINUTES, 25 * DAY // MINUTES + 72)
    disturbed[hit] *= 100
    day = slice(26 * DAY // MINUTES, 27 * DAY // MINUTES)
    one, other = ([verdict.expected for verdict in judged(at, some)[day]] for some in (values, disturbed))
    assert np.mean(np.abs(np.subtract(one, other))) < 0.25 * np.mean(one)


def test_gaps_and_uneven_steps_are_taken_as_they_come():
    random = np.random.default_rng(5)
    at = times(MINUTES, 56)
    kept = np.sort(random.choice(len(at), len(at) // 3, replace=False))
    kept = kept[(at[kept] < START + 20 * DAY) | (at[kept] > START + 29 * DAY)]
    values = usual(at, 30)
    assert len(alerts(at[kept], values[kept])) <= 7
    values[50 * DAY // MINUTES :][:36] *= 12
    found = [row for row in alerts(at[kept], values[kept]) if at[kept][row] >= START + 50 * DAY]
    assert at[kept][found[0]] <= START + 50 * DAY + 1200


def test_a_new_incident_after_calm_alerts_again():
    at = times(HOUR, 60)
    values = usual(at, 50)
    for day in (40, 44):
        values[day * 24 + 6 : day * 24 + 9] = 1000
    values[40 * 24 + 15] = 1000  # still the first one
    found = [row for row in alerts(at, values) if row >= 40 * 24]
    assert found == [40 * 24 + 6, 44 * 24 + 6]
    inside = [row for row, verdict in enumerate(judged(at, values)) if verdict.within and row >= 40 * 24]
    assert inside[0] == 40 * 24 + 6
    assert 40 * 24 + 30 in inside
    assert 43 * 24 not in inside


SERIES = st.lists(
    st.one_of(st.integers(0, 5), st.integers(-100, 100_000), st.floats(-1e6, 1e6)).map(float), min_size=2, max_size=120
)


@settings(max_examples=60, deadline=None)
@given(SERIES, st.integers(1, 119), st.sampled_from([0.0, 60.0, 3600.0, 86_400.0, 604_800.0]), st.data())
def test_later_values_never_change_earlier_verdicts(values, cut, step, data):
    cut = min(cut, len(values) - 1)
    other = values[:cut] + data.draw(SERIES)
    at = START + step * np.arange(max(len(values), len(other)))
    one = judged(at[: len(values)], np.array(values))
    two = judged(at[: len(other)], np.array(other))
    assert one[:cut] == two[:cut]
    assert all(math.isfinite(v.expected) and math.isfinite(v.score) and v.score >= 0 for v in one[1:])


@settings(max_examples=20, deadline=None)
@given(st.sampled_from([1 / 1024, 1 / 2, 8.0, 4096.0]), st.integers(0, 100))
def test_another_unit_changes_nothing_but_the_unit(unit, seed):
    at = times(HOUR, 20)
    values = usual(at, 5, seed=seed)
    one, two = judged(at, values), judged(at, values * unit)
    assert [v.alert for v in one] == [v.alert for v in two]
    assert [v.score for v in two] == pytest.approx([v.score for v in one], nan_ok=True)
    assert [v.expected for v in two[1:]] == pytest.approx([v.expected * unit for v in one[1:]])


def test_a_judge_that_was_kept_goes_on_where_it_stopped():
    at = times(MINUTES, 12)
    values = usual(at, 10)
    judge = Judge.of()
    for moment, value in zip(at[:2000].tolist(), values[:2000].tolist(), strict=True):
        judge.see(moment, value)
    again = msgspec.json.decode(msgspec.json.encode(judge), type=Judge)
    rest = zip(at[2000:].tolist(), values[2000:].tolist(), strict=True)
    assert [again.see(moment, value) for moment, value in rest] == judged(at, values)[2000:]


def test_the_bar_is_the_strongest_day_that_the_budget_leaves():
    bar = Bar(1.0)
    for score in range(1, 14):
        for _ in range(24):
            bar.see(float(score))
        bar.end_day(DAY, counts=True)
    assert bar.height == MARGIN * 12, "of thirteen days and one more, two may pass"
    few = Bar(1.0)
    for _ in range(24):
        few.see(2.0)
    few.end_day(DAY, counts=True)
    assert few.height == pytest.approx(MARGIN * 2 * math.sqrt(3.5)), "one day says less than a week"


def test_surprise_is_drawn_in_and_even():
    assert [surprise(off, 1.0) for off in (0, 3, 8, 24)] == [0, 2, 4, 8]
    assert surprise(-8, 1.0) == -4
    assert surprise(5, 0.0) == -surprise(-1, 0.0) == 4, "a value that never moved"
    assert surprise(0, 0.0) == 0
