"""The parts of a metric's change between two periods: more or fewer rows of some groups, or another value within them.

For a mean or share a group's part is the change of its share of the rows times how far its value lies from the whole's
(`mix`), and the change of its value times its share (`within`), each with the mean of both periods for the other
factor. Over groups that divide the rows the parts add up, and no part depends on which period comes first: it is the
decomposition of Kitagawa, "Components of a difference between two rates" (1955). Where a row can be in several groups,
each group's parts are those of that group against all the other rows, and what they count twice is left over. For a sum
each group's own change is its part.

The interval of a part says what the reading's errors leave open, and nothing else. How many rows a group has is counted
in full, so its share has no error, also where people checked a sample of the rows: that sample corrects the values
only. The errors of the two periods, and of a group and the whole, are taken to be apart; as they are mostly shared, and
cancel, the intervals are rather too wide than too narrow. Which group a row is in is taken as it was stated or read.
"""

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from heedful.insight.answer import Answer, Figure
from heedful.insight.certainty import Interval, difference

FEW = 3
"""So many parts are an explanation that can be told."""
NOTHING = 1e-9
"""A change of a full count that is smaller comes from adding floats."""


class Part(NamedTuple):
    """One part of a change with its 95% interval (None: a full count, or errors that nobody measured).

    `usual` is the part that the group would have of a change that all groups share alike, `clear` whether the part is
    more than its interval allows for: False is noise, None not known. `figure` holds both periods.
    """

    part: str
    group: str | None
    change: float
    low: float | None
    high: float | None
    clear: bool | None
    usual: float
    figure: Figure | None


class Explanation(NamedTuple):
    """Parts of a change and how much of it they explain, from 0 to 1.

    1: they make all of it, and everything else stayed as it was. 0: everything changed alike, or nothing is clear.
    """

    parts: tuple[Part, ...]
    share: float


def parts(kind: str, total: Figure, groups: Answer) -> list[Part]:
    """The parts of the groups that are shown, noise last, the largest first; `kind` is the metric's: sum or mean."""
    found = [
        part
        for figure in groups.figures
        if (then := figure.before) and not figure.hidden and not then.hidden and total.before
        for part in (_of_sum(figure, then) if kind == "sum" else _of_mean(figure, then, total))
    ]
    counted = groups.checked == "full count"
    told = [part._replace(clear=clear(part.change, part.low, part.high, counted=counted)) for part in found]
    return sorted(told, key=lambda part: (part.clear is False, -abs(part.change)))


def clear(change: float, low: float | None, high: float | None, *, counted: bool) -> bool | None:
    """Whether an interval leaves out 0; a full count is what it is, and without measured errors nobody can say."""
    if low is None or high is None:
        return abs(change) > NOTHING if counted else None
    return low > 0 or high < 0


def explanation(found: Sequence[Part], change: float) -> Explanation:
    """The parts that explain a change best, at most three, the greatest first, and how much of it they explain.

    A group explains what it adds to the change beyond a part that is as great as the group, for then all changed alike;
    a shift of the mix explains what it adds. Parts that go the other way and parts within noise explain nothing. What
    the parts that are left still differ among themselves is taken off, and so is what goes beyond the change. Nothing
    is explained where the groups that are there in both periods hold less than half of the rows, such as files brought
    in once: they only say when it was.
    """
    way = math.copysign(1.0, change)
    ranked = sorted(((way * beyond, part) for part, beyond in _beyond(found)), key=lambda pair: -pair[0])
    best = [(more, part) for more, part in ranked[:FEW] if more > 0]
    shares = [_share(found, best[:count], change) for count in range(1, len(best) + 1)]
    if not shares or max(shares) <= NOTHING or not _last(found):
        return Explanation((), 0.0)
    return Explanation(tuple(part for _, part in best[: shares.index(max(shares)) + 1]), max(shares))


