"""Who a pseudonym is: identifiers apart from the facts, encrypted, every look at one audited."""

import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from heedful.privacy.hidden import Hidden
from heedful.privacy.sealed import Identity
from heedful.privacy.viewer import Viewer
from heedful.store.sqlite import connect, known, rewrite, signed, transaction, unsigned

VERSION = 1
REMEMBERED = 200_000


class Identities:
    """One file of encrypted identifiers, keyed by pseudonym."""

    def __init__(self, path: Path, key: bytes) -> None:
        """Open or make it."""
        self._path = path
        self._con = connect(path)
        self._con.execute(
            "create table if not exists identity (person integer, kind text, value blob, primary key (person, kind)) "
            "without rowid"
        )
        known(self._con, path, VERSION)
        self._hidden = Hidden(key)
        self._lock = threading.Lock()
        self._known: set[int] = set()

    def close(self) -> None:
        """Let go of the file."""
        self._con.close()

    def keep(self, identities: Sequence[Identity]) -> None:
        """Store identifiers not stored before; doing it again changes nothing."""
        fresh = [one for one in identities if one.person not in self._known]
        if not fresh:
            return
        rows = [
            (signed(one.person), one.kind, self._hidden.hide(one.value.encode("utf-8", "replace"))) for one in fresh
        ]
        with self._lock, transaction(self._con) as con:
            con.executemany("insert or ignore into identity values (?, ?, ?)", rows)
        if len(self._known) > REMEMBERED:
            self._known.clear()
        self._known.update(one.person for one in fresh)

    def look(self, viewer: Viewer, person: int, *, audit: Callable[[str, str], None]) -> list[Identity]:
        """The identifiers of one person, for somebody with the right `identities`; the look is audited first."""
        viewer.must("identities")
        audit("look at identity", f"p_{person:016x}")
        with self._lock:
            rows = self._con.execute("select kind, value from identity where person = ?", (signed(person),)).fetchall()
        return [Identity(person, kind, self._hidden.show(value).decode()) for kind, value in rows]

    def readable(self) -> None:
        """Open one identifier and forget it again; InvalidTag where the key is another one than it was hidden with."""
        with self._lock:
            row = self._con.execute("select value from identity limit 1").fetchone()
        if row:
            self._hidden.show(row[0])

    # Erasing

    def people(self) -> set[int]:
        """Every pseudonym there is an identifier of."""
        with self._lock:
            return {unsigned(person) for (person,) in self._con.execute("select distinct person from identity")}

    def names(self, people: Iterable[int]) -> list[str]:
        """The identifiers of people, so that an erasure finds where else they are written."""
        with self._lock:
            found = [
                value
                for person in people
                for (value,) in self._con.execute("select value from identity where person = ?", (signed(person),))
            ]
        return [self._hidden.show(value).decode() for value in found]

    def forget(self, people: Iterable[int]) -> int:
        """Remove the identifiers of people; how many there were. `compact` then takes them off the disk."""
        gone = list(people)
        with self._lock, transaction(self._con) as con:
            removed = sum(con.execute("delete from identity where person = ?", (signed(one),)).rowcount for one in gone)
        self._known.difference_update(gone)
        return removed

    def compact(self) -> None:
        """Write the file anew, so that nothing of what was removed is left in it."""
        with self._lock:
            rewrite(self._con, self._path)
