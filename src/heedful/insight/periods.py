"""The time a question is about: from, until (not included), in which zone, and the period before."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import narwhals.stable.v2 as nw

from heedful.errors import BadSettings
from heedful.insight.local import shown, to_utc

BACK = re.compile(r"(\d{1,6})([hdw])")
HOW = "write 2026-11-20 or 2026-11-20T14:30 in the question's zone, or 12h, 30d or 2w back from now"


@dataclass(frozen=True)
class Period:
    """Naive UTC times; None is open. Fully open holds undated rows too."""

    since: datetime | None
    until: datetime | None
    zone: ZoneInfo

    def holds(self) -> nw.Expr | None:
        """Rows that occurred in it; None for every row."""
        at = nw.col("occurred_at")
        bounds = [at >= nw.lit(self.since)] if self.since else []
        bounds += [at < nw.lit(self.until)] if self.until else []
        return nw.all_horizontal(*bounds, ignore_nulls=False) if bounds else None

    def text(self) -> tuple[str | None, str | None]:
        """Both ends as local ISO times with their offset: they can be asked again and mean the same."""
        since, until = (None if at is None else shown(at, self.zone) for at in (self.since, self.until))
        return since, until


def zone(name: str) -> ZoneInfo:
    """A time zone by its name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadSettings(f"no time zone named {name!r}: write one such as Europe/Berlin or UTC") from None


def period(since: str | None, until: str | None, name: str, now: datetime) -> Period:
    """The period between two times as people write them; `now` is aware."""
    where = zone(name)
    found = Period(_time(since, where, now), _time(until, where, now), where)
    if found.since and found.until and found.since >= found.until:
        raise BadSettings(f"since {since!r} is not before until {until!r}, and until is not included")
    return found


def always() -> Period:
    """All time, undated rows too."""
    return Period(None, None, ZoneInfo("UTC"))


def _time(text: str | None, where: ZoneInfo, now: datetime) -> datetime | None:
    if not text:
        return None
    try:
        if back := BACK.fullmatch(text):
            return _back(int(back[1]), back[2], where, now)
        found = datetime.fromisoformat(text)
        if found.tzinfo:
            return found.astimezone(UTC).replace(tzinfo=None)
        return to_utc(found, where)
    except (ValueError, OverflowError):
        raise BadSettings(f"{text!r} is not a time: {HOW}") from None


def _back(count: int, unit: str, where: ZoneInfo, now: datetime) -> datetime:
    """Hours are elapsed time; days and weeks go back to the same time on the local clock."""
    if unit == "h":
        return now.astimezone(UTC).replace(tzinfo=None) - timedelta(hours=count)
    local = now.astimezone(where).replace(tzinfo=None)
    return to_utc(local - timedelta(days=count * (7 if unit == "w" else 1)), where)


def before(current: Period, now: datetime) -> Period:
    """The period of the same length that ends where this one begins.

    Where both ends stand at the same time of the local day, the length is counted in local days, so that a day
    of 23 or 25 hours is compared with whole days; otherwise it is elapsed time. An open end is now.
    """
    if current.since is None:
        raise BadSettings("a comparison with the period before needs a beginning: give since")
    until = current.until or now.astimezone(UTC).replace(tzinfo=None)
    first, last = (
        at.replace(tzinfo=UTC).astimezone(current.zone).replace(tzinfo=None) for at in (current.since, until)
    )
    try:
        if first.time() == last.time():
            start = to_utc(first - (last - first), current.zone)
        else:
            start = current.since - (until - current.since)
    except OverflowError:
        raise BadSettings("the period before begins before year 1: give a later since") from None
    return Period(start, current.since, current.zone)
