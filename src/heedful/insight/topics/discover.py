"""Finding topics in a set of messages: the same set, in any order, gives the same topics."""

from collections.abc import Sequence

import numpy as np

from heedful.errors import BadSettings
from heedful.insight.topics.canon import Canon, canon
from heedful.insight.topics.found import Floats, Numbers, Topics
from heedful.insight.topics.ground import Ground, ground, one_thread
from heedful.insight.topics.number import Choose, candidates, choose, finest, steadiness
from heedful.insight.topics.points import settle
from heedful.insight.topics.shape import nothing, shape
from heedful.insight.topics.tree import cells, ward

MOST = 2_000
"""Topics that can be asked for."""
FEW = 10
"""Below so many different texts, there is one topic where no number is asked for."""
STARTS, CELLS = 6, 600
"""Tries, and the cells of each."""
STEPS = 50


def discover(
    texts: Sequence[str | None],
    embeddings: Floats,
    *,
    keys: Sequence[str],
    count: int | None = None,
    fine: bool = False,
    seed: int = 0,
) -> Topics:
    """The topics of messages: `count` of them, or else as many as halves of the messages agree on.

    Where they are to be `fine`, there are more: as many as the halves still fairly agree on.

    `keys` are the messages' ids, all different; `embeddings` (messages, width) have length 1. Every random choice
    follows from `seed`. BadSettings where more topics are asked for than there are different texts.
    """
    found = canon(texts, embeddings, keys, seed)
    _check(count, found)
    if not len(found):
        return nothing(keys, embeddings.shape[1])
    with one_thread():
        there = ground(texts, embeddings, found, seed=seed, least=count or 1)
        group = group_of(there, count or number(there, finest if fine else choose), seed=seed)
        return shape(there, texts, embeddings, keys, group)


def _check(count: int | None, found: Canon) -> None:
    if count is None:
        return
    if not 1 <= count <= MOST:
        raise BadSettings(f"{count:,} topics were asked for; ask for 1 to {MOST:,}")
    if count > len(found):
        raise BadSettings(
            f"{count:,} topics were asked for, but there are {len(found):,} different texts; ask for fewer"
        )


def number(there: Ground, chosen: Choose = choose) -> int:
    """How many topics there are."""
    if len(there.base) < FEW:
        return 1
    tried = candidates(len(there.base))
    return chosen(tried, steadiness(there.space.points, there.canon.draw[there.base], there.cells, tried))


def group_of(there: Ground, count: int, *, seed: int) -> Numbers:
    """The topic of each text of the base: of several tries the one with the least squares within topics.

    Each try makes cells of its own, joins them by Ward's rule, and goes on with k-means from there.
    """
    points = there.space.points
    even = np.ones(len(points), np.float32)
    best, least = np.zeros(len(points), np.int64), np.inf
    for start in range(STARTS if len(points) > CELLS else 1):
        odd = np.random.default_rng([seed & 0xFFFF_FFFF, 3, start]).integers(1 << 62) * 2 + 1
        again = there.canon.draw[there.base] * np.uint64(odd)  # wraps: another lottery of the same texts
        parts = cells(points, again, max(CELLS, 3 * count), least=count)
        cut = ward(parts.centres, parts.sizes).cut(count)
        group, centres = settle(points, cut[parts.of], count, even, steps=STEPS)
        squares = float(((points - centres[group]) ** 2).sum())
        if squares < least:
            best, least = group, squares
    return best
