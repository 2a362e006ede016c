"""Sources run for ever: each in a thread of its own, at its time, and none stops another."""

import hashlib
import random
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields

import structlog

from heedful.errors import HeedfulError, TryLater
from heedful.schedule.fetch import Politely
from heedful.schedule.gates import LONGEST, Gates
from heedful.schedule.intake import Door
from heedful.schedule.reach import Reach
from heedful.settings import Listened
from heedful.sources import Read, load, pulled
from heedful.sources._declared import Secret
from heedful.sources._each import ODD
from heedful.store.listening import Listening

FIRST_PAUSE = 2.0
LONGEST_PAUSE = 3_600.0
JITTER = 0.1
"""A part of the interval by which a look may come sooner or later, so that not all come at once."""
UNKEPT_PAUSE = 30.0
"""Seconds, at least, until a source is read again whose place could not be kept."""
STEADY_SECONDS = 600.0
"""A look that lasted so long went well, as a stream does that ends at some time."""
QUIET_SECONDS = 5.0
"""Where each source is read once, a stream ends when nothing came for so long."""


@dataclass
class Running:
    """Sources under way; `told` hears of each look: the source's name, and why it failed where it did."""

    sources: Sequence[Listened]
    door: Door
    random: random.Random
    told: Callable[[str, str | None], None] = lambda _name, _why: None
    stop: threading.Event = field(default_factory=threading.Event)
    gates: Gates = field(default_factory=Gates)
    _failures: dict[str, int] = field(default_factory=dict)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        """Begin with every source that is read."""
        for one in self.sources:
            if pulled(one.kind):
                thread = threading.Thread(target=self._keep, args=(one,), name=f"source {one.name}", daemon=True)
                thread.start()
                self._threads.append(thread)

    def end(self, patience: float) -> None:
        """Begin nothing more, and wait so many seconds for pages under way; what is cut off is read again."""
        self.stop.set()
        until = time.monotonic() + patience
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))

    def once(self) -> dict[str, str | None]:
        """Read each source once, whenever it is due; why it failed, by name."""
        return {one.name: self.look(one, quiet=QUIET_SECONDS) for one in self.sources if pulled(one.kind)}

    def _keep(self, one: Listened) -> None:
        due = 0.0
        while not self.stop.wait(max(0.0, min(due - time.time(), LONGEST_PAUSE))):
            try:
                due = self._due(one)
                if time.time() >= due:
                    self.look(one)
                    due = self._due(one)
            except (HeedfulError, OSError, sqlite3.Error) as error:  # such as a full disk: the thread lives on
                structlog.get_logger().error("a source's place cannot be kept", source=one.name, exc_info=error)
                due = time.time() + self.random.uniform(1, 2) * UNKEPT_PAUSE

    def _due(self, one: Listened) -> float:
        """When a source is to be read: now where its settings are new, or its time is further off than any may be.

        That is so where it is read more often from now on, and where the clock has been set back.
        """
        found, longest = self.door.listening.of(one.name, _what(one)), 2 * one.every
        if found and found.failures:
            longest = max(longest, LONGEST + LONGEST_PAUSE)
        return found.next_at if found and found.next_at - time.time() <= longest else 0.0

    def look(self, one: Listened, *, quiet: float | None = None) -> str | None:
        """Read one source until it ends, each page journaled before the next; why it failed, or None."""
        fetch = Politely(Reach.of(one.settings), self.gates, self.stop, quiet)
        listening, after, began = self.door.listening, 0.0, time.monotonic()
        since = listening.begin(one.name, one.kind, _what(one))
        try:
            read: Read = load(one.kind).read
            for batch, cursor in read(one.settings, since, fetch):
                self.door.take(one.name, batch, cursor, self.stop)
                if self.stop.is_set():
                    return None
        except HeedfulError as error:
            why, after = str(error), error.after if isinstance(error, TryLater) else LONGEST_PAUSE / 4
        except ODD as error:
            structlog.get_logger().warning("a source answers oddly", source=one.name, exc_info=error)
            why = f"the answer is of another shape than documented ({type(error).__name__}): has {one.kind} changed?"
        except Exception as error:  # noqa: BLE001  one failing source never stops another
            structlog.get_logger().error("a source failed", source=one.name, exc_info=error)
            why = f"{type(error).__name__} in the source {one.kind}: this is a fault of Heedful's, please tell us"
        else:
            wait = one.every * self.random.uniform(1 - JITTER, 1 + JITTER)
            listening.done(one.name, time.time() + wait, time.time())
            self._failures.pop(one.name, None)
            self.told(one.name, None)
            return None
        if time.monotonic() - began >= STEADY_SECONDS:
            self._failures.pop(one.name, None)
        self._failed(one, listening, why, after)
        return why

    def _failed(self, one: Listened, listening: Listening, why: str, after: float) -> None:
        """Try again later: as long as the other side asked, and longer with each failure (full jitter).

        A look that brought a page and failed then is a failure as well: it must not be tried again and again at once.
        """
        if self.stop.is_set():
            return
        found = listening.of(one.name)
        failures = max(self._failures.get(one.name, 0), found.failures if found else 0)
        self._failures[one.name] = failures + 1
        ceiling = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(failures, 20))
        wait = max(after, self.random.uniform(0, ceiling))
        listening.failed(one.name, why, time.time() + wait, time.time())
        structlog.get_logger().warning("a source waits", source=one.name, seconds=round(wait, 1), reason=why)
        self.told(one.name, f"{why}; again in {wait:.0f} s")


def _what(one: Listened) -> str:
    """A hash of what a source reads: with other settings it starts anew. Secrets count by their names only."""
    values = {field.name: getattr(one.settings, field.name) for field in fields(one.settings)}
    told = sorted((name, value.named if isinstance(value, Secret) else value) for name, value in values.items())
    return hashlib.blake2b(repr((one.kind, told)).encode(), digest_size=16).hexdigest()
