"""The period a page is about: named in the address, made of whole days of the reader's zone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from heedful.errors import BadSettings
from heedful.server import words
from heedful.server.addresses import address
from heedful.server.blocks import Link

LENGTHS = {"7d": 7, "30d": 30, "90d": 90, "all": None}
LABELS = {"7d": "7 days", "30d": "30 days", "90d": "90 days", "all": "All"}
USUAL = "30d"


@dataclass(frozen=True)
class Period:
    """Whole local days, today included; `since` is null for all time."""

    name: str
    since: str | None
    today: date

    @property
    def days(self) -> int | None:
        """How many days; null for all time."""
        return LENGTHS[self.name]

    @property
    def before(self) -> str:
        """The period before, in words."""
        return f"the {self.days} days before"

    def shown(self, zone: str) -> str:
        """The period in words, with the zone its days belong to."""
        if self.since is None:
            return f"All time up to {words.day(self.today)}, {words.place(zone)}"
        return f"{words.days(date.fromisoformat(self.since), self.today)}, {words.place(zone)}"


def period(query: Mapping[str, str], *, zone: str, now: datetime, usual: str = USUAL) -> Period:
    """The period an address names, or the usual one; BadSettings where it is none of those there are."""
    name = query.get("period") or usual
    if name not in LENGTHS:
        raise BadSettings(f"period={name[:40]} is not a period; there are: {', '.join(LENGTHS)}")
    today = words.local(now, zone).date()
    length = LENGTHS[name]
    since = None if length is None else (today - timedelta(days=length - 1)).isoformat()
    return Period(name, since, today)


def choices(path: str, chosen: Period, *, usual: str = USUAL) -> tuple[Link, ...]:
    """Links to every period, the chosen one marked."""
    return tuple(
        Link(label, address(path, [("period", None if name == usual else name)]), current=name == chosen.name)
        for name, label in LABELS.items()
    )


def steps(grain: str, first: str, last: str) -> list[str]:
    """Every day, week (by its Monday) or month (2026-11) from the one that holds a date or month to another."""
    at, end = (date.fromisoformat(text if len(text) > 7 else f"{text}-01") for text in (first, last))
    if grain == "month":
        count = (end.year - at.year) * 12 + end.month - at.month + 1
        months = (divmod(at.year * 12 + at.month - 1 + n, 12) for n in range(count))
        return [f"{year:04}-{month + 1:02}" for year, month in months]
    length = timedelta(days=7 if grain == "week" else 1)
    at -= timedelta(days=at.weekday()) if grain == "week" else timedelta()
    return [(at + n * length).isoformat() for n in range((end - at) // length + 1)]
