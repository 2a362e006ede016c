"""Where a message stands in newest-first order: one whole number, by which the index is sorted.

The second in which it occurred, then its row number; undated messages stand after all dated ones. What occurred
before the year 1700 or after 2240 stands at the edge. Within one second the order is that of the row numbers
modulo 2^30, which two messages share only when a billion rows lie between them.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import narwhals.stable.v2 as nw

EARLIEST, LATEST = datetime(1700, 1, 1), datetime(2240, 1, 1)
BITS = 30
UNDATED = -(2**63)
_EPOCH = datetime(1970, 1, 1)
_SECOND = timedelta(seconds=1)


def rank(occurred_at: datetime | None, n: int) -> int:
    """The rank of one message from its time (naive UTC) and row number."""
    if occurred_at is None:
        return UNDATED + n
    return _second(occurred_at) << BITS | n & (1 << BITS) - 1


def ranks(times: Sequence[datetime | None], numbers: Sequence[int]) -> list[int]:
    """The rank of each of many messages."""
    return [rank(at, n) for at, n in zip(times, numbers, strict=True)]


def lowest(since: datetime) -> int:
    """No message that occurred at this time or later has a lower rank."""
    return _second(since) << BITS


def highest(until: datetime) -> int:
    """No message that occurred before this time has a rank this high."""
    return _second(until) + 1 << BITS


def second() -> nw.Expr:
    """The second that counts in the order, of rows with `occurred_at`."""
    at = nw.col("occurred_at")
    inside = nw.when(at < nw.lit(EARLIEST)).then(nw.lit(EARLIEST)).when(at >= nw.lit(LATEST)).then(nw.lit(LATEST))
    return inside.otherwise(at.dt.truncate("1s"))


def newest(rows: nw.LazyFrame[Any], below: int | None, limit: int) -> nw.LazyFrame[Any]:
    """The `limit` rows of highest rank below `below`, in order."""
    ordered = rows.with_columns(second().alias("_second"), (nw.col("n") % (1 << BITS)).alias("_n"))
    if below is not None:
        ordered = ordered.filter(_below(below))
    return ordered.sort("_second", "_n", descending=True, nulls_last=True).head(limit).drop("_second", "_n")


def _below(cursor: int) -> nw.Expr:
    undated = nw.col("_second").is_null()
    if cursor < UNDATED // 2:
        return undated & (nw.col("n") < cursor - UNDATED)
    at = nw.lit(_EPOCH + (cursor >> BITS) * _SECOND)
    same = (nw.col("_second") == at) & (nw.col("_n") < (cursor & (1 << BITS) - 1))
    return undated | (nw.col("_second") < at) | same


def _second(at: datetime) -> int:
    return (min(max(at, EARLIEST), LATEST) - _EPOCH) // _SECOND
