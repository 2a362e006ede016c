"""A change and its parts: in a sentence, as a chart with whiskers and as a table, where each part opens its rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from heedful.insight.answer import Answer
from heedful.insight.metrics import Metric, metric
from heedful.server import addresses, marks, words
from heedful.server.blocks import Cell, Chart, Column, Link, Table
from heedful.server.marks import PALETTE

Row = Mapping[str, Any]
FEW, MOST = 3, 12
"""So many parts a sentence names at most, and so many a chart draws."""
SMALL = 0.05
"""Parts that are a smaller share of the change are not named."""
DIGITS = {"%": 1, "points": 1, "of 1": 3}
UNITS = {"%": "points", "recorded value": ""}
NOUNS = {"message": "messages", "contact": "messages", "event": "events", "answer": "answers"}
WITH_TITLE = {"hour_of_day": "hour", "rating": "rating"}
"""Dimensions whose values say little without its name."""


@dataclass(frozen=True)
class Change:
    """What the study `changed` found: its rows, by which dimension, and the whole's answer.

    `before` are the ends of the period before, written as those of an answer.
    """

    answer: Answer
    by: str
    before: tuple[str | None, str | None]
    rows: Sequence[Row]

    @property
    def metric(self) -> Metric:
        """What changed."""
        return metric(self.answer.metric)

    @property
    def total(self) -> Row:
        """The whole."""
        return self.rows[0]

    @property
    def parts(self) -> Sequence[Row]:
        """The parts, the largest first and noise last."""
        return self.rows[1:-1]


def sentence(change: Change) -> str:
    """By how much a metric changed, of which its largest parts, and what is noise."""
    named = _named(change)
    said = "; ".join(part for part in (", ".join(_spoken(change, row) for row in named), _left(change, named)) if part)
    return f"{head(change)}: {said}." if said else f"{head(change)}."


def head(change: Change) -> str:
    """By how much a metric changed, and how sure that is."""
    total, unit = change.total, change.answer.unit
    moved, low, high = total["change"], total["low"], total["high"]
    label = words.metric(change.answer.metric, change.answer.title)
    if total["clear"] is False or not _seen(moved, unit):
        sure = f"; 95% sure: {_between(low, high, unit)}" if low is not None else ""
        return f"{label} did not {'clearly ' if sure else ''}change ({signed(moved, unit)}{sure})"
    ends = sorted(abs(end) for end in (low, high)) if low is not None else ()
    sure = f" (95% sure: {' to '.join(amount(end, unit) for end in ends)})" if ends else ""
    by = f"{amount(moved, unit)} {UNITS.get(unit, unit)}".strip()
    return f"{label} {'rose' if moved > 0 else 'fell'} by {by}{sure}"


def _named(change: Change) -> list[Row]:
    least = SMALL * abs(change.total["change"])
    told = [row for row in change.parts if row["clear"] is not False and _seen(row["change"], change.answer.unit)]
    return [row for row in told if abs(row["change"]) >= least][:FEW]


def _spoken(change: Change, row: Row) -> str:
    """'4.0 from United being worse'; beneath a change that is none, '4.0 down from ...'."""
    moved, whole = row["change"], change.total
    way = ""
    if whole["clear"] is False:
        way = " up" if moved > 0 else " down"
    elif moved * whole["change"] < 0:
        way = " the other way"
    return f"{amount(moved, change.answer.unit)}{way} from {part(change, row, within='{} being {}')}"


def _left(change: Change, named: Sequence[Row]) -> str:
    """What the rest of a change is, where there is one."""
    unit, rest = change.answer.unit, change.rows[-1]["change"]
    others = [row for row in change.parts if row not in named and _seen(row["change"], unit)]
    noise = [row for row in others if row["clear"] is False]
    where = words.dimension(change.by).lower()
    if noise and not named:
        return f"no part of it by {where} stands out from noise"
    if not _seen(change.total["change"] - sum(row["change"] for row in named), unit):
        return ""
    kinds = [said for said, there in (("smaller", len(others) > len(noise)), ("within noise", bool(noise))) if there]
    if abs(rest) > SMALL * abs(change.total["change"]) and _seen(rest, unit):
        kinds.append("in no part")
    return f"the rest is {' or '.join(kinds)}" if kinds else ""


def part(change: Change, row: Row, *, within: str = "{}: {}") -> str:
    """A part in words, such as 'more of Reviews', or as `within` puts together a group and 'worse'."""
    name = group(change, row[change.by])
    if row["part"] == "mix":
        return f"{'more' if _share_moved(change, row) > 0 else 'less'} of {name}"
    if change.metric.parts == "sum":
        return name
    up, better = row["change"] > 0, change.metric.better
    tone = ("higher" if up else "lower") if better == "neither" else "better" if up == (better == "more") else "worse"
    return within.format(name, tone)


def group(change: Change, member: str | None) -> str:
    """A group in the middle of a sentence."""
    if member is None:
        return f"{NOUNS[change.metric.of]} without {words.dimension(change.by).lower()}"
    return f"{WITH_TITLE.get(change.by, '')} {words.member(change.by, member)}".strip()


def _share_moved(change: Change, row: Row) -> float:
    now, then = ((row[name] or 0) / (change.total[name] or 1) for name in ("rows", "rows_before"))
    return float(now - then)


def amount(value: float, unit: str) -> str:
    """How much a change is, without its sign and unit: '6.1', '0.124', '1,204'."""
    return words.number(abs(value), DIGITS[unit]) if unit in DIGITS else words.short(abs(value))


def signed(value: float, unit: str) -> str:
    """The same with its sign."""
    shown = amount(value, unit)
    return f"{'' if not _seen(value, unit) else '+' if value > 0 else words.MINUS}{shown}"


def _seen(value: float, unit: str) -> bool:
    """Whether anything is left of a change as it is written."""
    return any(digit in amount(value, unit) for digit in "123456789")


def _between(low: float, high: float, unit: str) -> str:
    return f"{signed(low, unit)} to {signed(high, unit)}"


def chart(change: Change, title: str, about: str) -> Chart:
    """The parts as bars with their intervals as whiskers; all of them with what stands behind them in the table."""
    rows = _bars(change)
    tips = [
        marks.tip("name", "Part"),
        marks.tip("shown", "Change"),
        marks.tip("now", "Now"),
        marks.tip("then", "Before"),
    ]
    unit = UNITS.get(change.answer.unit, change.answer.unit)
    names = marks.names()
    encoding = {
        "y": names | {"axis": names["axis"] | {"labelLimit": 190}},
        "x": marks.quantity("change", f"change in {unit}" if unit else "change"),
        "href": {"field": "href"},
        "tooltip": tips,
    }
    spec = marks.frame(about, rows, height=max(64, 34 * len(rows))) | {"layer": marks.whiskered(encoding, rows)}
    forms = (("JSON", None), ("CSV", "csv"), ("Parquet", "parquet"))
    links = tuple(Link(label, addresses.study("changed", change.answer, change.by, form=form)) for label, form in forms)
    return Chart("parts", title, about, spec, table(change, title), _told(change), links, wide=True)


def _bars(change: Change) -> list[dict[str, Any]]:
    """The parts that are drawn, and one bar for everything else, so that all bars add up to the whole change."""
    unit = change.answer.unit
    drawn = change.parts[:MOST]
    bars = []
    for row in drawn:
        now, then = _behind(change, row)
        said = part(change, row)
        bars.append(
            {name: row[name] for name in ("change", "low", "high")}
            | {"name": said[:1].upper() + said[1:], "shown": _shown(row, unit), "colour": _colour(change, row)}
            | {"now": words.figure(row["value"], unit), "then": words.figure(row["before"], unit), "href": now or then}
        )
    left = change.total["change"] - sum(row["change"] for row in drawn)
    if _seen(left, unit):
        told = {"name": "Everything else", "change": left, "low": None, "high": None, "shown": signed(left, unit)}
        bars.append(told | {"colour": PALETTE["neutral"], "now": words.DASH, "then": words.DASH, "href": None})
    return bars


def _colour(change: Change, row: Row) -> str:
    """What made it better and worse in the colours of positive and negative, noise in grey."""
    if row["clear"] is False or not row["change"]:
        return PALETTE["neutral"]
    better = change.metric.better
    if better == "neither":
        return PALETTE["accent"]
    return PALETTE["positive" if (row["change"] > 0) == (better == "more") else "negative"]


def _shown(row: Row, unit: str) -> str:
    told = signed(row["change"], unit)
    if row["low"] is None:
        return told
    noise = ", within noise" if row["clear"] is False else ""
    return f"{told} ({_between(row['low'], row['high'], unit)}{noise})"


def table(change: Change, title: str) -> Table:
    """Every part with its interval, the group's figures in both periods, and how many rows they stand on."""
    noun = NOUNS[change.metric.of].capitalize()
    named = ("Part", "Change", "95% interval", "Clear", "Now", "Before", f"{noun} now", "before")
    columns = tuple(Column(label, number=label not in ("Part", "Clear")) for label in named)
    return Table(
        title, columns, tuple(_cells(change, row) for row in change.rows if row["part"] != "rest" or row["change"])
    )


