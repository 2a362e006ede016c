"""Whether two texts are copies, by all of their shingles: much in common, or one within the other; and by numbers.

Shingles count by their weight, so that what everybody says makes no copy.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from heedful.insight.stories.plain import Plain
from heedful.insight.stories.shingles import KINDS, Floats, Numbers, Shingles

BITS = (180, 300, 450)
SHARED, WITHIN = (0.8, 0.5, 0.4), (0.95, 0.85, 0.7)
"""Two texts are copies where so much of all their shingles is common, or so much of the shorter one's; the fewer bits
are common, the more of them must be."""
CUT = 100
"""Bits that are enough where a text says that it is cut, and is the other's beginning."""
FAIRLY_SHARED, FAIRLY_WITHIN = 0.2, 0.45
"""Two copies of one text that each were changed have at least so much in common."""
PART = 0.25
"""A text within another is its copy where it is so much of it, or its beginning."""
AT_ONCE = 20_000


class Likeness(NamedTuple):
    """Of each pair how much of the shingles of both is common, how much of the shorter one's, and how sure a copy is.

    Of copies `strength` is 1 or more.
    """

    shared: Floats
    within: Floats
    strength: Floats

    @property
    def related(self) -> NDArray[np.bool_]:
        """Whether two texts may be copies of a third."""
        return (self.shared >= FAIRLY_SHARED) | (self.within >= FAIRLY_WITHIN)


class Texts:
    """Texts and their shingles, to be compared."""

    def __init__(self, texts: Sequence[Plain], found: Shingles) -> None:
        """Different texts, and the shingles of their words."""
        from scipy.sparse import csr_array

        shape = (len(texts), 1 << KINDS)
        there = np.ones(len(found.numbers), np.float32)
        self._there = csr_array((there, found.numbers, found.starts), shape)
        self._weighed = csr_array((found.weight.astype(np.float32), found.numbers, found.starts), shape)
        self._texts, self._total = texts, found.total
        self._known_again = np.array([one.known_again for one in texts], np.bool_)
        self._numbers = [frozenset(word for word in one.words if word[0].isdigit()) for one in texts]

    def likeness(self, pairs: Numbers) -> Likeness:
        """How alike two texts are; not at all where each has numbers that the other lacks: that is of another thing.

        One within another that is much longer counts only as its beginning: a short sentence stands in many long texts.
        """
        one, other = pairs.T
        total = self._total
        common = self._common(pairs)
        few = np.minimum(total[one], total[other])
        both = total[one] + total[other] - common
        shared, within = common / both, common / few
        begins = np.zeros(len(pairs), np.bool_)
        for at in np.flatnonzero(within >= WITHIN[-1]).tolist():
            begins[at] = self._begins(*pairs[at].tolist())
        within = np.where(begins | (few >= PART * np.maximum(total[one], total[other])), within, 0)
        known = self._known_again[one] & self._known_again[other]
        bits = np.where(known, common, 0)
        long = known & (begins & (common >= CUT) | (common >= BITS[0]))
        needed = np.where(begins, WITHIN[-1], np.interp(bits, BITS, WITHIN))
        strength = np.maximum(shared / np.interp(bits, BITS, SHARED), within / needed * long)
        some = np.flatnonzero((shared >= FAIRLY_SHARED) | (within >= FAIRLY_WITHIN))
        for at in some.tolist():
            if self._of_other_things(*pairs[at].tolist()):
                shared[at] = within[at] = strength[at] = 0
        return Likeness(shared, within, strength)

    def _common(self, pairs: Numbers) -> Floats:
        """The weight of what each pair has in common."""
        found = [np.empty(0)]
        for part in np.array_split(pairs, len(pairs) // AT_ONCE + 1):
            both = self._there[part[:, 0]].multiply(self._weighed[part[:, 1]]).tocsr()
            pair = np.repeat(np.arange(len(part)), np.diff(both.indptr))
            found.append(np.bincount(pair, both.data, len(part)).astype(np.float64))
        return np.concatenate(found)

    def _of_other_things(self, one: int, other: int) -> bool:
        mine, theirs = self._numbers[one], self._numbers[other]
        return bool(mine - theirs) and bool(theirs - mine)

    def _begins(self, one: int, other: int) -> bool:
        """Whether one text says that it is cut, and is the beginning of the other; its last word may be cut too."""
        few, many = sorted((self._texts[one], self._texts[other]), key=lambda text: len(text.words))
        size = len(few.words) - 1
        there = few.cut and len(many.words) > size and few.words[:size] == many.words[:size]
        return there and many.words[size].startswith(few.words[size])
