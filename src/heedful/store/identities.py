"""Who a pseudonym is: identifiers apart from the facts, encrypted, every look at one audited."""

import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from heedful.privacy.sealed import Identity
from heedful.privacy.viewer import Viewer
from heedful.store.sqlite import connect, known, transaction

VERSION = 1
REMEMBERED = 200_000


class Identities:
    """One file of encrypted identifiers, keyed by pseudonym."""

    def __init__(self, path: Path, key: bytes) -> None:
        """Open or make it."""
        self._con = connect(path)
        self._con.execute(
            "create table if not exists identity (person integer, kind text, value blob, primary key (person, kind)) "
            "without rowid"
        )
        known(self._con, path, VERSION)
        self._cipher = AESGCM(key)
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
        rows = [(_signed(one.person), one.kind, self._hidden(one.value)) for one in fresh]
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
            rows = self._con.execute("select kind, value from identity where person = ?", (_signed(person),)).fetchall()
        return [Identity(person, kind, self._shown(value)) for kind, value in rows]

    def readable(self) -> None:
        """Open one identifier and forget it again; InvalidTag where the key is another one than it was hidden with."""
        with self._lock:
            row = self._con.execute("select value from identity limit 1").fetchone()
        if row:
            self._shown(row[0])

    def _hidden(self, value: str) -> bytes:
        nonce = os.urandom(12)
        return nonce + self._cipher.encrypt(nonce, value.encode("utf-8", "replace"), None)

    def _shown(self, hidden: bytes) -> str:
        return self._cipher.decrypt(hidden[:12], hidden[12:], None).decode()


def _signed(person: int) -> int:
    """SQLite's integers are signed."""
    return person - 2**64 if person >= 2**63 else person
