"""What history expects of each name in each six hours: its share of all messages, its weekdays and its hours."""

from dataclasses import dataclass

import numpy as np

from heedful.insight.emerging.stream import Floats, Numbers

BIN = 6 * 3600
"""Seconds of one step of time, counted back from now."""
A_DAY = 4
A_WEEK = 28
TRUSTED = 10.0
"""So many messages of a weekday or a quarter of the day count as much as the supposition that all are alike."""
SURE = 50.0
"""A name's own variance counts as much as that of others like it at so large a sum of squared means."""
LEAST, MOST = 0.005, 3.0
"""Bounds of the variance above Poisson's, as a part of the square of the mean."""


@dataclass(frozen=True, eq=False)
class History:
    """Of each name (a line): messages before, the share expected in a step beside all messages, and the excess.

    `exposure` (names, steps) is all messages, weighed by the name's weekdays and hours; `before` the sum of its counts
    in the history, whose steps begin at `since`. `excess` has a column for each of the `windows`.
    """

    since: int
    before: Floats
    exposure: Floats
    windows: tuple[int, ...]
    excess: Floats

    def ratio(self, window: int) -> Floats:
        """How much all messages of the last `window` steps are, of those of the history."""
        past = self.exposure[:, self.since :].sum(axis=1)
        found: Floats = self.exposure[:, :window].sum(axis=1) / np.maximum(past, 1e-9)
        return found


def history(counts: Floats, total: Floats, since: int, windows: tuple[int, ...]) -> History:
    """The history of names from their counts (names, steps back from now), and those of all messages."""
    past, all_past = counts[:, since:], total[since:]
    before = past.sum(axis=1)
    steps = np.arange(len(total), dtype=np.int64)
    exposure: Floats = total * _weights(past, all_past, steps % A_DAY, since)
    exposure *= _weights(past, all_past, steps // A_DAY % 7, since)
    share = before / np.maximum(exposure[:, since:].sum(axis=1), 1e-9)
    expected = share[:, None] * exposure[:, since:]
    excess = np.stack([_excess(past, expected, all_past, window, before) for window in windows], axis=1)
    return History(since, before, exposure, windows, excess)


def _weights(past: Floats, all_past: Floats, phase: Numbers, since: int) -> Floats:
    """How much more of a name comes in each phase than of all messages, as far as its history can tell."""
    before = past.sum(axis=1, keepdims=True)
    found = np.ones((len(past), len(phase)))
    for one in np.unique(phase):
        there = phase[since:] == one
        usual = before * all_past[there].sum() / max(all_past.sum(), 1e-9)
        weight = (past[:, there].sum(axis=1, keepdims=True) + TRUSTED) / (usual + TRUSTED)
        found[:, phase == one] = weight
    return found


def _excess(past: Floats, expected: Floats, all_past: Floats, window: int, before: Floats) -> Floats:
    """How much more counts of one window's length vary than Poisson's: each name's own, drawn to others as frequent."""
    blocks = past.shape[1] // window
    there = _summed(all_past[None], window)[0] > 0
    told, mean = (_summed(counts, window)[:, there] for counts in (past, expected))
    used = int(there.sum())
    if blocks < 2 or used < 2:
        return np.full(len(past), LEAST)
    more = ((told - mean) ** 2).sum(axis=1) * used / (used - 1) - told.sum(axis=1)
    squares = (mean**2).sum(axis=1)
    like = (np.log2(before + 1) / 2).astype(int).clip(1)
    size = int(like.max(initial=1)) + 1
    pooled = np.bincount(like, more, size) / np.maximum(np.bincount(like, squares, size), 1e-9)
    usual = pooled.clip(LEAST, MOST)[like]
    own: Floats = (more + SURE * usual) / (squares + SURE)
    return own.clip(LEAST, MOST)


def _summed(counts: Floats, window: int) -> Floats:
    """Counts of whole windows, from the latest on."""
    blocks = counts.shape[1] // window
    summed: Floats = counts[:, : blocks * window].reshape(len(counts), blocks, window).sum(axis=2)
    return summed
