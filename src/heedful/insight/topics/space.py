"""Where messages lie: near each other where they mean alike and use the same words, drawn together by their neighbours.

Embeddings (principal components) stand beside the words (latent semantic analysis). Then every message moves to the
mean of its nearest ones, several times: what k-means finds afterwards are the regions of that graph (Hagen and Kahng
1992; "simple graph convolution", Wu et al. 2019), not balls around a mean.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from heedful.insight.topics.found import Floats, Numbers
from heedful.insight.topics.near import near
from heedful.insight.topics.points import unit
from heedful.insight.topics.terms import Terms, Vocabulary, vocabulary

MEANING, WORDS, DRAWN = 100, 64, 64
"""Dimensions of embeddings, of words, and of the space that is made of both."""
SHARE = 0.5
"""How much words count beside embeddings."""
ROUNDS = 8
OWN = 0.2
"""What a message counts for itself, beside 1 for all its neighbours together."""


@dataclass(frozen=True, eq=False)
class Space:
    """The points of some messages, and what it takes to place others among them."""

    points: Floats
    _raw: Floats
    _before: Floats
    _mean: Floats
    _axes: Floats
    _words: Vocabulary | None
    _turn: Floats

    def place(self, texts: Sequence[str], embeddings: Floats) -> Floats:
        """The points of other messages: the mean of those of their neighbours."""
        if not len(texts):
            return np.zeros((0, self.points.shape[1]), np.float32)
        spoken = self._words.place(texts) if self._words else None
        raw = _beside(np.asarray((embeddings - self._mean) @ self._axes, np.float32), spoken)
        return unit(_mean_of(self._before, *near(raw, self._raw)) @ self._turn)


def space(found: Terms, embeddings: Floats, seed: int) -> Space:
    """The space of different texts in their canonical order, from their terms and embeddings."""
    from scipy.sparse import csr_array, diags_array, eye_array

    mean = embeddings.mean(axis=0)
    axes = _axes(embeddings - mean, MEANING)
    learnt, spoken = vocabulary(found, WORDS, seed) or (None, None)
    raw = _beside((embeddings - mean) @ axes, spoken)
    count = len(raw)
    around, alike = near(raw, raw, itself=True)
    rows = np.repeat(np.arange(count), around.shape[1])
    graph = csr_array((alike.ravel(), (rows, around.ravel())), shape=(count, count))
    graph = graph + graph.T
    graph = graph + eye_array(count) * np.float32(OWN * (graph.sum() / max(1, count)) + 1e-6)
    step = (diags_array(1 / graph.sum(axis=1)) @ graph).astype(np.float32).tocsr()
    points = before = raw
    for _ in range(ROUNDS):
        before, points = points, step @ points
    turn = _axes(points - points.mean(axis=0), DRAWN)
    return Space(unit(points @ turn), raw, before, mean, axes, learnt, turn)


def _axes(centred: Floats, most: int) -> Floats:
    """The directions in which points differ most."""
    wide = centred.astype(np.float64)
    directions = np.linalg.eigh(wide.T @ wide)[1][:, ::-1]
    return directions[:, :most].astype(np.float32)


def _beside(meant: Floats, spoken: Floats | None) -> Floats:
    """Each text's point by its meaning and, where there is one, by its words."""
    return unit(meant if spoken is None else np.hstack([unit(meant), SHARE * unit(spoken)]))


def _mean_of(points: Floats, near: Numbers, weight: Floats) -> Floats:
    made: Floats = (points[near] * weight[:, :, None]).sum(axis=1) / weight.sum(axis=1, keepdims=True)
    return made
