"""Small cells of points, and the tree by which Ward's rule joins them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from heedful.insight.topics.found import Floats, Numbers
from heedful.insight.topics.points import means, nearest

STEPS = 6
"""Steps of k-means that form cells."""


@dataclass(frozen=True, eq=False)
class Cells:
    """Cells of points: which one each point is in, their centres, and how many points each has."""

    of: Numbers
    centres: Floats
    sizes: Floats

    def __len__(self) -> int:
        """How many cells."""
        return len(self.centres)


def cells(points: Floats, draw: NDArray[np.uint64], most: int, *, least: int = 1) -> Cells:
    """At most so many cells, around the points with the lowest numbers in the lottery; at least `least` remain."""
    even = np.ones(len(points), np.float32)
    if len(points) <= most:
        return Cells(np.arange(len(points)), points, even)
    starts = np.sort(np.argsort(draw, kind="stable")[:most])
    centres = points[starts]
    of = nearest(points, centres)
    of[starts] = np.arange(most)
    for _ in range(STEPS):
        centres = means(points, of, len(centres), even)
        moved = nearest(points, centres)
        held, moved = np.unique(moved, return_inverse=True)
        if len(held) < least:
            break
        of = moved
        centres = centres[held]
    sizes = np.bincount(of, minlength=len(centres)).astype(np.float32)
    return Cells(of, means(points, of, len(centres), even), sizes)


@dataclass(frozen=True, eq=False)
class Tree:
    """Joins in their order: pairs of groups, of which the second goes into the first, and what each join costs."""

    pairs: Numbers
    costs: NDArray[np.float64]

    def cut(self, count: int) -> Numbers:
        """The group of each leaf of the tree when so many groups are left."""
        size = len(self.pairs) + 1
        into = np.arange(size)
        for one, other in self.pairs[: size - count][::-1].tolist():
            into[other] = into[one]
        made: Numbers = np.unique(into, return_inverse=True)[1].astype(np.int64)
        return made


def ward(centres: Floats, sizes: Floats) -> Tree:
    """Join, again and again, the two groups whose joining adds least to the squares within groups (Ward 1963).

    Costs between a joined group and the others follow from those of its parts (Lance and Williams 1967).
    """
    size, count = sizes.astype(np.float64), len(centres)
    cost = apart(centres, sizes)
    np.fill_diagonal(cost, np.inf)
    near = cost.argmin(axis=1)
    least = cost[np.arange(count), near]
    pairs, costs = np.zeros((count - 1, 2), np.int64), np.zeros(count - 1)
    gone = np.zeros(count, np.bool_)
    for step in range(count - 1):
        one = int(least.argmin())
        other = int(near[one])
        pairs[step], costs[step] = (one, other), cost[one, other]
        a, b = size[one], size[other]
        new = ((a + size) * cost[one] + (b + size) * cost[other] - size * cost[one, other]) / (a + b + size)
        gone[other], size[one] = True, a + b
        new[gone] = new[one] = np.inf
        cost[one] = cost[:, one] = new
        cost[other] = cost[:, other] = least[other] = np.inf
        nearer = ~gone & (new < least)
        near[nearer], least[nearer] = one, new[nearer]
        for row in [one, *np.flatnonzero(~gone & ((near == other) | ((near == one) & ~nearer))).tolist()]:
            near[row] = cost[row].argmin()
            least[row] = cost[row, near[row]]
    return Tree(pairs, costs)


def apart(centres: Floats, sizes: Floats) -> NDArray[np.float64]:
    """What joining each two groups would add to the squares within groups."""
    wide, size = centres.astype(np.float64), sizes.astype(np.float64)
    squares = (wide * wide).sum(axis=1)
    far = np.maximum(squares[:, None] + squares - 2 * wide @ wide.T, 0)
    made: NDArray[np.float64] = far * (size[:, None] * size / (size[:, None] + size))
    return made