def _share(found: Sequence[Part], best: Sequence[tuple[float, Part]], change: float) -> float:
    """How much of a change some parts explain, each with what it adds beyond its part of an equal change."""
    parts_left = [part for part in found if not any(part is one for _, one in best)]
    scatter = sum(abs(beyond) for _, beyond in _beyond(parts_left)) / 2
    alike = _expected(found) * sum(part.usual for _, part in best if part.part == "within")
    most = abs(change) - max(0.0, math.copysign(1.0, change) * alike)
    return 1 - (abs(most - sum(more for more, _ in best)) + scatter) / most if most > NOTHING else 0.0


def _expected(found: Sequence[Part]) -> float:
    """What a group of all rows would add within it, had all of these changed alike."""
    within = [part for part in found if part.part == "within"]
    usual = sum(part.usual for part in within)
    return sum(part.change for part in within) / usual if usual else 0.0


def _beyond(found: Sequence[Part]) -> Iterator[tuple[Part, float]]:
    """What each part that is no noise adds beyond what it would, had all changed alike, where that is no noise."""
    expected = _expected(found)
    for part in found:
        usual = expected * part.usual if part.part == "within" else 0.0
        ends = (None if end is None else end - usual for end in (part.low, part.high))
        if part.clear is not False and clear(part.change - usual, *ends, counted=True):
            yield part, part.change - usual


def _last(found: Sequence[Part]) -> bool:
    """Whether groups that are there in both periods hold at least half of the rows of each."""
    both = ((part.group, part.figure, part.figure.before) for part in found if part.figure)
    held = {group: (now.rows or 0, then.rows or 0) for group, now, then in both if then}
    lasting = [sizes for sizes in held.values() if all(sizes)]
    return all(2 * sum(kept[at] for kept in lasting) >= sum(sizes[at] for sizes in held.values()) for at in (0, 1))


def _of_sum(figure: Figure, then: Figure) -> Iterator[Part]:
    value, before = figure.value or 0.0, then.value or 0.0
    yield _part("within", (value - before, None, None), value + before, figure)


def _of_mean(figure: Figure, then: Figure, total: Figure) -> Iterator[Part]:
    before = total.before or total
    known = [one for one in (figure, then) if one.value is not None]
    if not known:
        return
    share, share_before = (figure.rows or 0) / (total.rows or 1), (then.rows or 0) / (before.rows or 1)
    moved, usual = share - share_before, (share + share_before) / 2
    apart = _less(_middle(known[0], known[-1]), _middle(total, before))
    yield _part("mix", _times(apart, moved), 0.0, figure)
    if figure.change is not None:
        change = (figure.change, figure.change_low, figure.change_high)
        yield _part("within", _times(change, usual), usual, figure)


def _part(kind: str, change: Interval, usual: float, figure: Figure) -> Part:
    (group,), (value, low, high) = figure.group.values(), change
    return Part(kind, group, value or 0.0, low, high, None, usual, figure)


def _middle(one: Figure, other: Figure) -> Interval:
    """Half way between two figures; of a figure and itself, that figure."""
    ends = _ends(one)
    if one is other:
        return ends
    summed = _less(ends, _times(_ends(other), -1.0))  # the sum is the difference to the other one's negative
    return _times(summed, 0.5)


def _ends(figure: Figure) -> Interval:
    return figure.value, figure.low, figure.high


def _less(one: Interval, other: Interval) -> Interval:
    value = None if one[0] is None or other[0] is None else one[0] - other[0]
    return value, *difference(one, other)


def _times(one: Interval, factor: float) -> Interval:
    value, low, high = (None if end is None else end * factor for end in one)
    if low is not None and high is not None:
        low, high = min(low, high), max(low, high)
    return value, low, high


def left(found: Sequence[Part], change: float) -> float:
    """What of a change is in no part: hidden groups, rows in several groups, estimates that do not add up."""
    rest = math.fsum((change, *(-part.change for part in found)))
    return 0.0 if abs(rest) < NOTHING else rest
