"""Put a copy of the facts in the place of their file, because DuckDB leaves what was deleted in the file.

The copy is made beside the file (`Store.copy`) and, once it is whole and on disk, put in its place while nobody has
the file open. At every moment one of the two is whole; which one counts, `erasures.db` knows.
"""

import fcntl
import os
import shutil
from pathlib import Path

from heedful.errors import Bug, TryLater

FOLDER = "rewritten"
"""Beside the database: the only folder that the database may write another file into."""


def copied(database: Path) -> Path:
    """Where the copy of a database is made."""
    return database.parent / FOLDER / database.name


def sync(path: Path) -> None:
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
        sync(database)
    for left in (copy.parent, database.parent / "spill"):
        shutil.rmtree(left, ignore_errors=True)
