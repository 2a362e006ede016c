from datetime import UTC, date, datetime

import pytest

from heedful.server import words
from heedful.server.periods import period, steps


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (12345.0, "messages", "12,345"),
        (31.44, "%", "31.4%"),
        (-6.25, "points", "−6.2"),
        (6.0, "points", "+6.0"),
        (0.04, "points", "0.0"),
        (-0.04, "points", "0.0"),
        (0.714, "of 1", "0.71 of 1"),
        (0.4, "minutes", "24 s"),
        (59.6, "minutes", "1 h"),
        (204.0, "minutes", "3 h 24 min"),
        (3120.0, "minutes", "2 d 4 h"),
        (2_345_678.0, "views", "2.3\u202fm"),
        (None, "%", "–"),
        (float("nan"), "%", "–"),
    ],
)
def test_a_figure_is_written_in_its_unit(value: float | None, unit: str, said: str) -> None:
    assert words.figure(value, unit) == said


@pytest.mark.parametrize(
    ("now", "before", "unit", "said"),
    [
        (112.0, 100.0, "messages", "12%"),
        (103.4, 100.0, "messages", "3.4%"),
        (900.0, 10.0, "messages", "90 times"),
        (31.0, 29.5, "%", "1.5 points"),
        (0.70, 0.75, "of 1", "0.05"),
        (5.0, 0.0, "messages", "5"),
    ],
)
def test_a_difference_is_in_per_cent_or_points(now: float, before: float, unit: str, said: str) -> None:
    assert words.difference(now, before, unit) == said


def test_times_are_said_in_the_zone() -> None:
    now = datetime(2026, 11, 20, 13, 30, tzinfo=UTC)
    said = [
        words.moment(datetime(2026, 11, 20, 8, 5), "Europe/Berlin", now),
        words.moment(datetime(2026, 11, 19, 22, 30), "Europe/Berlin", now),
        words.moment(datetime(2026, 11, 18, 23, 30), "Europe/Berlin", now),
        words.moment(datetime(2026, 11, 3, 12, 0), "Europe/Berlin", now),
        words.moment(datetime(2019, 7, 3, 12, 0), "Europe/Berlin", now),
        words.moment(None, "Europe/Berlin", now),
    ]
    assert said == [
        "today 09:05",
        "yesterday 23:30",
        "yesterday 00:30",
        "3 Nov 13:00",
        "3 Jul 2019, 14:00",
        "undated",
    ]


def test_days_are_said_together() -> None:
    assert words.days(date(2026, 11, 3), date(2026, 11, 9)) == "3 – 9 Nov 2026"
    assert words.days(date(2026, 10, 30), date(2026, 11, 5)) == "30 Oct – 5 Nov 2026"
    assert words.days(date(2025, 12, 30), date(2026, 1, 5)) == "30 Dec 2025 – 5 Jan 2026"


def test_a_period_is_whole_local_days() -> None:
    late = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    assert period({"period": "7d"}, zone="Europe/Berlin", now=late).since == "2026-11-15"
    assert period({"period": "7d"}, zone="America/Lima", now=late).since == "2026-11-14"
    assert period({"period": "all"}, zone="UTC", now=late).since is None


def test_steps_cover_every_day_week_and_month() -> None:
    assert steps("day", "2026-02-27", "2026-03-02") == ["2026-02-27", "2026-02-28", "2026-03-01", "2026-03-02"]
    assert steps("week", "2026-11-18", "2026-11-30") == ["2026-11-16", "2026-11-23", "2026-11-30"]
    assert steps("month", "2025-11", "2026-02-03") == ["2025-11", "2025-12", "2026-01", "2026-02"]


@pytest.mark.parametrize(("value", "said"), [(0.874, "87%"), (0.0001, "under 1%"), (0.9999, "over 99%"), (1.0, "100%")])
def test_a_probability_is_never_said_surer_than_it_is(value: float, said: str) -> None:
    assert words.probability(value) == said
