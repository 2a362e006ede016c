"""What a metric's change is made of: more or fewer rows of some groups, or another value within them.

For a mean or share the change of the whole is, over the groups, the change of a group's share of the rows times how
far its value lies from the whole's (`mix`), plus the change of its value times its share (`within`), each with the mean
of both periods for the other factor; so the parts add up, and no part depends on which period comes first. It is the
decomposition of Kitagawa, "Components of a difference between two rates" (1955). For a sum each group's own change is
its part. What is left is called `rest`: hidden groups, and estimates whose groups do not add up to the whole's.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import pyarrow as pa

from heedful.errors import BadSettings
from heedful.insight.answer import Answer, Figure, Question
from heedful.insight.ask import ask
from heedful.insight.dimensions import dimension
from heedful.insight.metrics import metric
from heedful.insight.studies import Asked


class Part(NamedTuple):
    """One part of the change with its 95% interval (None: a full count), and the group's figures in both periods."""

    part: str
    group: str | None
    change: float
    low: float | None
    high: float | None
    figure: Figure | None


def of_view(asked: Asked) -> pa.Table:
    """One line for the whole, then the parts, the largest first.

    Columns: part (total, mix, within, rest), the dimension, change, low, high, clear (whether the interval leaves out
    0), value and before of the group, rows and rows_before. BadSettings where the metric has no parts, or there is not
    exactly one dimension whose groups are apart, or no period.
    """
    question = _checked(asked.question)
    answers = [
        ask(asked.view, replace(question, by=by), now=asked.now, accuracy=asked.accuracy) for by in ((), question.by)
    ]
    whole, groups = answers
    total = whole.figures[0] if whole.figures else None
    if total is None or total.change is None or total.before is None:
        raise BadSettings("one of the two periods has nothing to measure, or too few people: ask for longer ones")
    parts = sorted(_parts(metric(question.metric).parts, total, groups), key=lambda part: -abs(part.change))
    left = total.change - sum(part.change for part in parts)
    first = Part("total", None, total.change, total.change_low, total.change_high, total)
    return _table([first, *parts, Part("rest", None, left, None, None, None)], question.by[0])


def _checked(question: Question) -> Question:
    if not question.metric:
        raise BadSettings("say which metric is to be taken apart, such as --metric net_sentiment")
    asked = metric(question.metric)
    if not asked.parts:
        raise BadSettings(f"{asked.name} of a whole is not made of {asked.name} of its groups: ask for another metric")
    if len(question.by) != 1:
        raise BadSettings("say by which one dimension the change is to be taken apart, such as --by channel")
    one = dimension(question.by[0], asked.of, reading=asked.reading)
    if one.many or one.step:
        why = "a row can be in several of its groups" if one.many else "its groups are of one period only"
        raise BadSettings(f"a change cannot be taken apart by {one.name}: {why}")
    if not question.since:
        raise BadSettings("give since, such as 30d: what came before is the period of the same length before it")
    return replace(question, compare=True)


def _parts(kind: str, total: Figure, groups: Answer) -> Iterator[Part]:
    """The parts of the groups that are shown."""
    before = total.before
    for figure in groups.figures:
        then = figure.before
        if figure.hidden or then is None or then.hidden or before is None:
            continue
        group = figure.group[groups.by[0]]
        if kind == "sum":
            change = (figure.value or 0) - (then.value or 0)
            yield Part("within", group, change, figure.change_low, figure.change_high, figure)
            continue
        share, share_before = (figure.rows or 0) / (total.rows or 1), (then.rows or 0) / (before.rows or 1)
        known = [one for one in (figure, then) if one.value is not None]
        if not known:
            continue
        middle = ((total.value or 0) + (before.value or 0)) / 2
        moved, usual = share - share_before, (share + share_before) / 2
        ends = [_mean([getattr(one, end) for one in known]) for end in ("value", "low", "high")]
        value, low, high = (None if end is None else moved * (end - middle) for end in ends)
        yield Part("mix", group, value or 0.0, *_sorted(low, high), figure)
        if figure.change is not None:
            low, high = (None if end is None else usual * end for end in (figure.change_low, figure.change_high))
            yield Part("within", group, usual * figure.change, low, high, figure)


def _mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if len(known) == len(values) else None


def _sorted(low: float | None, high: float | None) -> tuple[float | None, float | None]:
    return (low, high) if low is None or high is None or low <= high else (high, low)


def _table(parts: list[Part], name: str) -> pa.Table:
    figures = [part.figure for part in parts]
    earlier = [None if figure is None else figure.before for figure in figures]
    columns = {
        "part": pa.array([part.part for part in parts], pa.string()),
        name: pa.array([part.group for part in parts], pa.string()),
        "change": pa.array([part.change for part in parts], pa.float64()),
        "low": pa.array([part.low for part in parts], pa.float64()),
        "high": pa.array([part.high for part in parts], pa.float64()),
        "clear": pa.array([_clear(part) for part in parts], pa.bool_()),
        "value": pa.array([figure and figure.value for figure in figures], pa.float64()),
        "before": pa.array([figure and figure.value for figure in earlier], pa.float64()),
        "rows": pa.array([figure and figure.rows for figure in figures], pa.int64()),
        "rows_before": pa.array([figure and figure.rows for figure in earlier], pa.int64()),
    }
    return pa.table(columns)


def _clear(part: Part) -> bool | None:
    """Whether the interval leaves out 0; a full count is what it is; nothing is said of the rest."""
    if part.part == "rest":
        return None
    if part.low is None or part.high is None:
        return part.change != 0
    return part.low > 0 or part.high < 0
