"""A workspace on disk: where its files are, what its settings say, and how each store in it is opened."""

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from heedful import settings as toml
from heedful.errors import BadSettings
from heedful.privacy.pseudonym import Keys
from heedful.settings import Settings
from heedful.store import rewrite
from heedful.store.accounts import Accounts
from heedful.store.audit import Audit
from heedful.store.erasures import Erasures
from heedful.store.facts import Store
from heedful.store.identities import Identities
from heedful.store.journal import Journal
from heedful.store.keys import Keys as ApiKeys
from heedful.store.listening import Listening
from heedful.store.search import Search
from heedful.store.searches import Searches
from heedful.store.views import Views

STARTER = """\
# Heedful's settings. Every key has a default; a mistake is named with its line when Heedful starts.
[workspace]
name = {name}
time_zone = "UTC"
language = "en"            # of short texts whose language is unsure
secret = "file:secret.key" # or env:NAME; without it pseudonyms and identities are lost

[privacy]
smallest_group = 5         # figures about fewer people are hidden
# basis for people who made no choice: consent, contract, legitimate interest, legal duty
basis = {{ service = "contract", insight = "legitimate interest", marketing = "consent" }}

[local]
role = "analyst"           # what the command line on this machine may do

[server]
host = "127.0.0.1"
port = 8400
{server}

[retention]                # in days; 0: until somebody removes it
quarantine_days = 90       # records that were not taken
audit_days = 730           # who asked what

# Handles of declared brands stay readable in texts; all others become pseudonyms.
# [brands.Acme]
# handles = ["@acme", "@acmehelp"]
# [brands.Rival]
# handles = ["@rival"]
# competitor = true

# What is listened to by itself, by the server or by `heedful listen`.
# [[sources]]
# name = "acme-blog"
# kind = "feed"
# url = "https://blog.example.org/feed.xml"

# A model of your own, as exported to ONNX, makes a reading in these languages.
# [[models]]
# reading = "sentiment"
# folder = "models/french-sentiment"
# languages = ["fr"]
"""


@dataclass(frozen=True)
class Place:
    """One workspace folder, read once."""

    folder: Path
    settings: Settings
    keys: Keys

    @classmethod
    def at(cls, folder: Path) -> "Place":
        """Read heedful.toml and the secret; BadSettings says what is wrong with them."""
        settings = toml.read(folder / toml.FILE)
        keys = Keys.of(toml.secret_bytes(settings.secret, folder))
        (folder / "data").mkdir(exist_ok=True, mode=0o700)
        return cls(folder, settings, keys)

    @property
    def data(self) -> Path:
        """The folder with everything that is not settings."""
        return self.folder / "data"

    @property
    def brands(self) -> frozenset[str]:
        """Declared handles, in lower case without @."""
        return frozenset(h.removeprefix("@").casefold() for brand in self.settings.brands for h in brand.handles)

    def journal(self) -> Journal:
        """The durable log behind the door; several processes may open it."""
        return Journal(self.data / "journal.db", self.keys.identity)

    def store(self) -> Store:
        """The facts; one process owns them. A copy that an erasure made takes their place first."""
        path = self.data / "heedful.duckdb"
        erasures = self.erasures()
        try:
            if (work := erasures.under_way()) and work.phase == "copied":
                rewrite.put_in_place(path)
                erasures.finish(work.id, datetime.now(UTC))
            return Store(path, basis=self.settings.basis, erased=erasures.erased())
        finally:
            erasures.close()

    def erasures(self) -> Erasures:
        """What was erased, without telling of whom, and the erasure under way."""
        return Erasures(self.data / "erasures.db", self.keys.identity)

    def search(self) -> Search:
        """The search index; one process fills it."""
        return Search(self.data / "search.db")

    def identities(self) -> Identities:
        """Encrypted identifiers."""
        return Identities(self.data / "identities.db", self.keys.identity)

    def audit(self) -> Audit:
        """Who asked what."""
        return Audit(self.data / "audit.db")

    def api_keys(self) -> ApiKeys:
        """Keys of programs."""
        return ApiKeys(self.data / "keys.db")

    def accounts(self) -> Accounts:
        """People who sign in, and their sessions."""
        return Accounts(self.data / "accounts.db")

    def searches(self) -> Searches:
        """Saved searches."""
        return Searches(self.data / "searches.db")

    def views(self) -> Views:
        """Saved addresses of pages."""
        return Views(self.data / "views.db")

    def listening(self) -> Listening:
        """How far each source has been read."""
        return Listening(self.data / "sources.db", self.keys.identity)

    @property
    def notice(self) -> Path:
        """The file a running server leaves: its address and the token of the local command line."""
        return self.data / "server.json"

    def running(self) -> Mapping[str, str] | None:
        """The address and token of the running server, or None."""
        try:
            found: Mapping[str, str] = json.loads(self.notice.read_text())
            os.kill(int(found["pid"]), 0)
            if found["folder"] != str(self.folder.resolve()):
                return None
        except (OSError, ValueError, KeyError):
            return None
        return found


def make(folder: Path, *, name: str | None = None, brands: str = "", demo: bool = False) -> Place:
    """Make a workspace: settings, a secret of its own, an empty data folder. BadSettings where one is already."""
    if (folder / toml.FILE).exists():
        raise BadSettings(
            f"{folder / toml.FILE} exists already: open it with --workspace {folder}, or take a new folder"
        )
    folder.mkdir(parents=True, exist_ok=True)
    server = "demo = true                # whoever reaches this address may look without signing in" if demo else ""
    starter = STARTER.format(name=json.dumps(name or folder.resolve().name), server=server)
    (folder / toml.FILE).write_text(starter + brands)
    key = folder / "secret.key"
    if not key.exists():
        descriptor = os.open(key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32) + "\n")
    return Place.at(folder)
