"""Answer a question for a viewer: the one place that filters, groups, counts people and hides small groups.

A group is as large as its distinct people and its rows without a person together. One that is smaller than the
viewer's `smallest` is hidden, and where the hidden groups together are still that small, the smallest of the shown
is hidden with them, so that a total less the groups beside it tells nothing. What is not stopped is differencing:
the same question over a period one day longer, or one group asked for by itself; every answer is audited.
A question that no row fits is answered, since it speaks of nobody: 0 for counts, no value for the rest.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from types import MappingProxyType

from heedful.insight import periods
from heedful.insight.answer import Answer, Figure, Question, Weighted, evidence_where, from_json
from heedful.insight.certainty import Confusions, difference
from heedful.insight.checks import CLASSES, Checks, checks, measured_here
from heedful.insight.corrected import Errors
from heedful.insight.dimensions import Dimension, dimension, place
from heedful.insight.evidence import evidence
from heedful.insight.figures import Figures, Keys, figures, nothing
from heedful.insight.metrics import Metric, metric
from heedful.insight.named import names_for
from heedful.insight.periods import Period
from heedful.insight.rows import Rows, rows_of
from heedful.insight.shares import shares
from heedful.insight.weights import Weighing, margins_of, needs, weighing
from heedful.language.cards import Confusion
from heedful.settings import Margins
from heedful.store.view import View

__all__ = ["Answer", "Figure", "Question", "ask", "evidence", "evidence_where", "from_json"]

Accuracy = Callable[[str, str], Confusion | None]
Found = Mapping[Keys, Figure]
NO_WEIGHTS: Mapping[str, Margins] = MappingProxyType({})


def ask(
    view: View,
    question: Question,
    *,
    now: datetime,
    accuracy: Accuracy = lambda *_: None,
    weightings: Mapping[str, Margins] = NO_WEIGHTS,
) -> Answer:
    """The figure of every group, sorted by the dimensions; one figure without any.

    `now` (aware) is what relative times count back from. `accuracy` gives a reading's measured confusion in
    a language: that of the filter or the group, and otherwise of English. `weightings` are those that a question can
    name. NotFound: no such metric, dimension or weights. BadSettings: a time, zone or value that is not one.
    """
    asked = metric(question.metric)
    by = [dimension(name, asked.of, reading=asked.reading) for name in dict.fromkeys(question.by)]
    period = periods.period(question.since, question.until, question.zone, now)
    spoken = next((value for name, value in question.where if name == "language"), None)
    margins = margins_of(weightings, question.weights)
    answered = _Answering(asked, by, view.viewer.smallest, _errors(view, accuracy, spoken), margins)
    beside = needs(asked, margins)
    rows = rows_of(view, asked, question.where, period, by, beside=beside)
    weighed = answered.weighed(rows)
    found = answered.of(rows, weighed)
    if question.compare:
        earlier = periods.before(period, now)
        past = rows_of(view, asked, question.where, earlier, by, beside=beside)
        then = answered.of(past, answered.weighed(past))
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
        checked=answered.checked(rows, shown),
        unread=found.unread if rows.having is not None else None,
        better=asked.better,
        where=question.where,
        compare=question.compare,
        names=(names := names_for(view, (*question.by, *(name for name, _ in question.where)))),
        topics=view.topics_version() if names else None,
        weighted=_weighted(question.weights, weighed, shown),
    )


def _weighted(name: str | None, weighed: Weighing | None, shown: Sequence[Figure]) -> Weighted | None:
    """What the weights cost; of rows that are all hidden it would tell how many there are."""
    if name is None or weighed is None or all(figure.hidden for figure in shown):
        return None
    return Weighted(name, weighed.weights.effect, weighed.weights.effective)


def _errors(view: View, accuracy: Accuracy, spoken: str | None) -> Errors:
    """The measured errors of a reading for a group in some language; those of `spoken` for one in any.

    Where people have checked enough here, they are those of this workspace, for languages whose errors are known.
    """

    @cache
    def of(reading: str) -> Confusions:
        classes = CLASSES.get(reading)
        here = classes and view.once(
            ("errors", reading), lambda: measured_here(view, checks(view, reading), reading, classes)
        )

        def in_language(language: str | None) -> Confusion | None:
            said = accuracy(reading, language or spoken or "en")
            return here or said if said or not (language or spoken) else None

        return in_language

    return of


def _unknown(_: str | None) -> None:
    return None


@dataclass(frozen=True)
class _Answering:
    """What is asked of some rows, and of those of the period before."""

    asked: Metric
    by: Sequence[Dimension]
    smallest: int
    errors: Errors
    margins: Margins

    def weighed(self, rows: Rows) -> Weighing | None:
        """The weights of the rows, where any are asked for."""
        return weighing(rows, self.asked, self.margins) if self.margins else None

    def of(self, rows: Rows, weighed: Weighing | None) -> Figures:
        """Every group's figure."""
        asked, smallest = self.asked, self.smallest
        if asked.shared and self.by:
            return shares(asked, self.by, rows, smallest=smallest, errors=self.errors, weighing=weighed)
        known: Checks | None = None
        confusion: Confusions = _unknown
        if asked.reading:
            known, confusion = checks(rows.view, asked.reading), self.errors(asked.reading)
        return figures(asked, self.by, rows, smallest=smallest, confusion=confusion, checks=known, weighing=weighed)

    def checked(self, rows: Rows, shown: Sequence[Figure]) -> str:
        """How far to trust the figures; a full count of rows chosen by a reading is what the classifier said."""
        values = [figure for figure in shown if figure.value is not None]
        reading, last = self.asked.reading, self.by[-1] if self.asked.shared and self.by else None
        if not reading and not (last and last.corrected):
            return "not checked" if rows.read else "full count"
        if last:  # of no category or label, and of groups without rows, nothing is estimated
            values = [figure for figure in values if figure.rows and figure.group[last.name] is not None]
        if values and all(figure.checked for figure in values):
            return "checked"
        measured = self.errors(reading)(None) if reading else values and all(f.low is not None for f in values)
        return "measured" if measured else "not checked"


def _compared(
    now: Found, then: Found, by: Sequence[Dimension], periods: tuple[Period, Period], asked: Metric
) -> tuple[Figure, ...]:
    """Each figure with the one before: the same group, and the same day (hour, week, month) counted from the start.

    A group that only the period before had is shown as one without rows, but not where time is a dimension.
    """
    before = {_placed(keys, by, periods[1]): figure for keys, figure in then.items()}
    places = {keys: _placed(keys, by, periods[0]) for keys in now}
    wholes = ({keys[:-1] for keys in now}, {keys[:-1] for keys in before})
    shown = [
        (k, _beside(f, before.get(places[k]) or _nothing(asked, {}, places[k], wholes[1]))) for k, f in now.items()
    ]
    if not any(d.step for d in by):
        gone = (keys for keys in then if keys not in now)
        shown += [(k, _beside(_nothing(asked, then[k].group, k, wholes[0]), then[k])) for k in gone]
        shown.sort(key=lambda pair: [(key is None, key) for key in pair[0]])
    return tuple(figure for _, figure in shown)


def _nothing(asked: Metric, group: dict[str, str | None], keys: Keys, wholes: Collection[Keys]) -> Figure:
    """The figure of a group without rows; its share is none, where there are others of its whole."""
    found = nothing(asked, group)
    return found._replace(value=0.0) if asked.shared and keys[:-1] in wholes else found


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
