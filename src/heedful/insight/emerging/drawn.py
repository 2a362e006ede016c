"""The messages that a viewer may see, drawn by lot where there are many, as a stream of names."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import narwhals.stable.v2 as nw
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from heedful.errors import BadSettings
from heedful.insight import periods
from heedful.insight.answer import Question
from heedful.insight.dimensions import Dimension, applicable, dimension
from heedful.insight.emerging.counted import HISTORY
from heedful.insight.emerging.said import said
from heedful.insight.emerging.stream import Name, Named, Numbers, Stream, joined
from heedful.insight.metrics import Metric
from heedful.insight.periods import Period
from heedful.insight.rows import Rows, rows_of
from heedful.store.view import View

DAYS = 14
"""How far back something may have begun to be new, where nothing is said of it."""
LONGEST = 60
MOST_RECENT, MOST_BEFORE = 50_000, 50_000
"""Messages that are looked through: of the look-back, and of the history before it."""
OLD = timedelta(days=1)
"""Where the newest message is older than this, the study ends with it."""
KEPT = ("key", "id", "channel", "source", "title", "text", "read_sentiment")
HEARD = nw.col("direction") == "in"
DAY = timedelta(days=1)


@dataclass(frozen=True, eq=False)
class Drawn:
    """Messages in an order that chance decided, and their names; `now` (naive UTC) is when the look-back ends.

    `whole` says that no message of the look-back was left out.
    """

    rows: pa.Table
    stream: Stream
    now: datetime
    days: int
    whole: bool

    @property
    def since(self) -> datetime:
        """When the look-back begins."""
        return self.now - self.days * DAY


def drawn(view: View, question: Question, now: datetime) -> Drawn:
    """What a question is to be answered from: messages that came in, or whatever direction it asks for.

    `by` names the only dimensions to look at, and no words then. `until` is the moment from which one looks back, else
    `now`, or the newest message if that is older; nothing later is read. BadSettings: a look-back beyond 1 to 60 days.
    """
    end, days = _period(view, question, now)
    looked = [_untimed(dimension(name, "message")) for name in question.by] or _looked(question)
    zone = periods.zone(question.zone)
    since, before = _back(end, days), _back(end, days * (1 - (-HISTORY // days)))
    parts = []
    for period, most in ((Period(since, end, zone), MOST_RECENT), (Period(before, since, zone), MOST_BEFORE)):
        parts.append(_read(_rows(view, question, period, looked), looked, most))
    rows = pa.concat_tables(parts).sort_by("key")
    whole = parts[0].num_rows < MOST_RECENT
    return Drawn(rows, _stream(rows, looked, question, zone_of=zone.key), end, days, whole)


def _period(view: View, question: Question, now: datetime) -> tuple[datetime, int]:
    """The end of the look-back (naive UTC), and its whole days; relative times count back from that end."""
    given = periods.period(None, question.until, question.zone, now)
    end = given.until
    if end is None:
        end = now.astimezone(UTC).replace(tzinfo=None)
        ever = _rows(view, question, Period(None, end, given.zone), ()).frame
        newest = ever.select(newest=nw.col("occurred_at").max()).collect("pyarrow").to_arrow()["newest"][0].as_py()
        if newest is not None and newest < end - OLD:
            end = newest + timedelta(microseconds=1)
    since = periods.period(question.since, None, question.zone, end.replace(tzinfo=UTC)).since
    days = DAYS if since is None else -(-(end - since) // DAY)
    if not 1 <= days <= LONGEST:
        raise BadSettings(f"what is new is looked for in the last 1 to {LONGEST} days, not {days}: give another since")
    return end, days


def _back(end: datetime, days: int) -> datetime:
    try:
        return end - days * DAY
    except OverflowError:
        raise BadSettings(f"there is no history before {end.date().isoformat()}: give a later until") from None


def _untimed(one: Dimension) -> Dimension:
    if one.timed or one.step:
        raise BadSettings(f"{one.name} is a time, and each time is new: name another dimension")
    return one


def _looked(question: Question) -> list[Dimension]:
    """Every dimension that could be news: not time, and not what is asked for already."""
    asked = {name for name, _ in question.where}
    return [d for d in applicable("message") if not (d.timed or d.step or d.name == "direction" or d.name in asked)]


def _rows(view: View, question: Question, period: Period, looked: Sequence[Dimension]) -> Rows:
    heard = None if any(name == "direction" for name, _ in question.where) else HEARD
    asked = Metric("new", "", "message", "messages", "neither", "", needs=(*KEPT, "direction"), rows=heard)
    return rows_of(view, asked, question.where, period, looked)


def _read(rows: Rows, looked: Sequence[Dimension], most: int) -> pa.Table:
    """The first rows by key, with a column for each dimension."""
    keys = {f"is_{one.name}": one.column(rows.clock) for one in looked}
    there = rows.frame.columns
    kept = [name for name in ("n", "person", "occurred_at", *KEPT) if name in there]
    frame = rows.frame.with_columns(**keys).select(*kept, *keys)
    return frame.sort("key", "n").head(most).collect("pyarrow").to_arrow()


def _stream(rows: pa.Table, looked: Sequence[Dimension], question: Question, *, zone_of: str) -> Stream:
    at = rows["occurred_at"].cast(pa.timestamp("s"), safe=False).cast(pa.int64()).to_numpy()
    people = rows["person"].combine_chunks().dictionary_encode().indices.fill_null(-1).cast(pa.int64()).to_numpy()
    parts = [_named(rows[f"is_{one.name}"], one, zone_of) for one in looked]
    copy = np.full(rows.num_rows, -1, np.int64)
    if "text" in rows.column_names:
        named, copy = said(_texts(rows))
        parts += [] if question.by else [named]
    return joined(at, people.copy(), copy, parts)


def _texts(rows: pa.Table) -> list[str | None]:
    """Titles and texts, as one."""
    pairs = zip(rows["title"].to_pylist(), rows["text"].to_pylist(), strict=True)
    return [f"{title}. {text}" if title else text for title, text in pairs]


def _named(column: pa.ChunkedArray, one: Dimension, zone: str) -> Named:
    """The values of one dimension, and which messages have them."""
    values = column.combine_chunks()
    rows: Numbers = np.arange(len(values), dtype=np.int64)
    if one.many:
        rows = pc.list_parent_indices(values).cast(pa.int64()).to_numpy()
        values = pc.list_flatten(values)
    found = values.dictionary_encode()
    there = found.is_valid().to_numpy(zero_copy_only=False)
    numbers = found.indices.fill_null(-1).cast(pa.int64()).to_numpy()[there]
    where = periods.zone(zone)
    names = [Name("dimension", one.name, one.label(key, where)) for key in found.dictionary.to_pylist()]
    return names, numbers, rows[there]
