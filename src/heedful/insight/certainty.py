"""How sure an estimated share is: corrected for a classifier's measured errors, with a 95% interval.

A classifier that calls 10% of the neutral messages negative reports too many negatives. On validation data its
errors are known: `M[t, p]` is how often class t is called p. What was observed is `q = M' * truth`, plus chance; so
the truth is estimated by solving for it, kept among real shares (all at least 0, sum 1), as Rogan and Gladen
("Estimating prevalence from the results of a screening test", 1978) do for two classes.

Two things are unsure: M, which was measured on a limited number of texts (draws from its Dirichlet posterior), and
which of these very messages were called wrong (multinomial noise, as normal draws). Both are drawn with a fixed
seed, so that the same counts give the same interval. Messages are all there, so nothing is added for sampling them,
unless they stand for others (`weights`).
It assumes that the errors in a group are those of the validation data.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heedful.language.cards import Confusion

DRAWS = 1000
SEED = 20261120
PRIOR = 0.5
"""Added to each count of the confusion: Jeffreys' prior."""
FLOOR = 1.0
"""Messages of each class that the noise of a group assumes on top of those estimated, so that a group of five in
which nothing was called positive is not taken to hold none for sure."""

Floats = NDArray[np.floating[Any]]
Confusions = Callable[[str | None], Confusion | None]
"""The measured errors of a reading in a language."""


@dataclass(frozen=True)
class Estimates:
    """One value per group with its interval; without a measured accuracy the interval is None."""

    value: Floats
    low: Floats | None
    high: Floats | None


def estimate(
    observed: Floats, score: Mapping[str, float], confusion: Confusion | None, *, sampled: bool = False
) -> Estimates:
    """The corrected sum of score times share for each group.

    `observed` holds counts: one row per group (each with at least one message), one column per class in the order
    of `score`. Without a confusion the value is the observed share's, and there is no interval. Where the messages are
    `sampled` from those that the figure is to speak for, the chance of having drawn these is in it.
    """
    scores = np.array([score[label] for label in score], np.float64)
    totals = observed.sum(axis=1)
    shares = observed / totals[:, None]
    if confusion is None or set(confusion.labels) != set(score):
        return Estimates(_scored(shares, scores), None, None)
    counts = _ordered(confusion, tuple(score))
    rates = np.array(counts, np.float64) + PRIOR
    rates /= rates.sum(axis=1, keepdims=True)
    solved = _times(shares, _inverse(rates))
    truth = on_simplex(solved)
    value = _scored(truth, scores)
    low, high = _interval(shares, totals, truth, scores, counts, sampled=sampled)
    half = np.diff(np.unique(scores)).min(initial=np.inf) / 2 / totals  # half a message: errors come in whole ones
    low = np.minimum(np.clip(low - half, scores.min(), scores.max()), value)
    high = np.maximum(np.clip(high + half, scores.min(), scores.max()), value)
    # no true shares would be called so: then the measured errors are not those of this group, and what was called
    # has to be thought possible
    odd, called = (solved < 0).any(axis=1), _scored(shares, scores)
    return Estimates(value, np.where(odd, np.minimum(low, called), low), np.where(odd, np.maximum(high, called), high))


Interval = tuple[float | None, float | None, float | None]
"""Value, low, high."""


def difference(one: Interval, other: Interval) -> tuple[float | None, float | None]:
    """The 95% interval of the first value less the second from the intervals of both; None where one has none.

    The method of variance estimates recovery (Zou and Donner, "Construction of confidence limits about effect
    measures", 2008), for estimates that err apart from each other; errors that both share make it too wide.
    """
    (value, low, high), (value2, low2, high2) = one, other
    if value is None or low is None or high is None or value2 is None or low2 is None or high2 is None:
        return None, None
    change = value - value2
    return change - math.hypot(value - low, high2 - value2), change + math.hypot(high - value, value2 - low2)


def _ordered(confusion: Confusion, labels: tuple[str, ...]) -> tuple[tuple[int, ...], ...]:
    order = [confusion.labels.index(label) for label in labels]
    return tuple(tuple(confusion.counts[t][p] for p in order) for t in order)


