"""Messages that stand for a topic: near its middle, short enough to read, and different from each other."""

import numpy as np
from numpy.typing import NDArray

from heedful.insight.topics.found import Floats, Numbers

QUOTES = 3
POOL = 40
"""The most central messages, of which quotes are chosen."""
LENGTH = (25, 300)
"""Characters of a text that reads well as a quote."""
UNLIKE = 0.5
"""How much likeness to another quote counts against a message, beside its likeness to the middle."""


def quotes(embeddings: Floats, lengths: Numbers, group: Numbers, centroids: Floats) -> list[Numbers]:
    """Places of a few messages for each group: central ones that differ (maximal marginal relevance).

    Messages of the outer half are never taken, and neither are those that are too short or long to read where others
    are there.
    """
    made = []
    for number, centroid in enumerate(centroids):
        held = np.flatnonzero(group == number)
        alike = embeddings[held] @ centroid
        inner = alike >= np.median(alike) if len(held) > QUOTES else np.ones(len(held), np.bool_)
        readable = (lengths[held] >= LENGTH[0]) & (lengths[held] <= LENGTH[1])
        fit = inner & readable if (inner & readable).sum() >= QUOTES else inner
        held, alike = held[fit], alike[fit]
        order = np.argsort(-alike, kind="stable")[:POOL]
        made.append(_different(embeddings, held[order], alike[order]))
    return made


def _different(embeddings: Floats, held: Numbers, alike: NDArray[np.floating]) -> Numbers:
    """Some of the places, each as like the middle and as unlike those before as can be."""
    chosen: list[int] = []
    against = np.zeros(len(held))
    while len(chosen) < min(QUOTES, len(held)):
        worth = alike - UNLIKE * against
        worth[chosen] = -np.inf
        chosen.append(int(worth.argmax()))
        against = np.maximum(against, embeddings[held] @ embeddings[held[chosen[-1]]])
    return held[np.array(chosen, np.int64)]
