"""The facts: sealed rows only, each version once, rows and position together, any earlier moment readable."""

import json
import os
import random
import resource
import signal
import string
import subprocess
import sys
import time
from datetime import UTC, datetime

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heedful.errors import BadSettings, Bug, NotAllowed, NotFound, TryLater
from heedful.intake.drain import Drain
from heedful.intake.shapes import decode_many, to_arrow
from heedful.privacy.seal import seal
from heedful.privacy.viewer import Viewer
from heedful.records import GIVEN
from heedful.store.facts import Arrival, Store, Tally
from heedful.store.journal import Entry, Journal
from heedful.store.place import Place, make

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ANALYST = Viewer("test", frozenset({"analyst"}), smallest=1)


def arrival(place: Place, records: list[dict[str, object]], *, table: str = "message", import_id: str = "i") -> Arrival:
    batch = to_arrow(table, decode_many(table, json.dumps(records).encode()))
    return Arrival(seal(table, batch, keys=place.keys, brands=frozenset(), now=NOW), import_id, "web")


def message(id: str, text: str = "The parcel came on Tuesday.", **more: object) -> dict[str, object]:
    return {"id": id, "source": "web", "text": text, **more}


def texts(store: Store, as_of: str | None = None) -> list[str]:
    with store.view(ANALYST, as_of=as_of) as view:
        return view.frame("message").sort("n").collect("pyarrow").to_arrow()["text"].to_pylist()


def test_the_store_takes_only_what_was_sealed(place: Place, store: Store) -> None:
    bare = pa.RecordBatch.from_pylist([{"id": "1"}])
    with pytest.raises(Bug, match=r"privacy\.seal"):
        store.append([Arrival(bare, "i", "web")], position=1, bad=(), now=NOW)  # type: ignore[arg-type]
    assert store.position() == 0


def test_rows_and_position_are_kept_together_or_not_at_all(place: Place, store: Store) -> None:
    store.append([arrival(place, [message("1")])], position=7, bad=(), now=NOW)
    broken = arrival(place, [message("2")])
    holed = broken.sealed.batch.set_column(1, broken.sealed.batch.schema.field(1), pa.array([None], pa.string()))
    object.__setattr__(broken.sealed, "batch", holed)
    with pytest.raises(Exception, match=r"(?i)null"):
        store.append([broken], position=8, bad=(), now=NOW)
    assert store.position() == 7
    assert len(texts(store)) == 1


def test_the_same_record_twice_is_one(place: Place, store: Store) -> None:
    first = store.append([arrival(place, [message("1"), message("1"), message("2")])], position=1, bad=(), now=NOW)
    again = store.append([arrival(place, [message("2"), message("1")], import_id="j")], position=2, bad=(), now=NOW)
    assert first == [Tally("i", "web", "message", taken=2, already=1)]
    assert again == [Tally("j", "web", "message", taken=0, already=2)]
    assert len(texts(store)) == 2
    assert store.tallies("i") == first


ENDLESS = "with recursive steps as (select 1 as i union all select i + 1 from steps) select max(i) from steps"


def test_a_question_that_takes_too_long_is_ended_and_the_next_is_answered(place: Place, store: Store) -> None:
    store.append([arrival(place, [message("1")])], position=1, bad=(), now=NOW)
    with store.view(ANALYST) as view, pytest.raises(BadSettings, match=r"over 0\.2 seconds"), view.limited(0.2):
        view.sql(ENDLESS)
    with store.view(ANALYST) as view, view.limited(60):
        assert view.sql("select count(*) as rows from message").collect("pyarrow").to_arrow()["rows"].to_pylist() == [1]


def test_a_word_listed_twice_is_kept_once_and_in_its_place(send, store: Store) -> None:
    send("message", [{"id": "1", "text": "so late", "hashtags": ["sad", "late", "sad"], "brand": ["Acme"]}])
    send("answer", [{"id": "1", "survey": "s", "response": "1", "question": "why", "choices": ["b", "a", "b"]}])
    with store.view(ANALYST) as view:
        (said,) = view.frame("message").select("hashtags", "brand").collect("pyarrow").to_arrow().to_pylist()
        (answered,) = view.frame("answer").select("choices").collect("pyarrow").to_arrow().to_pylist()
    assert (said, answered) == ({"hashtags": ["sad", "late"], "brand": ["Acme"]}, {"choices": ["b", "a"]})


