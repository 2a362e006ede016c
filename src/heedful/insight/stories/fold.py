"""Folding copies into stories: the surest pairs first, and two groups only where most of their texts are related."""

from collections.abc import Iterator, Sequence
from itertools import islice, product
from typing import Any

import numpy as np

from heedful.insight.stories.alike import Texts
from heedful.insight.stories.near import near
from heedful.insight.stories.plain import QUOTED, Plain, plain
from heedful.insight.stories.shingles import Numbers, shingles

NONE = -1
ASKED = 8
"""So many texts of each of two groups, the first ones, are asked whether they are related to the other's."""
MOST = 0.5
"""More of the pairs must be."""


def fold(texts: Sequence[str | None]) -> Numbers:
    """The story of each text: the place of its first one; NONE for an empty text, its own for one without copies.

    Texts are given in their order of time; where times are not known, in any order that is the same each time. A text
    is known again by five words of which two tell something, or by three where it says that it passes them on.
    """
    story = np.array([row if text and text.strip() else NONE for row, text in enumerate(texts)], np.int64)
    rows = list(_equal(texts))
    for group in _groups([found for found, _ in rows]):
        first = min(rows[at][1][0] for at in group)
        for at in group:
            story[rows[at][1]] = first
    return story


def _equal(texts: Sequence[str | None]) -> Iterator[tuple[Plain, list[int]]]:
    """Different texts that can be known again, in the order of their first rows, and all rows of each."""
    read: dict[str, Plain] = {}
    places: dict[tuple[str, ...], list[int]] = {}
    for row, text in enumerate(texts):
        if text:
            if text not in read:
                read[text] = plain(text)
            places.setdefault(read[text].words, []).append(row)
    for words, rows in places.items():
        passed_on = [row for row in rows if read[texts[row] or ""].marked]
        found = Plain(words, bool(passed_on), any(read[texts[row] or ""].cut for row in rows))
        if found.known_again:
            yield found, rows
        elif len(words) >= QUOTED and passed_on:
            # the first that is not is what they pass on; the others came to the words by themselves
            yield found, sorted({*passed_on, *_first_said(rows, passed_on)})


def _first_said(rows: Sequence[int], passed_on: Sequence[int]) -> Iterator[int]:
    passed = set(passed_on)
    return islice((row for row in rows if row not in passed), 1)


def _groups(different: Sequence[Plain]) -> list[list[int]]:
    """Texts that are copies of one another."""
    words = [one.words for one in different]
    found = shingles(words)
    texts, pairs = Texts(different, found), near(found, words)
    alike = texts.likeness(pairs)
    related = dict(zip(map(tuple, pairs.tolist()), alike.related.tolist(), strict=True))
    strength = alike.strength
    sure = np.flatnonzero(strength >= 1)
    above = list(range(len(words)))
    heads = [[at] for at in above]
    for one, other in pairs[sure[np.argsort(-strength[sure], kind="stable")]].tolist():
        first, second = sorted((_top(above, one), _top(above, other)))
        if first != second and _most_related(texts, related, heads[first], heads[second]):
            above[second] = first
            heads[first] = sorted(heads[first] + heads[second])[:ASKED]
    groups: dict[int, list[int]] = {}
    for at in range(len(words)):
        groups.setdefault(_top(above, at), []).append(at)
    return list(groups.values())


def _top(above: list[int], at: int) -> int:
    """The first text of the group that a text is in; the way there is made shorter."""
    while above[at] != at:
        above[at] = above[above[at]]
        at = above[at]
    return at


def _most_related(texts: Texts, related: dict[Any, bool], some: Sequence[int], others: Sequence[int]) -> bool:
    """Whether more than half of the pairs of both groups are related; what is found out is kept in `related`."""
    pairs = [(min(pair), max(pair)) for pair in product(some, others)]
    unknown = [pair for pair in pairs if pair not in related]
    if unknown:
        related.update(zip(unknown, texts.likeness(np.array(unknown)).related.tolist(), strict=True))
    return sum(related[pair] for pair in pairs) > MOST * len(pairs)
