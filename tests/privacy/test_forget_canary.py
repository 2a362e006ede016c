"""Nothing of an erased person is left anywhere: every byte of the data folder is looked through."""

from datetime import UTC, datetime

import pytest

from canary import OFFICER, Canary, everything, hidden_traces, holds, left, others, plant, put, rows, settle
from heedful.intake import forget
from heedful.store.place import Place

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
PLANTED = {
    "text": {"content of data/facts.message", "content of index", "content of terms", "file search.db"},
    "old text": {"content of data/past.message"},
    "title": {"content of data/facts.message", "content of terms"},
    "url": {"content of data/facts.message"},
    "link": {"content of data/facts.message"},
    "hashtag": {"content of data/facts.message"},
    "attribute": {"content of data/facts.message"},
    "call": {"content of data/facts.message", "content of terms"},
    "letter": {"content of data/facts.message", "content of terms"},
    "event": {"content of data/facts.event"},
    "path": {"content of data/facts.event"},
    "referrer": {"content of data/facts.event"},
    "campaign": {"content of data/facts.event"},
    "visit": {"content of data/facts.event"},
    "own visit": {"content of data/facts.event"},
    "event note": {"content of data/facts.event"},
    "answer": {"content of data/facts.answer"},
    "choice": {"content of data/facts.answer"},
    "profile": {"content of data/facts.profile"},
    "proof": {"content of data/facts.consent"},
    "quarantine": {"content of quarantine"},
    "reason": {"content of quarantine"},
    "waiting": {"content of journal"},
    "view": {"file views.db"},
    "search": {"file searches.db"},
    "uploaded": {"file reviews.csv"},
}
"""Where each word must be found before anybody is erased; each also stands, raw, in the facts' file or its log."""
BESIDE = ("view", "search", "uploaded")
ENCRYPTED = ("quarantine", "reason", "waiting")


@pytest.fixture
def canary() -> Canary:
    return Canary(20)


@pytest.fixture
def planted(place: Place, canary: Canary) -> Place:
    put(place, "message", others(400))
    plant(place, canary)
    return place


def erase(place: Place, people: list[str]) -> None:
    with forget.opened(place) as forgetting:
        forgetting.forget(people, OFFICER, NOW)
        forgetting.compact()
    place.store().close()


def test_the_canary_is_found_in_every_store_before(planted: Place, canary: Canary) -> None:
    for where, stores in PLANTED.items():
        found = holds(planted, canary.word(where))
        assert stores <= found, f"the word of {where} is in {sorted(found)} only"
        if where not in (*ENCRYPTED, *BESIDE):
            assert found & {"file heedful.duckdb", "file heedful.duckdb.wal"}, f"the word of {where} is in no raw file"
    assert set(PLANTED) | {"second text"} == set(canary.words)
    held = everything(planted)
    for name, person in zip(canary.identifiers, canary.people(planted), strict=True):
        assert name.removeprefix("@").encode() in held["content of identities"]
        assert person.to_bytes(8, "big") in held["file identities.db"]
        assert str(person).encode() in held["content of data/facts.message"]
    assert person_in_text(planted, canary) in held["content of data/facts.message"]
    assert person_in_text(planted, canary) in held["content of data/past.message"]
    assert person_in_text(planted, canary) in held["content of terms"]
    assert person_in_text(planted, canary) in held["content of data/facts.answer"]
    assert canary.traces(planted)["stand-in"] in held["content of data/facts.message"]
    assert canary.handle.encode() in held["content of audit"]
    assert canary.email.encode() in held["file audit.db"] + held.get("file audit.db-wal", b"")
    assert f"p_{canary.people(planted)[0]:016x}".encode() in held["content of audit"]


def person_in_text(place: Place, canary: Canary) -> bytes:
    return f"p_{canary.people(place)[1]:016x}".encode()


