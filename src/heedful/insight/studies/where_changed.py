"""In which dimension a metric's change lies: each by how much of the change at most three parts of it explain.

All of it: these parts make the whole change, and everything else stayed as it was. None of it: all groups changed
alike, or what they did is within noise, as the change itself may be. `heedful.insight.parts` says what parts are and
how explanations are weighed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pyarrow as pa

from heedful.insight.answer import Figure, Question
from heedful.insight.dimensions import Dimension, applicable
from heedful.insight.metrics import Metric, metric
from heedful.insight.parts import Part, clear, explanation, left, parts
from heedful.insight.studies import Asked
from heedful.insight.studies.changed import compared, whole

MOODS = frozenset({"rating", "sentiment", "emotion"})
"""Dimensions that say how people feel: one of them explains another, and tells nobody why."""
SHAPE = pa.schema(
    [
        pa.field("dimension", pa.string(), False),
        *(pa.field(name, pa.float64()) for name in ("explained", "share", "mix", "within", "rest")),
        pa.field("groups", pa.int64()),
        *(pa.field(name, pa.string()) for name in ("part", "group", "group_name")),
        pa.field("change", pa.float64()),
        *(pa.field(name, pa.int64()) for name in ("rows", "rows_before")),
    ]
)


def of_view(asked: Asked) -> pa.Table:
    """One line for each dimension but time that no filter fixes and that may say why, the best explanation first.

    Columns: dimension; explained, in the metric's unit, and its share of the change (0 to 1, null where the change
    itself is noise); what all of its mix, of its within and of its rest add up to; how many groups are shown; and of
    the part that explains most: part, group (of topics its name too), change, rows and rows_before. Dimensions with a
    single group are left out. BadSettings as for `changed`.
    """
    question = compared(asked.question)
    total, counted = whole(asked, question)
    sure = clear(total.change or 0.0, total.change_low, total.change_high, counted=counted)
    rows = _lines(asked, question, total, sure=sure is not False)
    best_first = sorted(rows, key=lambda row: (-round(abs(row["explained"]), 9), row["groups"], row["dimension"]))
    return pa.Table.from_pylist(best_first, SHAPE)


def _asked_by(known: Metric, fixed: set[str]) -> list[Dimension]:
    """The dimensions that may say why."""
    made_of = {*known.needs, known.reading}
    there = (d for d in applicable(known.of, reading=known.reading) if not d.timed and d.name not in fixed)
    apart = (d for d in there if not made_of.intersection(d.needs))
    return [d for d in apart if not (d.name in MOODS and MOODS & made_of)]


def _lines(asked: Asked, question: Question, total: Figure, *, sure: bool) -> Iterator[dict[str, Any]]:
    known, change = metric(question.metric), total.change or 0.0
    for one in _asked_by(known, {name for name, _ in question.where}):
        by = replace(question, by=(one.name,))
        answer = asked.ask(by)
        found = parts(known.parts, total, answer)
        if (groups := len({part.group for part in found})) < 2:
            continue
        best = explanation(found, change if sure else 0.0)
        summed = {kind: sum(part.change for part in found if part.part == kind) for kind in ("mix", "within")}
        first = best.parts[0] if best.parts else None
        yield {
            "dimension": one.name,
            "explained": best.share * change or 0.0,
            "share": best.share if sure and change else None,
            **summed,
            "rest": left(found, change),
            "groups": groups,
            **(_told(first, answer.names) if first else {}),
        }


def _told(part: Part, called: Mapping[str, str]) -> dict[str, Any]:
    now, then = part.figure, part.figure and part.figure.before
    told = {name: getattr(part, name) for name in ("part", "group", "change")}
    return told | {
        "group_name": called.get(part.group or ""),
        "rows": now and now.rows,
        "rows_before": then and then.rows,
    }
