"""What grows beyond what its own history expects, over windows of hours to weeks, and since when."""

from dataclasses import dataclass

import numpy as np

from heedful.insight.emerging.chance import discoveries
from heedful.insight.emerging.compared import compare
from heedful.insight.emerging.counted import count
from heedful.insight.emerging.expected import A_DAY
from heedful.insight.emerging.stream import Stream
from heedful.insight.emerging.told import Finding, told_once

DAYS = 14
"""How far back something may have begun to be new, unless another length is asked for."""
LEVEL = 0.05
"""The share of false ones among what is told."""
LEAST_GROWTH = 1.5


@dataclass(frozen=True, eq=False)
class Growing:
    """What grows, the surest first; how many names were looked at, in how many recent and earlier messages."""

    findings: tuple[Finding, ...]
    names: int
    recent: int
    earlier: int


def growing(stream: Stream, now: int, *, days: int = DAYS, smallest: int = 5, level: float = LEVEL) -> Growing:
    """What grew in the `days` before `now` (seconds); names of fewer than `smallest` people are never told.

    Nothing at or after `now` matters. Copies of one text count once in `days`, and so do several messages of one person
    with the same name.
    """
    counted = count(stream, now, days, smallest)
    recent = int((counted.kept & (counted.step < days * A_DAY)).sum())
    empty = Growing((), counted.looked, recent, int(counted.kept.sum()) - recent)
    if not len(counted.live):
        return empty
    found = compare(counted, days)
    q = discoveries(found.p, counted.looked)
    sure = np.flatnonzero((q <= level) & (found.growth.growth >= LEAST_GROWTH) & (found.units >= smallest))
    findings = told_once(counted, found, sure, level, days, smallest)
    return Growing(tuple(findings), empty.names, empty.recent, empty.earlier)
