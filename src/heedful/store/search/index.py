"""The index: one SQLite file that says which messages have which words, and how far it has come.

How far (`through`) is stored in the transaction that stores the words: after a crash the index goes on from
there, and nothing is in it twice. Entries are numbered by place, which is HIGHEST less the rank, so that FTS5 walks
them newest first without sorting, and forwards: its walk backwards leaves out matches in large indexes (seen in
SQLite 3.40.1 at two million messages: 1 hit of 711 for a phrase).
"""

import re
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from heedful.store.search.rank import ranks
from heedful.store.search.wanted import read
from heedful.store.search.words import indexed
from heedful.store.sqlite import connect, rewrite, transaction

VERSION = 2
"""Of the way words are cut and kept; an index of another version is emptied and filled again."""
HIGHEST = 2**63 - 1

_TABLES = """
    create table entry (place integer primary key, n integer not null, words text not null);
    create virtual table word using fts5(
        words, content='entry', content_rowid='place', columnsize=0, tokenize="ascii tokenchars '_#@[].'"
    );
    create table progress (through integer not null);
    insert into progress values (0);
"""
_CHOSEN = "place in (select value from json_each(?))"


class Hit(NamedTuple):
    """One message found: its rank, which is also the cursor for what comes after it, and its row number."""

    rank: int
    n: int


class Search:
    """The index of one workspace: one thread writes at a time, many read."""

    def __init__(self, path: Path) -> None:
        """Open it, or make it; one that cannot be read or is of another version begins empty."""
        self._path = path
        self._writing = threading.Lock()
        self._idle: list[sqlite3.Connection] = []
        self._writer = _open(path)

    def close(self) -> None:
        """Let go of the file."""
        with self._writing:
            self._writer.close()
            while self._idle:
                self._idle.pop().close()

    def through(self) -> int:
        """The row number up to which messages were added."""
        with self._reading() as con:
            return int(con.execute("select through from progress").fetchone()[0])

    def add(self, messages: pa.Table, *, through: int) -> None:
        """Add messages (n, occurred_at, title, text) and how far the index has come with them, both or neither.

        A message that is in the index already is left as it is.
        """
        n, titles, texts = (messages[name].to_pylist() for name in ("n", "title", "text"))
        places = [HIGHEST - rank for rank in ranks(messages["occurred_at"].to_pylist(), n)]
        rows = {
            place: (place, number, indexed((title, text)))
            for place, number, title, text in zip(places, n, titles, texts, strict=True)
        }
        with self._writing, transaction(self._writer) as con:
            there = con.execute(f"select place from entry where {_CHOSEN}", [_json(rows)]).fetchall()
            fresh = [rows[place] for place in sorted(rows.keys() - {place for (place,) in there})]
            con.executemany("insert into entry values (?, ?, ?)", fresh)
            con.executemany("insert into word (rowid, words) values (?, ?)", [(row[0], row[2]) for row in fresh])
            con.execute("update progress set through = max(through, ?)", [through])

    def find(
        self, words: str, *, below: int | None = None, limit: int, least: int = 0, most: int = HIGHEST
    ) -> list[Hit]:
        """Messages that fit what was typed, newest first: of ranks from `least` to `most`, and below `below`."""
        wanted = read(words)
        return (
            self.fitting(wanted.expression(), below=below, limit=limit, least=least, most=most) if wanted.groups else []
        )

    def fitting(
        self, expression: str, *, below: int | None = None, limit: int, least: int = 0, most: int = HIGHEST
    ) -> list[Hit]:
        """The same of messages that fit an FTS5 expression, in which every word is quoted."""
        last = most if below is None else min(most, below - 1)
        if not 0 <= least <= last:
            return []
        query = (
            "select place, n from word cross join entry on place = word.rowid "
            "where word match ? and word.rowid between ? and ? order by word.rowid limit ?"
        )
        with self._reading() as con:
            found = con.execute(query, [expression, HIGHEST - last, HIGHEST - least, limit])
            return [Hit(HIGHEST - place, n) for place, n in found.fetchall()]

    def among(self, words: str, candidates: Sequence[int]) -> set[int]:
        """Those of the given ranks whose messages fit what was typed."""
        return self.passing(read(words).fits, candidates)

    def passing(self, fits: Callable[[str], bool], candidates: Iterable[int]) -> set[int]:
        """Those of the given ranks of whose messages the indexed words fit; nothing of the words is given out."""
        with self._reading() as con:
            places = _json(HIGHEST - rank for rank in candidates)
            rows = con.execute(f"select place, words from entry where {_CHOSEN}", [places])
            return {HIGHEST - place for place, text in rows if fits(text)}

    def spelled(self, pattern: str, most: int) -> list[str] | None:
        """Words of the index that a word with `*` and `?` stands for; None where they are more than `most`.

        They may stand in messages that somebody may not see: for an expression, never to be shown.
        """
        beginning = re.split("[*?]", pattern)[0]
        with self._reading() as con:
            con.execute("create virtual table if not exists temp.spelling using fts5vocab(main, word, row)")
            within = "term glob ?" + (" and term >= ? and term < ?" if beginning else "")
            asked = [pattern, *([beginning, beginning + "\U0010ffff"] if beginning else [])]
            rows = con.execute(f"select term from temp.spelling where {within} limit ?", [*asked, most + 1]).fetchall()
        return [term for (term,) in rows] if len(rows) <= most else None

    def remove(self, numbers: Iterable[int]) -> None:
        """Forget messages by their row numbers; `compact` then takes their words off the disk."""
        with self._writing, transaction(self._writer) as con:
            gone = con.execute(
                "select place, words from entry where n in (select value from json_each(?))", [_json(numbers)]
            ).fetchall()
            con.executemany("insert into word (word, rowid, words) values ('delete', ?, ?)", gone)
            con.execute(f"delete from entry where {_CHOSEN}", [_json(place for place, _ in gone)])

    def clear(self) -> None:
        """Forget everything, so that all is added again."""
        with self._writing, transaction(self._writer) as con:
            for table in ("word", "entry", "progress"):
                con.execute(f"drop table {table}")
            for statement in filter(str.strip, _TABLES.split(";")):
                con.execute(statement)

    def naming(self, numbers: Iterable[int]) -> int:
        """How many messages of these row numbers it holds."""
        with self._reading() as con:
            held = "select count(*) from entry where n in (select value from json_each(?))"
            return int(con.execute(held, [_json(numbers)]).fetchone()[0])

    def compact(self) -> None:
        """Write the file anew, so that nothing of what was removed is left in it; TryLater where readers hold on."""
        with self._writing:
            with transaction(self._writer) as con:
                con.execute("insert into word (word) values ('optimize')")
            rewrite(self._writer, self._path)

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """A connection nobody else uses meanwhile."""
        try:
            con = self._idle.pop()
        except IndexError:
            con = connect(self._path, synchronous="NORMAL")
        try:
            yield con
        finally:
            self._idle.append(con)


def _open(path: Path) -> sqlite3.Connection:
    """The writer's connection to an index of this version."""
    try:
        con = connect(path, synchronous="NORMAL")
        if con.execute("pragma user_version").fetchone()[0] == VERSION:
            return con
        con.close()
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):
            raise
    for end in ("", "-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)
    con = connect(path, synchronous="NORMAL")
    con.executescript(f"begin; {_TABLES} pragma user_version = {VERSION}; commit;")
    return con


def _json(numbers: Iterable[int]) -> str:
    return "[" + ",".join(map(str, numbers)) + "]"
