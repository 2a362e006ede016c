"""A facts database of an earlier schema becomes one of today when it is opened, with everything in it."""

from datetime import datetime

import duckdb
import msgspec
import pyarrow as pa
import pytest

from heedful.errors import BadSettings
from heedful.intake.door import look
from heedful.intake.drain import Drain
from heedful.privacy.viewer import Viewer
from heedful.records import COUNTED, GIVEN, SORTED_BESIDE
from heedful.store.facts import Store
from heedful.store.place import Place
from heedful.store.schema import VERSION

ANALYST = Viewer("test", frozenset({"analyst"}), smallest=1)


def stored(store: Store, as_of: str | None = None) -> dict[str, list[dict[str, object]]]:
    with store.view(ANALYST, as_of=as_of) as view:
        frames = {table: view.frame(table).sort("n").collect("pyarrow").to_arrow() for table in (*COUNTED, "reading")}
    return {table: rows.to_pylist() for table, rows in frames.items()}


def read(store: Store, sentiment: str, categories: list[str] | None = None) -> None:
    """Give every message a reading."""
    with store.view(ANALYST) as view:
        numbers = view.frame("message").select("n", "id").sort("n").collect("pyarrow").to_arrow().to_pylist()
    rows = [
        {"n": row["n"], "message": row["id"], "version": "s=1", "read_at": datetime(2026, 3, 1)}
        | {"language": "en", "sentiment": sentiment, "categories": categories}
        for row in numbers
    ]
    store.append_readings(pa.Table.from_pylist(rows, GIVEN["reading"]))


def send_to(place: Place, store: Store, records: list[dict[str, object]]) -> None:
    """Put messages through the door and on into a store."""
    journal, identities = place.journal(), place.identities()
    journal.append([look("message", msgspec.json.encode(records), source="test", most=100, import_id="test").entry])
    Drain(journal, store, identities, place.keys, place.brands).all()
    identities.close()
    journal.close()


def as_schema_1(path: str) -> None:
    """Take out what later schemas brought."""
    with duckdb.connect(path) as con:
        for schema in ("facts", "past"):
            for table in COUNTED:
                con.execute(f"alter table {schema}.{table} drop column who")
            con.execute(f"alter table {schema}.message drop column parent_key")
            for name in ("language", "sentiment"):
                con.execute(f"alter table {schema}.message drop column read_{name}")
            for name in ("person", "occurred_at"):
                con.execute(f"alter table {schema}.reading drop column {name}")
        without_categories(con)
        con.execute("drop table facts.person; update facts.progress set schema = 1")


def test_schema_1_gets_numbers_for_people_and_readings_beside_messages(place: Place, send, store: Store) -> None:
    send("message", [{"id": str(i), "text": f"text {i}", "person": f"p{i % 3}"} for i in range(6)])
    send("event", [{"id": str(i), "name": "view", "person": f"p{i % 5}"} for i in range(6)])
    before = store.clock()
    send("message", [{"id": "0", "text": "another text", "person": "p9"}])
    read(store, "positive")
    told, then = stored(store), stored(store, before)
    store.close()
    path = str(place.folder / "data" / "heedful.duckdb")
    as_schema_1(path)

    upgraded = place.store()
    now = stored(upgraded)
    assert [row.pop("who") is None for row in now["message"]] == [row.pop("who") is None for row in told["message"]]
    assert len({(row.pop("who"), row["person"]) for row in now["event"]}) == 5
    for row in told["event"]:
        row.pop("who")
    assert now == told
    assert [row["text"] for row in stored(upgraded, before)["message"]] == [row["text"] for row in then["message"]]
    moment = upgraded.clock()
    read(upgraded, "negative")
    send_to(place, upgraded, [{"id": "1", "text": "yet another text", "person": "p1"}])
    assert {row["read_sentiment"] for row in stored(upgraded)["message"]} == {"negative", None}
    assert {row["read_sentiment"] for row in stored(upgraded, moment)["message"]} == {"positive"}
    upgraded.close()


def test_people_have_one_number_each_after_an_upgrade_and_later(place: Place, send, store: Store) -> None:
    send("message", [{"id": str(i), "text": "text", "person": f"p{i}"} for i in range(4)])
    store.close()
    as_schema_1(str(place.folder / "data" / "heedful.duckdb"))
    upgraded = place.store()
    upgraded.close()
    with duckdb.connect(str(place.folder / "data" / "heedful.duckdb")) as con:
        assert con.execute("select count(*), count(distinct who) from facts.person").fetchall() == [(4, 4)]
        assert con.execute("select count(distinct who), max(who) from facts.message").fetchall() == [(4, 3)]
        assert con.execute("select schema from facts.progress").fetchall() == [(VERSION,)]


