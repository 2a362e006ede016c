"""How many topics there are: as many as two halves of the messages agree on."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from heedful.insight.topics.found import Floats, Numbers
from heedful.insight.topics.points import agreement, nearest, settle
from heedful.insight.topics.tree import Cells, cells, ward

PAIRS = 16
"""Times that the messages are halved."""
CELLS = 400
"""Cells of a half."""
STEPS = 10
FAIRLY, TIMES = 0.15, 1.5
"""How much less steady than the steadiest a number may be to be fairly steady: so many times what that lacks of 1."""
NEAR_BEST, NEAR_PERFECT = 0.04, 0.02
"""How much less steady than the steadiest a number may be; the nearer that is to 1, the less."""
CHOICE = (
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    9,
    10,
    12,
    14,
    16,
    18,
    20,
    23,
    26,
    30,
    35,
    40,
    46,
    53,
    61,
    70,
    80,
    92,
    106,
    122,
    140,
    160,
)
"""Numbers that are tried, each about a seventh above the one before."""


Choose = Callable[[Sequence[int], NDArray[np.float64]], int]
"""Which of several numbers is taken, by how steady each is."""


def candidates(different: int) -> tuple[int, ...]:
    """Numbers of topics worth trying for so many different texts: few say too little, many have too few messages."""
    least = 2 if different < 100 else 3 if different < 1_000 else 5
    return tuple(count for count in CHOICE if least <= count <= max(least, different // 12))


def steadiness(points: Floats, draw: NDArray[np.uint64], whole: Cells, tried: Sequence[int]) -> NDArray[np.float64]:
    """For each number of groups, how far two halves of the points agree about the whole; the mean over several.

    A bit of its number in the lottery says which half a text is in: a set and a part of it are halved alike.
    """
    found = np.zeros((PAIRS, len(tried)))
    for pair in range(PAIRS):
        side = (draw >> np.uint64(pair)) & np.uint64(1)
        halves = [np.flatnonzero(side == 0), np.flatnonzero(side == 1)]
        one, other = (_groupings(points[half], draw[half], whole.centres, tried) for half in halves)
        found[pair] = [agreement(a, b, whole.sizes) for a, b in zip(one, other, strict=True)]
    made: NDArray[np.float64] = found.mean(axis=0)
    return made


def _groupings(points: Floats, draw: NDArray[np.uint64], asked: Floats, tried: Sequence[int]) -> list[Numbers]:
    """The groups that some points would put others into, for each number of groups."""
    parts = cells(points, draw, CELLS)
    tree = ward(parts.centres, parts.sizes)
    found = []
    for count in tried:
        cut = tree.cut(min(count, len(parts)))
        centres = settle(parts.centres, cut, int(cut.max()) + 1, parts.sizes, steps=STEPS)[1]
        found.append(nearest(asked, centres))
    return found


def finest(tried: Sequence[int], steady: NDArray[np.float64]) -> int:
    """The largest number that is still fairly steady: for people who look into each topic, and see themes above."""
    best = float(steady.max())
    least = best - min(FAIRLY, TIMES * (1 - best))
    return max(count for count, value in zip(tried, steady.tolist(), strict=True) if value >= least)


def choose(tried: Sequence[int], steady: NDArray[np.float64]) -> int:
    """Of the numbers that are about as steady as the steadiest the largest, which says more."""
    best = float(steady.max())
    least = best - min(NEAR_BEST, NEAR_PERFECT + 1 - best)
    return max(count for count, value in zip(tried, steady.tolist(), strict=True) if value >= least)
