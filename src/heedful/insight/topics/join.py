"""New messages join the topics that are there."""

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from heedful.insight.topics.found import NONE, Floats, Numbers
from heedful.insight.topics.points import likeness

ROWS = 2_000
VOTERS = 5
"""Parts of topics that say whose a message is."""
LOUD = 3
"""The votes of one example."""


class Places(Protocol):
    """Where topics lie: of each its middle and how like it a message must be; parts of topics, and whose they are."""

    @property
    def centroids(self) -> Floats:
        """The middle of each leaf."""
        ...

    @property
    def floor(self) -> Floats:
        """How like it a message must be (cosine)."""
        ...

    @property
    def anchors(self) -> Floats:
        """The middles of parts."""
        ...

    @property
    def anchor_leaf(self) -> Numbers:
        """The leaf of each part."""
        ...


class Taught(NamedTuple):
    """Examples: embeddings, the leaf each is like (or unlike), and whether it is like it."""

    vectors: Floats
    leaf: Numbers
    more: Numbers


def join(places: Places, embeddings: Floats, taught: Taught | None = None) -> tuple[Numbers, Floats]:
    """The leaf of each message, or NONE where it is too unlike any, and how like the leaf's middle it is (cosine).

    What is nearest to an example of what a leaf is not belongs to another one, or nowhere.
    """
    count = len(places.centroids)
    leaf, alike = np.full(len(embeddings), NONE, np.int64), np.zeros(len(embeddings), np.float32)
    if not count:
        return leaf, alike
    anchors, whose = places.anchors, places.anchor_leaf
    if taught is not None and len(taught.leaf):
        against = np.where(taught.more == 1, taught.leaf, count + taught.leaf)
        anchors = np.concatenate([anchors, np.repeat(taught.vectors, LOUD, axis=0)])
        whose = np.concatenate([whose, np.repeat(against, LOUD)])
    for at in range(0, len(embeddings), ROWS):
        some = np.nan_to_num(embeddings[at : at + ROWS])
        best, sure = _voted(some @ anchors.T, whose, count)
        near = likeness(some, places.centroids, best)
        if taught is not None and len(taught.leaf):
            near = np.maximum(near, _like_examples(some, taught, best))
        leaf[at : at + ROWS] = np.where(sure & (near >= places.floor[best]), best, NONE)
        alike[at : at + ROWS] = near
    return leaf, alike


def _voted(alike: Floats, whose: Numbers, count: int) -> tuple[Numbers, NDArray[np.bool_]]:
    """The leaf that the nearest anchors speak for, each by its likeness, and whether any speaks for it.

    Votes of a number from `count` on are against the leaf with the number less `count`.
    """
    most = min(VOTERS, len(whose))
    near = np.argpartition(alike, len(whose) - most, axis=1)[:, len(whose) - most :]
    votes = np.zeros((len(alike), 2 * count), np.float32)
    weight = np.maximum(np.take_along_axis(alike, near, axis=1), 1e-3) ** 6
    np.add.at(votes, (np.arange(len(alike))[:, None], whose[near]), weight)
    for_it, against = votes[:, :count], votes[:, count:]
    for_it = np.where(against > for_it, 0, for_it)
    best: Numbers = for_it.argmax(axis=1)
    return best, for_it[np.arange(len(best)), best] > 0


def _like_examples(some: Floats, taught: Taught, best: Numbers) -> Floats:
    """How like the nearest example of its leaf each message is; 0 without one."""
    alike = some @ taught.vectors.T
    alike[(taught.leaf[None, :] != best[:, None]) | (taught.more[None, :] == 0)] = 0
    made: Floats = alike.max(axis=1)
    return made
