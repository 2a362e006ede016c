"""Pairs of texts that may be copies: MinHash sketches (Broder 1997) that agree in a band, or the same first words.

Sketches are rensa's. Bands are of three: of two texts that share 40% of their shingles 94% meet in one of 42 bands, of
two that share 5% one in two hundred; those are dropped by how much of their whole sketches agrees.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise

import numpy as np
from numpy.typing import NDArray

from heedful.insight.stories.shingles import Numbers, Shingles, distinct

WIDE, BANDS = 3, 42
SEED = 7
AGREE = 0.12
"""The share of two sketches that must agree for the texts to be compared."""
OPENING = 5
"""Words at the beginning of two texts that are reason enough to compare them."""
ALL_PAIRS, NEXT = 30, 5
"""Of more texts than this that meet in a band each is compared with the first few, and with the next few."""
AT_ONCE = 20_000
KINDS = 20
"""Bits by which those are told apart whom nobody meets."""
_FACTOR = np.uint64(0x9E37_79B9_7F4A_7C15)
Sketches = NDArray[np.uint32]


def near(found: Shingles, texts: Sequence[Sequence[str]]) -> Numbers:
    """Pairs of places in `texts` (pairs, 2), the earlier first, each once and in order."""
    sketches, size = _sketches(found), len(texts)
    pairs = [np.empty(0, np.int64)]
    for start in range(0, WIDE * BANDS, WIDE):
        pairs.append(_met(sketches[:, start : start + WIDE]))
    met = distinct(np.concatenate(pairs))
    likely = [
        part[(sketches[part // size] == sketches[part % size]).mean(axis=1) >= AGREE]
        for part in np.array_split(met, len(met) // AT_ONCE + 1)
    ]
    opened = np.array([one * size + other for one, other in _opened(texts)], np.int64)
    both = distinct(np.concatenate((*likely, opened)))
    return np.stack((both // max(size, 1), both % max(size, 1)), axis=1)


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
    """Pairs of those whose sketches are the same in a band, as one number each."""
    size = len(band)
    key = np.zeros(size, np.uint64)
    for column in band.T:
        key = (key ^ column) * _FACTOR
    bucket = (key >> np.uint64(64 - KINDS)).astype(np.int64)
    some = np.flatnonzero(np.bincount(bucket, minlength=1 << KINDS)[bucket] > 1)
    some = some[np.argsort(key[some], kind="stable")]
    edges = np.flatnonzero(np.concatenate(([True], key[some][1:] != key[some][:-1], [True])))
    found = []
    for start, end in pairwise(edges.tolist()):
        if end - start > 1:
            found += [one * size + other for one, other in _paired(some[start:end].tolist())]
    return np.array(found, np.int64)


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
