"""The rows a question is about: the period first, then filters, then readings where anything stands on one."""

from collections.abc import Sequence
from dataclasses import dataclass

import narwhals.stable.v2 as nw

from heedful.insight.answer import Where
from heedful.insight.contacts import contacts
from heedful.insight.dimensions import AT, DERIVED, READINGS, Dimension, dimension
from heedful.insight.local import FIRST, Clock, clock
from heedful.insight.metrics import Metric
from heedful.insight.periods import Period
from heedful.privacy.visible import Frame
from heedful.store.view import View


@dataclass(frozen=True)
class Rows:
    """Rows to count, with `read_*` columns where needed, and the clock of their local times.

    `read` is false where no reading was needed to choose them. `candidates` are the same rows before those
    without the metric's reading were left out.
    """

    frame: Frame
    clock: Clock
    read: bool
    candidates: Frame


def rows_of(view: View, metric: Metric, where: Where, period: Period, by: Sequence[Dimension] = ()) -> Rows:
    """The rows of a metric in a period that fit every filter, as far as the viewer may see them.

    NotFound: a filter that is no dimension of the metric's table.
    """
    filters = [(dimension(name, metric.of, reading=metric.reading), value) for name, value in where]
    used = [*by, *(d for d, _ in filters)]
    frame = _in_period(view, metric.of, period)
    local = _clock(view.frame(DERIVED.get(metric.of, metric.of)), period, used)
    if metric.rows is not None:
        frame = frame.filter(metric.rows)
    for d, value in filters:
        frame = frame if d.reading else frame.filter(d.matches(value, local))
    needed = [name for name in READINGS if name == metric.reading or any(d.reading == name for d in used)]
    read = with_readings(view, frame, needed)
    chosen = [d.matches(value, local) for d, value in filters if d.reading]
    candidates = read.filter(*chosen) if chosen else frame
    final = read.filter(*chosen) if chosen else read
    if metric.reading:
        final = final.filter(~nw.col(f"read_{metric.reading}").is_null())
    return Rows(final, local, bool(needed), candidates)


def _in_period(view: View, table: str, period: Period) -> Frame:
    frame = view.frame(DERIVED.get(table, table))
    if table == "contact":
        return contacts(frame, period)
    held = period.holds()
    return frame if held is None else frame.filter(held)


def with_readings(view: View, frame: Frame, names: Sequence[str]) -> Frame:
    """The same messages with `read_NAME` for each reading named; null where there is none yet."""
    if not names:
        return frame
    readings = view.frame("reading").select(nw.col("n").alias("read_n"), *(nw.col(r).alias(f"read_{r}") for r in names))
    return frame.join(readings, left_on="n", right_on="read_n", how="left")


def _clock(table: Frame, period: Period, used: Sequence[Dimension]) -> Clock:
    """The zone's clock for the period; an open end is the table's first or last time."""
    if period.zone.key == "UTC" or not any(d.timed for d in used):
        return clock(period.zone, FIRST, FIRST)
    low, high = period.since, period.until
    if low is None or high is None:
        ends = table.select(low=AT.min(), high=AT.max()).collect("pyarrow").to_arrow()
        first, last = (ends[name][0].as_py() or FIRST for name in ("low", "high"))
        low, high = low or first, high or last
    return clock(period.zone, low, high)


def count(frame: Frame) -> int:
    """How many rows there are."""
    return int(frame.select(rows=nw.len()).collect("pyarrow").to_arrow()["rows"][0].as_py())
