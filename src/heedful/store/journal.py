"""The journal: every accepted batch is durable here before anybody is told so, until the facts hold it.

Several processes may append; one drains. Bodies are encrypted, because they still hold raw identifiers.
Records that were not accepted wait beside it in quarantine, raw and with their reason.
"""

import hashlib
import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from heedful.errors import NotFound
from heedful.privacy.hidden import Hidden
from heedful.store.sqlite import connect, known, rewrite, transaction, trim

VERSION = 1
GONE = "gone"
"""The encoding of a batch that names records which are gone at their origin: a JSON array of their ids there."""
KEPT = '"table", source, import, encoding, records, bad, body'
TABLES = """
    create table if not exists batch (
        seq integer primary key autoincrement, at real, "table" text, source text, import text,
        encoding text, records int, bad int, body blob);
    create table if not exists meter (one int primary key check (one = 1), batches int, records int, bytes int);
    insert or ignore into meter values (1, 0, 0, 0);
    create table if not exists quarantine (
        id integer primary key autoincrement, at real, "table" text, source text, import text,
        place text, reason text, raw blob, digest blob unique);
    create table if not exists fields (import text, file blob, told blob, primary key (import, file)) without rowid;
"""


@dataclass(frozen=True)
class Bad:
    """A record that cannot be taken: where it stood, why not, and what it was."""

    place: str
    reason: str
    raw: bytes


@dataclass(frozen=True)
class Entry:
    """A batch to append: records of one table and source, and the bad ones that came with them.

    `encoding` is `json` (an array of records), `arrow` (an IPC stream in the incoming shape) or `gone`.
    """

    table: str
    source: str
    encoding: str
    records: int
    body: bytes
    import_id: str = ""
    bad: tuple[Bad, ...] = ()


@dataclass(frozen=True)
class Batch:
    """A journaled batch."""

    seq: int
    at: float
    table: str
    source: str
    import_id: str
    encoding: str
    records: int
    bad: int
    """How many records came with it and went to quarantine."""
    body: bytes


@dataclass(frozen=True)
class Quarantined:
    """A record in quarantine; `at` in seconds since 1970."""

    id: int
    at: float
    table: str
    source: str
    import_id: str
    place: str
    reason: str
    raw: bytes


@dataclass(frozen=True)
class Backlog:
    """What is journaled and not yet stored."""

    batches: int
    records: int
    bytes: int