def test_other_contents_under_the_same_id_are_a_later_version(place: Place, store: Store) -> None:
    edits = [message("1", "one"), message("1", "two"), message("1", "three")]
    assert store.append([arrival(place, edits)], position=1, bad=(), now=NOW)[0].taken == 3
    assert texts(store) == ["three"]
    assert store.append([arrival(place, [message("1", "two")])], position=2, bad=(), now=NOW)[0].already == 1
    assert texts(store) == ["three"]
    store.append([arrival(place, [message("1", "four")])], position=3, bad=(), now=NOW)
    assert texts(store) == ["four"]


def test_a_moment_shows_the_rows_as_they_were(place: Place, store: Store) -> None:
    store.append([arrival(place, [message("1", "first"), message("2", "other")])], position=1, bad=(), now=NOW)
    before = store.clock()
    store.append([arrival(place, [message("1", "edited"), message("3", "new")])], position=2, bad=(), now=NOW)
    assert sorted(texts(store)) == ["edited", "new", "other"]
    assert sorted(texts(store, before)) == ["first", "other"]
    with pytest.raises(NotFound, match="not a moment"):
        store.view(ANALYST, as_of="yesterday")


@settings(max_examples=12)
@given(
    st.lists(
        st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz")), min_size=1, max_size=6),
        min_size=1,
        max_size=5,
    )
)
def test_versions_follow_a_simple_model(tmp_path_factory: pytest.TempPathFactory, batches) -> None:
    place = make(tmp_path_factory.mktemp("ws") / "w")
    store = place.store()
    latest: dict[str, str] = {}
    seen: set[tuple[str, str]] = set()
    moments = []
    for number, batch in enumerate(batches, 1):
        tally = store.append(
            [arrival(place, [message(id, text) for id, text in batch])], position=number, bad=(), now=NOW
        )[0]
        fresh = 0
        for id, text in batch:
            if (id, text) not in seen:
                seen.add((id, text))
                latest[id] = text
                fresh += 1
        assert (tally.taken, tally.already) == (fresh, len(batch) - fresh)
        moments.append((store.clock(), sorted(latest.values())))
    for moment, expected in moments:
        assert sorted(texts(store, moment)) == expected
    store.close()


def test_people_become_the_same_pseudonym_everywhere_and_personal_data_leaves(place: Place, store: Store) -> None:
    said = message("1", "Write to anna@example.com or @Anna", person="@anna", attributes={"user_name": "Anna Blue"})
    store.append(
        [arrival(place, [said]), arrival(place, [{"name": "login", "source": "app", "person": "ANNA"}], table="event")],
        position=1,
        bad=(),
        now=NOW,
    )
    with store.view(ANALYST) as view:
        row = view.frame("message").collect("pyarrow").to_arrow().to_pylist()[0]
        event = view.frame("event").collect("pyarrow").to_arrow().to_pylist()[0]
    assert row["person"] == event["person"] == row["mentions"][0]
    assert row["text"] == f"Write to [email] or @p_{row['person']:016x}"
    assert dict(row["attributes"]) == {"user_name": "[removed]"}


def test_choices_hide_rows_at_once(place: Place, store: Store) -> None:
    store.append([arrival(place, [message("1", person="anna"), message("2")])], position=1, bad=(), now=NOW)
    assert len(texts(store)) == 2
    refusal = {"person": "anna", "purpose": "insight", "granted": False, "source": "form"}
    store.append([arrival(place, [refusal], table="consent")], position=2, bad=(), now=NOW)
    assert len(texts(store)) == 1
    granted = {**refusal, "granted": True, "occurred_at": "2026-04-01T00:00:00Z"}
    store.append([arrival(place, [granted], table="consent")], position=3, bad=(), now=NOW)
    assert len(texts(store)) == 2


