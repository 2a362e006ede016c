"""A copy of every database of a workspace at one moment, while records keep coming in.

The facts are copied with their writer held, and the journal before it is let go: what was acknowledged is then in
the one, in the other, or in both, where the position that the facts hold says so. All else is copied after them, so
that it has at least what they speak of; only how far sources are read is copied before, so that a restored one reads
a page again rather than leaves one out.
"""

import os
import secrets
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from heedful.errors import TryLater
from heedful.store.duck import connect

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

FACTS, LOG, JOURNAL = "heedful.duckdb", "heedful.duckdb.wal", "journal.db"
FIRST = "sources.db"
"""Copied before the journal: a cursor must not be ahead of what was journaled."""
REBUILT = frozenset({"search.db"})
"""Databases that are made again from the others, and are therefore not copied."""
PREFIX = "snapshot-"
LEFT_SECONDS = 86_400.0
"""A copy older than this was left by a process that was killed."""
Still = Callable[[], AbstractContextManager["DuckDBPyConnection"]]
"""Opens the facts so that nobody writes to them."""


@dataclass(frozen=True)
class Snapshot:
    """Copies in a folder of their own, the schema of the facts, and the rows of each table of each file."""

    folder: Path
    schema: int
    rows: Mapping[str, Mapping[str, int]]


@contextmanager
def alone(path: Path) -> Iterator["DuckDBPyConnection"]:
    """The facts of a workspace on which no server runs, as they are: of an earlier schema too."""
    with closing(connect(path)) as con:
        yield con


def take(data: Path, still: Still) -> Snapshot:
    """Copy the databases of a data folder into a new folder in it; TryLater where the disk has no room."""
    folder = data / f"{PREFIX}{secrets.token_hex(8)}"
    with ExitStack() as undo:
        undo.callback(shutil.rmtree, folder, ignore_errors=True)
        try:
            folder.mkdir(mode=0o700)
            found = _copied(data, folder, still)
        except (OSError, sqlite3.Error) as error:
            raise TryLater(f"no backup was made, the disk said: {error}", after=60) from error
        undo.pop_all()
    return found


def sweep(data: Path, now: float) -> list[Path]:
    """Remove copies that were left behind; `now` in seconds since 1970."""
    gone = [folder for folder in data.glob(f"{PREFIX}*") if now - folder.stat().st_mtime > LEFT_SECONDS]
    for folder in gone:
        shutil.rmtree(folder, ignore_errors=True)
    return gone


def tables(con: "DuckDBPyConnection") -> dict[str, int]:
    """The rows of every stored table."""
    names = con.execute(
        "select schema_name || '.' || table_name from duckdb_tables() where schema_name in ('facts', 'past') order by 1"
    ).fetchall()
    return {name: con.execute(f"select count(*) from {name}").fetchall()[0][0] for (name,) in names}


def rows(con: sqlite3.Connection) -> dict[str, int]:
    """The rows of every table of a SQLite file."""
    names = con.execute("select name from sqlite_master where type = 'table' and name not like 'sqlite!_%' escape '!'")
    return {name: con.execute(f'select count(*) from "{name}"').fetchone()[0] for (name,) in names.fetchall()}


def _copied(data: Path, folder: Path, still: Still) -> Snapshot:
    schema, counted = 0, {}
    others = sorted(path.name for path in data.glob("*.db") if path.name not in REBUILT)
    if FIRST in others:
        counted[FIRST] = _sqlite(data / FIRST, folder / FIRST)
    if (data / FACTS).exists():
        with still() as con:
            counted[FACTS] = tables(con)
            schema = con.execute("select schema from facts.progress").fetchall()[0][0]
            for name in (FACTS, LOG):
                if (data / name).exists():
                    _copy(data / name, folder / name)
            if JOURNAL in others:
                counted[JOURNAL] = _sqlite(data / JOURNAL, folder / JOURNAL)
    for name in others:
        if name not in counted:
            counted[name] = _sqlite(data / name, folder / name)
    return Snapshot(folder, schema, counted)


def _copy(path: Path, to: Path) -> None:
    """Inside the kernel, and on file systems that can without writing anything twice."""
    with path.open("rb") as source, to.open("xb") as target:
        left = os.fstat(source.fileno()).st_size
        while left:
            done = os.copy_file_range(source.fileno(), target.fileno(), left)
            if not done:
                raise OSError(f"{path} became shorter while it was copied")
            left -= done


def _sqlite(path: Path, to: Path) -> dict[str, int]:
    """A file as it was at one moment, whoever writes to it meanwhile."""
    with closing(sqlite3.connect(path, timeout=20)) as source, closing(sqlite3.connect(to)) as target:
        source.backup(target)
        return rows(target)
