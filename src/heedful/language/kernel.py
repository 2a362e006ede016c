"""Kernel ridge regression: a text's score for a label is a weighted sum of how like it is to examples.

What an example's score is without itself follows exact from the one fit.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from heedful.language.taught import NEAR, Floats

RIDGES = (0.1, 0.3, 1.0, 3.0, 10.0)
"""How much the regression gives way to single examples: the choice."""
TRIED = 1_000
"""Examples on which that is chosen."""
ROWS = 2_000
SEED = 1

Rows = NDArray[np.int64]


def evenly(y: Rows, most: int) -> Rows:
    """Row numbers of at most so many examples: one of each label, then another of each, and so on."""
    if len(y) <= most:
        return np.arange(len(y))
    mixed = np.random.default_rng(SEED).permutation(len(y))
    by_label = mixed[np.argsort(y[mixed], kind="stable")]
    sizes = np.bincount(y)
    turn = np.arange(len(y)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    chosen: Rows = np.sort(by_label[np.argsort(turn, kind="stable")][:most])
    return chosen


def regression(x: Floats, y: Rows, landmarks: Floats, ridge: float) -> tuple[Floats, Floats]:
    """Kernel ridge regression on landmarks: weights (landmarks, labels), and left-out scores (examples, labels).

    Each label is 1 for its examples and 0 for the others. The score of an example without itself follows from its
    leverage: what remains grows by 1 / (1 - leverage).
    """
    wanted = np.eye(int(y.max()) + 1)[y]
    wanted -= wanted.mean()
    gram = ridge * alike(landmarks, landmarks) + 1e-5 * np.eye(len(landmarks))
    right = np.zeros((len(landmarks), wanted.shape[1]))
    for some in _blocks(len(x)):
        near = alike(x[some], landmarks)
        gram += near.T @ near
        right += near.T @ wanted[some]
    root = np.linalg.inv(np.linalg.cholesky(gram)).T
    weights = root @ (root.T @ right)
    left_out = np.empty_like(wanted)
    for some in _blocks(len(x)):
        near = alike(x[some], landmarks)
        leverage = np.minimum(((near @ root) ** 2).sum(axis=1, keepdims=True), 1 - 1e-6)
        left_out[some] = wanted[some] - (wanted[some] - near @ weights) / (1 - leverage)
    return weights, left_out


def alike(left: Floats, right: Floats) -> Floats:
    """How alike texts are, 0 to 1: a Gaussian of the distance of their embeddings."""
    made: Floats = np.exp(NEAR * (left @ right.T - 1))
    return made


def _blocks(rows: int) -> Iterator[slice]:
    return (slice(at, at + ROWS) for at in range(0, rows, ROWS))


def chosen_ridge(x: Floats, y: Rows) -> float:
    """The smallest ridge whose left-out accuracy is not clearly below the best one's."""
    some = evenly(y, TRIED)
    wanted = np.eye(int(y.max()) + 1)[y[some]]
    wanted -= wanted.mean()
    spread, turned = np.linalg.eigh(alike(x[some], x[some]))
    inside = turned.T @ wanted
    accuracy = []
    for ridge in RIDGES:
        shrunk = 1 / (np.maximum(spread, 0) + ridge)
        left = (turned @ (inside * shrunk[:, None])) / ((turned**2) @ shrunk)[:, None]
        accuracy.append(float(((wanted - left).argmax(axis=1) == y[some]).mean()))
    best = max(accuracy)
    least = best - 0.5 * float(np.sqrt(best * (1 - best) / len(some)))
    return next(ridge for ridge, found in zip(RIDGES, accuracy, strict=True) if found >= least)
