"""Local days, weeks, months and hours are those of zoneinfo, row by row, where clocks change too."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import narwhals.stable.v2 as nw
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.insight.dimensions import DIMENSIONS, place
from heedful.insight.local import clock, hour_range, offset_at, shown, to_utc

ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "America/Sao_Paulo",
    "Asia/Beirut",
    "America/Havana",
    "Africa/Casablanca",
)
CUTS = ("hour", "day", "week", "month", "weekday", "hour_of_day")
CHANGES = (
    datetime(2026, 3, 29, 1),  # Berlin
    datetime(2026, 10, 25, 1),
    datetime(2026, 3, 8, 7),  # New York
    datetime(2026, 11, 1, 6),
    datetime(2026, 4, 4, 15),  # Lord Howe, by half an hour
    datetime(2026, 10, 3, 15, 30),
    datetime(2011, 12, 30, 10),  # Apia: a day that never was
    datetime(2018, 11, 4, 3),  # Sao Paulo, at midnight
    datetime(2018, 2, 18, 2),
    datetime(1986, 1, 1),  # Kathmandu, by a quarter of an hour
)
near = st.builds(
    lambda change, seconds: change + timedelta(seconds=seconds),
    st.sampled_from(CHANGES),
    st.integers(-3 * 86_400, 3 * 86_400),
)
times = st.lists(st.one_of(near, st.datetimes(datetime(1975, 1, 1), datetime(2045, 1, 1))), min_size=1, max_size=30)


def local_of(at, zone):
    return at.replace(tzinfo=UTC).astimezone(zone)


def expected(cut, at, zone):
    local = local_of(at, zone)
    match cut:
        case "day":
            return local.date().isoformat()
        case "week":
            return (local.date() - timedelta(days=local.weekday())).isoformat()
        case "month":
            return local.date().isoformat()[:7]
        case "weekday":
            return str(local.isoweekday())
        case "hour_of_day":
            return f"{local.hour:02}"
    return None


def keys(cut, rows, zone):
    frame = nw.from_native(pl.DataFrame({"occurred_at": rows}, schema={"occurred_at": pl.Datetime("us")}).lazy())
    local = clock(zone, min(rows), max(rows))
    found = frame.with_columns(key=DIMENSIONS[cut].column(local)).collect("pyarrow").to_arrow()["key"].to_pylist()
    return [DIMENSIONS[cut].label(key, zone) for key in found]


@given(times, st.sampled_from(ZONES), st.sampled_from(CUTS[1:]))
def test_every_cut_is_that_of_zoneinfo(rows, name, cut):
    zone = ZoneInfo(name)
    assert keys(cut, rows, zone) == [expected(cut, at, zone) for at in rows]


@given(times, st.sampled_from(ZONES))
def test_an_hour_holds_its_row_and_bears_the_row_s_offset(rows, name):
    zone = ZoneInfo(name)
    for at, label in zip(rows, keys("hour", rows, zone), strict=True):
        began = datetime.fromisoformat(label)
        local = local_of(at, zone)
        assert (began.date(), began.hour, began.utcoffset()) == (local.date(), local.hour, local.utcoffset())
        start, end = hour_range(at, zone)
        assert start <= at < end
        assert label == shown(start, zone)
        assert end - start <= timedelta(hours=1)


@given(times, st.sampled_from(ZONES), st.sampled_from(CUTS))
def test_filtering_by_a_label_finds_exactly_the_rows_that_bear_it(rows, name, cut):
    zone = ZoneInfo(name)
    labels = keys(cut, rows, zone)
    frame = nw.from_native(pl.DataFrame({"occurred_at": rows}, schema={"occurred_at": pl.Datetime("us")}).lazy())
    local = clock(zone, min(rows), max(rows))
    for label in set(labels):
        found = frame.filter(DIMENSIONS[cut].matching(label, local)).collect("pyarrow").to_arrow()
        assert sorted(found["occurred_at"].to_pylist()) == sorted(
            at for at, own in zip(rows, labels, strict=True) if own == label
        )


@pytest.mark.parametrize(
    ("name", "day", "hours"),
    [
        ("Europe/Berlin", date(2026, 3, 29), 23),
        ("Europe/Berlin", date(2026, 10, 25), 25),
        ("America/New_York", date(2026, 3, 8), 23),
        ("America/New_York", date(2026, 11, 1), 25),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
        ("Australia/Lord_Howe", date(2026, 10, 4), 23.5),
        ("Asia/Kathmandu", date(2026, 3, 29), 24),
        ("Pacific/Apia", date(2011, 12, 30), 0),
        ("America/Sao_Paulo", date(2018, 11, 4), 23),
    ],
)
def test_a_day_is_as_long_as_it_was(name, day, hours):
    zone = ZoneInfo(name)
    midnight = datetime(day.year, day.month, day.day)
    assert to_utc(midnight + timedelta(days=1), zone) - to_utc(midnight, zone) == timedelta(hours=hours)


def test_the_pieces_of_a_zone():
    berlin = clock(ZoneInfo("Europe/Berlin"), datetime(2026, 1, 1), datetime(2026, 12, 31))
    one, two = timedelta(hours=1), timedelta(hours=2)
    assert berlin.pieces == ((datetime.min, one), (datetime(2026, 3, 29, 1), two), (datetime(2026, 10, 25, 1), one))
    far = clock(ZoneInfo("Europe/Berlin"), datetime(1, 1, 1), datetime(9999, 12, 31))
    assert len(far.pieces) < 200
    assert offset_at(ZoneInfo("Asia/Kathmandu"), datetime(2026, 1, 1)) == timedelta(hours=5, minutes=45)


def test_groups_are_counted_from_the_start_of_a_period():
    zone = ZoneInfo("Europe/Berlin")
    start = to_utc(datetime(2026, 3, 27), zone)  # a Friday
    assert place("day", datetime(2026, 3, 30), start, zone) == 3
    assert place("week", datetime(2026, 3, 30), start, zone) == 1
    assert place("month", datetime(2027, 1, 1), start, zone) == 10
    assert place("hour", to_utc(datetime(2026, 3, 29, 4), zone), start, zone) == 51  # the 29th has no 2 o'clock
