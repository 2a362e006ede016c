"""Finding topics again when messages were added: what was stays, unless the messages clearly say otherwise."""

from collections.abc import Collection, Sequence

import numpy as np

from heedful.insight.topics.canon import Canon, canon
from heedful.insight.topics.discover import discover
from heedful.insight.topics.found import NONE, Floats, Numbers, Topics
from heedful.insight.topics.ground import Ground, ground, one_thread
from heedful.insight.topics.join import join
from heedful.insight.topics.points import distances, means, nearest
from heedful.insight.topics.shape import nothing, shape
from heedful.insight.topics.tree import ward

CLEARLY = 2.0
"""How many times the usual cost of a join a topic must lack to be split, or to be kept apart from another."""
NEARER = 1.25
"""A message leaves its topic when that is so many times as far as the nearest one (squared distances)."""
STEPS = 3


def renew(
    before: Topics,
    texts: Sequence[str | None],
    embeddings: Floats,
    *,
    keys: Sequence[str],
    held: Collection[int] = (),
    seed: int = 0,
) -> Topics:
    """The topics of all messages now, from those that were: split, merged and moved only where it is clear.

    `texts`, `embeddings` and `keys` are of all messages, those of `before` among them. Leaves that are `held` are
    neither split nor merged, and no message leaves or enters them but those that came in since. Where nothing was
    before, it is `discover`. The result depends on what was; `discover` depends on the set of messages alone.
    """
    if not before.leaves:
        return discover(texts, embeddings, keys=keys, seed=seed)
    found = canon(texts, embeddings, keys, seed)
    if not len(found):
        return nothing(keys, embeddings.shape[1])
    with one_thread():
        there = ground(texts, embeddings, found, seed=seed)
        known = _known(before, embeddings, keys, found)[there.base]
        group, whole = _whole(there, known, np.array(sorted(held), np.int64))
        usual = _usual(there, len(before.leaves))
        group = _merged(there, _split(there, group, CLEARLY * usual, whole), usual / CLEARLY, whole)
        group = _moved(there, group, whole)
        return shape(there, texts, embeddings, keys, group)


def _known(before: Topics, embeddings: Floats, keys: Sequence[str], found: Canon) -> Numbers:
    """The leaf each different text had, or would join."""
    was = dict(zip(before.keys, before.leaf.tolist(), strict=True))
    leaf = np.array([was.get(keys[row], NONE) for row in found.rows.tolist()], np.int64)
    new = np.flatnonzero(leaf == NONE)
    leaf[new] = join(before, embeddings[found.rows[new]])[0]
    return leaf


def _usual(there: Ground, count: int) -> float:
    """What a join costs where so many topics are left."""
    tree = ward(there.cells.centres, there.cells.sizes)
    if not len(tree.costs):
        return 1.0
    left = len(there.cells) - count
    last, following = tree.costs[np.clip([left - 1, left], 0, len(tree.costs) - 1)]
    return max(float(np.sqrt(last * following)), 1e-9)


def _whole(there: Ground, leaf: Numbers, whole: Numbers) -> tuple[Numbers, int]:
    """Groups of all texts, numbered without gaps; first come those that stay `whole`, and how many they are.

    A cell of texts that mostly belong nowhere is a group of its own, which stays one unless joining it to another is
    cheap; any other text that belongs nowhere goes where it is nearest.
    """
    strange = leaf == NONE
    cell = there.cells.of
    apart = strange & (np.bincount(cell, strange)[cell] > np.bincount(cell)[cell] / 2)
    held = np.flatnonzero(~strange | apart)
    if not len(held):
        return np.zeros(len(leaf), np.int64), 0
    kept = np.isin(leaf, whole) & ~strange
    lasting = len(np.unique(leaf[kept]))
    first = int(leaf.max(initial=0)) + int(cell.max()) + 3
    used, group = np.unique(np.where(kept, leaf - first, np.where(apart, -2 - cell, leaf))[held], return_inverse=True)
    centres = means(there.space.points[held], group, len(used), np.ones(len(held), np.float32))
    made = nearest(there.space.points, centres)
    made[held] = group
    return made, lasting


def _split(there: Ground, group: Numbers, dear: float, whole: int) -> Numbers:
    """Groups after the first `whole` split in two, again and again, where joining the parts would be that dear."""
    points, cell = there.space.points, there.cells.of
    group = group.copy()
    count = int(group.max()) + 1
    waiting = list(range(whole, count))
    while waiting:
        held = np.flatnonzero(group == waiting[-1])
        used, part = np.unique(cell[held], return_inverse=True)
        even = np.ones(len(held), np.float32)
        centres, sizes = means(points[held], part, len(used), even), np.bincount(part).astype(np.float32)
        tree = ward(centres, sizes)
        if len(used) < 2 or tree.costs[-1] <= dear:
            waiting.pop()
            continue
        group[held[tree.cut(2)[part] == 1]] = count
        waiting.append(count)
        count += 1
    return group


def _merged(there: Ground, group: Numbers, cheap: float, whole: int) -> Numbers:
    """Groups after the first `whole` joined, nearest first, where that is so cheap."""
    count = int(group.max()) + 1
    if count <= whole:
        return group
    centres = means(there.space.points, group, count, np.ones(len(group), np.float32))[whole:]
    tree = ward(centres, np.bincount(group, minlength=count)[whole:].astype(np.float32))
    cut = tree.cut(count - whole - int((tree.costs < cheap).sum()))
    return np.concatenate([np.arange(whole), whole + cut])[group]


def _moved(there: Ground, group: Numbers, whole: int) -> Numbers:
    """Texts that are clearly nearer another group moved there, a few times; none into or out of the first `whole`."""
    points, count = there.space.points, int(group.max()) + 1
    even = np.ones(len(group), np.float32)
    for _ in range(STEPS):
        far = distances(points, means(points, group, count, even))
        far[:, :whole] = np.inf
        far[group < whole] = 1.0
        best = far.argmin(axis=1)
        own = far[np.arange(len(points)), group]
        moved = np.where(own > NEARER * far[np.arange(len(points)), best], best, group)
        if np.array_equal(moved, group) or np.bincount(moved, minlength=count).min() == 0:
            break
        group = moved
    return group
