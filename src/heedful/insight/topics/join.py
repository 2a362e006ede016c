"""New messages join the topics that are there."""

import numpy as np

from heedful.insight.topics.found import NONE, Floats, Numbers, Topics
from heedful.insight.topics.points import likeness

ROWS = 2_000
VOTERS = 5
"""Parts of topics that say whose a message is."""


def join(topics: Topics, embeddings: Floats) -> tuple[Numbers, Floats]:
    """The leaf of each message, or NONE where it is too unlike any, and how like the leaf's middle it is (cosine)."""
    leaf, alike = np.full(len(embeddings), NONE, np.int64), np.zeros(len(embeddings), np.float32)
    if not topics.leaves:
        return leaf, alike
    for at in range(0, len(embeddings), ROWS):
        some = np.nan_to_num(embeddings[at : at + ROWS])
        best = _voted(some @ topics.anchors.T, topics.anchor_leaf, len(topics.leaves))
        near = likeness(some, topics.centroids, best)
        leaf[at : at + ROWS] = np.where(near >= topics.floor[best], best, NONE)
        alike[at : at + ROWS] = near
    return leaf, alike


def _voted(alike: Floats, whose: Numbers, count: int) -> Numbers:
    """The leaf that the nearest anchors speak for, each by its likeness."""
    most = min(VOTERS, len(whose))
    near = np.argpartition(alike, len(whose) - most, axis=1)[:, len(whose) - most :]
    votes = np.zeros((len(alike), count), np.float32)
    weight = np.maximum(np.take_along_axis(alike, near, axis=1), 1e-3) ** 6
    np.add.at(votes, (np.arange(len(alike))[:, None], whose[near]), weight)
    best: Numbers = votes.argmax(axis=1)
    return best
