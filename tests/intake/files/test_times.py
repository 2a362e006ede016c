from datetime import UTC, datetime

import pyarrow as pa
import pytest

from heedful.intake.files import times


def read(texts, *, how=None, zone="UTC", named=True):
    column = pa.array(texts)
    kind = how or times.find(column, named=named)[0]
    found, faults = times.parse(column, kind, zone)
    return [t and t.isoformat().replace("+00:00", "Z") for t in found.to_pylist()], faults


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2015-02-24 11:35:52 -0800", "2015-02-24T19:35:52Z"),
        ("2015-02-24T11:35:52Z", "2015-02-24T11:35:52Z"),
        ("2015-02-24T11:35:52.123456789+01:00", "2015-02-24T10:35:52.123456Z"),
        ("2015-02-24 11:35", "2015-02-24T11:35:00Z"),
        ("2015-02-24 11:35:52 UTC", "2015-02-24T11:35:52Z"),
        ("2015-02-24", "2015-02-24T00:00:00Z"),
        ("Tue Oct 31 22:10:47 +0000 2017", "2017-10-31T22:10:47Z"),
        ("Tue, 31 Oct 2017 22:10:47 +0200", "2017-10-31T20:10:47Z"),
        ("Tue, 31 Oct 2017 22:10:47 GMT", "2017-10-31T22:10:47Z"),
        ("17/May/2015:10:05:03 +0000", "2015-05-17T10:05:03Z"),
        ("2/24/15 11:35", "2015-02-24T11:35:00Z"),
        ("24.02.2015 11:35:10", "2015-02-24T11:35:10Z"),
        ("24/02/2015", "2015-02-24T00:00:00Z"),
        ("2/24/2015 1:35 PM", "2015-02-24T13:35:00Z"),
        ("2/24/2015 1:35:09 pm", "2015-02-24T13:35:09Z"),
        ("Feb 24, 2015", "2015-02-24T00:00:00Z"),
        ("February 24th, 2015", "2015-02-24T00:00:00Z"),
        ("24 February 2015 08:09", "2015-02-24T08:09:00Z"),
        ("24-Feb-2015", "2015-02-24T00:00:00Z"),
        ("Reviewed in the United States on March 5, 2021", "2021-03-05T00:00:00Z"),
        ("2015/02/24 11:35:52", "2015-02-24T11:35:52Z"),
        ("20150224", "2015-02-24T00:00:00Z"),
        ("1424777752", "2015-02-24T11:35:52Z"),
        ("1424777752000", "2015-02-24T11:35:52Z"),
        ("1424777752123456", "2015-02-24T11:35:52.123456Z"),
        ("42059.5", "2015-02-24T12:00:00Z"),
    ],
)
def test_formats_are_found_and_read(text, expected):
    found, faults = read([text, text, None])
    assert found == [expected, expected, None]
    assert not faults


def test_numbers_of_their_own_types():
    assert read([1424777752])[0] == ["2015-02-24T11:35:52Z"]
    assert read([42059.25])[0] == ["2015-02-24T06:00:00Z"]
    assert read([datetime(2015, 2, 24, 3)], zone="America/Los_Angeles")[0] == ["2015-02-24T11:00:00Z"]
    assert read([datetime(2015, 2, 24, 3, tzinfo=UTC)], zone="America/Los_Angeles")[0] == ["2015-02-24T03:00:00Z"]


def test_day_or_month_first_is_decided_by_the_whole_sample():
    mostly = ["03/04/2020"] * 3000
    assert read([*mostly, "25/04/2020"])[0][0] == "2020-04-03T00:00:00Z"
    assert read([*mostly, "04/25/2020"])[0][0] == "2020-03-04T00:00:00Z"
    kind, note = times.find(pa.array(["03/04/2020", "05/06/2020"]), named=True)
    assert kind == "%m/%d/%Y"
    assert "two ways" in note
    assert times.find(pa.array(["13/04/2020", "05/06/2020"]), named=True) == ("%d/%m/%Y", None)
    assert times.find(pa.array(["2020-04-03"]), named=True) == ("iso", None)


def test_two_formats_in_one_column():
    found, faults = read(["24/02/2015", "2015-02-25", "26/02/2015", "2015-02-27 10:00:00"] * 20)
    assert found[:4] == ["2015-02-24T00:00:00Z", "2015-02-25T00:00:00Z", "2015-02-26T00:00:00Z", "2015-02-27T10:00:00Z"]
    assert not faults


def test_days_that_do_not_exist_are_not_rolled_over():
    for texts in (["28/02/2015", "31/02/2015"], ["2015-02-28", "2015-02-31"], ["28 Feb 2015", "30 Feb 2015"]):
        found, faults = read(texts, how=times.find(pa.array(texts[:1]), named=True)[0])
        assert found[1] is None
        assert [(mask.tolist(), reason) for mask, reason in faults] == [([False, True], "time not understood")]


def test_real_late_days_are_kept():
    assert read(["31/01/2015", "01/03/2015 10:31"], how="%d/%m/%Y or %d/%m/%Y %H:%M")[0][0] == "2015-01-31T00:00:00Z"
    assert read(["Jan 31, 2015", "March 1, 2029"])[0] == ["2015-01-31T00:00:00Z", "2029-03-01T00:00:00Z"]


def test_years_far_off_are_out_of_range():
    _, faults = read(["2015-02-24", "0001-01-01", "9999-12-31", "1969-12-31", "2100-12-31"])
    assert len(faults) == 1
    assert faults[0][0].tolist() == [False, True, True, True, False]
    assert faults[0][1] == "time out of range"


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Asia/Kolkata"])
def test_far_off_years_do_not_break_a_zone(zone):
    _, faults = read(["0001-01-01 00:00:00", "9999-12-31 23:59:59", "2020-06-01 12:00:00"], zone=zone)
    assert faults[0][0].tolist() == [True, True, False]


def test_naive_times_are_in_the_zone_also_where_clocks_change():
    found, faults = read(
        ["2024-03-31 02:30:00", "2024-10-27 02:30:00", "2024-07-01 12:00:00", "2024-07-01 12:00:00+00:00"],
        zone="Europe/Berlin",
    )
    assert found == ["2024-03-31T01:00:00Z", "2024-10-27T00:30:00Z", "2024-07-01T10:00:00Z", "2024-07-01T12:00:00Z"]
    assert not faults


def test_what_says_nothing_is_null_and_what_is_no_time_is_marked():
    found, faults = read(["2015-02-24", "", "NaT", "n/a", "soon"], how="iso")
    assert found == ["2015-02-24T00:00:00Z", None, None, None, None]
    assert faults[0][0].tolist() == [False, False, False, False, True]


@pytest.mark.parametrize(
    "texts", [["good day", "bad day"], ["1", "2", "5"], ["4.5", "3.2"], ["10001", "10002"], ["US", "DE"]]
)
def test_other_columns_hold_no_times(texts):
    assert times.find(pa.array(texts), named=False) is None


def test_numbers_are_times_only_by_name():
    assert times.find(pa.array(["1424777752", "1424777799"]), named=False) is None
    assert times.find(pa.array([True, False]), named=True) is None
