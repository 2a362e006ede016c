"""Naming people, knowing them in texts, and what keeps an erasure going."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from starlette.testclient import TestClient

from canary import OFFICER, put, rows, settle
from heedful.errors import BadSettings, NotAllowed, TryLater
from heedful.intake import forget
from heedful.privacy.forget import Marks, wanted
from heedful.privacy.pseudonym import person_number
from heedful.privacy.viewer import Viewer
from heedful.server.desk import COOKIE
from heedful.server.forgetting import Leaving
from heedful.server.worker import Stores, application
from heedful.store import rewrite
from heedful.store.erasures import Work
from heedful.store.place import Place
from heedful.workspace import Workspace

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
BOB = "bob_42@example.org"


def marks(place: Place, *names: str) -> Marks:
    found = wanted(names, place.keys.person)
    return Marks(frozenset(found.people), found.names, place.keys)


def test_a_key_is_a_pseudonym_or_an_identifier(place: Place) -> None:
    key = place.keys.person
    bob = person_number(BOB, key)
    assert wanted([BOB, " BOB_42@Example.org ", f"p_{bob:016x}", f"a_{bob:016x}"], key).people == (bob,)
    assert wanted([f"p_{bob:016x}"], key).names == ()
    assert wanted(["p_12"], key).people == (person_number("p_12", key),)
    for nobody in ([], [""], [BOB, "  "]):
        with pytest.raises(BadSettings, match="nobody is named"):
            wanted(nobody, key)


@pytest.mark.parametrize(
    ("asked", "left"),
    [
        ("bob_42", "[erased]"),
        ("late Bob_42@example.org!", "late [erased]!"),
        ("who is bob_42 really", "who is [erased] really"),
        ("bob_421 and xbob_42", "bob_421 and xbob_42"),
        ("@coffee now", "[erased] now"),
        ("coffee", "[erased]"),
        ("coffee late", "coffee late"),
        ("+49 151 2345-6789", "[erased]"),
    ],
)
def test_what_was_asked_is_cleaned_of_them_and_of_nothing_else(place: Place, asked: str, left: str) -> None:
    found = marks(place, BOB, "@bob_42", "@coffee", "+4915123456789")
    assert found.cleaned(asked) == left
    assert found.cleaned_details(f'{{"words": "{asked}", "limit": 10}}') == f'{{"words": "{left}", "limit": 10}}'


@pytest.mark.parametrize("sign", ["@", "@.", "a@", "@@ ", "'@"])
def test_what_was_asked_to_hold_it_up_does_not(place: Place, sign: str) -> None:
    """Whoever looked so long that an erasure had to take hours over the audit would keep people from being erased."""
    asked = sign * 50_000
    assert marks(place, BOB).cleaned(asked) == asked
    assert not marks(place, BOB).in_record(asked.encode())


def test_copies_for_backups_that_nobody_packed_go_too(place: Place) -> None:
    left = place.data / "snapshot-1"
    left.mkdir()
    (left / "heedful.duckdb").write_bytes(b"bob was here")
    erase(place)
    assert not left.exists()


def test_a_receipt_keeps_the_most_that_was_counted(place: Place) -> None:
    erasures = place.erasures()
    work = erasures.begin(Work("", "asked", {1: None}, ()), "officer", NOW)
    erasures.count(work.id, {"messages": 3, "identities": 1})
    erasures.count(work.id, {"messages": 0, "views": 2})
    assert erasures.receipt(work.id).counts == {"messages": 3, "identities": 1, "views": 2}
    erasures.close()


def test_a_raw_record_names_them_or_does_not(place: Place) -> None:
    found = marks(place, BOB, "C-123456", "777")
    for raw in (
        b'{"person": "BOB_42@example.org", "likes": "many"}',
        b'{"person": 777, "name": "\\u00e4"}',
        b"broken {'person': '777', 'text",
        b"1;c-123456;x",
        b"\xff bob_42@example.org",
        f'{{"text": "see p_{person_number(BOB, place.keys.person):016x}"}}'.encode(),
    ):
        assert found.in_record(raw), raw
    for raw in (b"", b"[" * 100_000, b'{"text": "777 times", "person": "ann"}', b"C-1234567"):
        assert not found.in_record(raw), raw


def test_an_analyst_may_neither_look_nor_erase(place: Place) -> None:
    put(place, "message", [{"id": "1", "text": "Hello.", "person": BOB}])
    analyst = Viewer("key:shop", frozenset({"analyst"}))
    with forget.opened(place) as forgetting:
        for act in (forgetting.preview, forgetting.forget):
            with pytest.raises(NotAllowed, match="privacy officer"):
                act([BOB], analyst, NOW)
        with pytest.raises(NotAllowed, match=r'role = "privacy officer"` in heedful\.toml'):
            forgetting.forget([BOB], Viewer("local:me", frozenset({"analyst"})), NOW)
        assert forgetting.preview([BOB], OFFICER, NOW)["waiting"] == 1


def test_the_receipt_tells_how_much_and_never_of_whom(place: Place) -> None:
    put(place, "message", [{"id": "1", "text": "Hello.", "person": BOB}, {"id": "2", "text": "x", "person": "ann"}])
    settle(place)
    with forget.opened(place) as forgetting:
        before = forgetting.preview([BOB], OFFICER, NOW)
        receipt = forgetting.forget([BOB], OFFICER, NOW)
        with pytest.raises(TryLater, match="under way"):
            forgetting.forget(["ann"], OFFICER, NOW)
        assert receipt.counts == before
        assert (receipt.people, receipt.asked_by, receipt.done_at) == (1, "officer", None)
        forgetting.compact()
    place.store().close()
    with closing(place.erasures()) as erasures:
        done = erasures.receipts()[0]
        assert done.done_at
        assert done.bytes_after
        assert erasures.under_way() is None
    with closing(place.audit()) as audit:
        told = [(row.action, row.details) for row in audit.rows()]
    assert told[0] == ("forget", f'{{"receipt": "{done.id}", "people": 1}}')


def test_who_is_forgotten_and_writes_again_is_counted_anew(place: Place) -> None:
    put(place, "message", [{"id": "1", "text": "Hello.", "person": BOB}])
    settle(place)
    with forget.opened(place) as forgetting:
        forgetting.forget([BOB], OFFICER, NOW)
        forgetting.compact()
    place.store().close()
    put(place, "message", [{"id": "2", "text": "Again.", "person": BOB}])
    settle(place)
    assert len(rows(place)["facts.message"]) == len(rows(place)["facts.person"]) == 1
    with closing(place.identities()) as identities:
        assert identities.names([person_number(BOB, place.keys.person)]) == [BOB]


def test_hundreds_of_people_are_erased_at_once(place: Place) -> None:
    people = [f"person_{i}@example.org" for i in range(400)]
    put(place, "message", [{"id": f"m{i}", "text": f"Number {i}.", "person": one} for i, one in enumerate(people)])
    put(place, "message", [{"id": "x", "text": "Ask @person_7 or person_399x.", "person": "ann"}])
    settle(place)
    with forget.opened(place) as forgetting:
        receipt = forgetting.forget([*people, "@person_7"], OFFICER, NOW)
    assert receipt.counts["messages"] == 400
    forget.go_on(place)
    assert [row[14] for row in rows(place)["facts.message"]] == [f"Ask @p_{'0' * 16} or person_399x."]


CRASHES = ("asked", "erased", "copied", "in place")


@pytest.mark.parametrize("after", CRASHES)
def test_an_erasure_goes_on_wherever_it_was_broken_off(
    place: Place, after: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(
        place,
        "message",
        [{"id": "1", "text": "zyxwvutsrq", "person": BOB}, {"id": "2", "text": "Stays.", "person": "ann"}],
    )
    settle(place)
    put(place, "message", [{"id": "3", "text": "zyxwvutsrq waits", "person": BOB}])

    def broken(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    where = {
        "asked": ("heedful.store.erasures.Erasures.invisible", broken),
        "erased": ("heedful.store.facts.Store.copy", broken),
        "copied": ("heedful.store.rewrite.put_in_place", broken),
        "in place": ("heedful.store.erasures.Erasures.finish", broken),
    }[after]
    with monkeypatch.context() as patch:
        patch.setattr(*where)
        with pytest.raises(KeyboardInterrupt):
            erase(place)
    forget.go_on(place)
    with closing(place.erasures()) as erasures:
        assert erasures.under_way() is None
        assert erasures.receipts()[0].done_at
    assert ["Stays." in row for row in rows(place)["facts.message"]] == [True]
    assert [path for path in place.data.rglob("*") if path.is_file() and b"zyxwvutsrq" in path.read_bytes()] == []
    assert not rewrite.copied(place.data / "heedful.duckdb").parent.exists()
    with closing(place.search()) as search:
        assert search.through() == 0 or [hit.n for hit in search.find("stays", limit=5)] == [2]


def erase(place: Place) -> None:
    with forget.opened(place) as forgetting:
        forgetting.forget([BOB], OFFICER, NOW)
        forgetting.compact()
    place.store().close()


def test_a_backup_without_a_server_ends_an_erasure_first(place: Place) -> None:
    """Between its two phases nobody sees the person, and the files still hold them: they must not get into a backup."""
    put(place, "message", [{"id": "1", "text": "zyxwvutsrq", "person": BOB}, {"id": "2", "text": "Stays."}])
    settle(place)
    with forget.opened(place) as forgetting:
        forgetting.forget([BOB], OFFICER, NOW)
    assert any(b"zyxwvutsrq" in path.read_bytes() for path in place.data.glob("heedful.duckdb*")), (
        "not yet off the disk"
    )
    with Workspace(place).snapshot() as copied:
        files = [path for path in copied.folder.rglob("*") if path.is_file()]
        assert files
        assert [path for path in files if b"zyxwvutsrq" in path.read_bytes()] == []
    with closing(place.erasures()) as erasures:
        assert erasures.under_way() is None
        assert erasures.receipts()[0].done_at


def test_an_unforeseen_error_leaves_pages_working(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is answered while somebody is erased; where nothing was erased, everybody is answered again."""

    def broken(*_: object) -> list[str]:
        raise RuntimeError("unforeseen")

    accounts = place.accounts()
    secret = accounts.sign_in(accounts.create("Ada", "admin", NOW), "a test", datetime.now(UTC))
    accounts.close()
    store, search = place.store(), place.search()
    leaving = Leaving()
    app = application(Stores(place, store, search), "token", wait=False, leaving=leaving)
    headers = {"sec-fetch-site": "same-origin"}
    client = TestClient(app, headers=headers, cookies={COOKIE: secret}, raise_server_exceptions=False)
    with monkeypatch.context() as patch:
        patch.setattr("heedful.store.identities.Identities.names", broken)
        assert client.post("/v1/people/forget", json={"person": [BOB]}).status_code == 500
    assert not leaving.begun
    assert client.get("/").status_code == 200
    assert client.post("/v1/people/forget", json={"person": [BOB], "dry": True}).status_code == 200
    store.close()
    search.close()


