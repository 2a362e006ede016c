"""Sources: one file each, a place on the network where people say things, and how to read it.

A module holds a docstring (its first line is the help text), `EXAMPLE` (a `[[sources]]` table of heedful.toml),
`EVERY` (how often it is read where the table does not say), `Settings` (a frozen dataclass whose fields are made by
`setting`), and at least one of two ways in:

- `read(settings, since, fetch)` yields pages: a `Batch` and the cursor to go on from once it is durable. `since` is the
  last such cursor, empty at first. It may end (it is then read again after `every`) or go on for ever (a stream).
- `take(settings, sent)` makes a `Batch` of what somebody sends to `POST /v1/hooks/NAME`, once it has proved itself;
  `greet(settings, params)` may answer their GET before.

A source keeps no state, opens no connection of its own (`fetch` is given in) and stores nothing. It raises TryLater,
NotAllowed or NotFound where the other side does not answer as it should; one record that it cannot read goes into
`Batch.bad` and stops no other.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

from heedful import folder
from heedful.errors import NotFound, TryLater
from heedful.settings import Listened, nearest
from heedful.sources._declared import bound, form_of, interval, named, secret

Cursor = Mapping[str, Any]
"""Where a source goes on: what JSON can hold."""


@dataclass(frozen=True)
class Batch:
    """What one page says: messages as the door takes them, and what is gone at the origin.

    `gone` and the messages' `id`, `parent`, `thread` and `about` are the origin's own; together with `source` they
    name a record. Without `source` the configured name is it. `bad` are records that cannot be read: why, and what.
    """

    messages: Sequence[Mapping[str, Any]] = ()
    gone: Sequence[str] = ()
    bad: Sequence[tuple[str, bytes]] = ()
    source: str = ""


@dataclass(frozen=True)
class Answer:
    """What came back: the status, headers in lower case, and the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str

    def json(self) -> Any:
        """The body as JSON; TryLater where it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            kind = self.headers.get("content-type", "no content type")[:60]
            raise TryLater(f"the answer is not JSON ({kind}): {type(error).__name__}", after=60) from None


class Fetch(Protocol):
    """The way to the network: polite, within bounds, and only to where the settings or public addresses lead.

    Raises TryLater (with the seconds to wait), NotAllowed (401, 403) and NotFound (404, 410).
    """

    def __call__(
        self,
        url: str,
        *,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        json: Mapping[str, Any] | None = None,
    ) -> Answer:
        """Ask once; with `form` or `json`, post it. 304 is an answer too."""

    def lines(
        self, url: str, *, params: Mapping[str, str | int] | None = None, headers: Mapping[str, str] | None = None
    ) -> Iterator[str]:
        """Lines of an answer that does not end."""

    def socket(self, url: str) -> Iterator[str]:
        """Messages of a websocket."""

    def now(self) -> datetime:
        """What time it is, in UTC."""


@dataclass(frozen=True)
class Sent:
    """A request that somebody sent: headers in lower case, and when it came (seconds since 1970)."""

    headers: Mapping[str, str]
    body: bytes
    at: float


class Source(Protocol):
    """What every module defines; `read`, `take` or both come beside it."""

    EXAMPLE: str
    EVERY: str
    Settings: type


Read = Callable[[Any, Cursor, Fetch], Iterator[tuple[Batch, Cursor]]]


def load(kind: str) -> ModuleType:
    """The module of a kind of source."""
    return folder.load(_package(), kind)


def names() -> list[str]:
    """Every kind of source."""
    return folder.names(_package())


def checked(keys: Mapping[str, Any], where: Path) -> tuple[Listened | None, list[tuple[str, str]]]:
    """One `[[sources]]` table as a source, or every mistake in it as a key and what is wrong; `where` is its folder."""
    mistakes: list[tuple[str, str]] = []
    common = _formed({"name": named, "every": interval}, keys, mistakes)
    kind = keys.get("kind")
    if not isinstance(kind, str) or kind not in names():
        said = nearest(str(kind), names())
        mistakes.append(("kind", f"is {kind!r}, which is no source; {said}") if kind else ("", f"needs kind: {said}"))
        return None, mistakes
    module = load(kind)
    known = {field.name: field for field in fields(module.Settings)}
    own = {key: value for key, value in keys.items() if key not in ("name", "kind", "every")}
    for key in own.keys() - known.keys():
        mistakes.append((key, f"is not known; {nearest(key, ['name', 'kind', 'every', *known])}"))
    values = _formed({name: form_of(field) for name, field in known.items()}, own, mistakes)
    if "name" not in keys:
        mistakes.append(("", "needs name: it must be a short name such as acme-blog"))
    for name, field in known.items():
        if name not in own and field.metadata["needed"]:
            mistakes.append(("", f"needs {name}: {field.metadata['help']}"))
    if mistakes:
        return None, mistakes
    settings = module.Settings(**{name: bound(value, where) for name, value in values.items()})
    mistakes += [("", why) for why in getattr(settings, "mistakes", tuple)()]
    found = Listened(common["name"], kind, common.get("every", interval(module.EVERY)), settings)
    return (None if mistakes else found), mistakes


def _formed(
    forms: Mapping[str, Callable[[Any], Any]], keys: Mapping[str, Any], mistakes: list[tuple[str, str]]
) -> dict[str, Any]:
    made = {}
    for name, form in forms.items():
        if name in keys:
            try:
                made[name] = form(keys[name])
            except ValueError as error:
                told = "" if form is secret else f", not {keys[name]!r}"
                mistakes.append((name, f"{error}{told}"))
    return made


def pulled(kind: str) -> bool:
    """Whether a source is read, rather than only sent to."""
    return hasattr(load(kind), "read")


def pushed(settings: Sequence[Listened], name: str) -> Listened:
    """The source of a name that takes what is sent; NotFound without telling which ones there are."""
    for one in settings:
        if one.name == name and hasattr(load(one.kind), "take"):
            return one
    raise NotFound("nothing listens here")


def _package() -> ModuleType:
    from heedful import sources

    return sources
