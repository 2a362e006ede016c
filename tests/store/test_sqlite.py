"""SQLite files of an earlier Heedful go on; those of a later one are refused by name."""

import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest

from heedful.errors import BadSettings
from heedful.store.journal import Bad, Entry
from heedful.store.place import Place

FIRST_JOURNAL = """
    create table batch (
        seq integer primary key autoincrement, at real, "table" text, source text, import text,
        encoding text, records int, body blob);
    create table meter (one int primary key check (one = 1), batches int, records int, bytes int);
    insert into meter values (1, 1, 1, 30);
    create table quarantine (
        id integer primary key autoincrement, at real, "table" text, source text, import text,
        place text, reason text, raw blob, digest blob unique);
"""


def test_the_first_journal_goes_on_with_what_waits_in_it(place: Place) -> None:
    journal = place.journal()
    hidden = journal._hidden.hide(b'[{"name":"view"}]')
    journal.close()
    (place.data / "journal.db").unlink()
    with closing(sqlite3.connect(place.data / "journal.db")) as con:
        con.executescript(FIRST_JOURNAL)
        con.execute("insert into batch values (null, 5.0, 'event', 's', 'i', 'json', 1, ?)", (hidden,))
        con.commit()
    journal = place.journal()
    assert journal.append([Entry("item", "s", "json", 1, b"[]", "", (Bad("record 1", "why", b"raw"),))]) == 2
    first, second = journal.pending(0, records=9, size=10**6)
    assert (first.seq, first.at, first.table, first.records, first.bad) == (1, 5.0, "event", 1, 0)
    assert first.body == b'[{"name":"view"}]'
    assert (second.table, second.records, second.bad, second.body) == ("item", 1, 1, b"[]")
    journal.close()


@pytest.mark.parametrize(
    ("name", "opened"),
    [
        ("journal", Place.journal),
        ("identities", Place.identities),
        ("audit", Place.audit),
        ("keys", Place.api_keys),
        ("searches", Place.searches),
    ],
)
def test_a_later_file_is_refused_by_name(name: str, opened: Callable[[Place], object], place: Place) -> None:
    opened(place)
    with closing(sqlite3.connect(place.data / f"{name}.db")) as con:
        con.execute("pragma user_version = 9")
    with pytest.raises(BadSettings, match="later Heedful"):
        opened(place)
