"""Whether two texts are copies, by all of their shingles: much in common, or one within the other; and by numbers.

Shingles count by their weight, so that what everybody says makes no copy.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from heedful.insight.stories.shingles import Floats, Numbers, Shingles

SHARED, WITHIN = 0.4, 0.7
"""Two texts are copies where so much of all their shingles is common, or so much of the shorter one's."""
FAIRLY_SHARED, FAIRLY_WITHIN = 0.2, 0.45
"""Two copies of one text that each were changed have at least so much in common."""
FEW_BITS, BITS, WITHIN_BITS, NEARLY_ALL = 100, 250, 200, 0.7
"""Bits that are common: of so few, nearly all must be common; of so many, as much as above."""
PART = 0.25
"""A text within another is its copy where it is so much of it, or its beginning."""
AT_ONCE = 20_000


class Likeness(NamedTuple):
    """Of each pair how much of the shingles of both is common, how much of the shorter one's, and if that is enough."""

    shared: Floats
    within: Floats
    enough: NDArray[np.bool_]
    needed: Floats

    @property
    def strength(self) -> Floats:
        """One number to compare by: copies have 1 or more."""
        return np.maximum(self.shared / self.needed, self.within / WITHIN * self.enough)

    @property
    def related(self) -> NDArray[np.bool_]:
        """Whether two texts may be copies of a third."""
        return (self.shared >= FAIRLY_SHARED) | (self.within >= FAIRLY_WITHIN)


class Texts:
    """Texts as words and shingles, to be compared; `known_again` says which are long enough."""

    def __init__(self, words: Sequence[tuple[str, ...]], known_again: Sequence[bool], found: Shingles) -> None:
        """Texts, and for each whether it is long enough."""
        self._words, self._shingles = words, found
        self._known_again = np.array(known_again, np.bool_)
        self._numbers = [frozenset(word for word in one if word[0].isdigit()) for one in words]

    def likeness(self, pairs: Numbers) -> Likeness:
        """How alike two texts are; not at all where each has numbers that the other lacks: that is of another thing.

        One within another that is much longer counts only as its beginning: a short sentence stands in many long texts.
        """
        one, other = pairs.T
        total = self._shingles.total
        common = np.array([self._common(*pair) for pair in pairs.tolist()])
        few = np.minimum(total[one], total[other])
        both = total[one] + total[other] - common
        shared, within = common / both, common / few
        part = few >= PART * np.maximum(total[one], total[other])
        for at in np.flatnonzero((within >= FAIRLY_WITHIN) & ~part).tolist():
            part[at] = self._begins(*pairs[at].tolist())
        within = np.where(part, within, 0)
        known = self._known_again[one] & self._known_again[other]
        enough = known & (common >= WITHIN_BITS)
        needed = np.interp(np.where(known, common, 0), (FEW_BITS, BITS), (NEARLY_ALL, SHARED))
        some = np.flatnonzero((shared >= FAIRLY_SHARED) | (within >= FAIRLY_WITHIN))
        for at in some.tolist():
            if self._of_other_things(*pairs[at].tolist()):
                shared[at] = within[at] = 0
        return Likeness(shared, within, enough, needed)

    def _common(self, one: int, other: int) -> float:
        found = np.intersect1d(self._shingles.of(one), self._shingles.of(other), assume_unique=True)
        return float(self._shingles.weight[found].sum())

    def _of_other_things(self, one: int, other: int) -> bool:
        mine, theirs = self._numbers[one], self._numbers[other]
        return bool(mine - theirs) and bool(theirs - mine)

    def _begins(self, one: int, other: int) -> bool:
        """Whether one text is the beginning of the other; its last word may be cut."""
        few, many = sorted((self._words[one], self._words[other]), key=len)
        size = len(few) - 1
        return len(many) > size and few[:size] == many[:size] and many[size].startswith(few[size])
