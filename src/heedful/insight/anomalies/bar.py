"""How unusual something must be to alert: more than the days before were, but for as many as alerts are wanted.

Of days that are alike, the strongest moment of the next one passes the k-th strongest of n days before with a chance of
k in n + 1, whatever the values are like. So the bar holds a budget of alerts and supposes nothing of their tail.
"""

from dataclasses import dataclass, field

from heedful.insight.anomalies.days import KEPT
from heedful.insight.anomalies.pace import DAY

WEEK = 7 * DAY
MARGIN = 1.2
"""An alert is so many times what the bar's day was."""
TAIL = 0.5
"""While days are too few for the budget, the bar rises above all of them with this power of how many lack."""
FIRST = 12
"""No alert before so many values, nor on the first day."""


@dataclass(slots=True)
class Bar:
    """The strongest score of today and of each day before, and the score that alerts today (None: none does).

    `per_week` is how many false alarms a week are borne.
    """

    per_week: float
    peak: float = 0.0
    peaks: list[float] = field(default_factory=list)
    values: int = 0
    height: float | None = None

    def see(self, score: float) -> None:
        """Take in a score of today."""
        self.values += 1
        self.peak = max(self.peak, score)

    def end_day(self, length: float, *, counts: bool) -> None:
        """Begin another day of `length` seconds; the one that ended may be a measure of later ones."""
        if counts:
            self.peaks = [*self.peaks[1 - KEPT :], self.peak]
        self.peak = 0.0
        if not self.peaks or self.values < FIRST:
            return
        strongest = sorted(self.peaks, reverse=True)
        passing = self.per_week * length / WEEK * (len(strongest) + 1)
        if passing < 1:
            self.height = max(1.0, MARGIN * strongest[0] * passing**-TAIL)
        else:
            self.height = max(1.0, MARGIN * strongest[min(int(passing), len(strongest)) - 1])
