"""What was found: topics at two levels, and the one each message belongs to."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Numbers = NDArray[np.int64]

NONE = -1
"""The leaf of a message that belongs nowhere yet."""


@dataclass(frozen=True)
class Leaf:
    """A topic: its name, the single words that tell it from the others, how many messages, and rows to quote."""

    name: str
    words: tuple[str, ...]
    size: int
    theme: int
    quotes: tuple[int, ...]


@dataclass(frozen=True)
class Theme:
    """Several topics that are near each other; `leaves` are their numbers, largest first."""

    name: str
    words: tuple[str, ...]
    size: int
    leaves: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Topics:
    """Topics of a set of messages.

    `keys` and `leaf` (its number, or NONE) follow the rows that were given; so do the rows in `quotes`. `centroids` has
    the mean direction of each leaf's embeddings, `anchors` those of its parts, with `anchor_leaf` saying whose they are
    and `anchor_sizes` how many texts they have, and `floor` how like each centroid a message must be to belong there
    (cosine).
    """

    keys: tuple[str, ...]
    leaf: Numbers
    leaves: tuple[Leaf, ...]
    themes: tuple[Theme, ...]
    centroids: Floats
    anchors: Floats
    anchor_leaf: Numbers
    anchor_sizes: Floats
    floor: Floats

    @property
    def theme(self) -> Numbers:
        """The theme of each message, or NONE."""
        of = np.array([*(leaf.theme for leaf in self.leaves), NONE], np.int64)
        return of[self.leaf]
