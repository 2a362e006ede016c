"""Messages found by words and filters, newest first; one message, and the conversation it belongs to.

Words are looked up in the index, everything else in the viewer's own frames: what somebody may not see is neither
found nor counted. Newest is by the second of occurrence, then by row number; undated messages come last.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import narwhals.stable.v2 as nw
import pyarrow as pa
import pyarrow.compute as pc

from heedful.insight import periods
from heedful.insight.answer import Where
from heedful.insight.metrics import metric
from heedful.insight.periods import Period
from heedful.insight.rows import count as count_rows
from heedful.insight.rows import rows_of
from heedful.privacy.visible import Frame
from heedful.records import SENTIMENTS, TABLES, outward
from heedful.store.search import HIGHEST, Search, rank
from heedful.store.view import View

SHOWN = ("language", "sentiment", *(f"sentiment_{name}" for name in SENTIMENTS), "personal_data", "unread")
"""Readings that a list of messages shows."""
MOST_COUNTED = 20_000
"""Beyond so many hits of the words alone, they are not counted."""
LOOK_AT = 5_000
"""Hits looked at before the search goes through the filtered messages instead."""
MOST_AT_ONCE = 50_000


@dataclass(frozen=True)
class Query:
    """Words as typed, filters by dimensions, and a period, as in a question to `ask`."""

    words: str = ""
    where: Where = ()
    since: str | None = None
    until: str | None = None
    zone: str = "UTC"


@dataclass(frozen=True)
class Found:
    """Messages in contract shape, each with its readings, and the cursor for the next page where there is one."""

    rows: pa.Table
    next: int | None


def find(
    view: View, search: Search, query: Query, *, below: int | None = None, limit: int = 50, now: datetime
) -> Found:
    """One page of what fits; `below` is the `next` of the page before.

    A cursor holds its place while messages arrive: each message that was there stands on exactly one page.
    NotAllowed: the viewer may not read text. NotFound: no such dimension. BadSettings: not a time, zone or value.
    """
    view.viewer.must("text")
    period, chosen = chosen_of(view, query, now)
    if query.words.strip():
        ranked = _with_words(view, search, query.words, chosen, period, below, limit + 1)
    else:
        ranked = rank.newest(chosen, below, limit + 1, of=view.frame("message"))
    page = ranked[:limit]
    return Found(_whole(view, [n for _, n in page], SHOWN), page[-1][0] if page and len(ranked) > limit else None)


def count(view: View, search: Search, query: Query, *, now: datetime) -> int | None:
    """How many messages fit, exactly; None where more than MOST_COUNTED have the words, filters aside."""
    view.viewer.must("text")
    period, chosen = chosen_of(view, query, now)
    if not query.words.strip():
        return count_rows(chosen)
    least, most = bounds(period)
    hits = search.find(query.words, limit=MOST_COUNTED + 1, least=least, most=most)
    return None if len(hits) > MOST_COUNTED else len(_among(view, chosen, [hit.n for hit in hits]))


def one(view: View, id: str) -> dict[str, Any] | None:
    """One message by its id, with every reading; None where there is none that the viewer may see."""
    view.viewer.must("text")
    numbers = _named(view, id).select("n").collect("pyarrow").to_arrow()["n"].to_pylist()
    readings = tuple(name for name in TABLES["reading"].names if name not in ("message", "read_at"))
    rows: list[dict[str, Any]] = _whole(view, numbers, readings).to_pylist()
    return rows[0] if rows else None


def conversation(view: View, id: str, limit: int = 50) -> pa.Table:
    """The messages of a message's thread, oldest first, itself among them; the ones next to it where there are more.

    Without a thread, it is what it answers, what answers it, and what answers the same. No rows where the viewer
    may not see the message itself.
    """
    view.viewer.must("text")
    frame = view.frame("message")
    own = _named(view, id).select("n", "source", "thread", "parent")
    at = own.collect("pyarrow").to_arrow().to_pylist()
    if not at:
        return _whole(view, [], SHOWN)
    together = frame.filter(nw.col("source") == nw.lit(at[0]["source"]), _together(id, at[0]))
    ordered = together.sort("occurred_at", "n", nulls_last=True).select("n")
    numbers = ordered.collect("pyarrow").to_arrow()["n"].to_pylist()
    first = max(0, min(numbers.index(at[0]["n"]) - limit // 2, len(numbers) - limit))
    return _whole(view, numbers[first : first + limit], SHOWN)


def of_numbers(view: View, numbers: Sequence[int]) -> pa.Table:
    """Messages by their row numbers, in that order, with the readings that a list shows."""
    view.viewer.must("text")
    return _whole(view, numbers, SHOWN)


def _named(view: View, id: str) -> Frame:
    """The message of an id; its stored number is the first half of the id."""
    half = int(id[:16], 16) if re.fullmatch("[0-9a-f]{32}", id) else 0
    frame = view.frame("message").filter(nw.col("key") == nw.lit(half, nw.UInt64))
    return frame.filter(nw.col("id") == nw.lit(id)).head(1)


def _together(id: str, at: dict[str, Any]) -> nw.Expr:
    if at["thread"] is not None:
        return nw.col("thread") == nw.lit(at["thread"])
    near = [id] if at["parent"] is None else [id, at["parent"]]
    return nw.col("id").is_in(near) | nw.col("parent").is_in(near)


def chosen_of(view: View, query: Query, now: datetime) -> tuple[Period, Frame]:
    """The period, and the visible messages that fit everything but the words: those that `volume` counts."""
    period = periods.period(query.since, query.until, query.zone, now)
    return period, rows_of(view, metric("volume"), query.where, period).frame


def bounds(period: Period) -> tuple[int, int]:
    """Ranks between which the messages of a period stand, and perhaps a few others."""
    least = 0 if period.since is None else rank.lowest(period.since)
    return least, HIGHEST if period.until is None else rank.highest(period.until)


def _with_words(
    view: View, search: Search, words: str, chosen: Frame, period: Period, below: int | None, wanted: int
) -> rank.Ranked:
    """The newest that have the words and are among the chosen.

    First the newest hits of the words are held against the filters. Where few of them pass, the words are
    common and the filters narrow, and the newest messages that pass the filters are held against the words.
    """
    least, most = bounds(period)
    found: rank.Ranked = []
    for size in (4 * wanted, LOOK_AT):
        hits = search.find(words, below=below, limit=size, least=least, most=most)
        there = _among(view, chosen, [hit.n for hit in hits])
        found += [hit for hit in hits if hit.n in there]
        if len(found) >= wanted or len(hits) < size:
            return found[:wanted]
        below = hits[-1].rank
    size = LOOK_AT
    while len(found) < wanted:
        rows = rank.newest(chosen, below, size, of=view.frame("message"))
        fits = search.among(words, [row[0] for row in rows])
        found += [row for row in rows if row[0] in fits]
        if len(rows) < size:
            break
        below, size = rows[-1][0], min(4 * size, MOST_AT_ONCE)
    return found[:wanted]


def _among(view: View, rows: Frame, numbers: Sequence[int]) -> set[int]:
    """Those of the row numbers that are among the rows."""
    if not numbers:
        return set()
    there = rows.join(view.numbers(numbers), on="n", how="semi").select("n")
    return set(there.collect("pyarrow").to_arrow()["n"].to_pylist())


def _whole(view: View, numbers: Sequence[int], readings: Sequence[str]) -> pa.Table:
    """Messages by their row numbers, in that order, in contract shape with readings."""
    kept = [name for name in view.frame("reading").collect_schema().names() if name in readings]
    read = ", ".join(f"reading.{name} as made_{name}" for name in kept)
    query = f"select message.*, {read} from message left join reading on reading.n = message.n "
    rows = view.query(query + "where message.n in (select unnest($numbers))", numbers=list(numbers) or [-1])
    found = rows.collect("pyarrow").to_arrow()
    found = found.take(pc.index_in(pa.array(numbers, pa.int64()), found["n"]).drop_null())
    made = found.select([f"made_{name}" for name in kept]).rename_columns(kept)
    whole = _beside(outward(found, "message"), outward(made, "reading"))
    return whole.append_column("topic", found["read_topic"])


def _beside(messages: pa.Table, readings: pa.Table) -> pa.Table:
    """Both side by side; the language is the one read, else the one the source gave."""
    for name in readings.column_names:
        column = readings[name]
        if name == "language":
            place = messages.column_names.index(name)
            messages = messages.set_column(place, name, pc.coalesce(column, messages[name]))
        else:
            messages = messages.append_column(readings.schema.field(name), column)
    return messages
