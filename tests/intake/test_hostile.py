"""Whatever comes, good records are stored, bad ones wait in quarantine with a reason, and none is lost."""

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import hostile
from heedful.errors import BadRecord
from heedful.intake.door import Looked, look
from heedful.privacy.viewer import Viewer
from heedful.records import FACTS
from heedful.store.facts import Store
from heedful.store.journal import Journal
from heedful.store.place import Place
from in_turn import EXAMPLES

Send = Callable[..., Looked]
GOOD = list(hostile.good())
BAD = list(hostile.bad())
ADDRESS = re.compile(re.escape(hostile.SECRET), re.IGNORECASE)
EVERYBODY = Viewer("test", frozenset({"admin"}), "security", smallest=1)


def stored(store: Store, table: str) -> list[dict[str, object]]:
    with store.view(EVERYBODY) as view:
        return view.frame(table).collect("pyarrow").to_arrow().to_pylist()


@pytest.mark.parametrize("one", BAD, ids=[one.name for one in BAD])
def test_a_bad_record_is_kept_raw_with_its_reason_and_its_neighbours_are_taken(
    one: hostile.Hostile, send: Send, store: Store, journal: Journal
) -> None:
    neighbour = {
        "message": b'{"id": "%d", "text": "fine"}',
        "event": b'{"id": "%d", "name": "click"}',
        "consent": b'{"id": "%d", "person": "z", "purpose": "research", "granted": true}',
    }[one.table]
    looked = send(one.table, b"[" + neighbour % 1 + b"," + one.body + b"," + neighbour % 2 + b"]")
    assert looked.reasons[0] is None
    assert looked.reasons[2] is None
    assert one.reason is not None
    assert one.reason in (looked.reasons[1] or "")
    (kept,) = journal.quarantined()
    assert (kept.raw, kept.table, kept.place) == (one.body, one.table, "record 1")
    assert kept.reason == looked.reasons[1]
    assert len(stored(store, one.table)) == 2


def test_everything_strange_is_taken_once(send: Send, store: Store, journal: Journal) -> None:
    for _ in range(2):
        for table in FACTS:
            records = [one.body for one in GOOD if one.table == table]
            looked = send(table, b"[" + b",".join(records) + b"]")
            assert set(looked.reasons) == {None}
    assert [(q.place, q.reason) for q in journal.quarantined()] == []
    assert Counter(one.table for one in GOOD) == {table: len(stored(store, table)) for table in FACTS}


def test_good_and_bad_mixed_are_all_accounted_for(send: Send, store: Store, journal: Journal) -> None:
    mixed = [one for pair in zip(GOOD, BAD * 2, strict=False) for one in pair if one.table == "message"]
    looked = send("message", b"[" + b",".join(one.body for one in mixed) + b"]")
    assert [reason is None for reason in looked.reasons] == [one.reason is None for one in mixed]
    refused = sum(reason is not None for reason in looked.reasons)
    assert len(stored(store, "message")) + journal.quarantine_size() == len(mixed)
    assert journal.quarantine_size() == refused


def test_no_address_is_left_in_the_facts(send: Send, store: Store, place: Place, journal: Journal) -> None:
    for one in GOOD:
        send(one.table, b"[" + one.body + b"]")
    journal.close()
    found = [
        f"{table}.{column}"
        for table in FACTS
        for row in stored(store, table)
        for column, value in row.items()
        if ADDRESS.search(json.dumps(value, default=str))
    ]
    assert set(found) == set()
    assert [tally.source for tally in store.tallies("test") if ADDRESS.search(tally.source)] == []
    store.close()
    files = [path for path in place.data.rglob("*") if path.is_file()]
    assert files
    assert [path.name for path in files if ADDRESS.search(path.read_bytes().decode("latin-1"))] == []


def test_no_address_is_plain_in_the_journal_or_in_quarantine(place: Place, journal: Journal) -> None:
    broken = f'[{{"id": "1", "text": "{hostile.SECRET}"}}, {{"id": "2", "txt": "{hostile.SECRET}"}}]'.encode()
    journal.append([look("message", broken, source="test", most=10).entry])
    assert journal.quarantine_size() == 1
    with sqlite3.connect(place.data / "journal.db") as con:
        lines = "".join(con.iterdump())
    assert hostile.SECRET.encode().hex() not in lines.lower()
    assert not ADDRESS.search(lines)


@pytest.mark.parametrize(("name", "body"), list(hostile.bodies()), ids=[name for name, _ in hostile.bodies()])
def test_a_body_that_holds_no_records_is_refused_whole(name: str, body: bytes) -> None:
    with pytest.raises(BadRecord):
        look("message", body, source="test", most=1000)


def test_bytes_that_are_not_utf_8_cost_only_their_own_record(send: Send, store: Store, journal: Journal) -> None:
    looked = send("message", hostile.undecodable())
    assert [reason is None for reason in looked.reasons] == [True, False, True]
    assert {row["text"] for row in stored(store, "message")} == {"before", "after"}
    assert b"caf\xe9" in journal.quarantined()[0].raw


def test_an_id_that_comes_with_several_contents_is_one_record(send: Send, store: Store) -> None:
    send("message", [{"id": "same", "text": f"version {i}"} for i in range(5)])
    send("message", [{"id": "same", "text": "version 2"}])
    assert [row["text"] for row in stored(store, "message")] == ["version 4"]
    (tally,) = store.tallies("test")
    assert (tally.taken, tally.already) == (5, 1)


def test_an_item_number_that_looks_like_a_phone_number_stays_and_fits_its_item(send: Send, store: Store) -> None:
    send("item", [{"id": code, "title": "A book"} for code in ("4244655129", hostile.SECRET)])
    send("event", [{"name": "view", "item": code} for code in ("4244655129", hostile.SECRET)])
    items, events = stored(store, "item"), stored(store, "event")
    assert {row["id"] for row in items} == {row["item"] for row in events}
    assert "4244655129" in {row["id"] for row in items}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=10), inside, max_size=3),
    max_leaves=8,
)
RECORD = st.dictionaries(
    st.sampled_from("id text title person mentions rating likes occurred_at attributes channel odd".split()), JSON
)


@settings(max_examples=2 * EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(records=st.lists(RECORD | JSON, min_size=1, max_size=8))
def test_any_json_is_taken_or_quarantined(records: list[object], journal: Journal, place: Place) -> None:
    body = json.dumps(records).encode("utf-8", "surrogatepass")
    looked = look("message", body, source="test", most=1000)
    assert len(looked.reasons) == len(records)
    assert looked.entry.records + len(looked.entry.bad) == len(records)


@settings(max_examples=6 * EXAMPLES, deadline=None)
@given(body=st.binary(max_size=200) | st.text(alphabet='[]{}",:text\\u0\n', max_size=60).map(str.encode))
def test_any_bytes_are_looked_at_or_refused(body: bytes) -> None:
    try:
        looked = look("message", body, source="test", most=1000)
    except BadRecord:
        return
    assert looked.entry.records + len(looked.entry.bad) == len(looked.reasons)
