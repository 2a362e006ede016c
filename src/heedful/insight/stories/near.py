"""Pairs of texts that may be copies: MinHash sketches (Broder 1997) that agree in a band, or the same first words.

Sketches are rensa's. Bands are of three: of two texts that share 40% of their shingles 94% meet in one of 42 bands, of
two that share 5% one in two hundred; those are dropped by how much of their whole sketches agrees.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from heedful.insight.stories.shingles import Numbers, Shingles

WIDE, BANDS = 3, 42
SEED = 7
AGREE = 0.12
"""The share of two sketches that must agree for the texts to be compared."""
OPENING = 8
"""Words at the beginning of two texts that are reason enough to compare them."""
ALL_PAIRS, NEXT = 30, 5
"""Of more texts than this that meet in a band each is compared with the first few, and with the next few."""
AT_ONCE = 20_000
Sketches = NDArray[np.uint32]


def near(found: Shingles, texts: Sequence[Sequence[str]]) -> Numbers:
    """Pairs of places in `texts` (pairs, 2), the earlier first, each once and in order."""
    sketches = _sketches(found)
    pairs = [_met(sketches[:, start : start + WIDE]) for start in range(0, WIDE * BANDS, WIDE)]
    together = np.unique(np.concatenate(pairs), axis=0) if pairs else np.empty((0, 2), np.int64)
    agreed = [
        (sketches[part[:, 0]] == sketches[part[:, 1]]).mean(axis=1)
        for part in np.array_split(together, len(together) // AT_ONCE + 1)
    ]
    likely = together[np.concatenate(agreed) >= AGREE]
    opened = np.array(list(_opened(texts)), np.int64).reshape(-1, 2)
    return np.unique(np.concatenate((likely, opened)), axis=0)


def _sketches(found: Shingles) -> Sketches:
    from rensa import RMinHash

    parts = [np.empty((0, WIDE * BANDS), np.uint32)]
    for start in range(0, len(found), AT_ONCE):
        starts = found.starts[start : start + AT_ONCE + 1]
        numbers = found.numbers[starts[0] : starts[-1]].astype(np.uint64)
        offsets = (starts - starts[0]).astype(np.uint64)
        made = RMinHash.digest_matrix_from_flat_token_hashes(numbers, offsets, WIDE * BANDS, SEED)
        parts.append(np.array(made.to_rows(), np.uint32).reshape(-1, WIDE * BANDS))
    return np.concatenate(parts)


def _met(band: Sketches) -> Numbers:
    """Pairs of those whose sketches are the same in a band."""
    order = np.lexsort((np.arange(len(band)), *band.T))
    same = (band[order][1:] == band[order][:-1]).all(axis=1)
    edges = np.flatnonzero(np.concatenate(([True], ~same, [True])))
    sizes = np.diff(edges)
    found = [np.stack((order[:-1][same], order[1:][same]), axis=1)]  # neighbours in a band, two or more
    for start, size in zip(edges[:-1][sizes > 2].tolist(), sizes[sizes > 2].tolist(), strict=True):
        found.append(np.array(list(_paired(order[start : start + size].tolist())), np.int64).reshape(-1, 2))
    return np.concatenate(found)


def _opened(texts: Sequence[Sequence[str]]) -> Iterator[tuple[int, int]]:
    """Pairs of those that begin with the same words."""
    places: dict[tuple[str, ...], list[int]] = {}
    for at, words in enumerate(texts):
        if len(words) >= OPENING:
            places.setdefault(tuple(words[:OPENING]), []).append(at)
    for those in places.values():
        yield from _paired(those)


def _paired(those: Sequence[int]) -> Iterator[tuple[int, int]]:
    if len(those) <= ALL_PAIRS:
        yield from combinations(those, 2)
        return
    for at, one in enumerate(those):
        for other in (*those[: min(NEXT, at)], *those[max(NEXT, at - NEXT) : at]):
            yield other, one
