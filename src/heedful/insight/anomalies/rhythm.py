"""What a series does as a rule: its level, and how hours of the day and of the week lie above or below it.

Nothing is known at first but the level. Each hour of the day, then each hour of the week, counts the more the oftener
it has come, so that a first morning's rise is no rule yet and the fourth Monday's is. One far rise is an incident and
teaches little; one that comes again in the same hour of the next week is the rule at once.
"""

from dataclasses import dataclass, field

from heedful.insight.anomalies.pace import DAY, Pace, Places

LEVEL, LEVEL_STEPS = 2 * DAY, 20
"""Half-life of the level, and at least so many steps."""
DOUBT_DAYS, DOUBT_WEEKS = 2.0, 2.0
"""So many days of an hour of the day, or weeks of an hour of the week, count as much as the rule so far."""
DAYS, WEEKS = 10.0, 6.0
"""About how far back an hour of the day, or of the week, is remembered."""


@dataclass(slots=True)
class Rhythm:
    """The level, what 24 hours of the day and 168 of the week add to it, and how often each hour came.

    `before` is how far each hour of the week was off the rest of the rule when it last came; `hour`, `total` and
    `number` are of the one that is now.
    """

    level: float = 0.0
    values: int = 0
    hours: list[float] = field(default_factory=lambda: [0.0] * 24)
    days: list[float] = field(default_factory=lambda: [0.0] * 24)
    week: list[float] = field(default_factory=lambda: [0.0] * 168)
    weeks: list[float] = field(default_factory=lambda: [0.0] * 168)
    before: list[float | None] = field(default_factory=lambda: [None] * 168)
    hour: int = -1
    total: float = 0.0
    number: int = 0

    def expected(self, places: Places) -> float:
        """What the rule says of a time."""
        found = self.level
        for hour, of_week, share in places:
            found += share * (self.hours[hour] + self.week[of_week])
        return found

    def learn(self, places: Places, off: float, pace: Pace) -> None:
        """Move towards a value that was `off` the expected one, as far as it may teach."""
        self.values += 1
        half_life = max(LEVEL, LEVEL_STEPS * pace.step)
        self.level += max(1 / self.values, 1 - 0.5 ** (pace.gap / half_life)) * off
        for hour, of_week, share in places:
            if (counted := pace.counts * share) <= 0:
                continue
            if pace.step < DAY / 2:
                self.days[hour] = days = min(self.days[hour] + counted, DAYS)
                self.hours[hour] += counted / (days + DOUBT_DAYS) * off
            if pace.step < 4 * DAY:
                self.weeks[of_week] = weeks = min(self.weeks[of_week] + counted, WEEKS)
                self.week[of_week] += counted / (weeks + DOUBT_WEEKS) * off

    def compare(self, places: Places, off: float, far: float, pace: Pace) -> None:
        """Take over what is more than `far` off the rule as it was in the same hour of the week before."""
        hour = max(places, key=lambda place: place[2])[1]
        if hour != self.hour:
            if self.number:
                self.before[self.hour] = self.total / self.number
            self.hour, self.total, self.number = hour, 0.0, 0
        self.total += off + self.week[hour]
        self.number += 1
        if abs(off) <= far or (before := self.before[hour]) is None or pace.step >= 4 * DAY:
            return
        before -= self.week[hour]
        if abs(before) > far and (before > 0) == (off > 0):
            self.week[hour] += pace.counts * (min(off, before) if off > 0 else max(off, before))
