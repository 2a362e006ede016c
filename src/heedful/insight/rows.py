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

    `read` says that a reading was needed. `candidates` is, for an estimate, how many rows fit but for having the
    metric's reading.
    """

    frame: Frame
    clock: Clock
    read: bool
    candidates: int = 0


def rows_of(view: View, metric: Metric, where: Where, period: Period, by: Sequence[Dimension] = ()) -> Rows:
    """The rows of a metric in a period that fit every filter, as far as the viewer may see them.

    NotFound: a filter that is no dimension of the metric's table.
    """
    filters = [(dimension(name, metric.of, reading=metric.reading), value) for name, value in where]
    used = [*by, *(d for d, _ in filters)]
    stored = view.frame(DERIVED.get(metric.of, metric.of))
    local = _clock(stored, period, used)
    frame = contacts(stored, period) if metric.of == "contact" else stored
    plain = [d.matches(value, local) for d, value in filters if not d.reading]
    wanted = [period.holds(), metric.rows, *plain]
    if conditions := [condition for condition in wanted if condition is not None]:
        frame = frame.filter(*conditions)
    needed = [name for name in READINGS if name == metric.reading or any(d.reading == name for d in used)]
    if not needed:
        return Rows(frame, local, read=False)
    extent = _extent(_held(stored, period) if metric.of == "contact" else frame)
    read = with_readings(view, frame, needed, among=extent)
    chosen = [d.matches(value, local) for d, value in filters if d.reading]
    if not metric.reading:
        return Rows(read.filter(*chosen) if chosen else read, local, read=True)
    candidates = count(read.filter(*chosen)) if chosen else extent.rows
    chosen.append(~nw.col(f"read_{metric.reading}").is_null())
    return Rows(read.filter(*chosen), local, read=True, candidates=candidates)


@dataclass(frozen=True)
class Extent:
    """The smallest and largest number of some messages, and how many they are."""

    low: int
    high: int
    rows: int


def _held(frame: Frame, period: Period) -> Frame:
    held = period.holds()
    return frame if held is None else frame.filter(held)


def _extent(frame: Frame) -> Extent:
    n = nw.col("n")
    ends = frame.select(low=n.min(), high=n.max(), rows=nw.len()).collect("pyarrow").to_arrow().to_pylist()[0]
    return Extent(**ends) if ends["rows"] else Extent(0, -1, 0)


def with_readings(view: View, frame: Frame, names: Sequence[str], *, among: Extent | None = None) -> Frame:
    """The same messages with `read_NAME` for each reading named; null where there is none yet.

    `among` says where the messages lie, if that is known: the engine then looks through those readings only, instead
    of guessing which side of the join is the small one.
    """
    if not names:
        return frame
    readings = view.frame("reading").select(nw.col("n").alias("read_n"), *(nw.col(r).alias(f"read_{r}") for r in names))
    if among is not None:
        readings = readings.filter(nw.col("read_n") >= among.low, nw.col("read_n") <= among.high)
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
