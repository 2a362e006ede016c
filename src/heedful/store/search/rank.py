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


def newest(rows: nw.LazyFrame[Any], below: int | None, limit: int) -> list[tuple[int, int]]:
    """(rank, n) of the `limit` rows of highest rank below `below`, in order; rows have `occurred_at` and `n`.

    The engine finds the newest times first, which its own order of a plain column makes quick.
    """
    narrow = rows.select("n", "occurred_at", _second=_second(), _ordinal=nw.col("n") % (1 << BITS))
    if below is not None:
        narrow = narrow.filter(*_below(below))
    by_time = narrow.select("occurred_at").sort("occurred_at", descending=True, nulls_last=True).head(limit)
    times = by_time.collect("pyarrow").to_arrow()["occurred_at"]
    if len(times) == limit and (oldest := times[-1].as_py()) is not None:
        narrow = narrow.filter(nw.col("occurred_at") >= nw.lit(min(oldest, LATEST).replace(microsecond=0)))
    ordered = narrow.sort("_second", "_ordinal", descending=True, nulls_last=True).head(limit)
    found = ordered.select("n", "occurred_at").collect("pyarrow").to_arrow()
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
    at = nw.lit(min(EARLIEST + ((cursor >> BITS) - _FIRST) * _SECOND, LATEST))
    earlier = (second < at) | ((second == at) & (ordinal < (cursor & _ORDINAL)))
    return [second.is_null() | earlier]


def _seconds(at: datetime) -> int:
    return (min(max(at, EARLIEST), LATEST) - EARLIEST) // _SECOND + _FIRST
