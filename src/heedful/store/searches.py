"""Saved searches: what is watched for, under a name, for everybody who may read messages."""

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from heedful.errors import BadSettings, NotFound
from heedful.store.sqlite import connect, known, rewrite, transaction

VERSION = 1
NAME_LENGTH, QUERY_LENGTH, MOST = 100, 10_000, 10_000


@dataclass(frozen=True)
class SavedSearch:
    """A search under a name; `version` is another one whenever what is searched for changes, and never comes again."""

    name: str
    query: str
    version: int
    saved_by: str
    saved_at: str


class Searches:
    """The saved searches of one workspace."""

    def __init__(self, path: Path) -> None:
        """Open or make the file."""
        self._path, self._con = path, connect(path)
        self._con.execute(
            "create table if not exists search "
            "(name text primary key, query text, version integer, saved_by text, saved_at text)"
        )
        self._con.execute("create table if not exists given (one integer primary key check (one = 1), version integer)")
        self._con.execute("insert or ignore into given values (1, 0)")
        known(self._con, path, VERSION)
        self._lock = threading.Lock()

    def close(self) -> None:
        """Let go of the file."""
        self._con.close()

    def all(self) -> list[SavedSearch]:
        """Every search, by name."""
        with self._lock:
            rows = self._con.execute(
                "select name, query, version, saved_by, saved_at from search order by name"
            ).fetchall()
        return [SavedSearch(*row) for row in rows]

    def get(self, name: str) -> SavedSearch:
        """One search; NotFound where there is none of the name."""
        found = next((one for one in self.all() if one.name == name), None)
        if found is None:
            raise NotFound(f"there is no search named {name[:NAME_LENGTH]!r}")
        return found

    def save(self, name: str, query: str, saved_by: str, now: datetime) -> SavedSearch:
        """Keep a search under a name, in place of one of that name; if nothing changes, that one stays."""
        plain = " ".join(name.split())
        if not plain or len(plain) > NAME_LENGTH or not plain.isprintable() or "/" in plain:
            raise BadSettings(f"a search needs a name of 1 to {NAME_LENGTH} characters without /")
        if len(query) > QUERY_LENGTH:
            raise BadSettings(f"a search may have {QUERY_LENGTH:,} characters, this has {len(query):,}")
        before = {one.name: one for one in self.all()}
        if plain in before and before[plain].query == query:
            return before[plain]
        if len(before) >= MOST and plain not in before:
            raise BadSettings(f"there are {MOST:,} saved searches: remove one first")
        with self._lock, transaction(self._con) as con:
            con.execute("update given set version = version + 1")
            version = int(con.execute("select version from given").fetchone()[0])
            row = (plain, query, version, saved_by, now.isoformat(timespec="seconds"))
            con.execute("insert or replace into search values (?, ?, ?, ?, ?)", row)
        return SavedSearch(*row)

    def remove(self, name: str) -> None:
        """Remove a search; NotFound where there is none of the name."""
        with self._lock, transaction(self._con) as con:
            if not con.execute("delete from search where name = ?", (name,)).rowcount:
                raise NotFound(f"there is no search named {name[:NAME_LENGTH]!r}")

    def naming(self, cleaned: Callable[[str], str]) -> list[str]:
        """Names of searches that `cleaned` would change."""
        told = {one.name: (one.name, *one.query.split('"'), *re.split(r'[\s"():]+', one.query)) for one in self.all()}
        return [name for name, parts in told.items() if any(cleaned(part) != part for part in parts)]

    def drop_naming(self, cleaned: Callable[[str], str]) -> int:
        """Remove searches that name somebody who is erased; how many."""
        found = self.naming(cleaned)
        for name in found:
            self.remove(name)
        return len(found)

    def compact(self) -> None:
        """Write the file anew, so that nothing of what was removed is left in it."""
        with self._lock:
            rewrite(self._con, self._path)