def test_what_a_role_may_not_read_is_not_there(place: Place, store: Store) -> None:
    store.append([arrival(place, [message("1", person="anna")])], position=1, bad=(), now=NOW)
    with store.view(Viewer("v", frozenset({"viewer"}))) as view:
        assert "text" not in view.frame("message").collect_schema().names()
        with pytest.raises(NotAllowed, match="may not read 'consent'"):
            view.frame("consent")
        with pytest.raises(NotAllowed, match="right: sql"):
            view.sql("select 1")


def test_readers_with_other_rights_or_columns_share_nothing(place: Place, store: Store) -> None:
    store.append([arrival(place, [message("1", person="anna")])], position=1, bad=(), now=NOW)
    assert texts(store) == ["The parcel came on Tuesday."]
    for _ in range(2):
        with store.view(Viewer("v", frozenset({"viewer"}))) as view:
            assert "text" not in view.frame("message").columns
            assert view.frame("message", ["channel", "text"]).columns == ["n", "channel", "person", "occurred_at"]
        with store.view(ANALYST) as view:
            assert "text" in view.frame("message", ["text"]).columns
            assert view.frame("message", ["channel"]).collect("pyarrow").to_arrow()["channel"].to_pylist() == ["social"]


def test_each_person_has_one_number_in_every_table_and_batch(place: Place, store: Store) -> None:
    said = [message("1", person="anna"), message("2", person="ben"), message("3")]
    store.append([arrival(place, said)], position=1, bad=(), now=NOW)
    done = [{"name": "view", "source": "app", "id": str(i), "person": who} for i, who in enumerate(("carl", "ANNA"))]
    store.append([arrival(place, done, table="event")], position=2, bad=(), now=NOW)
    store.append([arrival(place, [message("1", "edited", person="anna")])], position=3, bad=(), now=NOW)
    number: dict[int | None, set[int | None]] = {}
    for as_of in (None, "4-0"):
        with store.view(ANALYST, as_of=as_of) as view:
            for table in ("message", "event"):
                for row in view.frame(table).select("person", "who").collect("pyarrow").to_arrow().to_pylist():
                    number.setdefault(row["person"], set()).add(row["who"])
    assert number.pop(None) == {None}
    assert sorted(who for (who,) in number.values() if who is not None) == [0, 1, 2]


def read(store: Store, sentiment: str) -> None:
    """Give every message a reading."""
    with store.view(ANALYST) as view:
        rows = view.frame("message").select("n", "id").collect("pyarrow").to_arrow().to_pylist()
    made = [
        {"n": row["n"], "message": row["id"], "version": "s=1", "read_at": datetime(2026, 3, 1)}
        | {"language": "en", "sentiment": sentiment}
        for row in rows
    ]
    store.append_readings(pa.Table.from_pylist(made, GIVEN["reading"]))


def test_readings_of_people_who_refused_are_not_there(place: Place, store: Store) -> None:
    def left(as_of: str | None = None) -> int:
        with store.view(ANALYST, as_of=as_of) as view:
            return view.sql("select n from reading").collect("pyarrow").to_arrow().num_rows

    store.append([arrival(place, [message("1", person="anna"), message("2")])], position=1, bad=(), now=NOW)
    read(store, "neutral")
    store.append([arrival(place, [message("1", "edited", person="anna")])], position=2, bad=(), now=NOW)
    before = store.clock()
    assert left() == 2  # the reading of the version before is kept for moments before
    refusal = {"person": "anna", "purpose": "insight", "granted": False, "source": "form"}
    store.append([arrival(place, [refusal], table="consent")], position=3, bad=(), now=NOW)
    assert (left(), left(before)) == (1, 1)


def test_readings_stand_beside_their_messages_as_of_any_moment(place: Place, store: Store) -> None:
    def beside(as_of: str | None = None) -> list[tuple[str, str | None]]:
        with store.view(ANALYST, as_of=as_of) as view:
            rows = view.frame("message").sort("n").collect("pyarrow").to_arrow().to_pylist()
        return [(row["text"], row["read_sentiment"]) for row in rows]

    store.append([arrival(place, [message("1", "one"), message("2", "two")])], position=1, bad=(), now=NOW)
    unread = store.clock()
    read(store, "neutral")
    first = store.clock()
    read(store, "positive")
    second = store.clock()
    store.append([arrival(place, [message("2", "edited")])], position=2, bad=(), now=NOW)
    assert beside() == [("one", "positive"), ("edited", None)]
    assert beside(second) == [("one", "positive"), ("two", "positive")]
    assert beside(first) == [("one", "neutral"), ("two", "neutral")]
    assert beside(unread) == [("one", None), ("two", None)]


