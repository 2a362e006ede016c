"""Filters of the Messages page: read from the address, and shown as a form and as words."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from heedful.insight.answer import Answer
from heedful.insight.dimensions import applicable
from heedful.records import CHANNELS, SENTIMENTS
from heedful.server import words
from heedful.server.addresses import NONE, address
from heedful.server.asker import Asker
from heedful.server.blocks import Choice, Filters, Link, Select
from heedful.server.periods import LABELS, LENGTHS, Period, period

SELECTS = ("channel", "brand", "sentiment", "language", "source", "theme", "topic", "category")
"""Filters that are offered; those that hold nothing yet are left out."""
OPTIONAL = ("theme", "topic", "category")
RECENT = "90d"
MANY = 30
"""Values that a select offers at most."""


@dataclass(frozen=True)
class Asked:
    """What the address of a list of messages asks for."""

    words: str
    where: tuple[tuple[str, str | None], ...]
    since: str | None
    until: str | None
    period: Period | None
    metric: str | None = None
    as_of: str | None = None
    weights: str | None = None

    @property
    def narrowed(self) -> bool:
        """Whether anything at all is asked for."""
        return bool(self.words or self.where or self.since or self.until or self.metric)


def asked(asker: Asker, query: Mapping[str, str], *, table: str = "message") -> Asked:
    """What an address asks for; a parameter that is no dimension is left alone."""
    where = []
    for dimension in applicable(table):
        if shown := query.get(dimension.name):
            where.append((dimension.name, None if shown == NONE else shown))
    since, until = query.get("since"), query.get("until")
    named = query.get("period") in LENGTHS and not since and not until
    chosen = period(query, zone=asker.zone, now=asker.now) if named else None
    return Asked(
        words=query.get("q", "").strip()[:200],
        where=tuple(where),
        since=chosen.since if chosen else since or None,
        until=until or None,
        period=chosen,
        metric=query.get("metric") or None,
        as_of=query.get("as_of") or None,
        weights=query.get("weights") or None,
    )


def pairs(asked: Asked, *, without: str = "") -> list[tuple[str, str | None]]:
    """An address's parameters for the same question, less one of them; paging is left out."""
    found: list[tuple[str, str | None]] = [("q", asked.words), ("metric", asked.metric)]
    found += [(name, NONE if value is None else value) for name, value in asked.where]
    if asked.period:
        found.append(("period", asked.period.name))
    else:
        found += [("since", asked.since), ("until", asked.until)]
    found.append(("as_of", asked.as_of if asked.metric else None))
    found.append(("weights", asked.weights))
    dropped = {without, *(("since", "until") if without == "period" else ())}
    if without == "metric":
        dropped.add("as_of")
    return [(name, value) for name, value in found if name not in dropped]


def form(asker: Asker, asked: Asked, values: Mapping[str, Iterable[str]], path: str) -> Filters:
    """The filters as a form; `values` are those found in the messages, for the dimensions that are not fixed."""
    chosen = dict(asked.where)
    names = [name for name in SELECTS if name not in OPTIONAL or values.get(name) or name in chosen]
    called = asker.names()
    selects = [_select(name, chosen, _values(asker, name, values), called) for name in names]
    lengths = [Choice("", "Any time", asked.period is None)]
    lengths += [Choice(name, _length(name), bool(asked.period and asked.period.name == name)) for name in LENGTHS]
    selects.append(Select("period", "Period", tuple(lengths[:-1])))
    kept = tuple((name, value) for name, value in pairs(asked) if value and name not in (*names, "period", "q"))
    active = tuple(Link(label, address(path, pairs(asked, without=name))) for name, label in _active(asked, called))
    return Filters(path, asked.words, tuple(selects), active, kept, path if active else None)


def values(asker: Asker) -> dict[str, list[str]]:
    """Languages, sources and categories of recent messages, the most frequent first."""
    answers, _ = asker.standing("values of filters", _recent)
    found = {}
    for name, answer in answers.items():
        there = [figure for figure in answer.figures if not figure.hidden and figure.group[name] is not None]
        there.sort(key=lambda figure: -(figure.value or 0))
        found[name] = [str(figure.group[name]) for figure in there]
    return found


def _recent(asker: Asker) -> dict[str, Answer]:
    names = ("language", "source", "theme", "topic", *(["category"] if asker.settings.categorised else []))
    return {name: asker.ask("volume", by=(name,), since=RECENT) for name in names}


def _active(asked: Asked, called: Mapping[str, str]) -> list[tuple[str, str]]:
    """Each filter by its name in the address, and in words."""
    found = [("q", f"\u201c{asked.words}\u201d")] if asked.words else []
    found += [("metric", "Behind this figure")] if asked.metric else []
    found += [(name, f"{words.dimension(name)}: {words.member(name, value, called)}") for name, value in asked.where]
    if asked.period and asked.period.days:
        found.append(("period", f"Last {asked.period.days} days"))
    elif asked.since or asked.until:
        since = f"From {_spoken(asked.since)}" if asked.since else ""
        until = f"Before {_spoken(asked.until)}" if asked.until else ""
        found.append(("period", f"{since} {until[:1].lower() + until[1:] if since else until}".strip()))
    return found


def _spoken(moment: str) -> str:
    """A date of an address in words; a time as it stands."""
    return words.day(date.fromisoformat(moment)) if re.fullmatch(r"\d{4}-\d\d-\d\d", moment) else moment[:40]


def _select(name: str, chosen: Mapping[str, str | None], values: Iterable[str], called: Mapping[str, str]) -> Select:
    there = name in chosen
    now = NONE if there and chosen[name] is None else chosen.get(name)
    offered = list(dict.fromkeys([*values, *([now] if now else [])]))
    choices = [Choice("", "Any", not there)]
    for value in offered:
        choices.append(Choice(value, words.member(name, None if value == NONE else value, called), value == now))
    return Select(name, words.dimension(name), tuple(choices))


def _values(asker: Asker, name: str, found: Mapping[str, Iterable[str]]) -> list[str]:
    fixed = {"channel": CHANNELS, "sentiment": SENTIMENTS, "brand": [brand.name for brand in asker.settings.brands]}
    return list(fixed.get(name, ())) or list(found.get(name, ()))[:MANY]


def _length(name: str) -> str:
    return f"Last {LABELS[name]}"
