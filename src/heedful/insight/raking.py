"""Weights that make messages look like a population whose make-up is known: by channel, by country, by a trait.

Raking, or iterative proportional fitting (Deming and Stephan, "On a least squares adjustment of a sampled frequency
table when the expected marginal totals are known", 1940): each dimension in turn has its groups scaled to what they
should be, until none is off. What comes out is, of all weights that meet the margins, the one closest to those put in
(in Kullback-Leibler distance), so that how groups go together is kept.

Weights cost certainty: a few messages that stand for many say little more than a few. `Weights.effect` is the design
effect of Kish ("Survey Sampling", 1965), 1 + the squared coefficient of variation, and `Weights.effective` how many
messages of equal weight would say as much.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heedful.errors import BadSettings

ROUNDS = 1_000
NEAR = 1e-9
"""No group's share is off by more than this in the end."""

Floats = NDArray[np.float64]
Margins = Mapping[str, Mapping[str, float]]
"""For each dimension the share of each of its groups; they add up to 1."""


@dataclass(frozen=True)
class Weights:
    """A weight for each row, 1 on average; `off` is how far the share of any group still is from its margin."""

    weight: Floats
    off: float

    @property
    def effect(self) -> float:
        """Kish's design effect: by how much the weights widen the variance of a mean (1: not at all)."""
        return float(len(self.weight) * (self.weight**2).sum() / self.weight.sum() ** 2)

    @property
    def effective(self) -> float:
        """How many rows of equal weight would say as much."""
        return len(self.weight) / self.effect


def raked(
    groups: Mapping[str, Sequence[str | None]],
    margins: Margins,
    *,
    most: float | None = None,
    start: Floats | None = None,
) -> Weights:
    """Weights by which each dimension's groups have the shares of its margins.

    `groups` says for each dimension of the margins which group each row is in; rows whose group is None keep their
    share of the whole. No weight is more than `most` times the mean (None: any), which leaves margins off by as much as
    that takes. `start` are weights to begin with, such as those of a sample's design.

    BadSettings: margins that do not add up to 1, a group without rows or without a margin, or margins that cannot be
    met together.
    """
    rows = len(next(iter(groups.values()), ()))
    if not rows or not margins:
        raise BadSettings("there is nothing to weight: give rows, and the margins of at least one dimension")
    if most is not None and most <= 1:
        raise BadSettings(f"no weight can be more than {most} times the mean: give a bound over 1")
    places = {name: _placed(name, groups.get(name), margin) for name, margin in margins.items()}
    weight = np.ones(rows) if start is None else start * rows / start.sum()
    off = np.inf
    for _ in range(ROUNDS):
        for place, wanted in places.values():
            weight = weight * _factors(weight, place, wanted)[place]
        if most is not None:
            weight = _bounded(weight, most)
        before, off = off, max(_off(weight, place, wanted) for place, wanted in places.values())
        if off < NEAR or (most is not None and abs(before - off) < NEAR / 10):
            break
    if off > NEAR and most is None:
        raise BadSettings(
            f"these margins cannot be met together: a group is still {off:.1%} off. Some rows would need the weight of "
            "groups that they are not in; leave out a dimension, or join groups"
        )
    return Weights(weight * rows / weight.sum(), off)


def _bounded(weight: Floats, most: float) -> Floats:
    """The weights with a mean of 1, and what is over the bound shared out among the others."""
    for _ in range(ROUNDS):
        weight = weight * len(weight) / weight.sum()
        if weight.max() <= most * (1 + NEAR):
            break
        weight = np.minimum(weight, most)
    return weight


def _placed(
    name: str, groups: Sequence[str | None] | None, margin: Mapping[str, float]
) -> tuple[NDArray[np.int64], Floats]:
    """Which group each row is in by number, the last one being none, and the share that each group should have.

    The rows without a group keep their share, and those of the groups are of the rest.
    """
    if groups is None:
        raise BadSettings(f"the margins name {name}, and the rows have no such dimension")
    if abs(sum(margin.values()) - 1) > 1e-6 or min(margin.values()) <= 0:
        raise BadSettings(f"the margins of {name} must each be over 0 and add up to 1, not {sum(margin.values()):g}")
    number: dict[str | None, int] = {group: at for at, group in enumerate(margin)}
    there = set(groups) - {None}
    if unknown := sorted(str(group) for group in there - set(margin)):
        raise BadSettings(f"{name} has rows of {', '.join(unknown[:5])}, of which the margins say nothing")
    if missing := [group for group in margin if group not in there]:
        raise BadSettings(f"no row is of {name} {', '.join(missing[:5])}: no weight can make up for that")
    place = np.array([number.get(group, len(margin)) for group in groups], np.int64)
    without = float((place == len(margin)).mean())
    return place, np.array([*(share * (1 - without) for share in margin.values()), without])


def _factors(weight: Floats, place: NDArray[np.int64], wanted: Floats) -> Floats:
    """By how much each group's weights are to be scaled."""
    held = _shares(weight, place, len(wanted))
    factors: Floats = np.divide(wanted, held, out=np.ones_like(wanted), where=held > 0)
    return factors


def _off(weight: Floats, place: NDArray[np.int64], wanted: Floats) -> float:
    return float(np.abs(_shares(weight, place, len(wanted)) - wanted).max())


def _shares(weight: Floats, place: NDArray[np.int64], groups: int) -> Floats:
    held: NDArray[Any] = np.bincount(place, weight, groups) / weight.sum()
    return held
