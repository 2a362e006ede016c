"""Saved searches: what is watched for, under a name, for everybody who may read messages."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from heedful.errors import BadSettings
from heedful.store.saved import Saved
from heedful.store.secret import named
from heedful.store.sqlite import transaction

VERSION = 1
QUERY_LENGTH, MOST = 10_000, 10_000


@dataclass(frozen=True)
class SavedSearch:
    """A search under a name; `version` is another one whenever what is searched for changes, and never comes again."""

    name: str
    query: str
    version: int
    saved_by: str
    saved_at: str


class Searches(Saved):
    """The saved searches of one workspace."""

    def __init__(self, path: Path) -> None:
        """Open or make the file."""
        super().__init__(path, "search", "query text, version integer, saved_by text, saved_at text", VERSION)
        self._con.execute("create table if not exists given (one integer primary key check (one = 1), version integer)")
        self._con.execute("insert or ignore into given values (1, 0)")

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
            raise self._missing(name)
        return found

    def save(self, name: str, query: str, saved_by: str, now: datetime) -> SavedSearch:
        """Keep a search under a name, in place of one of that name; if nothing changes, that one stays."""
        plain = named(name, what="a search", such="late parcels")
        if "/" in plain:
            raise BadSettings(f"the name of a search has no /, not {plain!r}")
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

    def naming(self, cleaned: Callable[[str], str]) -> list[str]:
        """Names of searches that `cleaned` would change."""
        told = {one.name: (one.name, *one.query.split('"'), *re.split(r'[\s"():]+', one.query)) for one in self.all()}
        return [name for name, parts in told.items() if any(cleaned(part) != part for part in parts)]
