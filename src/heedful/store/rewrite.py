"""Put a copy of the facts in the place of their file, because DuckDB leaves what was deleted in the file.

The copy is made beside the file (`Store.copy`) and, once it is whole and on disk, put in its place while nobody has
the file open. At every moment one of the two is whole; which one counts, `erasures.db` knows.
"""

import fcntl
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from heedful.errors import Bug, TryLater

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

FOLDER = "rewritten"
"""Beside the database: the only folder that the database may write another file into."""


def copied(database: Path) -> Path:
    """Where the copy of a database is made."""
    return database.parent / FOLDER / database.name


def write(con: "DuckDBPyConnection", database: Path) -> tuple[int, int]:
    """Make the copy, whole and on disk; how many bytes the file had, and the copy has. TryLater where it cannot be."""
    import duckdb

    copy = copied(database)
    shutil.rmtree(copy.parent, ignore_errors=True)
    copy.parent.mkdir(mode=0o700)
    try:
        name = con.execute("select current_database()").fetchall()[0][0]
        con.execute("attach '" + str(copy.resolve()).replace("'", "''") + "' as fresh")
        con.execute(f'copy from database "{name}" to fresh')
        con.execute("detach fresh")
        _sync(copy)
    except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
        raise TryLater(f"the facts could not be written anew, the disk said: {error}", after=60) from error
    return size(database), size(copy)


def _sync(path: Path) -> None:
    """Have the disk hold a file, and its name in the folder."""
    for one in (path, path.parent):
        descriptor = os.open(one, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)


def size(database: Path) -> int:
    """Bytes of a database file and the log beside it, DuckDB's or SQLite's."""
    logs = (database.with_name(database.name + end) for end in ("", ".wal", "-wal"))
    return sum(path.stat().st_size for path in logs if path.exists())


def put_in_place(database: Path) -> None:
    """Let the copy be the database; TryLater while another process has the file open. Again changes nothing."""
    copy = copied(database)
    if copy.exists():
        with database.open("rb+") as held:
            try:
                fcntl.lockf(held, fcntl.LOCK_EX | fcntl.LOCK_NB)  # as DuckDB locks its file
            except OSError:
                raise TryLater(f"{database} is in use by another process; is a server running?", after=5) from None
            if copy.with_name(f"{copy.name}.wal").exists():
                raise Bug(f"{copy} has a log beside it, so it is not whole")
            database.with_name(f"{database.name}.wal").unlink(missing_ok=True)  # of the file that goes
            copy.replace(database)
        _sync(database)
    for left in (copy.parent, database.parent / "spill"):
        shutil.rmtree(left, ignore_errors=True)
