"""Texts as sets of numbers: every four signs that stand together, so that a slip of the pen changes a few of many."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
Floats = NDArray[np.float64]

SIGNS = 4
KINDS = 24
"""Bits of a number: of the shingles of 100,000 texts one in six shares its number, of two texts hardly any."""
KNOWN = 2_000
"""So many more texts are thought of, in which every shingle is new: in a few texts nothing is common yet."""
LEAST = 3.0
"""Bits that a shingle has at least: where most texts are one campaign's, its shingles are common and still its own."""
AT_ONCE = 20_000
"""Texts whose signs are looked at together."""
_FACTOR, _MIX = np.uint64(0x9E37_79B9_7F4A_7C15), np.uint64(0xBF58_476D_1CE4_E5B9)


@dataclass(frozen=True, eq=False)
class Shingles:
    """Of each text the numbers of its shingles, rising and each once, one text after the other; and what each weighs.

    `weight` is in bits: a shingle of many texts says little about where a text comes from. `total` is the weight of
    all shingles of each text.
    """

    numbers: Numbers
    starts: Numbers
    weight: Floats
    total: Floats

    def __len__(self) -> int:
        """How many texts."""
        return len(self.total)


def shingles(texts: Sequence[Sequence[str]]) -> Shingles:
    """The shingles of texts that are given as words; the same on every machine."""
    parts = [_some(texts[start : start + AT_ONCE]) for start in range(0, len(texts), AT_ONCE)]
    sizes = np.concatenate([np.empty(0, np.int64), *(size for size, _ in parts)])
    numbers = np.concatenate([np.empty(0, np.int64), *(number for _, number in parts)])
    often = np.bincount(numbers)[numbers]
    weight: Floats = np.maximum(np.log2((len(texts) + KNOWN) / often), LEAST)
    total = np.asarray(np.bincount(np.repeat(np.arange(len(texts)), sizes), weight, len(texts)), np.float64)
    return Shingles(numbers, np.concatenate(([0], np.cumsum(sizes))), weight, total)


def distinct(numbers: Numbers) -> Numbers:
    """Each number once, rising; numpy's own way, over a hash table, takes seventy times as long for so many."""
    ordered = np.sort(numbers)
    return ordered[np.flatnonzero(np.diff(ordered, prepend=ordered[:1] - 1))]


def _some(texts: Sequence[Sequence[str]]) -> tuple[Numbers, Numbers]:
    """How many shingles each of some texts has, and their numbers."""
    lines = [f" {' '.join(words)} ".ljust(SIGNS) for words in texts]
    signs = np.frombuffer("".join(lines).encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    lengths = np.array([len(line) for line in lines])
    count = len(signs) - SIGNS + 1
    mixed = np.zeros(count, np.uint64)
    for at in range(SIGNS):
        mixed = mixed * _FACTOR + signs[at : count + at] + np.uint64(1)
    mixed = (mixed ^ (mixed >> np.uint64(29))) * _MIX
    text = np.repeat(np.arange(len(texts)), lengths)[:count]
    within = np.arange(count) + SIGNS <= np.cumsum(lengths)[text]
    both = distinct((text[within] << KINDS) | (mixed[within] >> np.uint64(64 - KINDS)).astype(np.int64))
    return np.bincount(both >> KINDS, minlength=len(texts)), both & ((1 << KINDS) - 1)
