"""Accounts of people who sign in, their sessions, and links that set a password once."""

import secrets
import sqlite3
import threading
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from heedful.errors import BadSettings, NotAllowed, NotFound, TryLater
from heedful.privacy import password as passwords
from heedful.settings import ROLES
from heedful.store.secret import NAME_LENGTH, digest, named, text
from heedful.store.sqlite import connect, known, transaction

VERSION = 1
TABLES = """
    create table if not exists account (
        id integer primary key, name text not null, known_as text not null unique, role text not null, password text,
        issuer text, subject text, created_at text not null, signed_in_at text, unique (issuer, subject));
    create table if not exists session (
        hash text primary key, account int references account on delete cascade, browser text not null,
        made_at text not null, seen_at text not null);
    create table if not exists link (
        hash text primary key, account int not null references account on delete cascade, until text not null);
"""
IDLE = timedelta(hours=12)
LONGEST = timedelta(days=7)
LINK = timedelta(days=2)
SEEN_EVERY = timedelta(minutes=1)


_named = partial(named, what="an account", such="an e-mail address")


@dataclass(frozen=True)
class Account:
    """Somebody who may sign in; `provider` is the OpenID provider that vouches for them, if one does."""

    id: int
    name: str
    role: str
    created_at: str
    signed_in_at: str | None
    provider: str | None
    has_password: bool


@dataclass(frozen=True)
class Session:
    """One browser that is signed in; without an account it came by the link that `heedful serve` printed."""

    id: str
    account: Account | None
    browser: str
    made_at: str
    seen_at: str


_ACCOUNT = "id, name, role, created_at, signed_in_at, issuer, password is not null"


