"""Texts as sets of numbers: every five signs that stand together, so that a slip of the pen changes a few of many."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]
Numbers = NDArray[np.int64]
Floats = NDArray[np.float64]

SIGNS = 5
_FACTOR, _MIX = np.uint64(0x9E37_79B9_7F4A_7C15), np.uint64(0xBF58_476D_1CE4_E5B9)
AT_ONCE = 20_000
"""Texts whose signs are looked at together."""


KNOWN = 2_000
"""So many more texts are thought of, in which every shingle is new: in a few texts nothing is common yet."""


@dataclass(frozen=True, eq=False)
class Shingles:
    """Of each text the numbers of its shingles, rising and each once, one text after the other; and what each weighs.

    `weight` is by number, in bits: a shingle of many texts says little about where a text comes from. `total` is the
    weight of all shingles of each text.
    """

    numbers: Numbers
    starts: Numbers
    weight: Floats
    total: Floats

    def __len__(self) -> int:
        """How many texts."""
        return len(self.total)

    def of(self, text: int) -> Numbers:
        """The shingles of one text."""
        return self.numbers[self.starts[text] : self.starts[text + 1]]


def shingles(texts: Sequence[Sequence[str]]) -> Shingles:
    """The shingles of texts that are given as words; the same on every machine."""
    parts = [_some(texts[start : start + AT_ONCE]) for start in range(0, len(texts), AT_ONCE)]
    sizes = np.concatenate([np.empty(0, np.int64), *(size for _, size in parts)])
    hashes = np.concatenate([np.empty(0, np.uint64), *(made for made, _ in parts)])
    starts = np.concatenate(([0], np.cumsum(sizes)))
    _, numbers, often = np.unique(hashes, return_inverse=True, return_counts=True)
    weight = np.log2((len(texts) + KNOWN) / often)
    text = np.repeat(np.arange(len(texts)), sizes)
    order = np.lexsort((numbers, text))
    return Shingles(numbers[order], starts, weight, np.bincount(text, weight[numbers], len(texts)))


def _some(texts: Sequence[Sequence[str]]) -> tuple[Hashes, Numbers]:
    """The shingles of some texts, and how many each has."""
    lines = [f" {' '.join(words)} ".ljust(SIGNS) for words in texts]
    signs = np.frombuffer("".join(lines).encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    lengths = np.array([len(line) for line in lines])
    ends = np.cumsum(lengths)
    count = len(signs) - SIGNS + 1
    number = np.zeros(count, np.uint64)
    for at in range(SIGNS):
        number = number * _FACTOR + signs[at : count + at] + np.uint64(1)
    number = (number ^ (number >> np.uint64(29))) * _MIX
    number ^= number >> np.uint64(32)
    text = np.repeat(np.arange(len(texts)), lengths)[:count]
    within = np.arange(count) + SIGNS <= ends[text]
    text, number = text[within], number[within]
    order = np.lexsort((number, text))
    text, number = text[order], number[order]
    once = np.ones(len(text), np.bool_)
    once[1:] = (text[1:] != text[:-1]) | (number[1:] != number[:-1])
    return number[once], np.bincount(text[once], minlength=len(texts))
