"""Saved views: addresses of pages under a name, for everybody who may open them."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote_plus

from heedful.errors import BadSettings
from heedful.store.saved import Saved
from heedful.store.secret import named
from heedful.store.sqlite import transaction

VERSION = 1
ADDRESS_LENGTH, MOST = 2_000, 100


@dataclass(frozen=True)
class SavedView:
    """A page's address under a name."""

    name: str
    address: str
    saved_by: str
    saved_at: str


class Views(Saved):
    """The saved views of one workspace."""

    def __init__(self, path: Path) -> None:
        """Open or make the file."""
        super().__init__(path, "view", "address text, saved_by text, saved_at text", VERSION)

    def all(self) -> list[SavedView]:
        """Every view, by name."""
        with self._lock:
            rows = self._con.execute("select name, address, saved_by, saved_at from view order by name").fetchall()
        return [SavedView(*row) for row in rows]

    def save(self, name: str, address: str, saved_by: str, now: datetime) -> None:
        """Keep a page's address under a name that is free."""
        plain = named(name, what="a view", such="Complaints by week")
        if not address.startswith("/") or address.startswith(("//", "/\\")) or not address.isprintable():
            raise BadSettings(f"a view is an address within this site such as /figures, not {address[:60]!r}")
        if len(address) > ADDRESS_LENGTH:
            raise BadSettings(f"an address of a view may have {ADDRESS_LENGTH:,} characters, this has {len(address):,}")
        if sum(view.saved_by == saved_by for view in self.all()) >= MOST:
            raise BadSettings(f"you have saved {MOST} views: remove one first")
        with self._lock, transaction(self._con) as con:
            row = (plain, address, saved_by, now.isoformat(timespec="seconds"))
            if not con.execute("insert or ignore into view values (?, ?, ?, ?)", row).rowcount:
                raise BadSettings(f"there is a view named {plain!r} already: take another name, or remove it first")

    def naming(self, cleaned: Callable[[str], str]) -> list[str]:
        """Names of views that `cleaned` would change."""
        told = {view.name: f"{view.name}\n{unquote_plus(view.address)}" for view in self.all()}
        return [name for name, text in told.items() if any(cleaned(part) != part for part in _parts(text))]


def _parts(text: str) -> list[str]:
    """A text, and each value of an address in it."""
    return [text, *re.split(r"[?&=\n]", text)]
