"""Where a message stands in newest-first order: one whole number from 0 up, by which the index is sorted.

The second in which it occurred, then its row number; undated messages stand after all dated ones. What occurred
before 1700 or after 2239 stands at that edge. Within one second the order is that of the row numbers modulo 2^29,
which two messages share only when hundreds of millions of rows lie between them.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import narwhals.stable.v2 as nw

EARLIEST, LATEST = datetime(1700, 1, 1), datetime(2240, 1, 1)
BITS = 29
_ORDINAL = (1 << BITS) - 1
_FIRST = 1 << 12
"""Seconds before the first dated one: room for the row numbers of undated messages."""
_SECOND = timedelta(seconds=1)
MANY = 20_000

Frame = nw.LazyFrame[Any]
Ranked = list[tuple[int, int]]
"""(rank, row number) of messages, newest first."""


def rank(occurred_at: datetime | None, n: int) -> int:
    """The rank of one message from its time (naive UTC) and row number."""
    if occurred_at is None:
        return n
    return _seconds(occurred_at) << BITS | n & _ORDINAL


def ranks(times: Sequence[datetime | None], numbers: Sequence[int]) -> list[int]:
    """The rank of each of many messages."""
    return [rank(at, n) for at, n in zip(times, numbers, strict=True)]


def lowest(since: datetime) -> int:
    """No message that occurred at this time or later has a lower rank."""
    return _seconds(since) << BITS


def highest(until: datetime) -> int:
    """No message that occurred before this time has a rank this high."""
    return _seconds(until) + 1 << BITS


def newest(rows: Frame, below: int | None, limit: int, *, of: Frame) -> Ranked:
    """(rank, n) of the `limit` rows of highest rank below `below`, in order; rows have `occurred_at` and `n`.

    `of` is the whole that `rows` are chosen from. Its newest times are found first, which costs little, so that
    the choice is made among recent rows alone as long as those suffice.
    """
    for since in _recent(of, below, limit):
        found = _ordered(rows.filter(nw.col("occurred_at") >= nw.lit(since)), below, limit)
        if len(found) == limit:
            return found
    return _ordered(rows, below, limit)


def _recent(of: Frame, below: int | None, limit: int) -> list[datetime]:
    """Seconds since which there are some, then many, rows below the cursor; none that are at the edge."""
    times = of.select("occurred_at")
    if 8 * limit > MANY or (below is not None and below < _FIRST << BITS):
        return []
    if below is not None:
        times = times.filter(nw.col("occurred_at") < nw.lit(_at(below) + _SECOND))
    newest = times.sort("occurred_at", descending=True, nulls_last=True).head(MANY).collect("pyarrow").to_arrow()
    some = [n for n in (8 * limit, MANY) if n <= newest.num_rows]
    found = [newest["occurred_at"][n - 1].as_py() for n in some]
    return [at.replace(microsecond=0) for at in found if at is not None and EARLIEST <= at < LATEST]


def _ordered(rows: Frame, below: int | None, limit: int) -> Ranked:
    narrow = rows.select("n", "occurred_at", _second=_second(), _ordinal=nw.col("n") % (1 << BITS))
    if below is not None:
        narrow = narrow.filter(*_below(below))
    ordered = narrow.sort("_second", "_ordinal", descending=True, nulls_last=True).head(limit)
    found = ordered.collect("pyarrow").to_arrow()
    numbers = found["n"].to_pylist()
    return list(zip(ranks(found["occurred_at"].to_pylist(), numbers), numbers, strict=True))


def _second() -> nw.Expr:
    """The second that counts in the order."""
    at = nw.col("occurred_at")
    late = nw.when(at >= nw.lit(LATEST)).then(nw.lit(LATEST)).otherwise(at.dt.truncate("1s"))
    return nw.when(at < nw.lit(EARLIEST)).then(nw.lit(EARLIEST)).otherwise(late)


def _below(cursor: int) -> list[nw.Expr]:
    second, ordinal = nw.col("_second"), nw.col("_ordinal")
    if cursor < _FIRST << BITS:
        return [second.is_null(), nw.col("n") < cursor]
    at = nw.lit(_at(cursor))
    earlier = (second < at) | ((second == at) & (ordinal < (cursor & _ORDINAL)))
    return [second.is_null() | earlier]


def _at(cursor: int) -> datetime:
    """The second of a dated cursor."""
    return EARLIEST + min((cursor >> BITS) - _FIRST, (LATEST - EARLIEST) // _SECOND) * _SECOND


def _seconds(at: datetime) -> int:
    return (min(max(at, EARLIEST), LATEST) - EARLIEST) // _SECOND + _FIRST
