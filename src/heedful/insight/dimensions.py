"""What figures can be grouped and filtered by, and nothing else: each dimension is one entry below.

Values are text in questions and answers; a missing value is None. A message with two brands counts in both
groups. Local days, weeks, months and hours are those of the question's zone.
"""

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import narwhals.stable.v2 as nw

from heedful.errors import BadSettings, NotFound
from heedful.insight.local import HOUR, Clock, days, hour_range, offset_at, shown, to_utc, within
from heedful.records import CHANNELS, DIRECTIONS, GOEMOTIONS, KINDS, SENTIMENTS

AT = nw.col("occurred_at")
DAY = timedelta(days=1)
DATED = ("message", "event", "answer")
DERIVED: Mapping[str, str] = {"contact": "message"}
"""Tables made from another one: they have its dimensions, and its rows are their evidence."""
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
RATINGS = ("0.0-0.2", "0.2-0.4", "0.4-0.6", "0.6-0.8", "0.8-1.0")
Matching = Callable[[str, Clock], nw.Expr]


@dataclass(frozen=True)
class Dimension:
    """One way to group and filter.

    `needs` are the columns it uses. `column` makes the group's key, `label` its text, `matching` the rows of one
    text. `reading` names the reading it stands on, `many` says that a row may have several values, `timed` that local
    time makes it, `step` that its groups follow each other in time. `labels` are words for values that need them,
    `values` those it can have, where they are known.
    """

    name: str
    title: str
    tables: tuple[str, ...]
    needs: tuple[str, ...]
    column: Callable[[Clock], nw.Expr]
    matching: Matching
    label: Callable[[Any, ZoneInfo], str]
    reading: str | None = None
    many: bool = False
    timed: bool = False
    step: str = ""
    values: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)

    def matches(self, value: str | None, clock: Clock) -> nw.Expr:
        """Rows of one group; None is the group of rows without a value."""
        if value is not None:
            return self.matching(value, clock)
        key = self.column(clock)
        return key.is_null() | (key.list.len() == 0) if self.many else key.is_null()


def _text(key: Any, _: ZoneInfo) -> str:
    return str(key)


def _same(column: nw.Expr) -> Matching:
    return lambda value, _: column == nw.lit(value)


def _plain(name: str, title: str, *tables: str, column: str = "", values: Iterable[str] = ()) -> Dimension:
    key = nw.col(column or name)
    needs = (column or name,)
    return Dimension(name, title, tables, needs, lambda _: key, _same(key), _text, values=tuple(values))


def _list(name: str, title: str, table: str, column: str, *, reading: str | None = None) -> Dimension:
    words = nw.col(column)
    matching = _has(words)
    return Dimension(name, title, (table,), (column,), lambda _: words, matching, _text, reading=reading, many=True)


def _has(words: nw.Expr) -> Matching:
    return lambda value, _: words.list.contains(value)


def _read(name: str, title: str, key: nw.Expr, *needs: str, values: Iterable[str] = ()) -> Dimension:
    known = tuple(values)
    return Dimension(name, title, ("message",), needs, lambda _: key, _same(key), _text, reading=name, values=known)


# Numbers


def _band(_: Clock) -> nw.Expr:
    fifth = (nw.col("rating") * 5).floor().cast(nw.Int64)
    return nw.when(fifth > 4).then(nw.lit(4, nw.Int64)).otherwise(fifth)


def _in_band(value: str, clock: Clock) -> nw.Expr:
    return _band(clock) == nw.lit(_place("rating", value, RATINGS))


def _place(name: str, value: str, known: tuple[str, ...]) -> int:
    if value not in known:
        raise BadSettings(f"{name}={value!r} is not a value of {name}; there are: {', '.join(known)}")
    return known.index(value)


# Time


def _day(clock: Clock) -> nw.Expr:
    return clock.local(AT).dt.truncate("1d")


def _week(clock: Clock) -> nw.Expr:
    local = clock.local(AT)
    return local.dt.truncate("1d") - (local.dt.weekday() - 1) * nw.lit(DAY)


def _month(clock: Clock) -> nw.Expr:
    return clock.local(AT).dt.truncate("1mo")


def _in_day(value: str, clock: Clock) -> nw.Expr:
    return within(AT, _bounds("day", value, "2026-11-20", lambda: days(_date(value), 1, clock.zone)))


def _in_week(value: str, clock: Clock) -> nw.Expr:
    def bounds() -> tuple[datetime, datetime]:
        monday = _date(value)
        return days(monday - monday.weekday() * DAY, 7, clock.zone)

    return within(AT, _bounds("week", value, "2026-11-16 (its Monday)", bounds))


def _in_month(value: str, clock: Clock) -> nw.Expr:
    def bounds() -> tuple[datetime, datetime]:
        first = _date(value + "-01")
        after = (first + 31 * DAY).replace(day=1)
        return to_utc(first, clock.zone), to_utc(after, clock.zone)

    return within(AT, _bounds("month", value, "2026-11", bounds))


def _in_hour(value: str, clock: Clock) -> nw.Expr:
    def bounds() -> tuple[datetime, datetime]:
        at = datetime.fromisoformat(value)
        utc = at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else to_utc(at, clock.zone)
        return hour_range(utc, clock.zone)

    return within(AT, _bounds("hour", value, "2026-11-20T14:00+01:00", bounds))


