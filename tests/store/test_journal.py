"""The journal: durable, shared by processes, never plain on disk; quarantine keeps what was not taken."""

import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from heedful.errors import NotFound, TryLater
from heedful.store.journal import Backlog, Bad, Entry, Journal

KEY = b"k" * 32
APPENDING = """
import sys
import time
from pathlib import Path
from heedful.store.journal import Entry, Journal
journal = Journal(Path(sys.argv[1]), b"k" * 32)
for i in range(50):
    journal.append([Entry("event", sys.argv[2], "json", 2, f"[{i}]".encode())])
"""


def entry(body: bytes = b"[]", *, records: int = 1, bad: tuple[Bad, ...] = ()) -> Entry:
    return Entry("message", "web", "json", records, body, "import", bad)


def pending(journal: Journal, after: int = 0) -> list[bytes]:
    return [batch.body for batch in journal.pending(after, records=10**6, size=10**9)]


def test_what_is_appended_is_there_in_order_after_opening_again(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.db", KEY)
    assert journal.append([entry(b"one"), entry(b"two")]) == 2
    journal.append([entry(b"three")])
    journal.close()
    again = Journal(tmp_path / "journal.db", KEY)
    assert pending(again) == [b"one", b"two", b"three"]
    assert pending(again, after=2) == [b"three"]


def test_numbers_are_never_used_again(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.db", KEY)
    journal.append([entry(b"one")])
    journal.remove(1)
    assert journal.append([entry(b"two")]) == 2


def test_a_stretch_ends_at_the_records_or_bytes_asked_for(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.db", KEY)
    journal.append([entry(b"x" * 100, records=10) for _ in range(10)])
    assert len(list(journal.pending(0, records=25, size=10**9))) == 3
    assert len(list(journal.pending(0, records=10**6, size=300))) == 3


def test_the_backlog_is_counted_exactly(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.db", KEY)
    journal.append([entry(b"12345", records=3), entry(b"1", records=4)])
    waiting = journal.backlog()
    assert (waiting.batches, waiting.records) == (2, 7)
    journal.remove(1)
    assert journal.backlog().records == 4
    journal.remove(2)
    assert journal.backlog() == Backlog(0, 0, 0)


def test_several_processes_append_at_once_and_nothing_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    command = [sys.executable, "-c", APPENDING, str(path)]
    running = [subprocess.Popen([*command, name]) for name in ("a", "b", "c")]
    assert [process.wait(60) for process in running] == [0, 0, 0]
    journal = Journal(path, KEY)
    found = [(batch.source, batch.body) for batch in journal.pending(0, records=10**6, size=10**9)]
    for name in ("a", "b", "c"):
        assert [body for source, body in found if source == name] == [f"[{i}]".encode() for i in range(50)]
    assert journal.backlog().records == 300


def test_bodies_and_quarantined_records_are_not_readable_on_disk(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.db", KEY)
    journal.append([entry(b"anna.canary@example.com", bad=(Bad("record 1", "no text", b"bert.canary@example.com"),))])
    assert pending(journal) == [b"anna.canary@example.com"]
    raw = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"canary" not in raw


def test_quarantine_keeps_place_reason_and_raw_and_the_same_record_once(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.db", KEY)
    for _ in range(2):
        journal.append([entry(records=0, bad=(Bad("line 3", "no text", b"raw"), Bad("line 4", "no text", b"raw")))])
    found = journal.quarantined()
    assert [(one.place, one.reason, one.raw) for one in found] == [
        ("line 4", "no text", b"raw"),
        ("line 3", "no text", b"raw"),
    ]
    assert journal.quarantine_size() == 2
    assert [(batch.records, batch.bad) for batch in journal.pending(0, records=9, size=10**6)] == [(0, 2), (0, 2)]
    assert journal.drop([found[0].id]) == 1
    with pytest.raises(NotFound, match=f"no record {found[0].id}"):
        journal.quarantined(id=found[0].id)


def test_replay_moves_a_record_once(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.db", KEY)
    journal.append([entry(records=0, bad=(Bad("record 0", "no text", b"raw"),))])
    id = journal.quarantined()[0].id
    journal.replay(id, entry(b"mended"))
    journal.replay(id, entry(b"mended"))
    assert pending(journal, after=1) == [b"mended"]
    assert journal.quarantine_size() == 0


def test_a_full_disk_is_an_error_and_nothing_is_half_written(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.db", KEY)
    journal.append([entry(b"before")])
    pages = journal._con.execute("pragma page_count").fetchone()[0]
    journal._con.execute(f"pragma max_page_count = {pages + 2}")
    with pytest.raises(TryLater, match="nothing was written"):
        journal.append([entry(b"fits"), entry(b"x" * 1_000_000)])
    journal._con.execute("pragma max_page_count = 1000000")
    assert pending(journal) == [b"before"]
    journal.append([entry(b"after")])
    assert pending(journal) == [b"before", b"after"]


def test_a_torn_tail_was_never_acknowledged_and_does_not_hinder(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    journal = Journal(path, KEY)
    journal.append([entry(b"kept")])
    copy = tmp_path / "copy"
    copy.mkdir()
    for name in ("journal.db", "journal.db-wal"):
        (copy / name).write_bytes((tmp_path / name).read_bytes())
    with (copy / "journal.db-wal").open("ab") as torn:
        torn.write(b"\x00\xffgarbage" * 700)
    again = Journal(copy / "journal.db", KEY)
    assert pending(again) == [b"kept"]
    again.append([entry(b"next")])
    assert pending(again) == [b"kept", b"next"]


def test_every_acknowledged_batch_is_synced_to_disk(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.db", KEY)
    assert journal._con.execute("pragma synchronous").fetchone()[0] == 2
    assert journal._con.execute("pragma journal_mode").fetchone()[0] == "wal"
    assert isinstance(journal._con, sqlite3.Connection)


def test_a_read_only_disk_is_an_error_that_says_so(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.db", KEY)
    journal.append([entry(b"before")])
    journal._con.execute("pragma query_only = on")
    with pytest.raises(TryLater, match="nothing was written, the disk said: attempt to write a readonly database"):
        journal.append([entry(b"lost?")])
    journal._con.execute("pragma query_only = off")
    assert pending(journal) == [b"before"]


def test_a_clock_that_jumps_changes_neither_order_nor_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(tmp_path / "journal.db", KEY)
    for now in (2e9, 1e9, 3e9, 0.0):
        monkeypatch.setattr(time, "time", lambda now=now: now)
        journal.append([entry(f"{now}".encode())])
    assert pending(journal) == [b"2000000000.0", b"1000000000.0", b"3000000000.0", b"0.0"]
    journal.remove(2)
    assert pending(journal) == [b"3000000000.0", b"0.0"]
