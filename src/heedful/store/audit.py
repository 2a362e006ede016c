"""Who asked what, when and for which purpose: one row for every answer and every look at an identity."""

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from heedful.privacy.viewer import Viewer
from heedful.store.sqlite import connect, known, rewrite, transaction

VERSION = 1
AT_ONCE = 5_000


@dataclass(frozen=True)
class AuditRow:
    """One thing somebody did."""

    id: int
    at: str
    viewer: str
    purpose: str
    action: str
    details: str


class Audit:
    """An append-only file of what was asked."""

    def __init__(self, path: Path) -> None:
        """Open or make it."""
        self._path = path
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

    def rows(
        self,
        *,
        limit: int = 100,
        below: int | None = None,
        viewer: str | None = None,
        action: str | None = None,
    ) -> list[AuditRow]:
        """The latest rows, newest first; `below` a number, of one viewer, or of one action."""
        wanted = {"id < ?": below, "viewer = ?": viewer, "action = ?": action}
        asked = {what: value for what, value in wanted.items() if value is not None}
        where = f"where {' and '.join(asked)}" if asked else ""
        query = f"select id, at, viewer, purpose, action, details from audit {where} order by id desc limit ?"
        with self._lock:
            return [AuditRow(*row) for row in self._con.execute(query, (*asked.values(), limit))]

    def known(self) -> tuple[list[str], list[str]]:
        """The viewers and the actions that there are rows of, among the latest 10,000."""
        latest = "(select viewer, action from audit order by id desc limit 10000)"
        with self._lock:
            found = (
                self._con.execute(f"select distinct {one} from {latest} order by 1") for one in ("viewer", "action")
            )
            viewers, actions = ([row[0] for row in rows] for rows in found)
        return viewers, actions

    # Erasing

    def naming(self, cleaned: Callable[[str], str]) -> dict[int, str]:
        """Rows whose details `cleaned` changes, with what they become."""
        found: dict[int, str] = {}
        last = 0
        while True:
            with self._lock:  # some at a time, for every answer waits for it
                query = "select id, details from audit where id > ? order by id limit ?"
                rows = self._con.execute(query, (last, AT_ONCE)).fetchall()
            if not rows:
                return found
            last = rows[-1][0]
            found |= {id: clean for id, details in rows if (clean := cleaned(details)) != details}

    def clean(self, cleaned: Callable[[str], str]) -> int:
        """Take people out of the details of what was asked; how many rows. That something was asked stays told."""
        changed = self.naming(cleaned)
        with self._lock, transaction(self._con) as con:
            con.executemany("update audit set details = ? where id = ?", [(new, id) for id, new in changed.items()])
        return len(changed)

    def compact(self) -> None:
        """Write the file anew, so that nothing of what was taken out is left in it."""
        with self._lock:
            rewrite(self._con, self._path)
