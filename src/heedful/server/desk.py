"""Who is asking: each request's viewer, by session, key or the demo, and the questions they may then ask."""

import hmac
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from starlette.requests import Request

from heedful.insight import periods
from heedful.insight.accuracy import measured_beside
from heedful.privacy.viewer import Viewer
from heedful.server.asker import Asker
from heedful.server.imports import Imports
from heedful.server.keeping import Keeping
from heedful.server.kept import Kept
from heedful.server.problem import SignInNeeded
from heedful.server.upkeep import Erases, Upkeep
from heedful.store.accounts import Accounts
from heedful.store.audit import Audit
from heedful.store.facts import Store
from heedful.store.keys import Keys
from heedful.store.place import Place
from heedful.store.search import Search
from heedful.store.searches import Searches
from heedful.store.views import Views

COOKIE = "heedful_session"
LONGEST = 50.0
"""So many seconds a request's questions may take together."""
KEPT_SECONDS = 60.0
"""How old the figures of a page may be while new ones are being made."""


@dataclass
class Desk:
    """Lets in and hands out what is visible; every answer leaves an audit row."""

    place: Place
    store: Store
    search: Search
    keeping: Keeping
    token: str

    def __post_init__(self) -> None:
        """Open the audit, the keys, the accounts, the views and the saved searches."""
        self.audit: Audit = self.place.audit()
        self.keys: Keys = self.place.api_keys()
        self.accounts: Accounts = self.place.accounts()
        self.views: Views = self.place.views()
        self.searches: Searches = self.place.searches()
        self.imports = Imports(self.place)
        self._kept = Kept(usable=KEPT_SECONDS)

    def viewer(self, request: Request) -> Viewer:
        """Who this request is from; SignInNeeded where nobody can be told."""
        smallest = self.place.settings.smallest_group
        scheme, secret = _shown(request)
        now = datetime.now(UTC)
        if scheme == "bearer":
            if self.own(request):
                return self.local(request.headers.get("heedful-user", "this machine"))
            key = self.keys.check(secret, "read", now)
            return Viewer(f"key:{key.name}", frozenset({key.role}), "insight", smallest)
        if session := self.accounts.session(request.cookies.get(COOKIE, ""), now):
            if session.account is None:
                return self.local("browser")
            return Viewer(f"user:{session.account.name}", frozenset({session.account.role}), "insight", smallest)
        if self.place.settings.demo:
            return Viewer("demo", frozenset({"demo"}), "insight", smallest)
        raise SignInNeeded("nobody is signed in: sign in at /sign-in, or send a read key")

    def own(self, request: Request) -> bool:
        """Whether the request bears the token that only this machine's user can read."""
        scheme, secret = _shown(request)
        return scheme == "bearer" and same(secret, self.token)

    def local(self, user: str) -> Viewer:
        """This machine's own user, with the role that heedful.toml gives."""
        settings = self.place.settings
        return Viewer(f"local:{user[:100]}", frozenset({settings.local_role}), "insight", settings.smallest_group)

    @contextmanager
    def upkeep(self, erasing: Erases, request: Request) -> Iterator[Upkeep]:
        """What this request may do to the workspace itself; all of it is audited."""
        viewer, now = self.viewer(request), datetime.now(UTC)
        done: list[tuple[str, Mapping[str, object]]] = []

        def note(action: str, details: Mapping[str, object]) -> None:
            done.append((action, details))

        try:
            yield Upkeep(
                viewer,
                self.place,
                self.store,
                self.keeping,
                self.accounts,
                self.keys,
                self.audit,
                self.views,
                self.imports,
                erasing,
                now,
                self.place.settings.time_zone,
                note,
            )
        finally:
            if done:
                self.audit.write(viewer, done, now)

    @contextmanager
    def asker(self, request: Request) -> Iterator[Asker]:
        """What this request may ask, on one snapshot; `as_of` in the address takes an earlier moment."""
        zone = periods.zone(request.query_params.get("tz") or self.place.settings.time_zone).key
        as_of = request.query_params.get("as_of") or None
        with self._asking(self.viewer(request), zone, as_of) as asker, asker.view.limited(LONGEST):
            yield asker

    @contextmanager
    def _asking(self, viewer: Viewer, zone: str, as_of: str | None = None) -> Iterator[Asker]:
        done: list[tuple[str, Mapping[str, object]]] = []
        now = datetime.now(UTC)

        def audit(action: str, details: Mapping[str, object]) -> None:
            done.append((action, details))

        again = partial(self._asking, viewer, zone)
        try:
            with self.store.view(viewer, as_of=as_of) as view:
                settings = self.place.settings
                accuracy = measured_beside(settings.models)
                yield Asker(view, self.search, settings, now, zone, audit, accuracy, kept=self._kept, again=again)
        finally:
            if done:
                self.audit.write(viewer, done, now)


def _shown(request: Request) -> tuple[str, str]:
    """The scheme of the request's authorization, in lower case, and what it shows."""
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    return scheme.lower(), secret


def same(given: str, secret: str) -> bool:
    """Whether they are equal, in a time that does not tell where they differ."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), secret.encode())
