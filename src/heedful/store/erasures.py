"""Erasures: receipts that tell of nobody, what keeps erased records from coming back, and the erasure under way.

Whom an erasure is about is written only while it is under way, encrypted, so that it goes on by itself after a crash.
What stays are keyed hashes: of records, so that an old file brings none of them back, and of pseudonyms, so that a
backup made before can be rid of the same people.
"""

import json
import secrets
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import numpy as np

from heedful.errors import TryLater
from heedful.privacy.hidden import Hidden
from heedful.store.erased import Erased
from heedful.store.sqlite import connect, rewrite, signed, transaction

Phase = Literal["asked", "erased", "copied", "done"]
"""Asked; nobody can see it any more; files written anew beside the old ones; and in their place."""
_TABLES = """
    create table if not exists receipt (
        id text primary key, asked_at text, erased_at text, done_at text, asked_by text, people integer, counts text,
        bytes_before integer, bytes_after integer);
    create table if not exists under_way (id text primary key, phase text, who blob);
    create table if not exists person (digest blob primary key, at text) without rowid;
    create table if not exists record ("table" text, key integer, at integer, primary key ("table", key)) without rowid;
"""


@dataclass(frozen=True)
class Receipt:
    """What an erasure did: times in ISO 8601 (null: not yet), rows by kind, bytes of the files written anew."""

    id: str
    asked_at: str
    erased_at: str | None
    """Since then no page, figure or search shows anything of it."""
    done_at: str | None
    """Since then nothing of it is in the files."""
    asked_by: str
    people: int
    counts: Mapping[str, int]
    bytes_before: int | None = None
    bytes_after: int | None = None


_TOLD = tuple(field.name for field in fields(Receipt))


@dataclass(frozen=True)
class Work:
    """The erasure under way: how far it is, and whom it is about.

    Each of the people with the time until which rows that came in are theirs (naive UTC; None: all).
    """

    id: str
    phase: Phase
    people: Mapping[int, datetime | None]
    names: tuple[str, ...]