class Journal:
    """One journal file; any number of processes may have it open."""

    def __init__(self, path: Path, key: bytes) -> None:
        """Open or make it; a torn tail left by a crash is dropped by SQLite, as it was never acknowledged."""
        self._path = path
        self._con = connect(path)
        self._con.executescript(TABLES)
        if not self._con.execute("select 1 from pragma_table_info('batch') where name = 'bad'").fetchone():
            self._con.execute("alter table batch add column bad int not null default 0")
        known(self._con, path, VERSION)
        self._key = key
        self._hidden = Hidden(key)
        self._lock = threading.Lock()

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._con.close()

    # Batches

    def append(self, entries: Sequence[Entry]) -> int:
        """Write batches and their bad records; durable when it returns the last number."""
        sealed = [self._hidden.hide(entry.body) for entry in entries]
        with self._lock, transaction(self._con) as con:
            for entry, body in zip(entries, sealed, strict=True):
                if entry.records or entry.bad:
                    self._put(con, entry, body)
                for one in entry.bad:
                    self._reject(con, entry, one)
            last = con.execute("select seq from sqlite_sequence where name = 'batch'").fetchone()
        return int(last[0]) if last else 0

    def _put(self, con: sqlite3.Connection, entry: Entry, body: bytes) -> None:
        what = (entry.table, entry.source, entry.import_id, entry.encoding, entry.records, len(entry.bad), body)
        con.execute(f"insert into batch (at, {KEPT}) values (?, ?, ?, ?, ?, ?, ?, ?)", (time.time(), *what))
        con.execute(
            "update meter set batches = batches + 1, records = records + ?, bytes = bytes + ?",
            (entry.records, len(body)),
        )

    def pending(self, after: int, *, records: int, size: int) -> Iterator[Batch]:
        """Batches after a number, oldest first, until that many records or bytes."""
        with self._lock:
            cursor = self._con.execute(
                f"select seq, at, {KEPT} from batch where seq > ? order by seq limit 5000", (after,)
            )
            rows: list[tuple[Any, ...]] = []
            for row in cursor:
                rows.append(row)
                records -= row[6]
                size -= len(row[-1])
                if records <= 0 or size <= 0:
                    break
        for row in rows:
            yield Batch(*self._plain(row))

    def remove(self, through: int) -> None:
        """Forget batches that the facts hold."""
        with self._lock, transaction(self._con) as con:
            gone = con.execute(
                "select count(*), coalesce(sum(records), 0), coalesce(sum(length(body)), 0) from batch where seq <= ?",
                (through,),
            ).fetchone()
            con.execute("delete from batch where seq <= ?", (through,))
            con.execute("update meter set batches = batches - ?, records = records - ?, bytes = bytes - ?", tuple(gone))

    def compact(self) -> None:
        """Write the file anew, so that nothing of what was removed is left in it."""
        with self._lock:
            rewrite(self._con, self._path)

    def trim(self, *, spare: int = 64_000_000, most: int = 256_000_000) -> int:
        """Give room of removed batches back to the disk where it is much, and little else is left; bytes given back."""
        with self._lock:
            return trim(self._con, spare=spare, most=most)

    def backlog(self) -> Backlog:
        """What waits."""
        with self._lock:
            return Backlog(*self._con.execute("select batches, records, bytes from meter").fetchone())

    def last(self) -> int:
        """The number of the last batch that ever came."""
        with self._lock:
            found = self._con.execute("select seq from sqlite_sequence where name = 'batch'").fetchone()
        return int(found[0]) if found else 0

    def oldest(self) -> float | None:
        """When the batch that waits longest came, in seconds since 1970."""
        with self._lock:
            found = self._con.execute("select at from batch order by seq limit 1").fetchone()
        return found and float(found[0])

    # Quarantine

    def quarantine(self, batch: Batch, bad: Sequence[Bad]) -> None:
        """Keep records of a journaled batch that turned out bad; doing it again changes nothing."""
        with self._lock, transaction(self._con) as con:
            for one in bad:
                self._reject(con, batch, one)

    def _reject(self, con: sqlite3.Connection, of: Entry | Batch, bad: Bad) -> None:
        """Keep one bad record; the same record from the same place is kept once."""
        content = "\x1f".join((of.table, of.source, bad.place)).encode() + b"\x1f" + bad.raw
        digest = self._digest(content)
        row = (
            time.time(),
            of.table,
            of.source,
            of.import_id,
            bad.place,
            bad.reason,
            self._hidden.hide(bad.raw),
            digest,
        )
        con.execute("insert or ignore into quarantine values (null, ?, ?, ?, ?, ?, ?, ?, ?)", row)

    def _digest(self, content: bytes) -> bytes:
        return hashlib.blake2b(content, key=self._key, digest_size=16).digest()

    def quarantined(self, *, id: int | None = None, limit: int = 1000, offset: int = 0) -> list[Quarantined]:
        """Records in quarantine, newest first, or the one with an id."""
        what = 'select id, at, "table", source, import, place, reason, raw from quarantine'
        where, values = ("where id = ?", [id]) if id is not None else ("", [])
        with self._lock:
            rows = self._con.execute(
                f"{what} {where} order by id desc limit ? offset ?", (*values, limit, offset)
            ).fetchall()
        if id is not None and not rows:
            raise NotFound(f"quarantine holds no record {id}; `heedful quarantine list` shows what it holds")
        return [Quarantined(*self._plain(row)) for row in rows]

    def quarantined_of(self, import_id: str) -> list[int]:
        """Ids of the records in quarantine that came with an import."""
        with self._lock:
            return [id for (id,) in self._con.execute("select id from quarantine where import = ?", (import_id,))]

    def quarantine_size(self) -> int:
        """How many records wait in quarantine."""
        with self._lock:
            return int(self._con.execute("select count(*) from quarantine").fetchone()[0])

    def naming(self, named: Callable[[bytes], bool], *, until: float) -> list[int]:
        """Records in quarantine that came until then (seconds since 1970) and are `named` by content or reason."""
        with self._lock:
            kept = self._con.execute("select id, reason from quarantine where at <= ?", (until,)).fetchall()
        return [id for id, reason in kept if named(self._raw(id)) or named(reason.encode())]

    def _raw(self, id: int) -> bytes:
        with self._lock:
            found = self._con.execute("select raw from quarantine where id = ?", (id,)).fetchone()
        return self._hidden.show(found[0]) if found else b""

    def note_fields(self, import_id: str, file: str, fields: Mapping[str, str]) -> None:
        """Keep which column of a file each field came from, while any of its records may be in quarantine."""
        told = self._hidden.hide(json.dumps(fields).encode())
        with self._lock, transaction(self._con) as con:
            con.execute(
                "insert or replace into fields values (?, ?, ?)", (import_id, self._digest(file.encode()), told)
            )

    def fields(self, one: Quarantined) -> dict[str, str]:
        """Each field with the column that it came from, of the file that a record stood in; empty where unknown."""
        file = one.place.rpartition(" line ")[0]
        with self._lock:
            row = self._con.execute(
                "select told from fields where import = ? and file = ?", (one.import_id, self._digest(file.encode()))
            ).fetchone()
        found: dict[str, str] = json.loads(self._hidden.show(row[0])) if row else {}
        return found

    def drop_fields(self, cleaned: Callable[[str], str]) -> None:
        """Forget the columns of files that `cleaned` changes, since they name somebody."""
        with self._lock, transaction(self._con) as con:
            told = [(i, f, self._hidden.show(t).decode()) for i, f, t in con.execute("select * from fields")]
            gone = [(i, f) for i, f, columns in told if cleaned(columns) != columns]
            con.executemany("delete from fields where import = ? and file = ?", gone)

    def drop(self, ids: Sequence[int]) -> int:
        """Remove records from quarantine for good; how many there were."""
        with self._lock, transaction(self._con) as con:
            return sum(con.execute("delete from quarantine where id = ?", (id,)).rowcount for id in ids)

    def expire(self, before: float) -> int:
        """Remove what came to quarantine before a time (seconds since 1970) for good; how many there were."""
        with self._lock, transaction(self._con) as con:
            gone = con.execute("delete from quarantine where at < ?", (before,)).rowcount
            if gone:
                con.execute("delete from fields where import not in (select import from quarantine)")
            return gone

    def replay(self, id: int, entry: Entry) -> None:
        """Move one record from quarantine back to the door: both or neither."""
        body = self._hidden.hide(entry.body)
        with self._lock, transaction(self._con) as con:
            if con.execute("delete from quarantine where id = ?", (id,)).rowcount:
                self._put(con, entry, body)

    def _plain(self, row: Sequence[Any]) -> list[Any]:
        """A row whose last column is encrypted, in clear."""
        return [*row[:-1], self._hidden.show(row[-1])]
