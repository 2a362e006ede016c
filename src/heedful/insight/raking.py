"""Weights that make messages look like a population whose make-up is known: by channel, by country, by a trait.

Raking, or iterative proportional fitting (Deming and Stephan, "On a least squares adjustment of a sampled frequency
table when the expected marginal totals are known", 1940): each dimension in turn has its groups scaled to what they
should be, until none is off. What comes out is, of all weights that meet the margins, the one closest to those put in
(in Kullback-Leibler distance), so that how groups go together is kept.

Weights cost certainty: a few messages that stand for many say little more than a few. `Weights.effect` is the design
effect of Kish ("Survey Sampling", 1965), 1 + the squared coefficient of variation, and `Weights.effective` how many
messages of equal weight would say as much. What is weighted are cells: all rows that agree in every dimension of the
margins have one weight, so that a million rows cost no more than their few cells.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heedful.errors import BadSettings
from heedful.settings import Margins

ROUNDS = 1_000
OTHERS = "*"
NEAR = 1e-9
"""No group's share is off by more than this in the end."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Weights:
    """A weight for each cell's rows, 1 on average over the rows, and how many `rows` each cell has."""

    weight: Floats
    rows: Floats

    @property
    def effect(self) -> float:
        """Kish's design effect: by how much the weights widen the variance of a mean (1: not at all)."""
        return float(self.rows.sum() / self.effective)

    @property
    def effective(self) -> float:
        """How many rows of equal weight would say as much."""
        return float(effective(self.rows @ self.weight, self.rows @ self.weight**2))


def effective(weight: Any, squares: Any) -> Any:
    """How many rows of equal weight say as much as rows whose weights, and their squares, add up to these (Kish)."""
    return weight**2 / squares


def raked(
    groups: Mapping[str, Sequence[str | None]], margins: Margins, *, rows: Sequence[int] | None = None
) -> Weights:
    """Weights by which each dimension's groups have the shares of its margins.

    `groups` says for each dimension of the margins which group each cell is in, and `rows` how many rows a cell has
    (None: one each). Rows whose group is None keep their share of the whole. A margin of `*` is that of all groups
    without one of their own.

    BadSettings: margins that do not add up to 1, a group without rows or without a margin, or margins that cannot be
    met together.
    """
    cells = len(next(iter(groups.values()), ()))
    if not cells or not margins:
        raise BadSettings("there is nothing to weight: give rows, and the margins of at least one dimension")
    counted = np.ones(cells) if rows is None else np.array(rows, np.float64)
    places = {name: _placed(name, groups.get(name), margin, counted) for name, margin in margins.items()}
    mass = counted.copy()
    off = np.inf
    for _ in range(ROUNDS):
        for place, wanted in places.values():
            mass = mass * _factors(mass, place, wanted)[place]
        off = max(_off(mass, place, wanted) for place, wanted in places.values())
        if off < NEAR:
            return Weights(mass / counted * counted.sum() / mass.sum(), counted)
    raise BadSettings(
        f"these margins cannot be met together: a group is still {off:.1%} off. Some rows would need the weight of "
        "groups that they are not in; leave out a dimension, or join groups"
    )


def _placed(
    name: str, groups: Sequence[str | None] | None, margin: Mapping[str, float], rows: Floats
) -> tuple[NDArray[np.int64], Floats]:
    """Which group each cell is in by number, the last one being none, and the share that each group should have.

    The rows without a group keep their share, and those of the groups are of the rest.
    """
    if groups is None:
        raise BadSettings(f"the margins name {name}, and the rows have no such dimension")
    if abs(sum(margin.values()) - 1) > 1e-6 or min(margin.values()) <= 0:
        raise BadSettings(f"the margins of {name} must each be over 0 and add up to 1, not {sum(margin.values()):g}")
    number: dict[str | None, int] = {group: at for at, group in enumerate(margin)}
    other = number.get(OTHERS)
    if unknown := sorted({group for group in groups if group is not None and group not in number}):
        if other is None:
            raise BadSettings(
                f"{name} has rows of {', '.join(unknown[:5])}, of which the margins say nothing; "
                f"a margin of {OTHERS!r} is that of all others"
            )
        number |= dict.fromkeys(unknown, other)
    place = np.array([len(margin) if group is None else number[group] for group in groups], np.int64)
    held = set(place.tolist())
    if missing := [group for at, group in enumerate(margin) if at not in held]:
        raise BadSettings(f"no row is of {name} {', '.join(missing[:5])}: no weight can make up for that")
    without = float(rows[place == len(margin)].sum() / rows.sum())
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
