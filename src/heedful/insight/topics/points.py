"""Points in groups: the nearest centre, means, settling, and how far two groupings agree."""

import numpy as np
from numpy.typing import NDArray

from heedful.insight.topics.found import Floats, Numbers

BLOCK = 2_048
"""Points that are compared at a time."""


def unit(points: Floats) -> Floats:
    """Scaled to length 1; nothing stays nothing."""
    made: Floats = points / np.maximum(np.sqrt((points * points).sum(axis=1, keepdims=True)), 1e-12)
    return made


def nearest(points: Floats, centres: Floats) -> Numbers:
    """The number of each point's nearest centre."""
    half = (centres * centres).sum(axis=1) / 2
    found = [(points[at : at + BLOCK] @ centres.T - half).argmax(axis=1) for at in range(0, len(points), BLOCK)] or [
        np.zeros(0, np.int64)
    ]
    return np.concatenate(found).astype(np.int64)


def likeness(points: Floats, centroids: Floats, group: Numbers) -> Floats:
    """How like its group's centroid each point is (cosine)."""
    found = [
        np.einsum("ij,ij->i", points[at : at + BLOCK], centroids[group[at : at + BLOCK]])
        for at in range(0, len(points), BLOCK)
    ] or [np.zeros(0, np.float32)]
    return np.concatenate(found)


def distances(points: Floats, centres: Floats) -> Floats:
    """The squared distance of each point from each centre."""
    squares = (points * points).sum(axis=1)[:, None] + (centres * centres).sum(axis=1)
    made: Floats = np.maximum(squares - 2 * points @ centres.T, 0)
    return made


def means(points: Floats, group: Numbers, count: int, weight: Floats) -> Floats:
    """The weighted mean of each group's points."""
    from scipy.sparse import csr_array

    member = csr_array((weight, (group, np.arange(len(group)))), shape=(count, len(group)))
    sums, weights = member @ points, np.bincount(group, weight, count)
    made: Floats = (sums / np.maximum(weights, 1e-12)[:, None]).astype(np.float32)
    return made


def settle(points: Floats, group: Numbers, count: int, weight: Floats, *, steps: int) -> tuple[Numbers, Floats]:
    """Groups and their centres after so many steps of k-means; no group is ever emptied."""
    centres = means(points, group, count, weight)
    for _ in range(steps):
        moved = nearest(points, centres)
        if np.array_equal(moved, group) or np.bincount(moved, minlength=count).min() == 0:
            break
        group, centres = moved, means(points, moved, count, weight)
    return group, centres


def agreement(one: Numbers, other: Numbers, weight: NDArray[np.floating]) -> float:
    """The adjusted Rand index of two groupings (Hubert and Arabie 1985) of points that count by weight."""
    wide = int(other.max(initial=0)) + 1
    pairs = np.unique(one * wide + other, return_inverse=True)[1]
    both, first, second = (float((np.bincount(held, weight) ** 2).sum()) for held in (pairs, one, other))
    total = float(weight.sum()) ** 2
    by_chance, most = first * second / total, (first + second) / 2
    return 1.0 if most <= by_chance else (both - by_chance) / (most - by_chance)