def _interval(
    shares: Floats,
    totals: Floats,
    truth: Floats,
    scores: Floats,
    counts: tuple[tuple[int, ...], ...],
    *,
    sampled: bool,
) -> Floats:
    """The 2.5th and 97.5th percentile of each group's value over the draws, shape (2, groups)."""
    weights, spread, noise = _draws(counts, tuple(scores.tolist()))
    likely = ((shares if sampled else truth) * totals[:, None] + FLOOR) / (totals[:, None] + FLOOR * len(scores))
    ends = np.empty((2, len(shares)))
    shares, likely, totals = (part.astype(np.float32) for part in (shares, likely, totals))
    for start in range(0, len(shares), 256):
        part = slice(start, start + 256)
        if sampled:  # what one more message would be called, instead of how the messages that are here were called
            varied: Floats = _times(likely[part], weights**2) - _times(likely[part], weights) ** 2
        else:
            varied = _times(likely[part], spread)
        deviation = np.sqrt(np.maximum(varied, 0) / totals[part, None])
        ends[:, part] = _ends(_times(shares[part], weights) + noise * deviation)
    return ends


def _scored(shares: Floats, scores: Floats) -> Floats:
    made: Floats = _times(shares, scores[:, None])[:, 0]
    return made


def _times(groups: Floats, draws: Floats) -> Floats:
    """`groups @ draws`, always added in the same order: BLAS changes it, and the last digits, with the size."""
    product: Floats = groups[:, 0, None] * draws[0]
    for i in range(1, len(draws)):
        product += groups[:, i, None] * draws[i]
    return product


def _ends(values: Floats) -> Floats:
    """What np.quantile gives for 2.5% and 97.5% of each row, in a fifth of its time; changes the order of the rows."""
    low, high = (fraction * (DRAWS - 1) for fraction in (0.025, 0.975))
    values.partition(int(high) + 1, axis=1)
    above, below = values[:, int(high) + 1], values[:, : int(high) + 1]
    upper = _between(below.max(axis=1), above, high % 1)
    below.partition(int(low), axis=1)
    return np.stack([_between(below[:, int(low)], below[:, int(low) + 1 :].min(axis=1), low % 1), upper])


def _between(low: Floats, high: Floats, part: float) -> Floats:
    return low + (high - low) * part


@cache
def _draws(counts: tuple[tuple[int, ...], ...], scores: tuple[float, ...]) -> tuple[Floats, Floats, Floats]:
    """What draws of the rates make of the scores.

    Weights (called, draws): what one message called so adds to the estimate. Spread (true, draws): the variance that
    one message of a true class adds, that is of the weight of what it is called. And standard normal noise (draws,).
    In 32 bits, which are sorted twice as fast, and far more exact than a thousand draws.
    """
    random = np.random.default_rng(SEED)
    drawn = np.stack([random.dirichlet(np.array(row, np.float64) + PRIOR, DRAWS) for row in counts], axis=1)
    # evenly spread normal noise in random order: with few draws steadier than drawing it
    noise = random.permutation(_normal((np.arange(DRAWS) + 0.5) / DRAWS))
    weights = np.linalg.pinv(drawn) @ np.array(scores)
    mean = (drawn * weights[:, None, :]).sum(axis=2)
    spread = (drawn * weights[:, None, :] ** 2).sum(axis=2) - mean**2
    return weights.T.astype(np.float32, order="C"), spread.T.astype(np.float32, order="C"), noise.astype(np.float32)


def _inverse(rates: Floats) -> Floats:
    """The matrix that turns observed shares (a row) into true ones; the pseudo-inverse where there is none."""
    inverse: Floats = np.linalg.pinv(rates)
    return inverse


def _normal(quantiles: Floats) -> Floats:
    from statistics import NormalDist

    normal = NormalDist()
    return np.array([normal.inv_cdf(float(quantile)) for quantile in quantiles])


def on_simplex(points: Floats) -> Floats:
    """The nearest shares (each at least 0, sum 1) to each row.

    The algorithm of Held, Wolfe and Crowder (1974) as in Duchi and others, "Efficient projections onto the l1-ball"
    (2008), figure 1.
    """
    ordered = -np.sort(-points, axis=1)
    excess = np.cumsum(ordered, axis=1) - 1
    place = np.arange(1, points.shape[1] + 1)
    last = (ordered - excess / place > 0).sum(axis=1)
    shift = excess[np.arange(len(points)), last - 1] / last
    shares: Floats = np.maximum(points - shift[:, None], 0)
    return shares