class Accounts:
    """The accounts of one workspace, in one file; secrets are kept as hashes only."""

    def __init__(self, path: Path) -> None:
        """Open or make it."""
        self._con = connect(path)
        self._con.execute("pragma foreign_keys = on")
        self._con.executescript(TABLES)
        known(self._con, path, VERSION)
        self._lock = threading.RLock()

    def close(self) -> None:
        """Let go of the file."""
        self._con.close()

    # Accounts

    def all(self) -> list[Account]:
        """All accounts, by name."""
        return [Account(*row) for row in self._rows(f"select {_ACCOUNT} from account order by known_as")]

    def any(self) -> bool:
        """Whether there is an account at all."""
        return bool(self._rows("select 1 from account limit 1"))

    def has(self, name: str) -> bool:
        """Whether there is an account with a name, however it is capitalised."""
        return bool(self._rows("select 1 from account where known_as = ?", name.strip().casefold()))

    def get(self, name: str) -> Account:
        """The account with a name, however it is capitalised."""
        found = self._rows(f"select {_ACCOUNT} from account where known_as = ?", name.strip().casefold())
        if not found:
            raise NotFound(f"there is no account named {name[:NAME_LENGTH]!r}; `heedful user list` shows them")
        return Account(*found[0])

    def create(
        self, name: str, role: str, now: datetime, *, password: str | None = None, first: bool = False
    ) -> Account:
        """Make an account; without a password, `link` gives one the means to set it. `first`: only if there is none."""
        name = _named(name)
        _check_role(role)
        kept = _hashed(password, name)
        with self._lock, transaction(self._con) as con:
            if first and self.any():
                raise NotAllowed("there is an account already: sign in with it, or ask whoever has it for one")
            self._insert(con, name, role, now, password=kept)
        return self.get(name)

    def _insert(self, con: sqlite3.Connection, name: str, role: str, now: datetime, **more: str | None) -> None:
        con.execute("delete from session where account is null")  # the printed link is closed from here on
        row = (name, name.casefold(), role, text(now), *(more.get(key) for key in ("password", "issuer", "subject")))
        try:
            con.execute(
                "insert into account (name, known_as, role, created_at, password, issuer, subject) "
                "values (?, ?, ?, ?, ?, ?, ?)",
                row,
            )
        except sqlite3.IntegrityError:
            raise BadSettings(f"there is an account named {name!r} already: take another name") from None

    def change_role(self, name: str, role: str) -> None:
        """Give an account another role; its sessions go on with it. The last admin stays one."""
        _check_role(role)
        with self._lock, transaction(self._con) as con:
            account = self.get(name)
            self._keep_an_admin(account, role)
            con.execute("update account set role = ? where id = ?", (role, account.id))

    def remove(self, name: str) -> None:
        """End an account and all its sessions; the last admin stays."""
        with self._lock, transaction(self._con) as con:
            account = self.get(name)
            self._keep_an_admin(account, "")
            con.execute("delete from account where id = ?", (account.id,))

    def _keep_an_admin(self, account: Account, role: str) -> None:
        others = self._rows("select 1 from account where role = 'admin' and id <> ? limit 1", account.id)
        if account.role == "admin" and role != "admin" and not others:
            raise BadSettings(f"{account.name} is the only admin: make somebody else one first")

    def set_password(self, name: str, password: str) -> None:
        """Give an account a new password and end its sessions and links."""
        account = self.get(name)
        kept = _hashed(password, account.name)
        with self._lock, transaction(self._con) as con:
            con.execute("update account set password = ? where id = ?", (kept, account.id))
            con.execute("delete from session where account = ?", (account.id,))
            con.execute("delete from link where account = ?", (account.id,))

    def fits(self, name: str, password: str) -> Account | None:
        """The account that has this name and password; None takes as long to tell."""
        known = name.strip().casefold()
        rows = self._rows(f"select {_ACCOUNT}, password from account where known_as = ?", known)
        kept = rows[0][-1] if rows else None
        return Account(*rows[0][:-1]) if passwords.fits(password, kept) else None

    def vouched(
        self, issuer: str, subject: str, name: str, now: datetime, *, verified: bool, role: str | None
    ) -> Account:
        """The account of somebody whom an OpenID provider vouches for.

        Where there is none yet, it is the account of that name that an admin made and nobody has signed in with, if
        the name is `verified`, for others can often be chosen freely there; or a new one, if `role` says what newcomers
        get. One that has a password is never taken over.
        """
        mine, args = f"select {_ACCOUNT} from account where issuer = ? and subject = ?", (issuer, subject)
        with self._lock, transaction(self._con) as con:
            if not (found := self._rows(mine, *args)):
                free = "known_as = ? and password is null and issuer is null and ?"
                taken = con.execute(
                    f"update account set issuer = ?, subject = ? where {free}",
                    (*args, _named(name).casefold(), verified),
                )
                if not taken.rowcount and role is None:
                    raise NotAllowed(f"{name[:NAME_LENGTH]} has no account here: ask an admin to let them in")
                if not taken.rowcount:
                    self._insert(
                        con,
                        _named(name),
                        str(role),
                        now,
                        issuer=issuer,
                        subject=subject,
                    )
                found = self._rows(mine, *args)
                con.execute("delete from link where account = ?", (found[0][0],))
        return Account(*found[0])

    # Links that set a password

    def link(self, name: str, now: datetime) -> str:
        """A secret with which an account's password can be set once, within two days; an earlier one ends."""
        account, secret = self.get(name), secrets.token_urlsafe(24)
        with self._lock, transaction(self._con) as con:
            con.execute("delete from link where account = ? or until < ?", (account.id, text(now)))
            con.execute("insert into link values (?, ?, ?)", (digest(secret), account.id, text(now + LINK)))
        return secret

    def linked(self, secret: str, now: datetime) -> Account:
        """Whose password a link sets."""
        query = f"select {_ACCOUNT} from account where id = (select account from link where hash = ? and until >= ?)"
        found = self._rows(query, digest(secret), text(now))
        if not found:
            raise NotAllowed("this link was used, is over two days old, or never was: ask an admin for a new one")
        return Account(*found[0])

    def use_link(self, secret: str, password: str, now: datetime) -> Account:
        """Set the password that a link stands for; the link ends."""
        with self._lock:
            account = self.linked(secret, now)
            self.set_password(account.name, password)
        return account

    # Sessions

    def sign_in(self, account: Account | None, browser: str, now: datetime) -> str:
        """Begin a session; what it returns goes into the browser's cookie and is kept nowhere."""
        secret, at = secrets.token_urlsafe(32), text(now)
        with self._lock, transaction(self._con) as con:
            con.execute("delete from session where made_at < ? or seen_at < ?", (text(now - LONGEST), text(now - IDLE)))
            row = (digest(secret), account and account.id, browser[:NAME_LENGTH], at, at)
            con.execute("insert into session values (?, ?, ?, ?, ?)", row)
            if account:
                con.execute("update account set signed_in_at = ? where id = ?", (at, account.id))
        return secret

    def session(self, secret: str, now: datetime) -> Session | None:
        """The session of a cookie; None where it ended, or was idle for 12 hours, or is a week old."""
        if not secret:
            return None
        found = self._sessions("hash = ?", digest(secret), now=now)
        if not found:
            return None
        if found[0].seen_at < text(now - SEEN_EVERY):
            with self._lock, suppress(TryLater), transaction(self._con) as con:  # a full disk keeps nobody out
                con.execute("update session set seen_at = ? where hash = ?", (text(now), digest(secret)))
        return found[0]

    def sessions(self, now: datetime) -> list[Session]:
        """Who is signed in, the latest first."""
        return self._sessions("true", now=now)

    def end_session(self, id: str) -> None:
        """End one session by its id, or by its whole hash."""
        with self._lock, transaction(self._con) as con:
            con.execute("delete from session where substr(hash, 1, 16) = ?", (id[:16],))

    def sign_out(self, secret: str) -> None:
        """End the session of a cookie."""
        self.end_session(digest(secret))

    def end_unnamed(self) -> None:
        """End the sessions that came by a printed link."""
        with self._lock, transaction(self._con) as con:
            con.execute("delete from session where account is null")

    def _sessions(self, where: str, *values: str, now: datetime) -> list[Session]:
        columns = ", ".join(f"a.{name}" for name in _ACCOUNT.split(", "))
        query = (
            f"select substr(s.hash, 1, 16), s.browser, s.made_at, s.seen_at, {columns} from session s "
            f"left join account a on a.id = s.account where {where} and s.made_at >= ? and s.seen_at >= ? "
            "order by s.seen_at desc"
        )
        rows = self._rows(query, *values, text(now - LONGEST), text(now - IDLE))
        return [Session(r[0], None if r[4] is None else Account(*r[4:]), *r[1:4]) for r in rows]

    def _rows(self, query: str, *values: Any) -> list[Any]:
        with self._lock:
            return self._con.execute(query, values).fetchall()


def _check_role(role: str) -> None:
    if role not in ROLES:
        raise BadSettings(f"no role named {role!r}; there are: {', '.join(ROLES)}")


def _hashed(password: str | None, name: str) -> str | None:
    if password is None:
        return None
    passwords.check(password, name)
    return passwords.hashed(password)
