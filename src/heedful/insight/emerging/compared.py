"""How likely each name's growth is by chance, in the window in which it is least so."""

from dataclasses import dataclass

import numpy as np

from heedful.insight.emerging.chance import Growth, evidence, growth, tail
from heedful.insight.emerging.counted import Counted, steps_of
from heedful.insight.emerging.expected import A_DAY, History, history
from heedful.insight.emerging.stream import Floats, Numbers

WINDOWS = (1, 2, 4, 8, 12, 28, 56)
"""Lengths of time that are looked through, in steps of six hours."""
AT_ONCE = 2_000


@dataclass(frozen=True, eq=False)
class Compared:
    """Of each live name: its history, its best window, what was counted there, and how likely that is by chance."""

    history: History
    window: Numbers
    units: Floats
    p: Floats
    growth: Growth
    strength: Floats
    excess: Floats


def compare(counted: Counted, days: int) -> Compared:
    """Every live name, its last days beside its history."""
    steps, windows = steps_of(days), spans(days)
    total = np.bincount(counted.step[counted.kept], minlength=steps).astype(np.float64)
    name, message = counted.units
    parts = []
    for start in range(0, len(counted.live), AT_ONCE):
        size = min(AT_ONCE, len(counted.live) - start)
        some = (name >= start) & (name < start + size)
        cells = (name[some] - start) * steps + counted.step[message[some]]
        counts = np.bincount(cells, minlength=size * steps).reshape(size, steps).astype(np.float64)
        parts.append(_best(counts, history(counts, total, days * A_DAY, windows)))
    return Compared(_beneath([part.history for part in parts]), *_columns(parts))


def _best(counts: Floats, known: History) -> Compared:
    """The window in which each name's growth is least likely by chance; so many windows cost so many times the p."""
    recent = np.stack([counts[:, :window].sum(axis=1) for window in known.windows], axis=1)
    ratio = np.stack([known.ratio(window) for window in known.windows], axis=1)
    p = tail(recent, known.before[:, None], ratio, known.excess)
    best = p.argmin(axis=1)
    rows = np.arange(len(counts))
    units, at, excess = recent[rows, best], ratio[rows, best], known.excess[rows, best]
    grown = growth(units, known.before, np.maximum(at, 1e-12), excess)
    scanned = np.minimum(1.0, p[rows, best] * len(known.windows))
    strength = evidence(units, (known.before + 1) * at)
    return Compared(known, np.array(known.windows)[best], units, scanned, grown, strength, excess)


def _beneath(parts: list[History]) -> History:
    first = parts[0]
    before, exposure, excess = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("before", "exposure", "excess")
    )
    return History(first.since, before, exposure, first.windows, excess)


def _columns(parts: list[Compared]) -> tuple[Numbers, Floats, Floats, Growth, Floats, Floats]:
    window, units, p, strength, excess = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("window", "units", "p", "strength", "excess")
    )
    grown = Growth(*(np.concatenate(column) for column in zip(*(part.growth for part in parts), strict=True)))
    return window, units, p, grown, strength, excess


def spans(days: int) -> tuple[int, ...]:
    """The windows of a look-back of so many days, itself the longest."""
    return (*(window for window in WINDOWS if window < days * A_DAY), days * A_DAY)
