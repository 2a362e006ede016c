"""What a page that looks after the workspace itself may use: intake, readings, accounts, keys, audit, settings."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from heedful.privacy.viewer import Viewer
from heedful.server.imports import Imports
from heedful.server.keeping import Keeping
from heedful.store.accounts import Accounts
from heedful.store.audit import Audit
from heedful.store.erasures import Receipt
from heedful.store.facts import Store
from heedful.store.keys import Keys
from heedful.store.place import Place
from heedful.store.views import Views

Note = Callable[[str, Mapping[str, object]], None]
"""Keeps in the audit what was done."""


class Erases(Protocol):
    """Erases people, and says first how much there is of them."""

    def preview(self, people: Sequence[str], viewer: Viewer, now: datetime) -> dict[str, int]:
        """How much there is of people, by kind."""
        ...

    def forget(self, people: Sequence[str], viewer: Viewer, now: datetime) -> Receipt:
        """Erase them: nobody can see them when it returns."""
        ...

    def receipts(self, viewer: Viewer) -> list[Receipt]:
        """Every receipt, newest first."""
        ...


@dataclass(frozen=True)
class Upkeep:
    """One viewer's visit to a page of `upkeep_pages`, at one moment, in one time zone."""

    viewer: Viewer
    place: Place
    store: Store
    keeping: Keeping
    accounts: Accounts
    keys: Keys
    audit: Audit
    views: Views
    imports: Imports
    erasing: Erases
    now: datetime
    zone: str
    note: Note

    def may(self, what: str) -> bool:
        """Whether the viewer has a right."""
        return self.viewer.may(what)