def _cells(change: Change, row: Row) -> tuple[Cell, ...]:
    unit = change.answer.unit
    said = {"total": "The whole change", "rest": "In no part"}.get(row["part"]) or part(change, row)
    sure = words.DASH if row["low"] is None else _between(row["low"], row["high"], unit)
    clear = {True: "clear", False: "within noise", None: words.DASH}[row["clear"]]
    now, then = (None, None) if row["part"] == "rest" else _behind(change, row)
    return (
        Cell(said[:1].upper() + said[1:], row[change.by]),
        Cell(signed(row["change"], unit), row["change"]),
        Cell(sure),
        Cell(clear),
        Cell(words.figure(row["value"], unit), row["value"], now),
        Cell(words.figure(row["before"], unit), row["before"], then),
        Cell(_counted(row["rows"]), row["rows"]),
        Cell(_counted(row["rows_before"]), row["rows_before"]),
    )


def _behind(change: Change, row: Row) -> tuple[str | None, str | None]:
    """The addresses of a part's rows in both periods, as far as it has any."""
    path = "/messages" if NOUNS[change.metric.of] == "messages" else "/evidence"
    earlier = replace(change.answer, since=change.before[0], until=change.before[1])
    held = {} if row["part"] == "total" else {change.by: row[change.by]}
    pairs = ((change.answer, row["rows"]), (earlier, row["rows_before"]))
    now, then = (addresses.behind(answer, held, path=path) if rows else None for answer, rows in pairs)
    return now, then


def _told(change: Change) -> str | None:
    """What is in no part, where that can be seen."""
    left, unit = change.rows[-1]["change"], change.answer.unit
    if not _seen(left, unit):
        return None
    why = "groups of too few people, rows that are in several groups, or estimates that do not add up"
    return f"{signed(left, unit)} is in no part: {why}"


def _counted(value: int | None) -> str:
    return words.DASH if value is None else f"{value:,}"
