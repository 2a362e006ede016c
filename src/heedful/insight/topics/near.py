"""The nearest of many points, found by comparing with all of them."""

import numpy as np
from numpy.typing import NDArray

from heedful.insight.topics.found import Floats, Numbers
from heedful.language.many import in_order

NEIGHBOURS = 15
ROWS = 1_000
LEAST = 1e-3
"""The likeness (cosine) below which neighbours count alike little."""


def near(points: Floats, among: Floats, *, itself: bool = False) -> tuple[Numbers, Floats]:
    """The nearest of `among` to each point, and how much each counts; with `itself` they are the same points.

    Points have length 1. A neighbour counts by the third power of its likeness.
    """
    wide = max(0, min(NEIGHBOURS, len(among) - itself))

    def block(at: int) -> tuple[NDArray[np.int64], Floats]:
        alike = points[at : at + ROWS] @ among.T
        if itself:
            own = np.arange(len(alike))
            alike[own, at + own] = -np.inf
        found = np.argpartition(alike, -max(wide, 1), axis=1)[:, len(among) - wide :]
        return found, np.maximum(np.take_along_axis(alike, found, axis=1), LEAST) ** 3

    parts = list(in_order(range(0, len(points), ROWS), block))
    return np.concatenate([found for found, _ in parts]), np.concatenate([weight for _, weight in parts])
