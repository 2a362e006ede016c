"""When a host may be asked again: what its rate-limit headers say, and a little room between two questions."""

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

SPACE = 0.1
"""Seconds between two questions to one host."""
LONGEST = 86_400.0
EPOCH = 1e9
"""A reset beyond this is a moment in seconds since 1970, one below it is a stretch of seconds."""


@dataclass
class Gates:
    """One for each host; shared by everything that asks."""

    clock: Callable[[], float] = time.time
    _until: dict[str, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def closed(self, host: str) -> float:
        """Seconds until a host may be asked; 0 where that is now, and then it is taken as asked."""
        now = self.clock()
        with self._lock:
            until = self._until.get(host, 0.0)
            if now < until <= now + LONGEST:  # further off only where the clock has been set back
                return until - now
            self._until[host] = now + SPACE
        return 0.0

    def close(self, host: str, seconds: float) -> None:
        """Do not ask a host for so long."""
        with self._lock:
            latest = self.clock() + LONGEST
            self._until[host] = max(min(self._until.get(host, 0.0), latest), self.clock() + min(seconds, LONGEST))

    def heed(self, host: str, headers: Mapping[str, str]) -> float:
        """Close as long as an answer's headers say; for how long."""
        now = self.clock()
        seconds = max(retry_after(headers, now) or 0.0, exhausted(headers, now), regained(headers))
        if seconds:
            self.close(host, seconds)
        return min(seconds, LONGEST)


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds that `Retry-After` asks for, which is seconds or a date (RFC 9110); None where it asks for nothing."""
    said = headers.get("retry-after", "").strip()
    if not said:
        return None
    if said.replace(".", "", 1).isdigit():
        return float(said)
    try:
        return max(0.0, parsedate_to_datetime(said).timestamp() - now)
    except (ValueError, OverflowError):
        return None


def exhausted(headers: Mapping[str, str], now: float) -> float:
    """Seconds until a used-up allowance is filled again; 0 where some of it is left, or nothing is said."""
    combined = dict(part.strip().split("=", 1) for part in headers.get("ratelimit", "").split(",") if "=" in part)
    for prefix in ("x-ratelimit", "x-rate-limit", "ratelimit"):
        left = headers.get(f"{prefix}-remaining") or (combined.get("remaining") if prefix == "ratelimit" else None)
        reset = headers.get(f"{prefix}-reset") or (combined.get("reset") if prefix == "ratelimit" else None)
        if left is None or reset is None:
            continue
        try:
            if float(left) >= 1:
                continue
            return max(0.0, _moment(reset, now) - now)
        except (ValueError, OverflowError):
            continue
    return 0.0


def regained(headers: Mapping[str, str]) -> float:
    """Seconds until Meta answers again, which it tells in minutes in a header of JSON; 0 where it does answer."""
    try:
        told = json.loads(headers.get("x-business-use-case-usage", "{}"))
        minutes = [use["estimated_time_to_regain_access"] for uses in told.values() for use in uses]
        return 60.0 * max(map(float, minutes), default=0.0)
    except (ValueError, TypeError, KeyError, AttributeError):
        return 0.0


def _moment(reset: str, now: float) -> float:
    """When an allowance is filled again: a moment or a stretch of seconds, or a date (as Mastodon writes it)."""
    try:
        number = float(reset)
    except ValueError:
        found = datetime.fromisoformat(reset)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    return number if number > EPOCH else now + number
