"""Periods mean what people write, in their zone."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.errors import BadSettings
from heedful.insight.periods import before, period

NOW = datetime(2026, 3, 30, 10, 15, tzinfo=UTC)  # 12:15 in Berlin, the day after clocks changed


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        ("2026-03-29", "2026-03-30", ("2026-03-29T00:00+01:00", "2026-03-30T00:00+02:00")),
        ("2026-03-29T12:30", None, ("2026-03-29T12:30+02:00", None)),
        ("2026-03-29T12:30Z", None, ("2026-03-29T14:30+02:00", None)),
        ("24h", None, ("2026-03-29T12:15+02:00", None)),
        ("2d", None, ("2026-03-28T12:15+01:00", None)),
        ("1w", "12h", ("2026-03-23T12:15+01:00", "2026-03-30T00:15+02:00")),
        (None, None, (None, None)),
        ("", "", (None, None)),
    ],
)
def test_times_as_people_write_them(since, until, expected):
    assert period(since, until, "Europe/Berlin", NOW).text() == expected


@pytest.mark.parametrize(
    "text", ["yesterday", "2026-13-01", "30", "d", "0001-01-01T00:00+14:00", "999999w", "2026-3-1"]
)
def test_what_is_not_a_time_is_refused(text):
    with pytest.raises(BadSettings, match="is not a time: write 2026-11-20"):
        period(text, None, "Europe/Berlin", NOW)


def test_what_is_not_a_zone_or_not_a_stretch_is_refused():
    with pytest.raises(BadSettings, match="Europe/Berlin"):
        period(None, None, "Berlin", NOW)
    with pytest.raises(BadSettings, match="until is not included"):
        period("2026-03-29", "2026-03-29", "UTC", NOW)


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        ("2026-03-29", "2026-03-30", "2026-03-28T00:00+01:00"),  # a day of 23 hours beside one of 24
        ("2026-03-23", "2026-03-30", "2026-03-16T00:00+01:00"),
        ("2026-03-29T00:00", "2026-03-29T06:00", "2026-03-28T19:00+01:00"),  # five hours
        ("7d", None, "2026-03-16T12:15+01:00"),
        ("24h", None, "2026-03-28T12:15+01:00"),
    ],
)
def test_the_period_before_is_as_long(since, until, expected):
    current = period(since, until, "Europe/Berlin", NOW)
    assert before(current, NOW).text() == (expected, current.text()[0])


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)),
    st.sampled_from(["UTC", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu"]),
)
def test_an_answer_s_times_can_be_asked_again(at, zone):
    first = period(at.isoformat(), None, zone, NOW)
    assert period(first.text()[0], None, zone, NOW) == first
