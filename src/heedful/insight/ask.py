"""Answer a question for a viewer: the one place that filters, groups, counts people and hides small groups.

A group is as large as its distinct people and its rows without a person together. One that is smaller than the
viewer's `smallest` is hidden, and where the hidden groups together are still that small, the smallest of the shown
is hidden with them, so that a total less the groups beside it tells nothing. What is not stopped is differencing:
the same question over a period one day longer, or one group asked for by itself; every answer is audited.
A question that no row fits is answered, since it speaks of nobody: 0 for counts, no value for the rest.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from heedful.insight import periods
from heedful.insight.answer import Answer, Figure, Question, evidence_where, from_json
from heedful.insight.certainty import Confusions, difference
from heedful.insight.checks import Checks, checks, measured_here
from heedful.insight.dimensions import Dimension, dimension, place
from heedful.insight.evidence import evidence
from heedful.insight.figures import Keys, figures, nothing
from heedful.insight.metrics import Metric, metric
from heedful.insight.named import names_for
from heedful.insight.periods import Period
from heedful.insight.rows import Rows, rows_of
from heedful.language.cards import Confusion
from heedful.store.view import View

__all__ = ["Answer", "Figure", "Question", "ask", "evidence", "evidence_where", "from_json"]

Accuracy = Callable[[str, str], Confusion | None]
Found = Mapping[Keys, Figure]


def ask(view: View, question: Question, *, now: datetime, accuracy: Accuracy = lambda *_: None) -> Answer:
    """The figure of every group, sorted by the dimensions; one figure without any.

    `now` (aware) is what relative times count back from. `accuracy` gives a reading's measured confusion in
    a language: that of the filter or the group, and otherwise of English.
    NotFound: no such metric or dimension. BadSettings: a time, zone or value that is not one.
    """
    asked = metric(question.metric)
    by = [dimension(name, asked.of, reading=asked.reading) for name in dict.fromkeys(question.by)]
    period = periods.period(question.since, question.until, question.zone, now)
    spoken = next((value for name, value in question.where if name == "language"), None)
    known = checks(view, asked.reading) if asked.reading else None
    confusion = _confusion(view, asked, accuracy, known, spoken)
    smallest = view.viewer.smallest
    rows = rows_of(view, asked, question.where, period, by)
    found = figures(asked, by, rows, smallest=smallest, confusion=confusion, checks=known)
    if question.compare:
        earlier = periods.before(period, now)
        past = rows_of(view, asked, question.where, earlier, by)
        then = figures(asked, by, past, smallest=smallest, confusion=confusion, checks=known)
        shown = _compared(found.shown, then.shown, by, (period, earlier), asked)
    else:
        shown = tuple(found.shown.values())
    since, until = period.text()
    return Answer(
        metric=asked.name,
        title=asked.title,
        unit=asked.unit,
        zone=question.zone,
        since=since,
        until=until,
        as_of=view.as_of,
        by=tuple(d.name for d in by),
        figures=shown,
        checked=_checked(asked, rows, confusion(None), shown),
        unread=found.unread if asked.reading else None,
        better=asked.better,
        where=question.where,
        compare=question.compare,
        names=(names := names_for(view, (*question.by, *(name for name, _ in question.where)))),
        topics=view.topics_version() if names else None,
    )


def _confusion(view: View, asked: Metric, accuracy: Accuracy, known: Checks | None, spoken: str | None) -> Confusions:
    """The measured errors of a reading for a group in some language; those of `spoken` for one in any.

    Where people have checked enough here, they are those of this workspace, for languages whose errors are known.
    """
    reading = asked.reading
    if reading is None or known is None:
        return lambda _: None
    here = measured_here(view, known, reading, list(asked.score))

    def of(language: str | None) -> Confusion | None:
        said = accuracy(reading, language or spoken or "en")
        return here or said if said or not (language or spoken) else None

    return of


def _checked(asked: Metric, rows: Rows, confusion: Confusion | None, shown: Sequence[Figure]) -> str:
    """How far to trust the figures; a full count of rows chosen by a reading is what the classifier said."""
    if asked.reading:
        if (values := [figure for figure in shown if figure.value is not None]) and all(f.checked for f in values):
            return "checked"
        return "measured" if confusion else "not checked"
    return "not checked" if rows.read else "full count"


def _compared(
    now: Found, then: Found, by: Sequence[Dimension], periods: tuple[Period, Period], asked: Metric
) -> tuple[Figure, ...]:
    """Each figure with the one before: the same group, and the same day (hour, week, month) counted from the start.

    A group that only the period before had is shown as one without rows, but not where time is a dimension.
    """
    before = {_placed(keys, by, periods[1]): figure for keys, figure in then.items()}
    empty = Figure({}, asked.empty, None, None, 0, 0)
    shown = [(k, _beside(figure, before.get(_placed(k, by, periods[0]), empty))) for k, figure in now.items()]
    if not any(d.step for d in by):
        gone = (keys for keys in then if keys not in now)
        shown += [(keys, _beside(nothing(asked, then[keys].group), then[keys])) for keys in gone]
        shown.sort(key=lambda pair: [(key is None, key) for key in pair[0]])
    return tuple(figure for _, figure in shown)


def _beside(figure: Figure, before: Figure) -> Figure:
    """A figure with the one before, and how sure the change is."""
    low, high = difference((figure.value, figure.low, figure.high), (before.value, before.low, before.high))
    return figure._replace(before=before, change_low=low, change_high=high)


def _placed(keys: Keys, by: Sequence[Dimension], period: Period) -> Keys:
    def placed(key: object, d: Dimension) -> object:
        if d.step and isinstance(key, datetime) and period.since:
            return place(d.step, key, period.since, period.zone)
        return key

    return tuple(placed(key, d) for key, d in zip(keys, by, strict=True))