def test_a_full_disk_is_an_error_and_nothing_is_half_stored(place: Place, store: Store) -> None:
    store.append([arrival(place, [message("1")])], position=1, bad=(), now=NOW)
    draw = random.Random(1)
    many = [message(str(i), "".join(draw.choices(string.ascii_letters, k=4000))) for i in range(2, 200)]
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    largest = max(path.stat().st_size for path in place.data.iterdir() if path.is_file())
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest + 100_000, hard))  # as a disk with so much room
    try:
        with pytest.raises(TryLater, match=r"nothing was stored, the disk said: .*write"):
            store.append([arrival(place, many)], position=2, bad=(), now=NOW)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert (len(texts(store)), store.position()) == (1, 1)
    store.append([arrival(place, many)], position=2, bad=(), now=NOW)
    store.close()
    again = place.store()
    assert (len(texts(again)), again.position()) == (199, 2)
    again.close()


def test_one_process_owns_the_facts(place: Place, store: Store) -> None:
    code = "import sys, pathlib, heedful.store.place as p; p.Place.at(pathlib.Path(sys.argv[1])).store()"
    out = subprocess.run([sys.executable, "-c", code, str(place.folder)], capture_output=True, text=True)
    assert out.returncode == 1
    assert "TryLater" in out.stderr
    assert "in use by another process" in out.stderr


DRAINING = """
import sys
from pathlib import Path
from heedful.store.place import Place
from heedful.intake.drain import Drain
place = Place.at(Path(sys.argv[1]))
drain = Drain(place.journal(), place.store(), place.identities(), place.keys, place.brands, records=40)
print("ready", flush=True)
drain.all()
print("done", flush=True)
"""


def test_killing_the_drain_at_any_moment_loses_and_doubles_nothing(place: Place) -> None:
    journal = Journal(place.data / "journal.db", place.keys.identity)
    for batch in range(60):
        records = [message(f"{batch}-{i}", f"text {batch} {i}", person=f"u{i}") for i in range(20)]
        journal.append([Entry("message", "web", "json", 20, json.dumps(records).encode(), "i")])
    finished, kills = False, 0
    while not finished:
        process = subprocess.Popen(
            [sys.executable, "-c", DRAINING, str(place.folder)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        if kills < 6:
            time.sleep(0.01 + 0.013 * kills)
            os.kill(process.pid, signal.SIGKILL)
            kills += 1
        finished = process.stdout.read() == "done\n"
        process.wait()
        process.stdout.close()
    store = place.store()
    assert sorted(texts(store)) == sorted(f"text {batch} {i}" for batch in range(60) for i in range(20))
    assert store.tallies("i") == [Tally("i", "web", "message", taken=1200)]
    assert journal.backlog().records == 0
    store.close()


def test_a_record_that_cannot_be_sealed_waits_in_quarantine_and_its_neighbours_are_kept(
    place: Place, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    from heedful.intake import drain as module

    def picky(table, batch, **more):
        if "poison" in batch["text"].to_pylist():
            raise ValueError("cannot be sealed")
        return seal(table, batch, **more)

    monkeypatch.setattr(module, "seal", picky)
    journal = place.journal()
    records = [message("1", "good"), message("2", "poison"), message("3", "fine")]
    journal.append([Entry("message", "web", "json", 3, json.dumps(records).encode(), "i")])
    tallies = Drain(journal, store, place.identities(), place.keys, frozenset()).step()
    assert texts(store) == ["good", "fine"]
    assert sum(t.taken for t in tallies) == 2
    assert sum(t.quarantined for t in tallies) == 1
    kept = journal.quarantined()[0]
    assert "cannot be sealed" in kept.reason
    assert b"poison" in kept.raw