def _date(value: str) -> datetime:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        raise ValueError(value)
    return datetime.fromisoformat(value)


def _bounds(
    name: str, value: str, example: str, of: Callable[[], tuple[datetime, datetime]]
) -> tuple[datetime, datetime]:
    try:
        return of()
    except (ValueError, OverflowError):
        raise BadSettings(f"{name}={value!r} is not a {name}: write one such as {example}") from None


def _weekday(clock: Clock) -> nw.Expr:
    return clock.local(AT).dt.weekday().cast(nw.Int64)


def _hour_of_day(clock: Clock) -> nw.Expr:
    return clock.local(AT).dt.hour().cast(nw.Int64)


def _stretch(
    name: str, title: str, column: Callable[[Clock], nw.Expr], matching: Matching, label: Callable[[Any, ZoneInfo], str]
) -> Dimension:
    return Dimension(name, title, DATED, (), column, matching, label, timed=True, step=name)


SEVEN = tuple(str(number) for number in range(1, 8))
TWENTY_FOUR = tuple(f"{number:02}" for number in range(24))
ALL = (
    _plain("channel", "Channel", "message", values=CHANNELS),
    _plain("source", "Source", "message", "event"),
    _plain("kind", "Kind", "message", values=KINDS),
    _plain("direction", "Direction", "message", values=DIRECTIONS),
    _list("brand", "Brand", "message", "brand"),
    _list("hashtag", "Hashtag", "message", "hashtags"),
    _read(
        "language", "Language", nw.coalesce(nw.col("read_language"), nw.col("language")), "read_language", "language"
    ),
    _read("sentiment", "Sentiment", nw.col("read_sentiment"), "read_sentiment", values=SENTIMENTS),
    _read("emotion", "Emotion", nw.col("read_emotion"), "read_emotion", values=GOEMOTIONS),
    _read("topic", "Topic", nw.col("read_topic"), "read_topic"),
    _read("theme", "Theme", nw.col("read_theme"), "read_theme"),
    _list("category", "Category", "message", "read_categories", reading="categories"),
    _plain("country", "Country", "message", "event"),
    _plain("item", "Item", "message", "event"),
    Dimension(
        "rating", "Rating", ("message",), ("rating",), _band, _in_band, lambda key, _: RATINGS[key], values=RATINGS
    ),
    _plain("name", "Event", "event"),
    _plain("campaign", "Campaign", "event"),
    _plain("device", "Device", "event"),
    _plain("currency", "Currency", "event"),
    _plain("survey", "Survey", "answer"),
    _plain("question", "Question", "answer"),
    _plain("wave", "Wave", "answer"),
    _list("choice", "Choice", "answer", "choices"),
    _stretch("hour", "Hour", lambda clock: clock.hour(AT), _in_hour, shown),
    _stretch("day", "Day", _day, _in_day, lambda key, _: key.date().isoformat()),
    _stretch("week", "Week", _week, _in_week, lambda key, _: key.date().isoformat()),
    _stretch("month", "Month", _month, _in_month, lambda key, _: key.date().isoformat()[:7]),
    Dimension(
        "weekday",
        "Day of the week",
        DATED,
        (),
        _weekday,
        lambda value, clock: _weekday(clock) == nw.lit(_place("weekday", value, SEVEN) + 1),
        _text,
        timed=True,
        values=SEVEN,
        labels=dict(zip(SEVEN, WEEKDAYS, strict=True)),
    ),
    Dimension(
        "hour_of_day",
        "Hour of the day",
        DATED,
        (),
        _hour_of_day,
        lambda value, clock: _hour_of_day(clock) == nw.lit(_place("hour_of_day", value, TWENTY_FOUR)),
        lambda key, _: f"{key:02}",
        timed=True,
        values=TWENTY_FOUR,
    ),
)
DIMENSIONS: Mapping[str, Dimension] = {dimension.name: dimension for dimension in ALL}


def applicable(table: str, *, reading: str | None = None) -> list[Dimension]:
    """The dimensions of a table, less the one that a metric over this reading is itself about."""
    stored = DERIVED.get(table, table)
    return [d for d in ALL if stored in d.tables and (reading is None or d.reading != reading)]


def dimension(name: str, table: str, *, reading: str | None = None) -> Dimension:
    """One dimension of a table by its name; NotFound lists those there are."""
    known = {d.name: d for d in applicable(table, reading=reading)}
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name, known, 1)
    guess = f"did you mean {near[0]!r}? " if near else ""
    raise NotFound(f"no dimension named {name!r} for {table}s; {guess}there are: {', '.join(known)}")


def place(step: str, key: datetime, start: datetime, zone: ZoneInfo) -> int:
    """Which of the hours, days, weeks or months counted from a start (naive UTC) a group's key is."""
    if step == "hour":
        return (key - hour_range(start, zone)[0]) // HOUR
    local = start + offset_at(zone, start)
    if step == "month":
        return (key.year - local.year) * 12 + key.month - local.month
    apart = (key.date() - local.date()).days
    return (apart + local.weekday()) // 7 if step == "week" else apart
