"""Answers that many readers ask for again and again, kept for some minutes and made anew behind their backs.

Everybody who may see the same gets the same answers, and each bears the moment it is as of, so that its rows can
still be opened. Where nothing has changed since, or hardly any time has passed, they are given as they are; a
little later they are given while new ones are being made; after that the reader waits for new ones. What takes
long to make is made anew less often, so that at most a twentieth of the time goes into it.
"""

import threading
import time
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Make = Callable[[], tuple[Any, str, datetime]]
"""Makes a value, and tells what it is as of and when it was asked for."""
REST = 20
"""How many times as long as making it took, a value is given without a thought."""


@dataclass(frozen=True)
class Made:
    """What was made, as of which state of the store, when, by which reading of the clock, and in how many seconds."""

    value: Any
    as_of: str
    at: datetime
    clock: float
    took: float


@dataclass
class _Place:
    lock: threading.Lock = field(default_factory=threading.Lock)
    made: Made | None = None
    renewing: bool = False


class Kept:
    """A few values by what was asked and by what may be seen."""

    def __init__(
        self, *, fresh: float = 2.0, usable: float = 600.0, most: int = 64, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Seconds for which a value is given without a thought, and at all; and how many are kept."""
        self._fresh, self._usable, self._most, self._clock = fresh, usable, most, clock
        self._lock = threading.Lock()
        self._places: dict[Hashable, _Place] = {}
        self._renewal = ThreadPoolExecutor(1, "renewal")

    def get(self, key: Hashable, as_of: str, make: Make, renew: Make) -> Made:
        """What is kept under a key, or made now; `as_of` is the state of the store as the reader sees it.

        `renew` is `make` for a thread of its own. Where it fails, the next reader who has to wait meets the error.
        """
        place = self._place(key)
        made = place.made
        age = 0.0 if made is None else self._clock() - made.clock
        if made is not None and age <= self._usable:
            if made.as_of != as_of and age > max(self._fresh, REST * made.took):
                self._renew(place, renew)
            return made
        with place.lock:
            if place.made is made or place.made is None:
                place.made = self._made(make)
            return place.made

    def _made(self, make: Make) -> Made:
        began = self._clock()
        value, as_of, at = make()
        return Made(value, as_of, at, began, self._clock() - began)

    def _place(self, key: Hashable) -> _Place:
        """The place of a key, now the last to be given up."""
        with self._lock:
            place = self._places[key] = self._places.pop(key, _Place())
            while len(self._places) > self._most:
                del self._places[next(iter(self._places))]
            return place

    def _renew(self, place: _Place, renew: Make) -> None:
        with self._lock:
            if place.renewing:
                return
            place.renewing = True

        def run() -> None:
            try:
                place.made = self._made(renew)
            finally:
                place.renewing = False

        self._renewal.submit(run)
