"""Names in plain words: the words and pairs of words that tell a group of messages from the others."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from heedful.insight.topics.found import Numbers
from heedful.insight.topics.terms import Terms

PAIR = 1.5
"""How much more a pair of words says than a word that tells as well."""
WORDS = 10
"""Words that are kept of each group."""
CANDIDATES = 40


@dataclass(frozen=True)
class Named:
    """A group's name, and the single words that tell it best, best first."""

    name: str
    words: tuple[str, ...]


def name(found: Terms, group: Numbers, count: int, *, long: int, taken: Sequence[str] = ()) -> list[Named]:
    """A name of up to `long` terms for each group of texts, all different from each other and from those `taken`.

    A term scores its share of the group's texts times the logarithm of how much larger that is than its share of all
    texts: what the term adds to the Kullback-Leibler divergence of the group from the whole.
    """
    from scipy.sparse import csr_array

    inside = group >= 0
    sizes = np.bincount(group[inside], minlength=count)
    rows = np.flatnonzero(inside)
    member = csr_array((np.ones(len(rows), np.float32), (group[inside], rows)), shape=(count, len(group)))
    by_group = (member @ (found.counts > 0).astype(np.float32)).tocsr()
    by_group.sort_indices()
    overall = (by_group.sum(axis=0) + 1) / (sizes.sum() + 1)
    used = set(taken)
    made: dict[int, Named] = {}
    for number in np.argsort(-sizes, kind="stable").tolist():
        held = slice(*by_group.indptr[number : number + 2])
        own, share = by_group.indices[held], by_group.data[held] / max(1, sizes[number])
        score = share * np.log(share / overall[own]) if count > 1 else share
        made[number] = _named(found, own, score, long, used)
        used.add(made[number].name)
    return [made[number] for number in range(count)]


def _named(found: Terms, own: Numbers, score: NDArray[np.floating], long: int, used: set[str]) -> Named:
    """The name that a group's terms make by their scores."""
    pair = found.pair[own]
    score = np.where(pair, score * PAIR, score)
    order = np.argsort(-score, kind="stable")
    order = order[score[order] > 0]
    best = [found.held[at] for at in own[order[:CANDIDATES]].tolist()]
    single = [found.held[at] for at in own[order[~pair[order]][:WORDS]].tolist()]
    chosen: list[str] = []
    for term in best:
        if not any(_alike(a, b) for a in term.split() for other in chosen for b in other.split()):
            chosen.append(term)
    for end in range(long, len(chosen) + 1):
        shown = ", ".join(found.shown(term) for term in chosen[:end])
        if shown not in used:
            return Named(shown, tuple(found.shown(word) for word in single))
    shown = ", ".join(found.shown(term) for term in chosen[:long]) or "without words"
    number = 2
    while (numbered := shown if number == 2 and shown not in used else f"{shown} ({number})") in used:
        number += 1
    return Named(numbered, tuple(found.shown(word) for word in single))


def _alike(one: str, other: str) -> bool:
    """Whether two words are the same but for their ending."""
    short, long = sorted((one, other), key=len)
    return long.startswith(short[: max(4, len(short) - 2)]) and len(long) - len(short) <= 3
