"""From groups of texts to topics: sizes, themes, names, quotes, and what belongs nowhere yet."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from heedful.insight.topics.found import NONE, Floats, Leaf, Numbers, Theme, Topics
from heedful.insight.topics.ground import Ground
from heedful.insight.topics.names import Named, name
from heedful.insight.topics.points import likeness, means, unit
from heedful.insight.topics.quotes import quotes
from heedful.insight.topics.tree import ward

FAR = 3.5
"""A message belongs nowhere yet when it is less like its topic's middle than this many deviations below the median."""
DEVIATION = 1.4826
"""Standard deviations of a normal distribution in one median absolute deviation."""
NARROW = 0.08
"""A topic of messages that are all but equal counts as at least so wide."""
THEMES = 20
LEAF_WORDS, THEME_WORDS = 3, 2


def nothing(keys: Sequence[str], width: int) -> Topics:
    """No topics: nothing was said."""
    none, empty = np.full(len(keys), NONE, np.int64), np.zeros((0, width), np.float32)
    return Topics(tuple(keys), none, (), (), empty, empty, none[:0], np.zeros(0, np.float32), np.zeros(0, np.float32))


def shape(
    there: Ground, texts: Sequence[str | None], embeddings: Floats, keys: Sequence[str], group: Numbers
) -> Topics:
    """Topics of the base's groups, for all messages; numbered from the largest, then by who comes first."""
    count = int(group.max()) + 1
    even = np.ones(len(group), np.float32)
    centres = means(there.space.points, group, count, even)
    of_text = there.spread(texts, embeddings, group, centres)
    sizes = np.bincount(of_text[there.canon.text_of[there.canon.text_of >= 0]], minlength=count)
    place = np.argsort(np.argsort(-sizes, kind="stable"), kind="stable")
    group, of_text, centres = place[group], place[of_text], centres[np.argsort(place)]
    centroids = unit(means(there.embeddings, group, count, even))
    alike = likeness(there.embeddings, centroids, group)
    floor = _floor(alike, group, count)
    kept = np.where(alike >= floor[group], group, NONE)
    near = likeness(embeddings[there.canon.rows], centroids, of_text) >= floor[of_text]
    leaf = np.append(np.where(near, of_text, NONE), NONE)[there.canon.text_of]
    members = np.bincount(leaf[leaf >= 0], minlength=count)
    theme = themes(centroids, members)
    anchors = unit(means(there.embeddings, there.cells.of, len(there.cells), even))
    whose = _majority(there.cells.of, group, len(there.cells), count)
    told = _told(there, kept, theme, centroids)
    leaves = tuple(
        Leaf(one.name, one.words, int(members[at]), int(theme[at]), rows)
        for at, (one, rows) in enumerate(zip(told.leaves, told.quotes, strict=True))
    )
    above = tuple(
        Theme(one.name, one.words, int(members[theme == at].sum()), tuple(np.flatnonzero(theme == at).tolist()))
        for at, one in enumerate(told.themes)
    )
    return Topics(tuple(keys), leaf, leaves, above, centroids, anchors, whose, there.cells.sizes, floor)


def _floor(alike: Floats, group: Numbers, count: int) -> Floats:
    """For each group, how like its middle a message must be: robust against the messages that are not."""
    found = np.empty(count, np.float32)
    for number in range(count):
        held = alike[group == number]
        middle = np.median(held)
        found[number] = middle - FAR * max(DEVIATION * float(np.median(np.abs(held - middle))), NARROW)
    return found


def _majority(cell: Numbers, group: Numbers, cells: int, count: int) -> Numbers:
    """The group that most messages of each cell are in."""
    votes = np.bincount(cell * count + group, minlength=cells * count).reshape(cells, count)
    most: Numbers = votes.argmax(axis=1)
    return most


def themes(centroids: Floats, sizes: Numbers) -> Numbers:
    """The theme of each leaf, numbered from the largest: leaves of like meaning, cut where joining costs most more."""
    count = len(centroids)
    if count < 4:
        return np.arange(count)
    tree = ward(centroids - centroids.mean(axis=0), np.ones(count, np.float32))
    least, most = round(count**0.5), max(2, min(THEMES, count // 2))
    tried = range(max(2, min(least, most)), most + 1)
    cut = tree.cut(max(tried, key=lambda left: tree.costs[count - left] / max(tree.costs[count - left - 1], 1e-9)))
    order = np.argsort(-np.bincount(cut, sizes), kind="stable")
    made: Numbers = np.argsort(order)[cut]
    return made


@dataclass(frozen=True)
class _Told:
    leaves: list[Named]
    themes: list[Named]
    quotes: list[tuple[int, ...]]


def _told(there: Ground, group: Numbers, theme: Numbers, centroids: Floats) -> _Told:
    """Names of leaves and themes, and rows to quote."""
    leaves = name(there.terms, group, len(theme), long=LEAF_WORDS)
    above = np.append(theme, NONE)[group]
    themes = name(there.terms, above, int(theme.max()) + 1, long=THEME_WORDS, taken=[one.name for one in leaves])
    rows = there.canon.rows[there.base]
    cited = [tuple(rows[held].tolist()) for held in quotes(there.embeddings, there.lengths, group, centroids)]
    return _Told(leaves, themes, cited)
