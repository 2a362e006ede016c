"""Records made one by one, so that one which cannot be read stops no other."""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from heedful.sources import Batch

Made = Mapping[str, Any] | None
ODD = (KeyError, IndexError, TypeError, ValueError, AttributeError, OverflowError)
"""What an item of another shape than the documented one raises."""


def each(items: Iterable[Any], made: Callable[[Any], Made], *, source: str = "", gone: Iterable[str] = ()) -> Batch:
    """A batch of what `made` makes of each item; None leaves one out, one that it cannot read is bad."""
    messages: list[Mapping[str, Any]] = []
    bad: list[tuple[str, bytes]] = []
    for item in items:
        try:
            message = made(item)
        except ODD as error:
            why = f"is of another shape than documented: {type(error).__name__} {error}"[:200]
            bad.append((why, json.dumps(item, default=str)[:100_000].encode()))
            continue
        if message is not None:
            messages.append({name: value for name, value in message.items() if value is not None})
    return Batch(messages, tuple(gone), tuple(bad), source)


def moment(value: Any) -> str | None:
    """A time as the door takes it; None where there is none. Numbers are seconds since 1970, or milliseconds."""
    if value in (None, "", 0):
        return None
    if isinstance(value, str) and not value.replace(".", "", 1).isdigit():
        found = datetime.fromisoformat(value)
    else:
        seconds = float(value)
        found = datetime.fromtimestamp(seconds / 1000 if seconds > 1e11 else seconds, UTC)
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).isoformat()


def count(value: Any) -> int | None:
    """A count, or None where the origin does not tell."""
    return None if value is None or isinstance(value, bool) or int(value) < 0 else int(value)


def share(value: float, low: float, high: float) -> float:
    """A rating between 0 and 1."""
    return min(1.0, max(0.0, (float(value) - low) / (high - low)))


def told(**values: Any) -> dict[str, str] | None:
    """Attributes that there are."""
    return {name: str(value) for name, value in values.items() if value not in (None, "", [])} or None
