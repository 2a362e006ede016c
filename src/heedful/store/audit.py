"""Who asked what, when and for which purpose: one row for every answer and every look at an identity."""

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from heedful.privacy.viewer import Viewer
from heedful.store.sqlite import connect, known, transaction

VERSION = 1


@dataclass(frozen=True)
class AuditRow:
    """One thing somebody did."""

    at: str
    viewer: str
    purpose: str
    action: str
    details: str


class Audit:
    """An append-only file of what was asked."""

    def __init__(self, path: Path) -> None:
        """Open or make it."""
        self._con = connect(path, synchronous="NORMAL")
        self._con.execute(
            "create table if not exists audit (id integer primary key, at text, viewer text, purpose text, "
            "action text, details text)"
        )
        known(self._con, path, VERSION)
        self._lock = threading.Lock()

    def close(self) -> None:
        """Let go of the file."""
        self._con.close()

    def write(self, viewer: Viewer, actions: Sequence[tuple[str, Mapping[str, object] | str]], now: datetime) -> None:
        """Add a row for each (action, details)."""
        at = now.isoformat(timespec="milliseconds")
        rows = [
            (at, viewer.name, viewer.purpose, action, d if isinstance(d, str) else json.dumps(d, default=str))
            for action, d in actions
        ]
        with self._lock, transaction(self._con) as con:
            con.executemany("insert into audit values (null, ?, ?, ?, ?, ?)", rows)

    def expire(self, before: datetime) -> int:
        """Remove rows from before a time for good; how many there were."""
        with self._lock, transaction(self._con) as con:
            last = before.astimezone(UTC).isoformat(timespec="milliseconds")
            return con.execute("delete from audit where at < ?", (last,)).rowcount

    def rows(self, *, limit: int = 100, offset: int = 0) -> list[AuditRow]:
        """The latest rows, newest first."""
        query = "select at, viewer, purpose, action, details from audit order by id desc limit ? offset ?"
        with self._lock:
            return [AuditRow(*row) for row in self._con.execute(query, (limit, offset))]
