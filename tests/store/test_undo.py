"""Taking an import back: its rows go everywhere, earlier versions return, the same file is taken again; or nothing."""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heedful.errors import BadSettings, NotAllowed, NotFound
from heedful.intake import undo
from heedful.intake.door import look
from heedful.intake.drain import Drain
from heedful.language.unread import read_these, unread
from heedful.privacy.viewer import Viewer
from heedful.store.facts import Store
from heedful.store.journal import Journal
from heedful.store.place import Place, make
from shop import by_rule

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ANALYST = Viewer("user:ann", frozenset({"analyst"}), smallest=1)
Bring = Callable[..., None]


@pytest.fixture
def bring(journal: Journal, drain: Drain) -> Bring:
    """Records under an import's id, through the door and into the facts."""

    def brought(import_id: str, table: str, records: list[dict[str, object]]) -> None:
        _bring(journal, drain, import_id, table, records)

    return brought


def _bring(journal: Journal, drain: Drain, import_id: str, table: str, records: list[dict[str, object]]) -> None:
    import msgspec

    looked = look(table, msgspec.json.encode(records), source="web", most=100_000, import_id=import_id)
    journal.append([looked.entry])
    drain.all()


def said(store: Store, as_of: str | None = None) -> dict[str, str]:
    with store.view(ANALYST, as_of=as_of) as view:
        rows = view.frame("message").select("n", "text", "language").sort("n").collect("pyarrow").to_arrow().to_pylist()
    return {row["text"]: row["language"] for row in rows}


def read(store: Store) -> None:
    if waiting := unread(store, "rule=1"):
        read_these(store, waiting, "rule=1", by_rule)


def moods(store: Store) -> list[tuple[str, str]]:
    """Texts with the reading beside each, and with the reading itself."""
    with store.view(ANALYST) as view:
        rows = view.query(
            "select text, read_sentiment, r.sentiment from message left join reading r on r.n = message.n order by text"
        )
        found = rows.collect("pyarrow").to_arrow().to_pylist()
    assert all(row["read_sentiment"] == row["sentiment"] for row in found), found
    return [(row["text"], row["sentiment"]) for row in found]


def test_its_rows_go_and_earlier_versions_return(place: Place, drain: Drain, store: Store, bring: Bring) -> None:
    bring("first", "message", [{"id": "1", "text": "lovely one"}, {"id": "2", "text": "two"}])
    read(store)
    bring("wrong", "message", [{"id": "1", "text": "awful one"}, {"id": "3", "text": "three"}])
    read(store)
    before = store.clock()
    there = undo.preview(drain, "wrong", ANALYST)
    assert (there.rows, there.returning) == ({"message": 2}, 1)
    assert list(said(store)) == ["two", "awful one", "three"], "a look changes nothing"
    undo.take_back(place, drain, "wrong", ANALYST, NOW)
    assert moods(store) == [("lovely one", "positive"), ("two", "neutral")]
    assert store.clock() != before
    assert set(said(store, before)) == {"lovely one", "two"}, "what is gone is gone from earlier moments too"


def test_the_same_file_is_taken_again(place: Place, drain: Drain, store: Store, bring: Bring) -> None:
    rows = [{"id": str(i), "text": f"number {i}", "person": f"p{i}@example.org"} for i in range(40)]
    for import_id in ("one", "two"):
        bring(import_id, "message", rows)
        assert [t.taken for t in store.tallies(import_id)] == [40]
        undo.take_back(place, drain, import_id, ANALYST, NOW)
        assert said(store) == {}
        assert [(t.taken, t.quarantined) for t in store.tallies(import_id)] == [(0, 0)]
    bring("three", "message", rows)
    assert len(said(store)) == 40
    with store.view(ANALYST) as view:
        assert view.query("select count(distinct who) as people from message").collect("pyarrow").to_arrow()[
            "people"
        ].to_pylist() == [40]


def test_a_version_that_was_replaced_since_goes_from_between(
    place: Place, drain: Drain, store: Store, bring: Bring
) -> None:
    bring("a", "message", [{"id": "1", "text": "one"}])
    bring("b", "message", [{"id": "1", "text": "two"}])
    between = store.clock()
    bring("c", "message", [{"id": "1", "text": "three"}])
    found = undo.take_back(place, drain, "b", ANALYST, NOW)
    assert (found.rows, found.returning) == ({"message": 1}, 0)
    assert list(said(store)) == ["three"]
    assert list(said(store, between)) == ["one"], "at that moment the version before it holds"
    undo.take_back(place, drain, "c", ANALYST, NOW)
    assert list(said(store)) == ["one"]