def test_a_half_written_copy_is_never_put_in_place(place: Place) -> None:
    put(place, "message", [{"id": "1", "text": "Stays.", "person": "ann"}])
    settle(place)
    copy = rewrite.copied(place.data / "heedful.duckdb")
    copy.parent.mkdir()
    copy.write_bytes(b"half of a database")
    place.store().close()
    assert len(rows(place)["facts.message"]) == 1


def test_the_copy_waits_while_another_process_has_the_file(place: Place, tmp_path: Path) -> None:
    import subprocess
    import sys

    put(place, "message", [{"id": "1", "text": "Hello.", "person": BOB}])
    settle(place)
    with forget.opened(place) as forgetting:
        forgetting.forget([BOB], OFFICER, NOW)
        forgetting.compact()
    hold = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", hold, str(place.data / "heedful.duckdb")]
    holder = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert holder.stdout is not None
    assert holder.stdin is not None
    holder.stdout.readline()
    with pytest.raises(TryLater, match="in use by another process"):
        place.store()
    holder.stdin.close()
    holder.wait(30)
    holder.stdout.close()
    place.store().close()
    assert rows(place)["facts.message"] == []


def test_a_restored_backup_is_rid_of_the_same_people(place: Place, tmp_path: Path) -> None:
    import shutil

    put(
        place,
        "message",
        [{"id": "1", "text": "Hello.", "person": BOB}, {"id": "2", "text": "Ask @bob_42.", "person": "ann"}],
    )
    settle(place)
    backup = tmp_path / "backup"
    shutil.copytree(place.data, backup)
    with forget.opened(place) as forgetting:
        forgetting.forget([BOB, "@bob_42"], OFFICER, NOW)
        forgetting.compact()
    place.store().close()
    for path in backup.iterdir():
        if not path.name.startswith("erasures"):
            shutil.copy(path, place.data / path.name)
    receipt = forget.reapply(place, NOW)
    assert receipt is not None
    assert receipt.counts["messages"] == receipt.counts["mentions"] == 1
    found = rows(place)["facts.message"]
    assert len(found) == 1
    assert f"Ask @p_{'0' * 16}." in found[0]
    assert forget.reapply(place, NOW) is None


