"""Who is who: topics found again keep their id, and what became of each is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from heedful.insight.topics.found import NONE, Floats, Numbers, Topics

HALF = 0.5
"""The share of a topic's messages that says where it went, or where it came from."""
SAME = 0.9
"""From this likeness of middles (cosine) on, topics without a common message are the same."""


@dataclass(frozen=True)
class Event:
    """What happened to a topic: born, split (from `of`), merged (`of` into `topic`), or faded."""

    kind: str
    topic: str
    of: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, eq=False)
class Known:
    """Topics with their ids, by leaf and by theme; `given` and `themes_given` ids were ever given."""

    topics: Topics
    ids: tuple[str, ...]
    theme_ids: tuple[str, ...]
    given: int
    themes_given: int


def first(topics: Topics, *, at: datetime) -> tuple[Known, tuple[Event, ...]]:
    """Ids for topics that nothing came before."""
    ids = tuple(f"topic-{number + 1}" for number in range(len(topics.leaves)))
    above = tuple(f"theme-{number + 1}" for number in range(len(topics.themes)))
    born = tuple(Event("born", topic, (), at) for topic in ids)
    return Known(topics, ids, above, len(ids), len(above)), born


def match(before: Known, after: Topics, *, at: datetime) -> tuple[Known, tuple[Event, ...]]:
    """Topics found again with the ids they had, and what happened between.

    A new topic goes on as the old one with which it shares most, where that is at least half of either one's common
    messages; no id is given twice.
    """
    rows = {key: row for row, key in enumerate(before.topics.keys)}
    pairs = [(rows[key], row) for row, key in enumerate(after.keys) if key in rows]
    old, new = np.array(pairs, np.int64).reshape(-1, 2).T
    leaf, leaf_now = before.topics.leaf[old], after.leaf[new]
    common = _common(leaf, leaf_now, len(before.ids), len(after.leaves))
    going = _going(common)
    _alike(going, common, before.topics.centroids, after.centroids)
    ids, given = _ids(going, before.ids, len(after.leaves), "topic", before.given)
    theme, theme_now = before.topics.theme[old], after.theme[new]
    above = _going(_common(theme, theme_now, len(before.theme_ids), len(after.themes)))
    theme_ids, themes_given = _ids(above, before.theme_ids, len(after.themes), "theme", before.themes_given)
    events = _events(common, going, before.ids, ids, at)
    return Known(after, ids, theme_ids, given, themes_given), events


def _common(one: Numbers, other: Numbers, ones: int, others: int) -> Numbers:
    """How many messages each two topics have in common (before, after)."""
    held = (one != NONE) & (other != NONE)
    return np.bincount(one[held] * others + other[held], minlength=ones * others).reshape(ones, others)


def _going(common: Numbers) -> dict[int, int]:
    """Which old topic each new one goes on as, those with most in common first."""
    least = np.minimum(common.sum(axis=1)[:, None], common.sum(axis=0))
    found: dict[int, int] = {}
    taken: set[int] = set()
    for at in np.argsort(-common, axis=None, kind="stable").tolist():
        old, new = divmod(at, common.shape[1])
        if common[old, new] == 0:
            break
        if new not in found and old not in taken and common[old, new] >= HALF * least[old, new]:
            found[new] = old
            taken.add(old)
    return found


def _alike(going: dict[int, int], common: Numbers, before: Floats, after: Floats) -> None:
    """Where all of an old topic's messages are gone, a new one in the same place goes on as it."""
    left = [old for old in np.flatnonzero(common.sum(axis=1) == 0).tolist() if old not in going.values()]
    open_ = [new for new in range(len(after)) if new not in going and not common[:, new].any()]
    pairs = sorted(((float(before[old] @ after[new]), old, new) for old in left for new in open_), reverse=True)
    for alike, old, new in pairs:
        if alike >= SAME and new not in going and old not in going.values():
            going[new] = old


def _ids(going: dict[int, int], ids: Sequence[str], count: int, kind: str, given: int) -> tuple[tuple[str, ...], int]:
    made = []
    for new in range(count):
        if new not in going:
            given += 1
        made.append(ids[going[new]] if new in going else f"{kind}-{given}")
    return tuple(made), given


def _events(
    common: Numbers, going: dict[int, int], before: Sequence[str], after: Sequence[str], at: datetime
) -> tuple[Event, ...]:
    """What became of topics that do not go on, and where new ones come from."""
    events = []
    for new, topic in enumerate(after):
        if new not in going:
            shared = common[:, new]
            source = int(shared.argmax()) if len(shared) else NONE
            if source != NONE and shared[source] > HALF * shared.sum():
                events.append(Event("split", topic, (before[source],), at))
            else:
                events.append(Event("born", topic, (), at))
    into: dict[int, list[str]] = {}
    for old in sorted(set(range(len(before))) - set(going.values())):
        shared = common[old]
        target = int(shared.argmax()) if len(shared) else NONE
        if target != NONE and shared[target] > HALF * shared.sum():
            into.setdefault(target, []).append(before[old])
        else:
            events.append(Event("faded", before[old], (), at))
    return (*events, *(Event("merged", after[new], tuple(of), at) for new, of in sorted(into.items())))
