"""The endless present: in order of time, at its rate, with records of its own."""

from datetime import UTC, datetime, timedelta
from itertools import islice, takewhile

import pyarrow as pa

from heedful.records import INCOMING
from heedful.simulate import brands_toml, history, live

START = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_live_runs_forward_at_its_rate():
    some = list(islice(live(seed=1, start=START), 4000))
    moments = [due for due, _, _ in some]
    assert moments == sorted(moments)
    assert moments[0] >= START
    seconds = (moments[-1] - moments[0]).total_seconds()
    messages = sum(table == "message" for _, table, _ in some)
    assert 0.4 < messages / seconds < 1.4
    assert all(record["occurred_at"] == due for due, _, record in some)


def test_live_records_fit_and_are_new():
    some = list(islice(live(seed=1, start=START), 3000))
    for table in {"message", "event", "answer"}:
        records = [record for _, kind, record in some if kind == table]
        assert pa.RecordBatch.from_pylist(records, INCOMING[table]).num_rows == len(records) > 0
    fresh = {record["id"] for _, _, record in some}
    assert len(fresh) == len(some)
    told = history(seed=1, end=START, messages=800)
    assert not fresh & {record["id"] for _, records in told for record in records}


def test_live_speaks_with_the_people_of_the_history():
    told = history(seed=5, end=START, messages=100_000)
    before = takewhile(lambda chunk: chunk[0] in ("item", "profile"), told)
    known = {record["person"] for table, records in before if table == "profile" for record in records}
    some = [record for _, table, record in islice(live(seed=99, start=START), 3000) if table == "message"]
    mails = {record["person"] for record in some if "@example." in record.get("person", "")}
    assert mails <= known


def test_live_skips_what_its_reader_slept_through():
    now = START
    stream = live(seed=1, start=START, clock=lambda: now)
    first, _, _ = next(stream)
    now = START + timedelta(hours=9)
    later = [due for due, _, _ in islice(stream, 1500)]
    assert first < START + timedelta(minutes=1)
    assert later[-1] > START + timedelta(hours=9)


def test_brands_toml_is_toml():
    import tomllib

    brands = tomllib.loads(brands_toml())["brands"]
    assert len(brands) == 4
    assert sum(brand.get("competitor", False) for brand in brands.values()) == 3
    assert brands["Wrenlo"]["handles"] == ["@Wrenlo", "@WrenloHelp"]
