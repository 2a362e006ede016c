"""Messages as their readers see them: rows of the message table, with readings, as blocks."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa

from heedful.privacy.redact import PLACEHOLDER
from heedful.records import SENTIMENTS
from heedful.server import words
from heedful.server.blocks import Message, Mood, Part, Rating

CUT = 700
"""Characters of a text that a list shows."""
WHOLE = 60_000
"""Characters of a text that its own page shows."""
NOT_YET = "not read yet"


def messages(rows: pa.Table, *, zone: str, now: datetime, looked_for: str = "", cut: int = CUT) -> tuple[Message, ...]:
    """Each row as a block; words of `looked_for` stand out, and texts end after `cut` characters."""
    pattern = _pattern(looked_for)
    return tuple(message(row, zone=zone, now=now, pattern=pattern, cut=cut) for row in rows.to_pylist())


def message(
    row: Mapping[str, Any], *, zone: str, now: datetime, pattern: re.Pattern[str] | None = None, cut: int = CUT
) -> Message:
    """One row, with its readings, as a block."""
    text = row.get("text") or ""
    at: datetime | None = row["occurred_at"]
    return Message(
        id=row["id"],
        href=f"/messages/{row['id']}",
        channel=row["channel"],
        channel_label=words.ONE_CHANNEL.get(row["channel"], row["channel"]),
        kind=row["kind"],
        direction=row["direction"],
        source=row["source"],
        brands=tuple(row.get("brand") or ()),
        title=parts((row.get("title") or "")[:200], pattern),
        parts=parts(_start(text, cut), pattern),
        cut=len(text) > cut,
        at=None if at is None else words.local(at, zone).isoformat(timespec="seconds"),
        shown_at=words.moment(at, zone, now),
        rating=rating(row.get("rating")),
        mood=_mood(row),
        language=row.get("language"),
        language_label=words.language(row.get("language")),
        country=row.get("country"),
        person=words.person(row.get("person")),
        unread=_unread(row),
        whole=cut == WHOLE,
    )


def parts(text: str, pattern: re.Pattern[str] | None = None) -> tuple[Part, ...]:
    """A text cut into plain stretches, places where personal data stood, and words looked for."""
    found: list[Part] = []
    end = 0
    for match in PLACEHOLDER.finditer(text):
        found += _marked(text[end : match.start()], pattern)
        found.append(_removed(match.group()))
        end = match.end()
    return tuple(found + list(_marked(text[end:], pattern)))


def rating(value: float | None) -> Rating | None:
    """A rating from 0 to 1 on five stars: 0 is one star, 1 is five."""
    if value is None:
        return None
    stars = 1 + 4 * min(1.0, max(0.0, value))
    full = round(stars)
    shown = words.number(stars, 0 if abs(stars - full) < 0.05 else 1)
    return Rating(value, f"{shown} of 5 stars", "\u2605" * full + "\u2606" * (5 - full))


def _start(text: str, cut: int) -> str:
    """The first `cut` characters or a little less, up to the end of a word."""
    if len(text) <= cut:
        return text
    head = text[:cut]
    space = head.rfind(" ", cut - 40)
    return (head if space < 0 else head[:space]).rstrip() + "\u2026"


def _removed(placeholder: str) -> Part:
    if placeholder.startswith("@"):
        return Part(placeholder[:9], "removed", "a person's handle, replaced by a pseudonym")
    kind = placeholder.strip("[]")
    return Part(kind, "removed", f"{words.REMOVED.get(kind, kind)} stood here and was removed")


def _marked(text: str, pattern: re.Pattern[str] | None) -> Iterator[Part]:
    end = 0
    for match in pattern.finditer(text) if pattern else ():
        if match.start() > end:
            yield Part(text[end : match.start()])
        yield Part(match.group(), "match")
        end = match.end()
    if end < len(text):
        yield Part(text[end:])


def _pattern(looked_for: str) -> re.Pattern[str] | None:
    """Finds the words looked for, as wholes and whatever their case."""
    found: Sequence[str] = sorted(set(re.findall(r"\w+", looked_for)), key=len, reverse=True)[:20]
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, found))})\b", re.IGNORECASE) if found else None


def _mood(row: Mapping[str, Any]) -> Mood | None:
    sentiment = row.get("sentiment")
    if sentiment not in SENTIMENTS:
        return None
    probability = row.get(f"sentiment_{sentiment}")
    shown = "" if probability is None else words.probability(probability)
    return Mood(sentiment, words.SENTIMENT[sentiment], probability, shown)


def _unread(row: Mapping[str, Any]) -> str | None:
    """Why there is no sentiment, where there is none, with languages by their names."""
    if row.get("sentiment"):
        return None
    why = str(row.get("unread") or NOT_YET)
    return re.sub(r"^language (\w+)", lambda found: words.language(found[1]) or found[1], why)
