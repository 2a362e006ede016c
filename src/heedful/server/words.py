"""How values are written for people: numbers with their unit, times in a zone, names of codes."""

import math
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

from heedful.insight.answer import Answer
from heedful.insight.dimensions import DIMENSIONS
from heedful.insight.named import NAMED
from heedful.records import GOEMOTIONS, SENTIMENTS

CHANNEL = {
    "social": "Social media",
    "review": "Reviews",
    "survey": "Surveys",
    "chat": "Chat",
    "email": "E-mail",
    "call": "Calls",
    "forum": "Forums",
    "news": "News",
    "form": "Web forms",
}
ONE_CHANNEL = {
    "social": "Social post",
    "review": "Review",
    "survey": "Survey answer",
    "chat": "Chat message",
    "email": "E-mail",
    "call": "Call",
    "forum": "Forum post",
    "news": "News",
    "form": "Web form",
}
SENTIMENT = {name: name.capitalize() for name in SENTIMENTS}
EMOTION = {name: name.capitalize() for name in GOEMOTIONS} | {
    "caring": "Care",
    "desire": "Wish",
    "nervousness": "Worry",
    "realization": "Realisation",
    "remorse": "Regret",
    "neutral": "No emotion",
}
FEELING = {
    "admiration": "finds something impressive or worthy of respect",
    "amusement": "finds something funny",
    "anger": "strongly displeased or hostile",
    "annoyance": "mildly angry, irritated",
    "approval": "agrees, or has a good opinion",
    "caring": "kind and concerned for somebody",
    "confusion": "does not understand, or is unsure",
    "curiosity": "wants to know more",
    "desire": "wants something, or wishes it would happen",
    "disappointment": "sad or displeased that hopes were not met",
    "disapproval": "disagrees, or has a bad opinion",
    "disgust": "put off by something unpleasant",
    "embarrassment": "ashamed, or feels awkward",
    "excitement": "enthusiastic and eager",
    "fear": "afraid, or worried to be",
    "gratitude": "thankful",
    "grief": "in deep sorrow over a loss",
    "joy": "pleased and happy",
    "love": "feels strong affection",
    "nervousness": "worried, tense",
    "optimism": "hopeful that things go well",
    "pride": "pleased with what oneself or somebody near has done",
    "realization": "becomes aware of something",
    "relief": "reassured that something bad is over",
    "remorse": "sorry for something done",
    "sadness": "unhappy, in low spirits",
    "surprise": "struck by something unexpected",
    "neutral": "says something without showing what they feel",
}
"""What a message with each emotion tells of who wrote it."""
READING = {"emotion": "Emotion", "emotions": "Feelings"}
LANGUAGE = {
    pair[:2]: pair[3:]
    for pair in (
        "ar Arabic|bg Bulgarian|bn Bengali|ca Catalan|cs Czech|cy Welsh|da Danish|de German|el Greek|en English|"
        "es Spanish|et Estonian|eu Basque|fa Persian|fi Finnish|fr French|ga Irish|gl Galician|gu Gujarati|he Hebrew|"
        "hi Hindi|hr Croatian|hu Hungarian|hy Armenian|id Indonesian|is Icelandic|it Italian|ja Japanese|ka Georgian|"
        "kk Kazakh|ko Korean|lt Lithuanian|lv Latvian|mk Macedonian|ml Malayalam|mr Marathi|ms Malay|mt Maltese|"
        "nb Norwegian|nl Dutch|nn Norwegian Nynorsk|no Norwegian|pa Punjabi|pl Polish|pt Portuguese|ro Romanian|"
        "ru Russian|sk Slovak|sl Slovenian|sq Albanian|sr Serbian|sv Swedish|sw Swahili|ta Tamil|te Telugu|th Thai|"
        "tl Tagalog|tr Turkish|uk Ukrainian|ur Urdu|vi Vietnamese|zh Chinese"
    ).split("|")
}
REMOVED = {
    "email": "an e-mail address",
    "phone": "a phone number",
    "card": "a card number",
    "iban": "a bank account",
    "ip": "a network address",
    "ssn": "a social security number",
    "url": "a link with a secret in it",
    "address": "a postal address",
    "name": "a name",
}
METRIC = {
    "volume": "Messages",
    "people": "People",
    "negative_share": "Negative",
    "net_sentiment": "Net sentiment",
    "mean_rating": "Mean rating",
    "reply_time": "Time to reply",
    "unanswered_share": "Unanswered",
    "reach": "Reach",
}
"""Names of metrics shorter or plainer than their files'."""
NONE = "Not stated"
NOWHERE = {
    "category": "None, or not read",
    "topic": "Nowhere yet",
    "theme": "Nowhere yet",
    "emotion": "Not read",
}
"""What it means that a reading is missing."""
OF_1 = " of 1"
MINUS, DASH, NARROW = "\u2212", "\u2013", "\u202f"


def count(value: int, one: str, many: str | None = None) -> str:
    """A whole number with its noun: '1 message', '12,345 messages'."""
    return f"{value:,} {one if value == 1 else many or one + 's'}"


def number(value: float, digits: int = 0) -> str:
    """A number with thousands separators and a true minus sign."""
    rounded = round(value, digits)
    return f"{MINUS if rounded < 0 else ''}{abs(rounded):,.{digits}f}"


def short(value: float) -> str:
    """A number in few characters: 950, 12,345, 1.2 m."""
    for size, name in ((1e9, "bn"), (1e6, "m")):
        if abs(value) >= size:
            return f"{number(value / size, 1)}{NARROW}{name}"
    return number(value, 0 if abs(value) >= 100 or value == int(value) else 1)


