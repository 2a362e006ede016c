"""How SQLite files are opened here: write-ahead log, several processes, nothing acknowledged before it is on disk."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from heedful.errors import BadSettings, TryLater

TRIES = 5
FULL = ("full", "disk i/o", "readonly", "read-only", "locked", "busy", "unable to open")


def connect(path: Path, *, synchronous: str = "FULL") -> sqlite3.Connection:
    """A connection in autocommit mode that any thread may use, one at a time."""
    con = sqlite3.connect(path, timeout=20, isolation_level=None, check_same_thread=False)
    con.execute("pragma journal_mode = wal")
    con.execute(f"pragma synchronous = {synchronous}")
    con.execute("pragma wal_autocheckpoint = 4000")
    con.execute("pragma journal_size_limit = 64000000")  # the log gives room back once its rows are in the file
    return con


def known(con: sqlite3.Connection, path: Path, version: int) -> None:
    """Mark a file with the version of its tables; BadSettings where a later Heedful wrote it."""
    found = con.execute("pragma user_version").fetchone()[0]
    if found > version:
        raise BadSettings(f"{path} was written by a later Heedful (version {found}, this one knows {version})")
    if found < version:
        con.execute(f"pragma user_version = {version}")


@contextmanager
def transaction(con: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """One write transaction: all of it is on disk when the block ends, or none.

    A full, read-only or busy disk is TryLater: nothing was written, and the caller must not acknowledge.
    """
    with told():
        con.execute("begin immediate")
        try:
            yield con
            con.execute("commit")
        finally:
            if con.in_transaction:  # SQLite itself rolls back when the disk is full
                con.execute("rollback")


def trim(con: sqlite3.Connection, *, spare: int, most: int) -> int:
    """Give the room of removed rows back to the disk, where it is over `spare` bytes; how many were given back.

    The file is written anew, and nobody else writes meanwhile: so not where over `most` bytes of rows are left.
    """
    page, pages, free = (
        con.execute(f"pragma {name}").fetchone()[0] for name in ("page_size", "page_count", "freelist_count")
    )
    if free * page <= spare or (pages - free) * page > most:
        return 0
    with told():
        con.execute("vacuum")
        con.execute("pragma wal_checkpoint(truncate)").fetchall()
    return int(free * page)


@contextmanager
def told() -> Iterator[None]:
    """What SQLite has against writing just now, as TryLater."""
    try:
        yield
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


def signed(number: int) -> int:
    """64 bits as SQLite keeps them: its integers are signed."""
    return number - 2**64 if number >= 2**63 else number


def unsigned(number: int) -> int:
    """64 bits as they were before SQLite kept them."""
    return number + 2**64 if number < 0 else number
