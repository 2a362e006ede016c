"""The judge of one series: what was expected, how unusual a value is, and one alert for each incident."""

from dataclasses import dataclass, field

from heedful.insight.anomalies.bar import Bar
from heedful.insight.anomalies.days import Days, length_of
from heedful.insight.anomalies.lasting import Lasting, surprise
from heedful.insight.anomalies.noise import Noise
from heedful.insight.anomalies.pace import HOUR, Pace
from heedful.insight.anomalies.rhythm import Rhythm

SPANS = (0.0, HOUR / 2, 4 * HOUR)
"""Seconds over which surprise is looked at: the last value alone, half an hour, four hours."""
CALM = 24 * HOUR
"""An incident is over when no score was above the bar for so long, and for two values."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Of one value: what was expected (None for the first), how unusual it is, and whether an alert goes out now.

    A score of 1 is as far above or below the expected as the strongest moment of a usual day. `bar` is the score that
    alerts (None: too little is known), `within` whether an incident is under way.
    """

    expected: float | None
    score: float | None
    alert: bool
    bar: float | None
    within: bool


@dataclass(slots=True)
class Judge:
    """What is known of a series; values are shown to it in the order of their times."""

    bar: Bar
    pace: Pace = field(default_factory=Pace)
    days: Days = field(default_factory=Days)
    rhythm: Rhythm = field(default_factory=Rhythm)
    noise: Noise = field(default_factory=Noise)
    spans: list[Lasting] = field(default_factory=lambda: [Lasting(span) for span in SPANS])
    above: float | None = None
    """When an incident that is under way was last above the bar."""

    @classmethod
    def of(cls, *, per_week: float = 1.0) -> "Judge":
        """A judge who knows nothing yet, of whom at most so many false alarms a week are borne."""
        return cls(Bar(per_week))

    def see(self, at: float, value: float) -> Verdict:
        """Judge a value by those before it, and learn from it; `at` is in seconds since 1970, not before the last."""
        pace, rhythm, noise = self.pace, self.rhythm, self.noise
        pace.take(at)
        places = pace.places()
        self._turn(at)
        if not rhythm.values:
            rhythm.learn(places, value, pace)
            noise.regard(value)
            return Verdict(None, None, False, None, False)
        expected = rhythm.expected(places)
        if expected < 0 and not noise.below:
            expected = 0.0
        deviation = noise.deviation(places, expected)
        surprised = surprise(value - expected, deviation)
        score = max([span.see(surprised, pace.gap) for span in self.spans])
        self.bar.see(score)
        alert = self._alert(at, score)
        off = noise.cut(value - expected, deviation)
        rhythm.compare(places, value - expected, abs(off), pace)
        rhythm.learn(places, off, pace)
        noise.learn(places, expected, off, pace)
        noise.regard(value)
        return Verdict(expected, score, alert, self.bar.height, self.above is not None)

    def _turn(self, at: float) -> None:
        """Begin another day when it is time; the first one, of which the rhythm was not known, is no measure."""
        length = length_of(self.pace.step)
        if self.days.turn(at, length):
            counts = self.days.ended > 1
            self.bar.end_day(length, counts=counts)
            for span in self.spans:
                span.end_day(counts=counts)

    def _alert(self, at: float, score: float) -> bool:
        """Whether an incident begins; one that was calm for long enough is over."""
        if (bar := self.bar.height) is None:
            return False
        if self.above is None:
            if score <= bar:
                return False
            self.above = at
            return True
        if score > bar:
            self.above = at
        elif at - self.above >= max(CALM, 2 * self.pace.step):
            self.above = None
        return False