def test_schema_2_gets_each_word_once_and_the_keys_of_parents(place: Place, send, store: Store) -> None:
    send("message", [{"id": str(i), "text": "text", "brand": ["Cog", "Acme"], "parent": "0"} for i in range(2)])
    told = stored(store)
    store.close()
    path = str(place.folder / "data" / "heedful.duckdb")
    with duckdb.connect(path) as con:
        con.execute("update facts.message set brand = ['Cog', 'Acme', 'Cog', 'Cog'] where n = 1")
        con.execute("alter table facts.message drop column parent_key; alter table past.message drop column parent_key")
        without_categories(con)
        con.execute("update facts.progress set schema = 2")
    assert stored(place.store()) == told
    assert {row["parent_key"] for row in told["message"]} == {told["message"][0]["key"]}


def test_schema_3_gets_room_for_categories(place: Place, send, store: Store) -> None:
    send("message", [{"id": str(i), "text": f"text {i}"} for i in range(3)])
    read(store, "positive")
    moment = store.clock()
    told = stored(store)
    store.close()
    with duckdb.connect(str(place.folder / "data" / "heedful.duckdb")) as con:
        without_categories(con)
        con.execute("update facts.progress set schema = 3")
    upgraded = place.store()
    assert stored(upgraded) == told
    read(upgraded, "negative", ["intent: refund"])
    assert [row["read_categories"] for row in stored(upgraded)["message"]] == [["intent: refund"]] * 3
    assert [row["read_categories"] for row in stored(upgraded, moment)["message"]] == [None] * 3
    assert [row["sentiment"] for row in stored(upgraded, moment)["reading"]] == ["positive"] * 3
    upgraded.close()


def without_categories(con: duckdb.DuckDBPyConnection) -> None:
    without_topics(con)
    for schema in ("facts", "past"):
        con.execute(f"alter table {schema}.message drop column read_categories")
        con.execute(f"alter table {schema}.reading drop column categories")
        con.execute(f"alter table {schema}.reading drop column nearest")


def without_topics(con: duckdb.DuckDBPyConnection) -> None:
    for schema in ("facts", "past"):
        for name in ("emotion", *SORTED_BESIDE):
            con.execute(f"alter table {schema}.message drop column read_{name}")
        con.execute(f"alter table {schema}.reading drop column emotion; drop table {schema}.assignment")
        con.execute(f"drop table {schema}.topic")
    for name in ("embedding", "topic_model", "topic_change", "topic_story", "topic_example"):
        con.execute(f"drop table facts.{name}")


def test_a_later_schema_is_refused_by_name(place: Place, store: Store) -> None:
    store.close()
    with duckdb.connect(str(place.folder / "data" / "heedful.duckdb")) as con:
        con.execute("update facts.progress set schema = 99")
    with pytest.raises(BadSettings, match="later Heedful"):
        place.store()


def test_schema_4_gets_room_for_verdicts_and_keeps_the_rest(place: Place, send, store: Store) -> None:
    send("message", [{"id": str(i), "text": f"text {i}", "person": f"p{i % 3}"} for i in range(6)])
    read(store, "positive")
    told = stored(store)
    store.close()
    path = str(place.folder / "data" / "heedful.duckdb")
    with duckdb.connect(path) as con:
        without_topics(con)
        con.execute("drop table facts.verdict; drop table past.verdict; update facts.progress set schema = 4")
    upgraded = place.store()
    assert stored(upgraded) == told
    row = {"n": told["message"][0]["n"], "message": told["message"][0]["id"], "reading": "sentiment"}
    row |= {"label": "neutral", "checker": "ann", "settles": False, "seen": 6, "checked_at": datetime(2026, 3, 1)}
    for label in ("neutral", "negative"):
        upgraded.append_verdicts(pa.Table.from_pylist([{**row, "label": label}], GIVEN["verdict"]))
    with upgraded.view(ANALYST) as view:
        kept = view.frame("verdict").collect("pyarrow").to_arrow().to_pylist()
    assert [(one["label"], one["person"]) for one in kept] == [("negative", told["message"][0]["person"])]
    upgraded.close()


def test_schema_5_gets_room_for_emotions_and_topics_and_keeps_the_rest(place: Place, send, store: Store) -> None:
    send("message", [{"id": str(i), "text": f"text {i}", "person": f"p{i % 3}"} for i in range(6)])
    read(store, "positive")
    told = stored(store)
    store.close()
    with duckdb.connect(str(place.folder / "data" / "heedful.duckdb")) as con:
        without_topics(con)
        con.execute("update facts.progress set schema = 5")
    upgraded = place.store()
    assert stored(upgraded) == told
    moment = upgraded.clock()
    row = {"message": "m", "taxonomy": "topics", "version": "", "topic": "topic-1", "theme": "theme-1", "score": 0.5}
    rows = [{"n": one["n"], **row} for one in told["message"][:2]]
    upgraded.topics.sort(pa.Table.from_pylist(rows, GIVEN["assignment"]), on=0)
    assert [one["read_topic"] for one in stored(upgraded)["message"]] == ["topic-1", "topic-1", *[None] * 4]
    assert [one["read_topic"] for one in stored(upgraded, moment)["message"]] == [None] * 6
    upgraded.close()
