"""Any JSON API: which address, where its items are, and which field is found under which path.

`preset` fills in everything for a well-known one (hacker_news, discourse, stack_exchange, trustpilot); what the table
says besides goes first. `{name}` in the address and in `params` stands for what `fill` says. Pages are read newest
first, by the item's field that `newest` names, down to what was read before.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urljoin, urlsplit

from heedful.records import CHANNELS, KINDS
from heedful.sources import Batch, Cursor, Fetch
from heedful.sources._declared import Secret, flag, number, one_of, pair, secret, setting, table, word
from heedful.sources._mapped import FIELDS, at, batch, items
from heedful.sources._paging import Page, mark, newest_first

EXAMPLE = """
name = "hn-acme"
kind = "json_api"
preset = "hacker_news"
fill = { query = "acme" }
"""
EVERY = "10m"
OPEN = {"accept": "application/json"}
"""Headers that hold no secret."""


@dataclass(frozen=True)
class Settings:
    """Where to ask, and how to read the answer."""

    preset: str | None = setting(
        "hacker_news, discourse, stack_exchange or trustpilot", lambda value: _preset(value), None
    )
    url: str | None = setting("the address; {name} stands for what fill says", word, None)
    fill: tuple[tuple[str, str], ...] = setting("what stands in braces", table, ())
    params: tuple[tuple[str, str], ...] = setting("what the address is asked with", table, ())
    token: Secret | None = setting("a secret that is sent along", secret, None)
    token_in: str = setting("the header, or with ? before it the parameter, of the secret", word, "authorization")
    items: str = setting("the path to the list of items; the whole answer if not given", word, "")
    page: str | None = setting("the parameter that counts pages", word, None)
    first_page: int = setting("the number of the first page", number(0, 1), 0)
    next: str | None = setting("the path to what asks for the next page", word, None)
    next_param: str | None = setting("the parameter that takes it; without one it is an address", word, None)
    more: str | None = setting("the path to whether there is a next page", word, None)
    newest: str | None = setting("the path in an item to what grows with time: a number or a time", word, None)
    pages: int = setting("the most pages at a look", number(1, 1_000), 10)
    map: tuple[tuple[str, str], ...] = setting(
        "field = path; a.b.0 leads inwards, | to the next, =text is itself", table, ()
    )
    channel: str = setting("what its items are", one_of(*CHANNELS), "social")
    kind_of: str = setting("of which kind they are", one_of(*KINDS), "post")
    scale: tuple[float, float] | None = setting("the lowest and highest rating", pair, None)
    bare: bool = setting("send the secret as it is, without Bearer before it", flag, False)

    def mistakes(self) -> list[str]:
        """What does not fit together."""
        whole, found = filled(self), []
        if not whole.url:
            found.append("needs url or preset: there are " + ", ".join(presets()))
        wanted = {name for text in (whole.url or "", *dict(whole.params).values()) for name in _braces(text)}
        if missing := sorted(wanted - dict(self.fill).keys()):
            found.append(f"needs fill: {{ {', '.join(f'{name} = ...' for name in missing)} }}")
        mapped = dict(whole.map)
        if not {"id", "text"} <= mapped.keys():
            found.append('needs map with id and text: map = { id = "id", text = "body" }')
        if odd := sorted(name for name in mapped if name not in FIELDS and not name.startswith("attributes.")):
            found.append(f"map has {', '.join(odd)}: there are {', '.join(FIELDS)}, and attributes.NAME for the rest")
        return found


@cache
def presets() -> Mapping[str, Mapping[str, Any]]:
    """What presets.toml says."""
    return tomllib.loads(files("heedful.sources").joinpath("presets.toml").read_text(encoding="utf-8"))


def filled(settings: Settings) -> Settings:
    """With what its preset says where the table says nothing else."""
    given = presets().get(settings.preset or "", {})
    own = {field.name: field for field in fields(Settings)}
    added = {
        name: own[name].metadata["form"](value)
        for name, value in given.items()
        if name != "about" and getattr(settings, name) == own[name].default
    }
    return replace(settings, **added)


def read(settings: Settings, since: Cursor, fetch: Fetch) -> Iterator[tuple[Batch, Cursor]]:
    """Pages of items, newest first."""
    whole = filled(settings)
    fill = dict(settings.fill)
    url = _with(whole.url or "", fill)
    params = {name: _with(text, fill) for name, text in whole.params}
    headers, secrets = dict(OPEN), {}
    if whole.token and whole.token_in.startswith("?"):
        secrets[whole.token_in[1:]] = whole.token.reveal()
    elif whole.token:
        bearer = "" if whole.bare or whole.token_in != "authorization" else "Bearer "
        headers[whole.token_in] = bearer + whole.token.reveal()

    def ask(token: Any) -> Page:
        asked, where = dict(params), url
        if whole.page:
            asked[whole.page] = str(whole.first_page if token is None else token)
        elif token is not None and whole.next_param:
            asked[whole.next_param] = str(token)
        elif token is not None:
            where, asked = urljoin(url, str(token)), {}
        ours = urlsplit(where)[:2] == urlsplit(url)[:2]  # an answer may name another host: the secret stays here
        body = fetch(where, params={**asked, **(secrets if ours else {})}, headers=headers if ours else OPEN).json()
        found = items(body, whole.items)
        marks = [mark(value) if str(value).isdigit() else str(value) for one in found if (value := _newest(one, whole))]
        made = batch(found, dict(whole.map), channel=whole.channel, kind=whole.kind_of, scale=whole.scale)
        return made, marks, _next(body, found, whole, token)

    yield from newest_first(since, ask, most=whole.pages, numbered=whole.page is not None)


def _newest(item: Any, whole: Settings) -> Any:
    return at(item, whole.newest) if whole.newest else None


def _next(body: Any, found: list[Any], whole: Settings, token: Any) -> Any:
    """How the next page is asked for; None where there is none."""
    if not found or (whole.more and not at(body, whole.more)):
        return None
    if whole.page:
        return (whole.first_page if token is None else int(token)) + 1
    return at(body, whole.next) if whole.next else None


def _with(text: str, fill: Mapping[str, str]) -> str:
    for name, value in fill.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def _braces(text: str) -> list[str]:
    return re.findall(r"\{(\w+)\}", text)


def _preset(value: Any) -> str:
    return str(one_of(*presets())(value))
