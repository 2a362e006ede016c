"""How far values stray from what is expected, by hour of the day; outliers count for little."""

import math
from dataclasses import dataclass, field

from heedful.insight.anomalies.pace import DAY, Pace, Places
from heedful.insight.anomalies.rhythm import DAYS, DOUBT_DAYS

CUT = 3.0
"""What is farther off than so many deviations is taken as so far off by all that learns."""
NORMAL = 1.25
"""The standard deviation of normal noise, in mean absolute deviations."""
LEAST = 0.25
"""The noise is at least this part of the smallest step ever seen between two values."""
PEAK = 2.0
"""So many times what is expected at the same hour on other days is a peak."""
MEMORY, MEMORY_STEPS = 14 * DAY, 30
"""Half-life of what is known of all hours together, and at least so many steps."""


@dataclass(slots=True)
class Noise:
    """Mean absolute deviations, of all hours and of each, the means that they belong to, and the grain of the values.

    `grain` is the smallest difference seen between two values one after another (1 for counts), `below` whether a value
    was below zero, `last` the value before. Amounts that are never below zero stray at least as Poisson's counts of
    their grain do, so that rare events do not look like noise of none; at a known peak, high above this hour of other
    days, they stray in proportion.
    """

    stray: float = 0.0
    mean: float = 0.0
    values: int = 0
    strays: list[float] = field(default_factory=lambda: [0.0] * 24)
    means: list[float] = field(default_factory=lambda: [0.0] * 24)
    days: list[float] = field(default_factory=lambda: [0.0] * 24)
    grain: float = 0.0
    below: bool = False
    last: float | None = None

    def deviation(self, places: Places, expected: float) -> float:
        """The standard deviation of a time's noise; 0 only while all values were equal."""
        stray = mean = 0.0
        for hour, _, share in places:
            days = self.days[hour]
            share /= days + DOUBT_DAYS
            stray += share * (self.strays[hour] * days + self.stray * DOUBT_DAYS)
            mean += share * (self.means[hour] * days + self.mean * DOUBT_DAYS)
        found = max(NORMAL * stray, LEAST * self.grain)
        if self.below or expected <= 0:
            return found
        if expected > PEAK * mean > 0:
            found *= expected / (PEAK * mean)
        return max(found, math.sqrt(self.grain * expected))

    def cut(self, off: float, deviation: float) -> float:
        """How far off a value is, as far as it may teach: of amounts, two grains always may."""
        most = CUT * deviation if self.below else max(CUT * deviation, 2 * self.grain)
        return min(max(off, -most), most)

    def regard(self, value: float) -> None:
        """Take in a value's grain and sign."""
        difference = 0.0 if self.last is None else abs(value - self.last)
        self.last = value
        self.below = self.below or value < 0
        if difference > 0 and (not self.grain or difference < self.grain):
            self.grain = difference

    def learn(self, places: Places, expected: float, off: float, pace: Pace) -> None:
        """Take in what was expected, and how far off the value was, as `cut` says."""
        self.values += 1
        off = abs(off)
        half_life = max(MEMORY, MEMORY_STEPS * pace.step)
        part = max(1 / self.values, 1 - 0.5 ** (pace.gap / half_life))
        self.stray += part * (off - self.stray)
        self.mean += part * (expected - self.mean)
        if pace.step >= DAY / 2:
            return
        for hour, _, share in places:
            if (counted := pace.counts * share) > 0:
                self.days[hour] = days = min(self.days[hour] + counted, DAYS)
                self.strays[hour] += counted / days * (off - self.strays[hour])
                self.means[hour] += counted / days * (expected - self.means[hour])