def test_what_came_after_an_erasure_outlives_a_restore(place: Place) -> None:
    put(place, "message", [{"id": "1", "text": "Hello.", "person": BOB}])
    erase(place)
    put(place, "message", [{"id": "2", "text": "Again.", "person": BOB}])
    settle(place)
    forget.reapply(place, NOW)
    assert len(rows(place)["facts.message"]) == 1
    with closing(place.identities()) as identities:
        assert identities.names([person_number(BOB, place.keys.person)]) == [BOB]


def test_two_files_of_erasures_are_joined(place: Place, tmp_path: Path) -> None:

    put(place, "message", [{"id": "1", "text": "Hello.", "person": BOB}])
    erase(place)
    kept = tmp_path / "kept.db"
    with closing(sqlite3.connect(place.data / "erasures.db")) as con, closing(sqlite3.connect(kept)) as other:
        con.backup(other)
    for path in place.data.glob("erasures.db*"):
        path.unlink()
    with closing(place.erasures()) as erasures:
        assert erasures.receipts() == []
        erasures.take_over(kept)
        erasures.take_over(kept)
        assert len(erasures.receipts()) == len(erasures.people()) == 1
    put(place, "message", [{"id": "1", "text": "Hello.", "person": BOB}])
    settle(place)
    assert rows(place)["facts.message"] == []


def test_the_database_can_write_into_no_other_folder(place: Place, tmp_path: Path) -> None:
    with closing(place.store()) as store, pytest.raises(duckdb.PermissionException):
        store._con.execute(f"attach '{tmp_path / 'other.duckdb'}' as other")
