"""What a page that looks after the workspace itself may use: intake, readings, accounts, keys, audit, settings."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from heedful.privacy.viewer import Viewer
from heedful.server.imports import Imports
from heedful.server.keeping import Keeping
from heedful.store.accounts import Accounts
from heedful.store.audit import Audit
from heedful.store.facts import Store
from heedful.store.keys import Keys
from heedful.store.place import Place
from heedful.store.views import Views

Note = Callable[[str, Mapping[str, object]], None]
"""Keeps in the audit what was done."""


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
    now: datetime
    zone: str
    note: Note

    def may(self, what: str) -> bool:
        """Whether the viewer has a right."""
        return self.viewer.may(what)
