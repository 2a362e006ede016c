"""What is kept for a time ends after it and not a moment before; room is given back while others write."""

import os
import sqlite3
import threading
import time
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from heedful.privacy.viewer import Viewer
from heedful.server.keeping import tidy
from heedful.store.journal import Bad, Entry, Journal
from heedful.store.place import Place

NOW = datetime(2026, 11, 21, 18, tzinfo=UTC)
DAY = timedelta(days=1)
WHO = Viewer("test", frozenset({"analyst"}))


def keeping(place: Place, *, quarantine: int, audit: int) -> Place:
    return replace(place, settings=replace(place.settings, quarantine_days=quarantine, audit_days=audit))


@pytest.fixture
def aged(place: Place, journal: Journal) -> Place:
    """Records that came to quarantine, and questions that were asked, 0 to 9 days and a second ago."""
    for i in range(10):
        bad = (Bad(f"record {i}", "why not", b"raw"),)
        journal.append([Entry("event", "s", "json", 0, b"[]", "", bad)])
        moment = (NOW - i * DAY - timedelta(seconds=1)).timestamp()
        with closing(sqlite3.connect(place.data / "journal.db")) as con:
            con.execute("update quarantine set at = ? where place = ?", (moment, f"record {i}"))
            con.commit()
        audit = place.audit()
        audit.write(WHO, [("ask", f"{i}")], NOW - i * DAY - timedelta(seconds=1))
        audit.close()
    return place


def kept(place: Place, journal: Journal) -> tuple[list[str], list[str]]:
    audit = place.audit()
    asked = sorted(row.details for row in audit.rows())
    audit.close()
    return sorted(one.place[-1] for one in journal.quarantined()), asked


@pytest.mark.parametrize(("quarantine", "audit"), [(3, 5), (9, 1), (10, 10)])
def test_only_what_is_older_is_removed(quarantine: int, audit: int, aged: Place, journal: Journal) -> None:
    tidy(keeping(aged, quarantine=quarantine, audit=audit), journal, NOW)
    assert kept(aged, journal) == ([str(i) for i in range(quarantine)], [str(i) for i in range(audit)])


def test_without_a_setting_everything_is_kept(aged: Place, journal: Journal) -> None:
    tidy(keeping(aged, quarantine=0, audit=0), journal, NOW + 10_000 * DAY)
    assert [len(names) for names in kept(aged, journal)] == [10, 10]


def test_batches_that_wait_are_never_removed_by_age(aged: Place, journal: Journal) -> None:
    journal.append([Entry("event", "s", "json", 1, b'[{"name":"view"}]')])
    tidy(keeping(aged, quarantine=1, audit=1), journal, NOW + 10_000 * DAY)
    assert journal.backlog().records == 1
    waiting = [batch.body for batch in journal.pending(0, records=9, size=10**6) if batch.records]
    assert waiting == [b'[{"name":"view"}]']


def test_room_of_stored_batches_is_given_back_while_others_append(place: Place, journal: Journal) -> None:
    """The file and its log shrink to what is left, and nothing that is appended meanwhile is lost."""
    for _ in range(100):
        last = journal.append([Entry("event", "s", "json", 1, os.urandom(1_000_000))])
    full = disk(place)
    journal.remove(last)
    door, over, appended = place.journal(), threading.Event(), []

    def append() -> None:
        while not over.is_set():
            appended.append(door.append([Entry("event", "s", "json", 1, b"x" * 100)]))

    thread = threading.Thread(target=append)
    thread.start()
    until = time.monotonic() + 30
    while len(appended) < 5:
        assert time.monotonic() < until
        time.sleep(0.001)
    given = journal.trim()
    over.set()
    thread.join()
    assert full > 100_000_000
    assert given > 90_000_000
    assert disk(place) < 20_000_000
    assert [batch.seq for batch in journal.pending(0, records=10**6, size=10**9)] == appended[:5000]
    assert journal.append([Entry("event", "s", "json", 1, b"x")]) == appended[-1] + 1
    assert journal.trim() == 0
    door.close()


def test_a_journal_with_much_left_in_it_is_left_alone(place: Place, journal: Journal) -> None:
    seqs = [journal.append([Entry("event", "s", "json", 1, os.urandom(100_000))]) for _ in range(20)]
    journal.remove(seqs[9])
    assert journal.trim(spare=500_000, most=500_000) == 0
    assert journal.trim(spare=500_000, most=2_000_000) > 900_000
    assert len(list(journal.pending(0, records=99, size=10**9))) == 10


def disk(place: Place) -> int:
    return sum(path.stat().st_size for path in place.data.glob("journal.db*"))
