"""Local time without a calendar library in the engine: a zone's offset is constant between the days clocks change.

The pieces of constant offset come from zoneinfo and become one small decision tree, so that cutting two million
rows by local day costs a few comparisons each (a third of the engine's own time zones).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import narwhals.stable.v2 as nw

FIRST, LAST = datetime(1970, 1, 1), datetime(2050, 1, 1)
"""Before and after these the offset is the one at the edge: such times are mistakes far more often than facts."""
HOUR = timedelta(hours=1)
_LOOK = timedelta(days=1)

Piece = tuple[datetime, timedelta]


@dataclass(frozen=True)
class Clock:
    """A zone and its pieces for some stretch of time: (naive UTC start, offset), the first one without a start."""

    zone: ZoneInfo
    pieces: tuple[Piece, ...]

    def local(self, at: nw.Expr) -> nw.Expr:
        """Naive local time of a naive UTC column."""
        return self._by_piece(at, self.pieces, lambda piece: at + nw.lit(piece[1]) if piece[1] else at)

    def hour(self, at: nw.Expr) -> nw.Expr:
        """The instant (naive UTC) at which the row's local hour began, under the offset it has.

        The hour that a clock shows twice is two hours, and one that a change cuts short begins at the change.
        """
        if all(offset % HOUR == timedelta(0) for _, offset in self.pieces):
            return at.dt.truncate("1h")
        return self._by_piece(at, self.pieces, lambda piece: _hour_of(at, piece))

    def _by_piece(self, at: nw.Expr, pieces: tuple[Piece, ...], of: Callable[[Piece], nw.Expr]) -> nw.Expr:
        if len(pieces) == 1:
            return of(pieces[0])
        middle = len(pieces) // 2
        left, right = pieces[:middle], pieces[middle:]
        return (
            nw.when(at < nw.lit(right[0][0]))
            .then(self._by_piece(at, left, of))
            .otherwise(self._by_piece(at, right, of))
        )


def _hour_of(at: nw.Expr, piece: Piece) -> nw.Expr:
    start, offset = piece
    began = (at + nw.lit(offset)).dt.truncate("1h") - nw.lit(offset)
    return began if start == datetime.min else nw.max_horizontal(began, nw.lit(start))


def clock(zone: ZoneInfo, low: datetime, high: datetime) -> Clock:
    """The zone's clock for the naive UTC times from `low` to `high`."""
    low, high = (min(max(at, FIRST), LAST) for at in (low, high))
    changes = [change for change in _changes(zone, low.year, high.year) if low < change[0] <= high]
    return Clock(zone, ((datetime.min, offset_at(zone, low)), *changes))


def offset_at(zone: ZoneInfo, at: datetime) -> timedelta:
    """The zone's offset at a naive UTC time."""
    return at.replace(tzinfo=UTC).astimezone(zone).utcoffset() or timedelta(0)


def _changes(zone: ZoneInfo, first: int, last: int) -> Iterator[Piece]:
    for year in range(first, last + 1):
        yield from _changes_of(zone, year)


@cache
def _changes_of(zone: ZoneInfo, year: int) -> tuple[Piece, ...]:
    """The changes of offset in one UTC year, to the second: (naive UTC time, the offset from then on)."""
    found: list[Piece] = []
    at, end = datetime(year, 1, 1) - timedelta(seconds=1), datetime(year + 1, 1, 1) - timedelta(seconds=1)
    offset = offset_at(zone, at)
    while at < end:
        later = min(at + _LOOK, end)
        if (new := offset_at(zone, later)) != offset:
            found.append((_change_between(zone, at, later, new), new))
        at, offset = later, new
    return tuple(found)


def _change_between(zone: ZoneInfo, low: datetime, high: datetime, new: timedelta) -> datetime:
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=(high - low).total_seconds() // 2)
        low, high = (low, middle) if offset_at(zone, middle) == new else (middle, high)
    return high


def to_utc(local: datetime, zone: ZoneInfo) -> datetime:
    """Naive UTC of a naive local time: the first of two, and just after the gap for one that never was."""
    return local.replace(tzinfo=zone).astimezone(UTC).replace(tzinfo=None)


def shown(at: datetime, zone: ZoneInfo) -> str:
    """A naive UTC time as local ISO with its offset; seconds only where there are any."""
    local = at.replace(tzinfo=UTC).astimezone(zone)
    if local.second or local.microsecond:
        return local.isoformat()
    return local.isoformat(timespec="minutes")


def hour_range(at: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Start and end (naive UTC) of the local hour that holds a naive UTC time, cut where clocks change."""
    near = clock(zone, at - 2 * HOUR, at + 2 * HOUR).pieces
    number = max(i for i, (start, _) in enumerate(near) if start <= at)
    start, offset = near[number]
    local = at + offset
    began = local.replace(minute=0, second=0, microsecond=0) - offset
    ends = began + HOUR
    return max(began, start), min(ends, near[number + 1][0]) if number + 1 < len(near) else ends


def days(first: datetime, count: int, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Start and end (naive UTC) of `count` local days from a naive local midnight."""
    return to_utc(first, zone), to_utc(first + timedelta(days=count), zone)


def within(at: nw.Expr, bounds: tuple[Any, Any]) -> nw.Expr:
    """Rows from a start to before an end."""
    return (at >= nw.lit(bounds[0])) & (at < nw.lit(bounds[1]))
