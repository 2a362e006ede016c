"""What can be wrong with a workspace's files, its disk and its clock, each with what to do about it."""

import ctypes
import os
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag

from heedful.store.backup.restore import HALF
from heedful.store.backup.snapshot import FACTS, LEFT_SECONDS, PREFIX, REBUILT, alone
from heedful.store.place import Place
from heedful.store.schema import VERSION

LEAST_FREE = 1_000_000_000
OLDEST_SECONDS = 600.0
AHEAD_SECONDS = 60.0
UNSYNCHRONISED = 5
"""adjtimex(2): TIME_ERROR, the clock is not kept right by a time service."""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: whether it is well, what was found, and what to do where it is not."""

    name: str
    well: bool
    found: str
    do: str = ""


def disk(data: Path) -> Finding:
    """Room for what comes, and for a backup's copy of the databases."""
    free = shutil.disk_usage(data).free
    held = sum(path.stat().st_size for path in data.iterdir() if path.is_file())
    said = f"{free / 1e9:,.1f} GB are free, the workspace holds {held / 1e9:,.1f} GB"
    well = free > max(LEAST_FREE, held)
    return Finding(
        "disk", well, said, "" if well else "make room: a full disk refuses records, and a backup needs a copy"
    )


def folder(data: Path) -> Finding:
    """The data folder is this user's, and nobody else's."""
    found = data.stat()
    if found.st_uid != os.geteuid():
        return Finding("data folder", False, f"{data} belongs to another user", "run as the user who runs the server")
    if stat.S_IMODE(found.st_mode) & 0o077:
        return Finding("data folder", False, f"others may look into {data}", f"chmod 700 {data}")
    if not os.access(data, os.W_OK | os.X_OK):
        return Finding("data folder", False, f"{data} cannot be written to", "mount it for writing, or chmod 700 it")
    return Finding("data folder", True, f"only this user can open {data}")


def databases(data: Path) -> Iterator[Finding]:
    """SQLite's own quick look at every file of its kind."""
    for path in sorted(data.glob("*.db")):
        name = f"database {path.name}"
        try:
            with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=20)) as con:
                said = [row[0] for row in con.execute("pragma quick_check(3)").fetchall()]
        except sqlite3.Error as error:
            said = [str(error)]
        if said == ["ok"]:
            yield Finding(name, True, f"{path.stat().st_size:,} bytes, whole")
        elif path.name in REBUILT:
            yield Finding(name, False, said[0], f"stop the server and remove {path}: it is made again")
        else:
            yield Finding(name, False, said[0], "stop the server, keep a copy of the file, and restore a backup")


def facts(data: Path) -> Finding:
    """The facts open, and are of a schema that this version knows; only without a running server."""
    import duckdb

    if not (data / FACTS).exists():
        return Finding("facts", True, "there are none yet")
    try:
        with alone(data / FACTS) as con:
            schema, position = con.execute("select schema, position from facts.progress").fetchall()[0]
            last = con.execute("select epoch(max(ingested_at)) from facts.message").fetchall()[0][0]
    except duckdb.Error as error:
        first = str(error).splitlines()[0]
        return Finding("facts", False, first, "keep a copy of the file, and restore a backup")
    if schema > VERSION:
        return Finding("facts", False, f"a later Heedful wrote them (schema {schema})", "install that version")
    beside = "" if last is None else ", last taken in at " + _moment(last)
    return Finding("facts", True, f"schema {schema}, journal stored to {position}{beside}")


def secret(place: Place) -> Finding:
    """The secret is the one that the stored identifiers were hidden with, and a file of it is its owner's only."""
    kind, _, where = place.settings.secret.partition(":")
    path = place.folder / where
    if kind == "file" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        return Finding("secret", False, f"others may read {path}", f"chmod 600 {path}")
    try:
        place.journal().quarantined(limit=1)
        next(place.journal().pending(0, records=1, size=1), None)
        place.identities().readable()
    except InvalidTag:
        said = f"{place.settings.secret} is not the secret that this workspace was filled with"
        return Finding("secret", False, said, "put the first one back: pseudonyms and identities depend on it")
    except sqlite3.Error:
        return Finding("secret", True, f"{place.settings.secret} is there; a database is damaged, so it was not tried")
    return Finding("secret", True, f"{place.settings.secret} opens what is stored")


def journal(place: Place, now: float, *, running: bool) -> Finding:
    """Nothing waits for long while a server runs; `now` in seconds since 1970."""
    opened = place.journal()
    waiting, oldest = opened.backlog(), opened.oldest()
    opened.close()
    age = 0.0 if oldest is None else now - oldest
    said = f"{waiting.records:,} records ({waiting.bytes:,} bytes) wait, the oldest for {max(age, 0):,.0f} s"
    if running and age > OLDEST_SECONDS:
        return Finding("journal", False, said, "the worker does not get on: see the server's log")
    return Finding("journal", True, said if waiting.records else "nothing waits")


def clock(place: Place, now: float) -> Finding:
    """Nothing was taken in, refused or asked in the future; whether a time service keeps it right."""
    found = []
    for name, query in (
        ("journal.db", "select max(at) from (select at from batch union all select at from quarantine)"),
        ("audit.db", "select unixepoch(max(at)) from audit"),
    ):
        if (place.data / name).exists():
            with closing(sqlite3.connect(place.data / name, timeout=20)) as con:
                found.append(con.execute(query).fetchone()[0] or 0.0)
    ahead = max([0.0, *found]) - now
    if ahead > AHEAD_SECONDS:
        said = f"the last record is {ahead:,.0f} s in the future of this machine's clock"
        return Finding("clock", False, said, "set the clock, and have a time service such as chrony keep it right")
    kept = "is kept right by a time service" if _synchronised() else "is not known to be kept right: chrony would do it"
    return Finding("clock", True, f"{_moment(now)}; it {kept}")


def leftovers(place: Place, now: float) -> Finding:
    """Files of processes that were killed."""
    old = [path for path in place.data.glob(f"{PREFIX}*") if now - path.stat().st_mtime > LEFT_SECONDS]
    old += place.folder.glob(f"{HALF}*")
    if place.notice.exists() and place.running() is None:
        old.append(place.notice)
    if old:
        return Finding("leftover files", False, ", ".join(str(path) for path in old), "remove them")
    return Finding("leftover files", True, "none")


def _synchronised() -> bool:
    """What the kernel says of its clock, without asking anybody."""
    adjust = getattr(ctypes.CDLL(None), "adjtimex", None)
    return adjust is not None and 0 <= adjust(ctypes.create_string_buffer(512)) < UNSYNCHRONISED


def _moment(seconds: float) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