def test_identifiers_of_people_nobody_else_named_go_too(place: Place, drain: Drain, store: Store, bring: Bring) -> None:
    bring("right", "message", [{"id": "1", "text": "hello", "person": "ada@example.org"}])
    bring("right", "message", [{"id": "2", "text": "hello @cleo_17", "person": "ben@example.org"}])
    bring("wrong", "message", [{"id": "3", "text": "x", "person": "A whole text stood in this column."}])
    bring("wrong", "message", [{"id": "4", "text": "y @cleo_17", "person": "ada@example.org"}])
    known = drain.identities.people()
    undo.take_back(place, drain, "wrong", ANALYST, NOW)
    left = drain.identities.people()
    assert len(known - left) == 1
    assert left == store.people()
    assert not any("whole text" in name for name in drain.identities.names(known))


def test_choices_and_quarantine_go_too(
    place: Place, journal: Journal, drain: Drain, store: Store, bring: Bring
) -> None:
    bring("words", "message", [{"id": "1", "text": "hello", "person": "ada@example.org"}])
    no = {"id": "c", "person": "ada@example.org", "purpose": "insight", "granted": False}
    bring("wrong", "consent", [no | {"occurred_at": "2026-01-01T00:00:00Z"}, {"id": "d", "purpose": "insight"}])
    assert said(store) == {}
    assert journal.quarantine_size() == 1
    undo.take_back(place, drain, "wrong", ANALYST, NOW)
    assert list(said(store)) == ["hello"]
    assert journal.quarantine_size() == 0
    with pytest.raises(BadSettings, match="nothing of this import"):
        undo.take_back(place, drain, "wrong", ANALYST, NOW)


def test_words_are_no_longer_found_and_those_that_return_are(
    place: Place, drain: Drain, store: Store, bring: Bring
) -> None:
    search = place.search()
    bring("a", "message", [{"id": "1", "text": "marigold"}])
    bring("b", "message", [{"id": "1", "text": "tulip"}, {"id": "2", "text": "tulip again"}])
    texts = store.texts(0, 100)
    search.add(texts, through=texts["n"][-1].as_py())
    assert len(search.find("tulip", limit=9)) == 2
    undo.take_back(place, drain, "b", ANALYST, NOW)
    assert undo.mend(store, search)
    assert not undo.mend(store, search), "once"
    assert [len(search.find(word, limit=9)) for word in ("tulip", "marigold")] == [0, 1]
    search.close()


def test_who_may_and_what_is_said(place: Place, drain: Drain, store: Store, bring: Bring) -> None:
    bring("a", "message", [{"id": "1", "text": "one"}])
    bring("", "message", [{"id": "2", "text": "two"}])
    with pytest.raises(NotAllowed, match="operate"):
        undo.take_back(place, drain, "a", Viewer("user:ben", frozenset({"agent"})), NOW)
    for unknown in ("b", ""):
        with pytest.raises(NotFound, match="there is no import"):
            undo.take_back(place, drain, unknown, ANALYST, NOW)
    undo.take_back(place, drain, "a", ANALYST, NOW)
    (one,) = undo.past(store, ANALYST)
    assert (one.import_id, one.undone_by, one.undone, one.taken) == ("a", "user:ann", 1, 0)
    audit = place.audit()
    (row,) = audit.rows(action="take back import")
    assert (row.viewer, row.details) == ("user:ann", '{"import": "a", "rows": 1, "returning": 0}')
    audit.close()


def test_an_import_whose_rows_nobody_noted_is_refused(place: Place, drain: Drain, store: Store, bring: Bring) -> None:
    """As one of before there was such a note."""
    bring("old", "message", [{"id": "1", "text": "one"}])
    with store._transaction() as con:
        con.execute("delete from facts.brought")
    with pytest.raises(BadSettings, match="before Heedful noted"):
        undo.take_back(place, drain, "old", ANALYST, NOW)
    assert list(said(store)) == ["one"]