def duration(minutes: float) -> str:
    """A length of time in its two greatest units: '45 s', '3 h 20 min', '2 d 4 h'."""
    if minutes < 1:
        return f"{round(minutes * 60)} s"
    whole = round(minutes)
    if whole < 60:
        return f"{whole} min"
    if whole < 48 * 60:
        return f"{whole // 60} h {whole % 60} min" if whole % 60 else f"{whole // 60} h"
    hours = round(minutes / 60)
    return f"{hours // 24} d {hours % 24} h" if hours % 24 else f"{hours // 24} d"


def weighted(answer: Answer) -> str:
    """By which weights an answer counts, and what they cost."""
    if answer.weighted is None:
        return ""
    told = answer.weighted
    return f"Weighted to {told.name}: design effect {told.effect:.2f}, as much as {number(told.effective)} rows say"


def figure(value: float | None, unit: str) -> str:
    """A figure in its unit, without the unit's name where that goes without saying."""
    if value is None or not math.isfinite(value):
        return DASH
    if unit in ("messages", "people", "events", "answers", "responses"):
        return number(value)
    if unit == "%":
        return f"{number(value, 1)}%"
    if unit == "points":
        return f"{'+' if round(value, 1) > 0 else ''}{number(value, 1)}"
    if unit == "of 1":
        return f"{number(value, 2)}{OF_1}"
    if unit == "minutes":
        return duration(value)
    return short(value)


def difference(now: float, before: float, unit: str) -> str:
    """How far `now` is from `before`, without its sign: per cent for amounts, points for shares."""
    if unit in ("%", "points"):
        return f"{number(abs(now - before), 1)} points"
    if unit == "of 1":
        return number(abs(now - before), 2)
    if not before:
        return figure(abs(now - before), unit)
    ratio = abs(now - before) / abs(before)
    return f"{number(100 * ratio, 1 if ratio < 0.1 else 0)}%" if ratio < 10 else f"{number(now / before)} times"


def probability(value: float) -> str:
    """A probability as a whole per cent, never quite none or all of it."""
    if 0 < value < 0.005 or 0.995 < value < 1:
        return "under 1%" if value < 0.5 else "over 99%"
    return f"{round(100 * value)}%"


def day(at: date) -> str:
    """'3 Nov 2026'."""
    return f"{at.day} {at:%b %Y}"


def days(first: date, last: date) -> str:
    """'3 Nov 2026', '3 – 9 Nov 2026', '30 Oct – 5 Nov 2026'; the last day belongs to it."""
    if first >= last:
        return day(first)
    if first.year != last.year:
        return f"{day(first)} {DASH} {day(last)}"
    head = f"{first.day}" if first.month == last.month else f"{first.day} {first:%b}"
    return f"{head} {DASH} {day(last)}"


def moment(at: datetime | None, zone: str, now: datetime) -> str:
    """A time in a zone as people say it: '14:05', 'yesterday 14:05', '3 Nov 14:05', '3 Nov 2025, 14:05'."""
    if at is None:
        return "undated"
    here, today = local(at, zone), local(now, zone).date()
    if here.date() == today:
        return f"today {here:%H:%M}"
    if here.date() == today - timedelta(days=1):
        return f"yesterday {here:%H:%M}"
    if here.year == today.year:
        return f"{here.day} {here:%b %H:%M}"
    return f"{day(here.date())}, {here:%H:%M}"


def clock(at: datetime, zone: str) -> str:
    """A time of day in a zone: '14:05:21'."""
    return f"{local(at, zone):%H:%M:%S}"


def local(at: datetime, zone: str) -> datetime:
    """A time in a zone; one without a zone is UTC."""
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(ZoneInfo(zone))


def place(zone: str) -> str:
    """A zone's name as people write it: 'Europe/Berlin' is 'Berlin time'."""
    return "UTC" if zone in ("UTC", "Etc/UTC") else f"{zone.rpartition('/')[2].replace('_', ' ')} time"


def language(code: str | None) -> str | None:
    """A language's English name; its code where the name is not known."""
    return None if not code else LANGUAGE.get(code.lower()[:2], code)


def metric(name: str, title: str) -> str:
    """A metric as people call it."""
    return METRIC.get(name, title)


def dimension(name: str) -> str:
    """A dimension as people call it."""
    known = DIMENSIONS.get(name)
    return "Week from" if name == "week" else known.title if known else name


def reading(name: str) -> str:
    """What a reading is called on pages, such as 'Feelings'."""
    return READING.get(name, name.capitalize())


def member(dimension: str, value: str | None, called: Mapping[str, str] = MappingProxyType({})) -> str:
    """One value of a dimension as people call it; `called` names those that are ids."""
    if value is None:
        return NOWHERE.get(dimension, NONE)
    if dimension in NAMED:
        return called.get(value, value)
    if dimension in ("day", "week"):
        first = date.fromisoformat(value)
        return f"{first:%a} {day(first)}" if dimension == "day" else day(first)
    if dimension == "month":
        return f"{date.fromisoformat(value + '-01'):%B %Y}"
    names = {"channel": CHANNEL, "sentiment": SENTIMENT, "language": LANGUAGE, "emotion": EMOTION}.get(dimension)
    known = DIMENSIONS.get(dimension)
    return (names or (known.labels if known else {})).get(value, value)


def emotion(name: str) -> str:
    """An emotion as people call it; the empty name is all that are not named."""
    return EMOTION.get(name, name) if name else "Other emotions"


def person(pseudonym: str | None) -> str | None:
    """A pseudonym short enough to compare by eye."""
    return None if not pseudonym else pseudonym[:8]
