"""The words and pairs of words of texts, counted."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heedful.insight.topics.words import folded, telling, words

LEAST, LARGEST_SHARE = 3, 0.3
"""Words that stand in so few texts, or in so large a share of them, say nothing about which texts are alike."""
AS_WRITTEN = 0.3
"""A word is shown in small letters where it is written so at least this often."""


@dataclass(frozen=True, eq=False)
class Terms:
    """Which terms stand in which texts: `counts` (texts, terms) has 1 + ln(times); `pair` marks pairs of words.

    `written` has every word as most people write it.
    """

    held: tuple[str, ...]
    pair: NDArray[np.bool_]
    counts: Any
    written: dict[str, str]

    def shown(self, term: str) -> str:
        """The term as most people write it."""
        return " ".join(self.written.get(word, word) for word in term.split())


def terms(texts: Sequence[str]) -> Terms:
    """The words and pairs of words of texts; terms of a single text are left out."""
    forms: dict[str, Counter[str]] = {}
    numbers: dict[str, int] = {}
    counts = _counted((_found(words(text), forms) for text in texts), numbers, learn=True)
    times = np.bincount(counts.indices, minlength=len(numbers))
    kept = np.flatnonzero(times >= min(2, len(texts)))
    names = list(numbers)
    held = tuple(names[at] for at in kept.tolist())
    pair = np.array([" " in term for term in held], np.bool_)
    return Terms(held, pair, counts[:, kept], {word: _usual(found) for word, found in forms.items()})


def _found(surface: Sequence[str], forms: dict[str, Counter[str]] | None = None) -> list[str]:
    """The terms of a text's words, as often as they come; how words are written is noted in `forms`."""
    plain = [folded(word) for word in surface]
    told = [telling(word) for word in plain]
    found = []
    for at, word in enumerate(plain):
        if told[at]:
            found.append(word)
            if forms is not None:
                forms.setdefault(word, Counter())[surface[at]] += 1
            if at and told[at - 1] and plain[at - 1] != word:
                found.append(f"{plain[at - 1]} {word}")
    return found


def _counted(found: Iterable[list[str]], numbers: dict[str, int], *, learn: bool) -> Any:
    """Texts' terms as a sparse matrix; `learn` gives numbers to new terms, which are left out otherwise."""
    from scipy.sparse import csr_array

    columns: list[int] = []
    times: list[int] = []
    starts = [0]
    for held in found:
        for term, count in Counter(held).items():
            number = numbers.setdefault(term, len(numbers)) if learn else numbers.get(term)
            if number is not None:
                columns.append(number)
                times.append(count)
        starts.append(len(columns))
    weight = (1 + np.log(np.array(times, np.float32))).astype(np.float32)
    shape = (len(starts) - 1, len(numbers))
    return csr_array((weight, np.array(columns, np.int64), np.array(starts, np.int64)), shape=shape)


def _usual(forms: Counter[str]) -> str:
    small = [(count, form) for form, count in forms.items() if form == form.lower()]
    if small and sum(count for count, _ in small) >= AS_WRITTEN * forms.total():
        return max(small)[1]
    return max((count, form) for form, count in forms.items())[1]


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """How texts become points by their words: latent semantic analysis (Deerwester et al. 1990) of some texts."""

    _numbers: dict[str, int]
    _weight: NDArray[np.float32]
    _axes: NDArray[np.float32]

    def place(self, texts: Iterable[str]) -> NDArray[np.float32]:
        """The points of texts."""
        return self._weighed(_counted((_found(words(text)) for text in texts), self._numbers, learn=False))

    def _weighed(self, counts: Any) -> NDArray[np.float32]:
        made: NDArray[np.float32] = counts @ (self._weight[:, None] * self._axes)
        return made


def vocabulary(found: Terms, most: int, seed: int) -> tuple[Vocabulary, NDArray[np.float32]] | None:
    """At most so many dimensions of texts' words, and the texts in them; None where too few words come again."""
    from scipy.sparse import diags_array

    count = found.counts.shape[0]
    times = np.bincount(found.counts.indices, minlength=len(found.held))
    kept = np.flatnonzero(~found.pair & (times >= LEAST) & (times <= LARGEST_SHARE * count))
    wide = min(most, count, len(kept)) - 1
    if wide < 2:
        return None
    weight = (1 + np.log((1 + count) / (1 + times[kept]))).astype(np.float32)
    counts = found.counts[:, kept]
    weighed = counts @ diags_array(weight)
    length = np.sqrt((weighed * weighed).sum(axis=1))
    axes = _directions((diags_array(1 / np.maximum(length, 1e-9)) @ weighed).tocsr().astype(np.float32), wide, seed)
    made = Vocabulary({found.held[at]: place for place, at in enumerate(kept.tolist())}, weight, axes)
    return made, made._weighed(counts)


def _directions(matrix: Any, count: int, seed: int) -> NDArray[np.float32]:
    """The first right singular vectors of a sparse matrix; the seed is where the search for them starts."""
    from scipy.sparse.linalg import svds

    start = np.random.default_rng([seed & 0xFFFF_FFFF, 2]).normal(size=min(matrix.shape)).astype(np.float32)
    made: NDArray[np.float32] = svds(matrix, count, v0=start, return_singular_vectors="vh")[2].T.astype(np.float32)
    return made
