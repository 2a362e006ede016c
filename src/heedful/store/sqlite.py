"""How SQLite files are opened here: write-ahead log, several processes, nothing acknowledged before it is on disk."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from heedful.errors import TryLater

TRIES = 5
FULL = ("full", "disk i/o", "readonly", "read-only", "locked", "busy", "unable to open")


def connect(path: Path, *, synchronous: str = "FULL") -> sqlite3.Connection:
    """A connection in autocommit mode that any thread may use, one at a time."""
    con = sqlite3.connect(path, timeout=20, isolation_level=None, check_same_thread=False)
    con.execute("pragma journal_mode = wal")
    con.execute(f"pragma synchronous = {synchronous}")
    con.execute("pragma wal_autocheckpoint = 4000")
    return con


@contextmanager
def transaction(con: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """One write transaction: all of it is on disk when the block ends, or none.

    A full, read-only or busy disk is TryLater: nothing was written, and the caller must not acknowledge.
    """
    try:
        con.execute("begin immediate")
        try:
            yield con
            con.execute("commit")
        finally:
            if con.in_transaction:  # SQLite itself rolls back when the disk is full
                con.execute("rollback")
    except sqlite3.OperationalError as error:
        if any(word in str(error).lower() for word in FULL):
            raise TryLater(f"nothing was written, the disk said: {error}", after=5) from error
        raise


def rewrite(con: sqlite3.Connection, path: Path) -> None:
    """Write a file anew, so that nothing of what was deleted is left in it; TryLater where somebody holds on to it."""
    try:
        con.execute("vacuum")
    except sqlite3.OperationalError as error:
        raise TryLater(f"{path} could not be written anew: {error}", after=5) from error
    for _ in range(TRIES):
        if not con.execute("pragma wal_checkpoint(truncate)").fetchone()[0]:
            return
        time.sleep(0.25)  # another process reads; its question ends soon
    raise TryLater(f"{path} is being read all the time, so what was deleted is still in its log", after=5)
