"""Whether a text belongs to any taught label, learnt without a single example that does not.

Each example is looked at by what the other folds of the examples say, twice: once as it is, and once with its own
label taken away, which makes it a text that belongs to none of the others. What tells the two apart are three signs:
the distance to the nearest label's mean, less that to the mean of all (relative Mahalanobis distance, Ren et al. 2021,
arXiv:2106.09022), the nearest examples, and the direction of the likest mean.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from heedful.language.encoder import WIDTH
from heedful.language.taught import LEAST, NEIGHBOURS, Floats, belonging

KEPT = 0.95
"""Share of examples that are given a label; the rest count as none of them."""
FOLDS = 10
LOOKED_AT = 6_000
SEED = 2
SHRUNK = 0.3
"""How far a covariance is drawn to a sphere, at least; further with fewer examples than dimensions."""

TOWARDS = np.array([-1.0, 1.0, 1.0])
"""Whether more of a sign speaks for belonging: not more distance, but more nearness and likeness."""

Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Places:
    """Where labels lie; shapes as in `Taught`, and (d, d) and (d) for all examples together."""

    centres: Floats
    curve: Floats
    slopes: Floats
    offsets: Floats


def places(x: Floats, y: Rows, labels: int) -> Places:
    """From embeddings (n, d) and their labels' numbers, each of which has an example."""
    means = np.zeros((labels, x.shape[1]))
    np.add.at(means, y, x)
    means /= np.bincount(y, minlength=labels)[:, None]
    middle = x.mean(axis=0)
    within, around = _precision(x - means[y]), _precision(x - middle)
    slopes = within @ means.T - (around @ middle)[:, None]
    offsets = ((means @ within) * means).sum(axis=1) - middle @ around @ middle
    centres = (means / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-9)).T
    return Places(centres, within - around, slopes, offsets)


def learn(x: Floats, y: Rows, marks: Rows) -> Floats:
    """The weights of the three signs, constant first: KEPT of the examples score at least LEAST.

    `marks` are the rows of the landmarks.
    """
    found = [_signs(x, y, marks, fold) for fold in _folds(y)]
    inside, outside = (np.concatenate([pair[at] for pair in found]) for at in (0, 1))
    weights = _weights(inside, outside)
    reached = float(np.quantile(inside @ weights[1:], 1 - KEPT))
    weights[0] = np.log(LEAST / (1 - LEAST)) - reached
    return weights


def _folds(y: Rows) -> Iterator[Rows]:
    """Rows that are looked at together, a like share of every label in each; all others are known then."""
    mixed = np.random.default_rng(SEED).permutation(len(y))
    by_label = mixed[np.argsort(y[mixed], kind="stable")]
    most = -(-LOOKED_AT // FOLDS)
    for at in range(min(FOLDS, len(y) // 2)):
        yield np.sort(mixed[np.isin(mixed, by_label[at::FOLDS])][:most])


def _signs(x: Floats, y: Rows, marks: Rows, fold: Rows) -> tuple[Floats, Floats]:
    """The signs (rows, 3) of a fold by what the others know, with each row's own label and without it."""
    known = np.delete(np.arange(len(y)), fold)
    names, numbers = np.unique(y[known], return_inverse=True)
    there = places(x[known], numbers, len(names))
    given, mine = x[fold], y[fold]
    distance = ((given @ there.curve) * given).sum(axis=1)[:, None] - 2 * given @ there.slopes + there.offsets
    direction = given @ there.centres
    others = marks[np.isin(marks, known)]
    near = given @ x[others].T
    inside = _joined(distance, near, direction)
    away = mine[:, None] == names
    same = mine[:, None] == y[others]
    outside = _joined(
        np.where(away, np.inf, distance), np.where(same, -np.inf, near), np.where(away, -np.inf, direction)
    )
    return inside, outside


def _joined(distance: Floats, near: Floats, direction: Floats) -> Floats:
    return np.stack([distance.min(axis=1) / WIDTH, _nearest(near), direction.max(axis=1)], axis=1)


def _nearest(near: Floats) -> Floats:
    """The mean cosine of the nearest landmarks; those that do not count are minus infinity."""
    top = np.sort(near, axis=1)[:, -NEIGHBOURS:]
    there = np.isfinite(top)
    found: Floats = np.where(there, top, 0).sum(axis=1) / np.maximum(there.sum(axis=1), 1)
    return found


def _precision(rest: Floats) -> Floats:
    """The inverse of a covariance that is drawn to a sphere."""
    rows, wide = rest.shape
    shrunk = max(SHRUNK, wide / (rows + wide))
    spread = rest.T @ rest / rows
    even = max(float(np.trace(spread)) / wide, 1e-9)
    found: Floats = np.linalg.inv((1 - shrunk) * spread + shrunk * even * np.eye(wide))
    return (found + found.T) / 2


def _weights(inside: Floats, outside: Floats) -> Floats:
    """Constant first: of the signs that speak for belonging in the direction they have to; of the others, 0.

    Texts of a label that was taken away still lie among the other labels. Among such, two signs that go together can
    be weighed against each other, which would mislead for texts from afar.
    """
    used = np.array([True, True, True])
    while True:
        weights = np.zeros(4)
        weights[np.concatenate([[True], used])] = _logistic(inside[:, used], outside[:, used])
        against = weights[1:] * TOWARDS < 0
        if not against.any():
            return weights
        used[np.argmin(weights[1:] * TOWARDS * inside.std(axis=0))] = False


def _logistic(inside: Floats, outside: Floats) -> Floats:
    """Weights of a logistic regression that tells the two apart, constant first, by Newton's steps."""
    signs = np.concatenate([inside, outside])
    middle, spread = signs.mean(axis=0), np.maximum(signs.std(axis=0), 1e-9)
    given = np.hstack([np.ones((len(signs), 1)), (signs - middle) / spread])
    wanted = np.repeat([1.0, 0.0], [len(inside), len(outside)])
    weights = np.zeros(given.shape[1])
    for _ in range(30):
        likely = belonging(given[:, 1:], weights)
        slope = given.T @ (wanted - likely) - 0.1 * weights
        bend = (given * (likely * (1 - likely) + 1e-6)[:, None]).T @ given + 0.1 * np.eye(len(weights))
        weights = weights + np.linalg.solve(bend, slope)
    plain = weights[1:] / spread
    return np.concatenate([[weights[0] - plain @ middle], plain])