class Erasures:
    """One small file; one erasure at a time."""

    def __init__(self, path: Path, key: bytes) -> None:
        """Open or make it."""
        self._path = path
        self._con = connect(path)
        self._con.execute("pragma secure_delete = on")
        self._con.executescript(_TABLES)
        self._hidden = Hidden(key)
        self._lock = threading.Lock()

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._con.close()

    # The erasure under way

    def begin(self, work: Work, asked_by: str, now: datetime) -> Work:
        """Note an erasure, durably, and give it an id; TryLater while another is under way."""
        work = replace(work, id=f"e_{secrets.token_hex(8)}", phase="asked")
        people = [(person, until and until.isoformat()) for person, until in work.people.items()]
        who = json.dumps({"people": people, "names": work.names})
        row = (work.id, _iso(now), asked_by, len(work.people), "{}")
        with self._lock, transaction(self._con) as con:
            if con.execute("select 1 from under_way").fetchone():
                raise TryLater("another erasure is under way: ask again when it is done", after=10)
            con.execute(
                "insert into under_way values (?, ?, ?)", (work.id, work.phase, self._hidden.hide(who.encode()))
            )
            con.execute("insert into receipt (id, asked_at, asked_by, people, counts) values (?, ?, ?, ?, ?)", row)
        return work

    def under_way(self) -> Work | None:
        """What is not done yet."""
        with self._lock:
            row = self._con.execute("select id, phase, who from under_way").fetchone()
        if row is None:
            return None
        who = json.loads(self._hidden.show(row[2]))
        people = {person: until and datetime.fromisoformat(until) for person, until in who["people"]}
        return Work(row[0], row[1], people, tuple(who["names"]))

    def remember(self, people: Mapping[bytes, datetime], records: Mapping[str, Iterable[int]], at: datetime) -> None:
        """Keep hashes of people with the time of their erasure, and keys of records (64 bits); times are naive UTC."""
        moment = int(np.datetime64(at, "us").astype(np.int64))
        rows = [(table, signed(key), moment) for table, keys in records.items() for key in keys]
        with self._lock, transaction(self._con) as con:
            con.executemany(
                "insert or replace into person values (?, ?)", [(one, at.isoformat()) for one, at in people.items()]
            )
            con.executemany("insert or replace into record values (?, ?, ?)", rows)

    def erased(self) -> Erased:
        """Records that are not to come back."""
        with self._lock:
            rows = self._con.execute('select "table", key, at from record order by "table", key').fetchall()
        tables: dict[str, list[tuple[int, int]]] = {}
        for table, key, at in rows:
            tables.setdefault(table, []).append((key, at))
        return Erased(
            {
                table: (np.array([k for k, _ in some], np.int64).view(np.uint64), _times([at for _, at in some]))
                for table, some in tables.items()
            }
        )

    def people(self) -> dict[bytes, datetime]:
        """Hashes of erased people, and when each was erased last (naive UTC)."""
        with self._lock:
            found = self._con.execute("select digest, at from person").fetchall()
        return {digest: datetime.fromisoformat(at) for digest, at in found}

    def count(self, id: str, counts: Mapping[str, int]) -> None:
        """Note how much it is; after a crash less is found, and what was noted before holds."""
        before = self.receipt(id).counts
        most = {name: max(before.get(name, 0), counts.get(name, 0)) for name in (*before, *counts)}
        with self._lock, transaction(self._con) as con:
            con.execute("update receipt set counts = ? where id = ?", (json.dumps(most), id))

    def invisible(self, id: str, now: datetime) -> None:
        """Note that no page, figure or search shows it any more."""
        self._move(id, "erased", erased_at=_iso(now))

    def copied(self, id: str, before: int, after: int) -> None:
        """Note that the files are written anew; the facts' copy counts from now on."""
        self._move(id, "copied", bytes_before=before, bytes_after=after)

    def finish(self, id: str, now: datetime) -> None:
        """Note that it is done, and forget whom it was about."""
        with self._lock:
            with transaction(self._con) as con:
                con.execute("update receipt set done_at = ? where id = ?", (_iso(now), id))
                con.execute("delete from under_way where id = ?", (id,))
            rewrite(self._con, self._path)

    def _move(self, id: str, phase: Phase, **told: Any) -> None:
        with self._lock, transaction(self._con) as con:
            con.execute("update under_way set phase = ? where id = ?", (phase, id))
            sets = ", ".join(f"{name} = ?" for name in told)
            con.execute(f"update receipt set {sets} where id = ?", (*told.values(), id))

    # Receipts

    def receipts(self) -> list[Receipt]:
        """Every receipt, newest first."""
        with self._lock:
            rows = self._con.execute(f"select {', '.join(_TOLD)} from receipt order by asked_at desc, rowid desc")
            told = [dict(zip(_TOLD, row, strict=True)) for row in rows]
        return [Receipt(**one | {"counts": json.loads(one["counts"])}) for one in told]

    def receipt(self, id: str) -> Receipt:
        """One receipt."""
        return next(one for one in self.receipts() if one.id == id)

    def take_over(self, other: Path) -> None:
        """Keep also what another file of erasures of this workspace knows, such as that of a backup."""
        with self._lock:
            self._con.execute("attach ? as other", (str(other),))
            try:
                with transaction(self._con) as con:
                    for table in ("receipt", "person", "record"):
                        con.execute(f"insert or ignore into {table} select * from other.{table}")
            finally:
                self._con.execute("detach other")


def _iso(now: datetime) -> str:
    return now.astimezone(UTC).isoformat(timespec="milliseconds")


def _times(moments: list[int]) -> np.ndarray[Any, np.dtype[np.datetime64]]:
    return np.array(moments, np.int64).view("datetime64[us]")
