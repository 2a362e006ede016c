"""How far apart the values of a series come, and where in the day and the week each lies."""

from dataclasses import dataclass
from typing import TypeAlias

HOUR, DAY = 3600.0, 86_400.0
LONGEST = 4.0
"""A gap counts as at most so many usual steps."""
FOLLOWS = 0.05
FINE = 3000.0
"""Steps shorter than that pass smoothly from one hour to the next."""

Places: TypeAlias = tuple[tuple[int, int, float], ...]
"""Hours of the day (0 to 23) and of the week (0 to 167) that a time belongs to, with the share of each."""


@dataclass(slots=True)
class Pace:
    """When the last value came, how long after the one before, and the usual step (seconds; 0 until it is known).

    `counts` is how much of an hour the last value stands for, at most 1.
    """

    last: float | None = None
    gap: float = 0.0
    step: float = 0.0
    counts: float = 0.0

    def take(self, at: float) -> None:
        """Take in the time of the next value."""
        self.gap = gap = 0.0 if self.last is None else at - self.last
        self.last = at
        if gap > 0:
            step = self.step
            self.step = step + FOLLOWS * (min(gap, LONGEST * step) - step) if step else gap
        self.counts = min((gap if gap <= LONGEST * self.step else self.step) / HOUR, 1.0)

    def places(self) -> Places:
        """Where the last value lies: in an hour, or between the middles of two where steps are short. Hours of UTC."""
        hours = (self.last or 0.0) / HOUR
        if self.step >= FINE:
            hour = int(hours // 1)
            return ((hour % 24, hour % 168, 1.0),)
        hours -= 0.5
        hour = int(hours // 1)
        part = hours - hour
        return (hour % 24, hour % 168, 1 - part), ((hour + 1) % 24, (hour + 1) % 168, part)
