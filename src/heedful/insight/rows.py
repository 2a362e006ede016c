"""The rows a question is about: those of the period that fit every filter, and what of them is read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_

import narwhals.stable.v2 as nw

from heedful.insight.answer import Where
from heedful.insight.contacts import NEEDS as CONTACT_NEEDS
from heedful.insight.contacts import contacts
from heedful.insight.dimensions import DERIVED, Dimension, dimension
from heedful.insight.local import FIRST, Clock, clock
from heedful.insight.metrics import Metric
from heedful.insight.periods import Period
from heedful.privacy.visible import Frame
from heedful.store.view import View


@dataclass(frozen=True)
class Rows:
    """Rows to count, as which viewer, and the clock of their local times.

    `read` says that a reading was needed, `slow` that the rows take longer to work out than to count. `having`, for an
    estimate or a share, is the condition of having its readings: the other rows are not counted, but told of.
    """

    view: View
    fitting: Frame
    clock: Clock
    read: bool
    slow: bool
    having: nw.Expr | None = None

    @property
    def frame(self) -> Frame:
        """The rows that count."""
        return self.fitting if self.having is None else self.fitting.filter(self.having)


def rows_of(
    view: View,
    metric: Metric,
    where: Where,
    period: Period,
    by: Sequence[Dimension] = (),
    *,
    beside: Sequence[Dimension] = (),
) -> Rows:
    """The rows of a metric in a period that fit every filter, as far as the viewer may see them.

    They have what the dimensions `by`, which make the groups, and `beside` them need.
    NotFound: a filter that is no dimension of the metric's table.
    """
    filters = [(dimension(name, metric.of, reading=metric.reading), value) for name, value in where]
    used = [*by, *(d for d, _ in filters)]
    needs = {"who", *metric.needs, *(column for d in (*used, *beside) for column in d.needs)}
    needs |= {f"read_{metric.reading}", "key"} if metric.reading else {"key"} if metric.shared else set()
    table, slow = DERIVED.get(metric.of, metric.of), metric.of == "contact"
    stored = _stored(view, table, needs.union(CONTACT_NEEDS) if slow else needs)
    local = _clock(view, table, period, used)
    chosen = [d.matches(value, local) for d, value in filters]
    if slow:
        columns = ("n", "person", "occurred_at", "waited", *sorted(needs))
        asked = ("contact", period, where, columns)  # the same for questions that differ only in the metric
        frame = view.held(asked, lambda: _filtered(contacts(view, stored, period), *chosen).select(*columns))
        frame = _filtered(frame, metric.rows)
    else:
        frame = _filtered(stored, period.holds(), metric.rows, *chosen)
    having = _having(metric, used, local)
    read = bool(metric.reading) or any(d.reading for d in used)
    return Rows(view, frame, local, read, slow, having)


def _stored(view: View, table: str, needs: Iterable[str]) -> Frame:
    """A table with the columns needed; labels are not kept beside the message, and come from its readings."""
    stored = view.frame(table, needs)
    if "read_labels" not in needs:
        return stored
    read = view.frame("reading", ("labels",)).select("n", nw.col("labels").alias("read_labels"))
    return view.joined(stored, read, "n", "left")


def _having(metric: Metric, used: Sequence[Dimension], clock: Clock) -> nw.Expr | None:
    """The condition of having what an estimate stands on; a share stands on every reading that makes its groups."""
    if metric.reading:
        return ~nw.col(f"read_{metric.reading}").is_null()
    read = [~d.column(clock).is_null() for d in used if d.reading and not d.nowhere] if metric.shared else []
    return reduce(and_, read) if read else None


def _filtered(frame: Frame, *conditions: nw.Expr | None) -> Frame:
    given = [condition for condition in conditions if condition is not None]
    return frame.filter(*given) if given else frame


def _clock(view: View, table: str, period: Period, used: Sequence[Dimension]) -> Clock:
    """The zone's clock for the period; an open end is the table's first or last time."""
    if period.zone.key == "UTC" or not any(d.timed for d in used):
        return clock(period.zone, FIRST, FIRST)
    low, high = period.since, period.until
    if low is None or high is None:
        extent = view.extent(table)
        low, high = low or extent.first or FIRST, high or extent.last or FIRST
    return clock(period.zone, low, high)


def count(frame: Frame) -> int:
    """How many rows there are."""
    return int(frame.select(rows=nw.len()).collect("pyarrow").to_arrow()["rows"][0].as_py())
