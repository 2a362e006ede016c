"""How unusual the last while is: the mean surprise over a span, beside that of usual days."""

import math
from dataclasses import dataclass, field
from statistics import median

from heedful.insight.anomalies.days import KEPT
from heedful.insight.anomalies.noise import CUT
from heedful.insight.anomalies.pace import DAY

MEMORY = 14 * DAY
SUPPOSED = 20
"""The deviation is that of independent values until so many were seen."""
FLOOR = 0.5
"""The deviation is at least this part of that of independent values."""
FIRST = 4.0
"""How surprising it is that a value moves that never did."""
LEAST = 2.5
"""The strongest moment of a usual day is taken as at least so many deviations."""


def surprise(off: float, deviation: float) -> float:
    """How far off a value is in deviations, with large ones drawn in: 3, 8 and 24 become 2, 4 and 8."""
    if not off:
        return 0.0
    size = 2 * (math.sqrt(1 + abs(off) / deviation) - 1) if deviation else FIRST
    return size if off > 0 else -size


@dataclass(slots=True)
class Lasting:
    """The mean surprise over about `span` seconds (0: of the last value alone), with its mean square.

    `peak` is the strongest moment of today in deviations, `peaks` those of the days before, `usual` their median.
    """

    span: float
    mean: float = 0.0
    square: float = 0.0
    values: int = 0
    peak: float = 0.0
    peaks: list[float] = field(default_factory=list)
    usual: float = LEAST

    def see(self, surprise: float, gap: float) -> float:
        """Take in a surprise, `gap` seconds after the one before; the mean, 1 as strong as a usual day's strongest."""
        part = 1.0 if self.span <= gap or not self.values else 1 - math.exp(-max(gap, 1.0) / self.span)
        self.mean += part * (surprise - self.mean)
        alone = part / (2 - part)
        deviation = math.sqrt(max(self.square, FLOOR**2 * alone) if self.values > SUPPOSED else alone)
        cut = min(abs(self.mean), CUT * deviation)
        self.values += 1
        self.square += max(1 / self.values, 1 - math.exp(-gap / MEMORY)) * (cut * cut - self.square)
        strength = abs(self.mean) / deviation
        self.peak = max(self.peak, strength)
        return strength / self.usual

    def end_day(self, *, counts: bool) -> None:
        """Begin another day; the one that ended may be a measure of later ones."""
        if counts:
            self.peaks = [*self.peaks[1 - KEPT :], self.peak]
            self.usual = max(median(self.peaks), LEAST)
        self.peak = 0.0
