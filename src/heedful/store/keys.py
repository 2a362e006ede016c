"""Keys for programs: shown once, stored hashed, each with a scope (`write` or `read`), a role and perhaps an end."""

import secrets
import threading
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from heedful.errors import BadSettings, NotAllowed, NotFound, TryLater
from heedful.store.secret import digest, named, text
from heedful.store.sqlite import connect, known, transaction

VERSION = 1
SCOPES = ("write", "read")
ROLES = ("viewer", "agent", "analyst")
"""What a read key may be: nobody who manages, erases or sees identities is a program."""
TABLE = "create table if not exists api_key (hash text primary key, name text unique, scope text, created_at text)"
ADDED = {"role": "text not null default 'analyst'", "until": "text", "used_at": "text"}
USED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class Key:
    """A key as it is listed: never its secret."""

    name: str
    scope: str
    created_at: str
    role: str = "analyst"
    until: str | None = None
    used_at: str | None = None


_KEY = "name, scope, created_at, role, until, used_at"


class Keys:
    """The keys of one workspace."""

    def __init__(self, path: Path) -> None:
        """Open or make the file; one of an earlier version gets the columns that it lacks."""
        self._con = connect(path)
        with transaction(self._con) as con:
            con.execute(TABLE)
            there = {row[1] for row in con.execute("pragma table_info(api_key)")}
            for name in ADDED.keys() - there:
                con.execute(f"alter table api_key add column {name} {ADDED[name]}")
        known(self._con, path, VERSION)
        self._lock = threading.Lock()

    def close(self) -> None:
        """Let go of the file."""
        self._con.close()

    def create(self, name: str, scope: str, now: datetime, *, role: str = "analyst", days: int | None = None) -> str:
        """Make a key, for some days or until it is revoked; what it returns is shown once and kept nowhere."""
        name = named(name, what="a key", such="the program that uses it")
        if scope not in SCOPES:
            raise BadSettings(f"no scope named {scope!r}; there are: {', '.join(SCOPES)}")
        if role not in ROLES:
            raise BadSettings(f"a key cannot have the role {role!r}; there are: {', '.join(ROLES)}")
        if days is not None and not 1 <= days <= 3650:
            raise BadSettings(f"a key lasts 1 to 3,650 days, not {days}")
        if any(key.name == name for key in self.list()):
            raise BadSettings(f"there is a key named {name!r} already: revoke it first, or take another name")
        secret = f"hk_{scope}_{secrets.token_urlsafe(24)}"
        until = None if days is None else text(now + timedelta(days=days))
        with self._lock, transaction(self._con) as con:
            row = (digest(secret), name, scope, text(now), role, until)
            con.execute(
                "insert into api_key (hash, name, scope, created_at, role, until) values (?, ?, ?, ?, ?, ?)", row
            )
        return secret

    def list(self) -> "list[Key]":
        """All keys, oldest first."""
        with self._lock:
            rows = self._con.execute(f"select {_KEY} from api_key order by created_at, name").fetchall()
        return [Key(*row) for row in rows]

    def revoke(self, name: str) -> None:
        """End a key at once."""
        with self._lock, transaction(self._con) as con:
            if not con.execute("delete from api_key where name = ?", (name,)).rowcount:
                raise NotFound(f"there is no key named {name!r}; `heedful key list` shows them")

    def find(self, secret: str, now: datetime) -> Key:
        """The key with this secret; NotAllowed where there is none or it ended."""
        if not secret:
            raise NotAllowed("no key was sent: send one as `Authorization: Bearer KEY`")
        hashed = digest(secret)
        with self._lock:
            row = self._con.execute(f"select {_KEY} from api_key where hash = ?", (hashed,)).fetchone()
        if row is None:
            raise NotAllowed("this key is not known here: `heedful key create NAME` makes one")
        key = Key(*row)
        if key.until and key.until < text(now):
            raise NotAllowed(f"the key {key.name!r} ended on {key.until[:10]}: `heedful key create` makes a new one")
        if key.used_at is None or key.used_at < text(now - USED_EVERY):
            with self._lock, suppress(TryLater), transaction(self._con) as con:  # a full disk keeps nobody out
                con.execute("update api_key set used_at = ? where hash = ?", (text(now), hashed))
        return key

    def check(self, secret: str, scope: str, now: datetime) -> Key:
        """The key with this secret; NotAllowed also where its scope is another."""
        return scoped(self.find(secret, now), scope)


def scoped(key: Key, scope: str) -> Key:
    """The key, where it has this scope."""
    if key.scope != scope:
        raise NotAllowed(f"the key {key.name!r} may {key.scope}, not {scope}")
    return key
