"""A metric's change and its parts in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from heedful.insight.answer import Answer
from heedful.insight.metrics import Metric, metric
from heedful.insight.named import NAMED
from heedful.server import words

Row = Mapping[str, Any]
FEW = 3
"""So many parts a sentence names at most."""
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
    if total["clear"] is False or not seen(moved, unit):
        sure = f"; 95% sure: {between(low, high, unit)}" if low is not None else ""
        return f"{label} did not {'clearly ' if sure else ''}change ({signed(moved, unit)}{sure})"
    ends = sorted(abs(end) for end in (low, high)) if low is not None else ()
    sure = f" (95% sure: {' to '.join(amount(end, unit) for end in ends)})" if ends else ""
    spoken = "" if unit == label.lower() else UNITS.get(unit, unit)
    by = f"{amount(moved, unit)} {spoken}".strip()
    return f"{label} {'rose' if moved > 0 else 'fell'} by {by}{sure}"


def _named(change: Change) -> list[Row]:
    least = SMALL * abs(change.total["change"])
    told = [row for row in change.parts if row["clear"] is not False and seen(row["change"], change.answer.unit)]
    ours = [row for row in told if abs(row["change"]) >= least]
    if change.total["clear"] is not False:  # what goes the way of the whole comes first
        ours.sort(key=lambda row: row["change"] * change.total["change"] < 0)
    return ours[:FEW]


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
    others = [row for row in change.parts if row not in named and seen(row["change"], unit)]
    noise = [row for row in others if row["clear"] is False]
    where = words.dimension(change.by).lower()
    if others and not named:
        return f"no part of it by {where} {'stands out from noise' if noise == others else 'is more than a little'}"
    if not seen(change.total["change"] - sum(row["change"] for row in named), unit):
        return ""
    kinds = [said for said, there in (("smaller", len(others) > len(noise)), ("within noise", bool(noise))) if there]
    if abs(rest) > SMALL * abs(change.total["change"]) and seen(rest, unit):
        kinds.append("in no part")
    return f"the rest is {' or '.join((*(', '.join(kinds[:-1]),), kinds[-1])[len(kinds) < 2 :])}" if kinds else ""


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
    name = words.member(change.by, member, change.answer.names)
    return f"\u201c{name}\u201d" if change.by in NAMED else f"{WITH_TITLE.get(change.by, '')} {name}".strip()


def _share_moved(change: Change, row: Row) -> float:
    now, then = ((row[name] or 0) / (change.total[name] or 1) for name in ("rows", "rows_before"))
    return float(now - then)


def amount(value: float, unit: str) -> str:
    """How much a change is, without its sign and unit: '6.1', '0.124', '1,204'."""
    return words.number(abs(value), DIGITS[unit]) if unit in DIGITS else words.short(abs(value))


def signed(value: float, unit: str) -> str:
    """The same with its sign."""
    shown = amount(value, unit)
    return f"{'' if not seen(value, unit) else '+' if value > 0 else words.MINUS}{shown}"


def seen(value: float, unit: str) -> bool:
    """Whether anything is left of a change as it is written."""
    return any(digit in amount(value, unit) for digit in "123456789")


def between(low: float, high: float, unit: str) -> str:
    """An interval of a change."""
    return f"{signed(low, unit)} to {signed(high, unit)}"
