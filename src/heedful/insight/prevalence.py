"""Shares corrected by people who checked a random sample: valid for whatever rows the sample was drawn from.

Rows are parted by what the classifier called them. In each part people looked at some rows, drawn at random, and said
what they are; what they found there stands for the rows of that part nobody looked at. That is stratification after
sampling (Holt and Smith, "Post stratification", 1979), and for a classifier's labels the same as prediction-powered
inference with the best power (Angelopoulos and others, "PPI++: efficient prediction-powered inference", 2023). Unlike
a correction by errors that were measured elsewhere it needs no belief about how the classifier errs here.

The interval holds the middle 95% of draws: the true mix of each part from its Dirichlet posterior (Jeffreys' prior),
then what the rows nobody looked at are, by chance. Rows that were looked at are known: where all were, the interval
is the value.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heedful.insight.certainty import FLOOR, PRIOR, SEED, Estimates

DRAWS = 2000
FEW = 4
"""So many classes at most are drawn jointly; of more, each is held against all the others together."""
Z = 1.959963984540054
APART = 1e-6

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.integer[Any]]
Sure = tuple[float, float, float]
"""Value, low and high of a 95% interval."""


@dataclass(frozen=True)
class Quality:
    """How often a reading is right: over all, where it says each class, and where each class truly is.

    None where nobody looked at enough to tell.
    """

    right: Sure | None
    precision: tuple[Sure | None, ...]
    recall: tuple[Sure | None, ...]


def shares(called: Ints, checked: Ints) -> Estimates:
    """The share of each class, from how many rows were called what, and what checked ones of these truly were.

    `called` is (classes,) with at least one row, `checked` (called, true), both over the same classes; of each class
    at most as many rows are checked as there are. Without any checked row there is no value and no interval.
    """
    if not checked.sum():
        nothing = np.full(len(called), np.nan)
        return Estimates(nothing, nothing, nothing)
    if len(called) <= FEW:
        return scored(called, checked, np.eye(len(called)))
    value, low, high = np.stack([_against_others(called, checked, at) for at in range(len(called))], axis=1)
    value = value / value.sum()
    return Estimates(value, np.minimum(low, value), np.maximum(high, value))


def scored(called: Ints, checked: Ints, scores: Floats) -> Estimates:
    """Sums of score times share, one for each row of `scores` (values, classes); see `shares`."""
    total = called.sum()
    value, drawn = _likely(called, checked).sum(axis=0) / total, _drawn(called, checked).sum(axis=1)
    low, high = np.quantile(drawn @ scores.T / total, (0.025, 0.975), axis=0)
    values = scores @ value
    return Estimates(values, np.minimum(low, values), np.maximum(high, values))


def quality(called: Ints, checked: Ints) -> Quality:
    """How often rows were called rightly, from counts as for `shares`; a class may be looked at more than others."""
    seen, unknown = checked.sum(axis=1), (None,) * len(called)
    if not seen.any():
        return Quality(None, unknown, unknown)
    likely, drawn = _likely(called, checked), _drawn(called, checked)
    precision = tuple(
        _interval(likely[at, at] / called[at], drawn[:, at, at] / called[at]) if seen[at] else None
        for at in range(len(called))
    )
    if not (seen[called > 0] > 0).all():  # nothing is known of some of them
        return Quality(None, precision, unknown)
    there = drawn.sum(axis=1)
    recall = [
        _interval(likely[at, at] / likely[:, at].sum(), drawn[:, at, at] / np.maximum(there[:, at], 1))
        if likely[:, at].sum()
        else None
        for at in range(len(called))
    ]
    rightly = _interval(likely.trace() / called.sum(), np.trace(drawn, axis1=1, axis2=2) / called.sum())
    return Quality(rightly, precision, tuple(recall))


def _interval(value: float, drawn: Floats) -> tuple[float, float, float]:
    low, high = np.quantile(drawn, (0.025, 0.975))
    return float(value), float(min(low, value)), float(max(high, value))


def _likely(called: Ints, checked: Ints) -> Floats:
    """How many rows are called what and are what, most likely."""
    rest: Ints = called - checked.sum(axis=1)
    likely: Floats = checked + rest[:, None] * _mix(checked)
    return likely


def _drawn(called: Ints, checked: Ints) -> Floats:
    """The same in many draws: (draws, called, true)."""
    random, rest = np.random.default_rng(SEED), called - checked.sum(axis=1)
    drawn = np.tile(checked.astype(np.float64), (DRAWS, 1, 1))
    for at, (counts, unseen) in enumerate(zip(checked, rest, strict=True)):
        if unseen:
            parts = random.gamma(counts + PRIOR, size=(DRAWS, len(called)))
            drawn[:, at] += random.multinomial(unseen, parts / parts.sum(axis=1, keepdims=True))
    return drawn


def by_errors_of(called: Floats, size: Ints, checked: Ints, *, sampled: bool = False) -> Estimates:
    """The share of yes among other rows than those that were checked, taken to be misread at the same rates.

    `called` (groups, 2) counts each group's rows called yes and no, `size` (2,) those among which `checked` (called,
    true) were looked at, some of each of the two: so its counts alone do not tell how often a true yes is called
    no, which most rows called no outweigh. The draws of `scored`, then solved as Rogan and Gladen do (`certainty`).
    Where the rows are `sampled` from those that the share is to speak for, the chance of having drawn these is in it.
    """
    rows = called.sum(axis=1)
    read = called[:, 0] / rows
    # without the prior: where most is called no, its half a row missed would be many that nobody saw
    value = _solved(read, *_rates(size, checked[:, 0] / checked.sum(axis=1)))
    random = np.random.default_rng(SEED)
    drawn = random.beta(checked[:, 0] + PRIOR, checked[:, 1] + PRIOR, size=(DRAWS, 2))
    found, false = _rates(size, drawn.T)
    likely = (value * rows + FLOOR) / (rows + 2 * FLOOR)
    noise = random.standard_normal(DRAWS)
    spread = likely[:, None] * found * (1 - found) + (1 - likely[:, None]) * false * (1 - false)
    if sampled:
        likely_read = (read * rows + FLOOR) / (rows + 2 * FLOOR)
        spread = np.broadcast_to((likely_read * (1 - likely_read))[:, None], spread.shape)
    ends = _solved(read[:, None] + noise * np.sqrt(spread / rows[:, None]), found, false)
    low, high = np.quantile(ends, (0.025, 0.975), axis=1)
    half = 0.5 / rows  # errors come in whole messages
    # where no true share would be read so, those are not the errors of these rows: then what was read is possible too
    odd = (read < false.mean()) | (read > found.mean())
    low, high = np.where(odd, np.minimum(low, read), low), np.where(odd, np.maximum(high, read), high)
    return Estimates(value, np.clip(np.minimum(low - half, value), 0, 1), np.clip(np.maximum(high + half, value), 0, 1))


def _rates(size: Ints, truly: Floats) -> tuple[Floats, Floats]:
    """How often what is yes is called so, and what is no, from how much of what is called each truly is yes."""
    yes, no = size[0] * truly[0] + size[1] * truly[1], size[0] * (1 - truly[0]) + size[1] * (1 - truly[1])
    return size[0] * truly[0] / yes, size[0] * (1 - truly[0]) / no


def _solved(read: Floats, found: Floats, false: Floats) -> Floats:
    """The true share that is read so, at least 0 and at most 1; any where yes and no are called alike."""
    apart = found - false
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(np.abs(apart) > APART, (read - false) / apart, read)
    solved: Floats = np.clip(share, 0, 1)
    return solved


def _mix(checked: Ints) -> Floats:
    """What the rows called each class truly are; of a class without checked rows, as they are over all."""
    seen = checked.sum(axis=1, keepdims=True)
    over_all = checked.sum(axis=0) / checked.sum()
    mix: Floats = np.where(seen > 0, checked / np.maximum(seen, 1), over_all)
    return mix


def _against_others(called: Ints, checked: Ints, at: int) -> Floats:
    """Value, low and high of one class, the others taken as one."""
    one = np.array([called[at], called.sum() - called[at]])
    own, calls, truly = checked[at, at], checked[at].sum(), checked[:, at].sum()
    both = np.array([[own, calls - own], [truly - own, checked.sum() - calls - truly + own]])
    found = scored(one, both, np.array([[1.0, 0.0]]))
    return np.concatenate([found.value, found.low, found.high])


def wilson(count: Ints | int, total: int) -> tuple[Floats, Floats]:
    """The 95% interval of a proportion (Wilson, 1927), as for a sample of that size."""
    share = np.asarray(count) / total
    middle = (share + Z**2 / (2 * total)) / (1 + Z**2 / total)
    half = Z / (1 + Z**2 / total) * np.sqrt(share * (1 - share) / total + Z**2 / (4 * total**2))
    return np.maximum(middle - half, 0), np.minimum(middle + half, 1)


def counted(classes: Sequence[str], called: Sequence[str], truth: Sequence[str | None]) -> tuple[Ints, Ints]:
    """How many rows were called what, and the checked ones by (called, true)."""
    place = {label: at for at, label in enumerate(classes)}
    calls = np.array([place[label] for label in called], np.int64)
    pairs = [(place[p], place[t]) for p, t in zip(called, truth, strict=True) if t is not None]
    checked = np.zeros((len(classes), len(classes)), np.int64)
    np.add.at(checked, tuple(np.array(pairs, np.int64).reshape(-1, 2).T), 1)
    return np.bincount(calls, minlength=len(classes)), checked
