"""Keys for programs: shown once, stored hashed, each with a scope (`write` or `read`)."""

import hashlib
import secrets
import threading
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from heedful.errors import BadSettings, NotAllowed, NotFound
from heedful.store.sqlite import connect, known, transaction

VERSION = 1
SCOPES = ("write", "read")


@dataclass(frozen=True)
class Key:
    """A key as it is listed: never its secret."""

    name: str
    scope: str
    created_at: str


class Keys:
    """The keys of one workspace."""

    def __init__(self, path: Path) -> None:
        """Open or make the file."""
        self._con = connect(path)
        self._con.execute(
            "create table if not exists api_key (hash text primary key, name text unique, scope text, created_at text)"
        )
        known(self._con, path, VERSION)
        self._lock = threading.Lock()

    def close(self) -> None:
        """Let go of the file."""
        self._con.close()

    def create(self, name: str, scope: str, now: datetime) -> str:
        """Make a key; what it returns is shown once and kept nowhere."""
        if scope not in SCOPES:
            raise BadSettings(f"no scope named {scope!r}; there are: {', '.join(SCOPES)}")
        if any(key.name == name for key in self.list()):
            raise BadSettings(f"there is a key named {name!r} already: revoke it first, or take another name")
        secret = f"hk_{scope}_{secrets.token_urlsafe(24)}"
        with self._lock, transaction(self._con) as con:
            row = (_hash(secret), name, scope, now.isoformat(timespec="seconds"))
            con.execute("insert into api_key values (?, ?, ?, ?)", row)
        return secret

    def list(self) -> "list[Key]":
        """All keys, oldest first."""
        with self._lock:
            rows = self._con.execute("select name, scope, created_at from api_key order by created_at, name").fetchall()
        return [Key(*row) for row in rows]

    def revoke(self, name: str) -> None:
        """End a key at once."""
        with self._lock, transaction(self._con) as con:
            if not con.execute("delete from api_key where name = ?", (name,)).rowcount:
                raise NotFound(f"there is no key named {name!r}; `heedful key list` shows them")

    def check(self, secret: str, scope: str) -> Key:
        """The key with this secret; NotAllowed where there is none or its scope is another."""
        with self._lock:
            row = self._con.execute(
                "select name, scope, created_at from api_key where hash = ?", (_hash(secret),)
            ).fetchone()
        if row is None:
            raise NotAllowed("this key is not known here: `heedful key create NAME` makes one")
        if row[1] != scope:
            raise NotAllowed(f"the key {row[0]!r} may {row[1]}, not {scope}")
        return Key(*row)


def _hash(secret: str) -> str:
    """SHA-256 is enough: the secret has 192 random bits and cannot be guessed."""
    return hashlib.sha256(secret.encode()).hexdigest()
