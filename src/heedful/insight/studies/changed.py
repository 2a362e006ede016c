"""What a metric's change is made of: more or fewer rows of some groups, or another value within them.

`heedful.insight.parts` says what the parts and their intervals mean. What is left is called `rest`: hidden groups, rows
that are in several groups, and estimates whose groups do not add up to the whole's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pyarrow as pa

from heedful.errors import BadSettings
from heedful.insight.answer import Figure, Question
from heedful.insight.dimensions import dimension
from heedful.insight.metrics import metric
from heedful.insight.named import NAMED
from heedful.insight.parts import Part, clear, left, parts
from heedful.insight.studies import Asked


def of_view(asked: Asked) -> pa.Table:
    """One line for the whole, then the parts, the largest first and those within noise last, then the rest.

    Columns: part (total, mix, within, rest), the dimension (of topics their names too), change, low, high, clear
    (whether the interval leaves out 0; false is noise, null not known), value and before of the group, rows and
    rows_before. BadSettings where the metric has no parts, or there is not exactly one dimension whose groups are there
    in both periods, or no period.
    """
    question = compared(asked.question)
    if len(question.by) != 1:
        raise BadSettings("say by which one dimension the change is to be taken apart, such as --by channel")
    known = metric(question.metric)
    one = dimension(question.by[0], known.of, reading=known.reading)
    if one.step:
        raise BadSettings(f"a change cannot be taken apart by {one.name}: its groups are of one period only")
    total, counted = whole(asked, question)
    groups = asked.ask(question)
    found = parts(known.parts, total, groups)
    change = total.change or 0.0
    sure = clear(change, total.change_low, total.change_high, counted=counted)
    first = Part("total", None, change, total.change_low, total.change_high, sure, 0.0, total)
    rest = Part("rest", None, left(found, change), None, None, None, 0.0, None)
    return _table([first, *found, rest], one.name, groups.names if one.name in NAMED else None)


def compared(question: Question) -> Question:
    """The question with the period before; BadSettings where its metric has no parts, or nothing comes before."""
    if not question.metric:
        raise BadSettings("say which metric is to be taken apart, such as --metric net_sentiment")
    known = metric(question.metric)
    if not known.parts:
        raise BadSettings(f"{known.name} of a whole is not made of {known.name} of its groups: ask for another metric")
    if not question.since:
        raise BadSettings("give since, such as 30d: what came before is the period of the same length before it")
    return replace(question, compare=True)


def whole(asked: Asked, question: Question) -> tuple[Figure, bool]:
    """The figure that changed, and whether it is a full count; BadSettings where one of both periods has none."""
    answer = asked.ask(replace(question, by=()))
    total = answer.figures[0]
    if total.change is None:
        raise BadSettings("one of the two periods has nothing to measure, or too few people: ask for longer ones")
    return total, answer.checked == "full count"


def _table(found: Sequence[Part], name: str, called: Mapping[str, str] | None) -> pa.Table:
    figures = [part.figure for part in found]
    earlier = [None if figure is None else figure.before for figure in figures]
    columns = {
        "part": pa.array([part.part for part in found], pa.string()),
        name: pa.array([part.group for part in found], pa.string()),
        **(
            {}
            if called is None
            else {f"{name}_name": pa.array([called.get(part.group or "") for part in found], pa.string())}
        ),
        "change": pa.array([part.change for part in found], pa.float64()),
        "low": pa.array([part.low for part in found], pa.float64()),
        "high": pa.array([part.high for part in found], pa.float64()),
        "clear": pa.array([part.clear for part in found], pa.bool_()),
        "value": pa.array([figure and figure.value for figure in figures], pa.float64()),
        "before": pa.array([figure and figure.value for figure in earlier], pa.float64()),
        "rows": pa.array([figure and figure.rows for figure in figures], pa.int64()),
        "rows_before": pa.array([figure and figure.rows for figure in earlier], pa.int64()),
    }
    return pa.table(columns)