def test_nothing_is_left_after(planted: Place, canary: Canary) -> None:
    encrypted = hidden_traces(planted, canary)
    assert {name.split()[1] for name in encrypted} == {"journal", "quarantine", "identities"}
    assert len(left(planted, encrypted)) >= len(encrypted)
    erase(planted, canary.identifiers)
    assert left(planted, canary.traces(planted) | encrypted) == []


def test_out_of_sight_is_not_off_the_disk(planted: Place, canary: Canary) -> None:
    """What the test above would find if the files were not written anew."""
    with forget.opened(planted) as forgetting:
        forgetting.forget(canary.identifiers, OFFICER, NOW)
    found = holds(planted, canary.word("text"))
    assert "file heedful.duckdb" in found
    assert not {where for where in found if where.startswith("content")}
    forget.go_on(planted)
    assert left(planted, canary.traces(planted)) == []


def test_one_pseudonym_is_enough(planted: Place, canary: Canary) -> None:
    """The identifiers of a pseudonym are known, so that what they name is found as well."""
    erase(planted, [f"p_{person:016x}" for person in canary.people(planted)])
    assert left(planted, canary.traces(planted)) == []


def test_the_rows_of_others_stay_as_they_are(planted: Place, canary: Canary) -> None:
    with forget.opened(planted) as forgetting:
        forgetting.drain.all()
    before = rows(planted)
    whose = {*canary.people(planted)}
    erase(planted, canary.identifiers)
    after = rows(planted)
    assert before.keys() == after.keys()
    for table, all_rows in before.items():
        kept = [row for row in all_rows if not mentions(row, canary, planted)]
        assert set(map(repr, kept)) <= set(map(repr, after[table])), table
        gone = len(all_rows) - len(after[table])
        assert gone == sum(theirs(table, row, whose, canary) for row in all_rows), table


def mentions(row: tuple[object, ...], canary: Canary, place: Place) -> bool:
    told = repr(row)
    return any(trace.decode("latin-1") in told for trace in canary.traces(place).values()) or any(
        str(person) in told for person in canary.people(place)
    )


def theirs(table: str, row: tuple[object, ...], whose: set[int], canary: Canary) -> bool:
    if table == "facts.choice":
        return row[0] in whose
    visits = canary.word("visit") in row or canary.word("own visit") in row
    return visits or any(isinstance(one, int) and one in whose for one in row)


def test_what_others_said_of_them_stays_without_them(planted: Place, canary: Canary) -> None:
    erase(planted, canary.identifiers)
    with forget.opened(planted) as parts, parts.drain.store.view(OFFICER) as view:
        shown = view.frame("message").collect("pyarrow").to_arrow().to_pylist()
        read = view.frame("reading").collect("pyarrow").to_arrow().to_pylist()
        said = next(row for row in shown if row["text"].startswith("Ask "))
        marks = next(row for row in read if row["n"] == said["n"])
        number = "_" * len(canary.number)
        assert said["text"] == f"Ask @p_{'0' * 16} or [email] about {number}, @p_{'0' * 16} knows. Again."
        assert said["mentions"] == [0]
        assert dict(said["attributes"])["customer"] == number
        assert marks["sentiment"] == "neutral"
        found = parts.search.find(f"@p_{'0' * 16}", limit=10)
        assert [hit.n for hit in found] == [said["n"]]


def test_an_old_file_does_not_bring_them_back_and_a_new_word_does(planted: Place, canary: Canary) -> None:
    erase(planted, canary.identifiers)
    plant(planted, canary)
    settle(planted)
    with forget.opened(planted) as forgetting:
        counts = forgetting.preview(canary.identifiers, OFFICER, NOW)
        assert not {name: counts[name] for name in ("messages", "events", "answers", "profiles") if counts[name]}
        tallies = {t.table: t for t in forgetting.drain.store.tallies("i")}
        assert tallies["answer"].already == 2
    late = {"id": "n1", "person": canary.email, "text": "I am back.", "occurred_at": "2027-01-01T00:00:00Z"}
    put(planted, "message", [late])
    settle(planted)
    with forget.opened(planted) as forgetting:
        assert forgetting.preview([canary.email], OFFICER, NOW)["messages"] == 1
