"""Where the days of a series end: 24 hours from its first value on, or a step where steps are longer."""

from dataclasses import dataclass

from heedful.insight.anomalies.pace import DAY

KEPT = 56
"""Days that are looked back on."""


@dataclass(slots=True)
class Days:
    """When today began, and how many days ended before it."""

    began: float | None = None
    ended: int = 0

    def turn(self, at: float, length: float) -> bool:
        """Whether another day of `length` seconds begins with the value of a time."""
        if self.began is None:
            self.began = at
        passed = int((at - self.began) / length + 1e-6)
        self.began += passed * length
        self.ended += passed > 0
        return passed > 0


def length_of(step: float) -> float:
    """The seconds of a day."""
    return max(DAY, step)