@settings(max_examples=10)
@given(st.data())
def test_whatever_came_in_what_is_left_is_as_if_it_had_never(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """The facts after taking an import back are those of a workspace that it never came to."""
    rows = st.builds(lambda id, text: {"id": id, "text": text}, st.sampled_from("abc"), st.sampled_from("xyz"))
    steps = data.draw(st.lists(st.tuples(st.sampled_from("ABC"), st.lists(rows, min_size=1, max_size=4)), max_size=6))
    gone = data.draw(st.sampled_from("ABC"))
    # what another import would have brought had this one not brought it first goes with it: see the decision
    first: dict[tuple[str, str], str] = {}
    for name, some in steps:
        for row in some:
            first.setdefault((row["id"], row["text"]), name)
    kept = [(n, [r for r in some if first[r["id"], r["text"]] != gone]) for n, some in steps if n != gone]
    left = []
    for told in (steps, [(n, some) for n, some in kept if some]):
        place = make(tmp_path_factory.mktemp("some") / "w")
        journal, store, identities = place.journal(), place.store(), place.identities()
        drain = Drain(journal, store, identities, place.keys, place.brands)
        for name, some in told:
            _bring(journal, drain, name, "message", some)
        if told is steps and any(name == gone and t.taken for name, _ in steps for t in store.tallies(gone)):
            undo.take_back(place, drain, gone, ANALYST, NOW)
        with store.view(ANALYST) as view:
            found = view.frame("message").select("id", "text", "n").sort("n").collect("pyarrow").to_arrow()
        # ids are hashes under each workspace's own key
        left.append(sorted(row["text"] for row in found.to_pylist()))
        for opened in (journal, store, identities):
            opened.close()
    assert left[0] == left[1]


TAKES_BACK = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from heedful.intake import undo
from heedful.intake.drain import Drain
from heedful.privacy.viewer import Viewer
from heedful.store.place import Place
place = Place.at(Path(sys.argv[1]))
drain = Drain(place.journal(), place.store(), place.identities(), place.keys, place.brands)
print("go", flush=True)
undo.take_back(place, drain, "wrong", Viewer("user:ann", frozenset({"analyst"})), datetime.now(UTC))
print("done", flush=True)
"""


@pytest.mark.soak
@pytest.mark.parametrize("tries", [4, pytest.param(60, marks=pytest.mark.soak)])
def test_a_kill_leaves_all_of_it_or_nothing(tmp_path: Path, tries: int) -> None:
    place = make(tmp_path / "origin")
    journal, store, identities = place.journal(), place.store(), place.identities()
    drain = Drain(journal, store, identities, place.keys, place.brands)
    who = lambda i: f"someone{i}@example.org"  # noqa: E731
    _bring(journal, drain, "right", "message", [{"id": str(i), "text": f"v1 {i}"} for i in range(2_000)])
    wrong = [{"id": str(i), "text": f"v2 {i}", "person": who(i)} for i in range(1_000, 4_000)]
    _bring(journal, drain, "wrong", "message", [*wrong, {"id": "no text"}])
    for opened in (journal, store, identities):
        opened.close()
    ends = [_killed(place.folder, tmp_path / "whole", None)]
    took = ends[0][1]
    for number in range(tries):
        ends.append(_killed(place.folder, tmp_path / str(number), 1.3 * took * (number + 0.5) / tries))
    assert {"all", "nothing"} == {end for end, _ in ends}, ends


def _killed(origin: Path, folder: Path, after: float | None) -> tuple[str, float]:
    """What is left of an import after a kill so many seconds into taking it back, and how long that ran."""
    shutil.copytree(origin, folder)
    command = [sys.executable, "-c", TAKES_BACK, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"go\n"
        began = time.monotonic()
        if after is None:
            assert process.stdout.readline() == b"done\n"
        else:
            time.sleep(after)
        took = time.monotonic() - began
        process.kill()
    end = _one_or_the_other(Place.at(folder))
    shutil.rmtree(folder)
    return end, took


def _one_or_the_other(place: Place) -> str:
    journal, store, identities = place.journal(), place.store(), place.identities()
    drain = Drain(journal, store, identities, place.keys, place.brands)
    undo.finish(drain)  # as at every start
    found, (_, one) = said(store), sorted(store.imports(), key=lambda past: past.import_id)
    bad, people = journal.quarantine_size(), len(identities.people())
    for opened in (journal, store, identities):
        opened.close()
    if one.undone_at is None:
        assert len(found) == 4_000
        assert sum(text.startswith("v2") for text in found) == 3_000
        assert (bad, people) == (1, 3_000)
        return "nothing"
    assert len(found) == 2_000
    assert not any(text.startswith("v2") for text in found)
    assert (bad, people) == (0, 0)
    return "all"
