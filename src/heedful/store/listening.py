"""How far each source has been read: its cursor, its counts, the last success and failure, and when it is next.

The cursor is saved after the journal has acknowledged what was read, never before: a crash between the two reads a
page again, whose records are then already there. Cursors may hold ids and addresses of people's posts, so that they
are encrypted.
"""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag

from heedful.privacy.hidden import Hidden
from heedful.store.sqlite import connect, known, transaction

VERSION = 1
COUNTS = ("reads", "records", "bad", "gone")
COLUMNS = "name, kind, next_at, tried_at, well_at, failed_at, error, failures, reads, records, bad, gone"
REASON_LENGTH = 500


@dataclass(frozen=True)
class Heard:
    """What became of one source; times in seconds since 1970, null where it has not happened.

    `failures` is how often it failed in a row, `error` why it did last; `reads` pages, `records` passed on to the
    journal, `bad` to quarantine, `gone` deleted at the origin.
    """

    name: str
    kind: str
    next_at: float
    tried_at: float | None
    well_at: float | None
    failed_at: float | None
    error: str | None
    failures: int
    reads: int
    records: int
    bad: int
    gone: int


class Listening:
    """What is known of the sources of one workspace; any number of processes may look."""

    def __init__(self, path: Path, key: bytes) -> None:
        """Open or make the file."""
        self._con, self._hidden = connect(path), Hidden(key)
        self._con.execute(
            "create table if not exists source (name text primary key, kind text, what text, next_at real, "
            "tried_at real, well_at real, failed_at real, error text, failures int, reads int, records int, bad int, "
            "gone int, cursor blob)"
        )
        known(self._con, path, VERSION)
        self._lock = threading.Lock()

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._con.close()

    def begin(self, name: str, kind: str, what: str) -> dict[str, Any]:
        """Where a source goes on; from the start where it is new or `what` it reads is not what it was.

        So too where the cursor cannot be read any more: what is read again is already there.
        """
        with self._lock, transaction(self._con) as con:
            row = con.execute("select kind, what, cursor from source where name = ?", (name,)).fetchone()
            if row and row[:2] == (kind, what) and (found := self._shown(row[2])) is not None:
                return found
            con.execute(
                "insert or replace into source values (?, ?, ?, 0, null, null, null, null, 0, 0, 0, 0, 0, ?)",
                (name, kind, what, self._hidden.hide(b"{}")),
            )
        return {}

    def _shown(self, hidden: bytes) -> dict[str, Any] | None:
        """A cursor that was kept; None where it is damaged."""
        try:
            found: dict[str, Any] = json.loads(self._hidden.show(hidden))
        except (InvalidTag, ValueError, TypeError):
            return None
        return found

    def heard(self, name: str, cursor: Mapping[str, Any], counts: Mapping[str, int], now: float) -> None:
        """Go on from here the next time: what came before is in the journal."""
        hidden = self._hidden.hide(json.dumps(cursor).encode())
        added = ", ".join(f"{count} = {count} + ?" for count in COUNTS)
        with self._lock, transaction(self._con) as con:
            con.execute(
                f"update source set cursor = ?, tried_at = ?, well_at = ?, failures = 0, {added} where name = ?",
                (hidden, now, now, *(counts.get(count, 0) for count in COUNTS), name),
            )

    def done(self, name: str, next_at: float, now: float) -> None:
        """A look ended well; the next one is then."""
        with self._lock, transaction(self._con) as con:
            con.execute(
                "update source set tried_at = ?, well_at = ?, failures = 0, next_at = ? where name = ?",
                (now, now, next_at, name),
            )

    def failed(self, name: str, error: str, next_at: float, now: float) -> None:
        """A look failed; it is tried again then."""
        with self._lock, transaction(self._con) as con:
            con.execute(
                "update source set tried_at = ?, failed_at = ?, error = ?, failures = failures + 1, next_at = ? "
                "where name = ?",
                (now, now, error[:REASON_LENGTH], next_at, name),
            )

    def all(self) -> list[Heard]:
        """Every source that was ever read, by name."""
        with self._lock:
            rows = self._con.execute(f"select {COLUMNS} from source order by name").fetchall()
        return [Heard(*row) for row in rows]

    def of(self, name: str, what: str | None = None) -> Heard | None:
        """What became of one; None where it is new, or does not read `what` is given."""
        with self._lock:
            rows = self._con.execute(f"select {COLUMNS}, what from source where name = ?", (name,)).fetchall()
        return next((Heard(*row[:-1]) for row in rows if what in (None, row[-1])), None)
