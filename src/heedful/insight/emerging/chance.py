"""How likely growth is by chance, given the history of each name; and what is left of that among many names.

A name's recent messages `k` are compared with its messages before, `K`, and with all messages of both times. Given
their sum, `k` of names that do not grow is binomial: the exact test of two counts (Przyborowski and Wilenski 1940). Its
probability is the upper tail of a negative binomial of size K + 1, which has room for what real names do besides: a
variance above Poisson's (`excess`, of the square of the mean) makes the size smaller.
"""

from typing import NamedTuple

import numpy as np

from heedful.insight.emerging.stream import Floats

INTERVAL = 0.95


class Growth(NamedTuple):
    """How many times what its history expects, with the 95% interval (high: infinite where there is no history)."""

    expected: Floats
    growth: Floats
    low: Floats
    high: Floats


def tail(recent: Floats, before: Floats, ratio: Floats, excess: Floats) -> Floats:
    """The probability of so many recent messages or more; `ratio` is how much was said recently, of what was before."""
    from scipy.special import betainc

    mean = (before + 1) * ratio
    size = 1 / (1 / (before + 1) + excess)
    known = (recent > 0) & (mean > 0)
    return np.where(known, betainc(np.maximum(recent, 1), size, mean / (mean + size)), 1.0)


def growth(recent: Floats, before: Floats, ratio: Floats, excess: Floats) -> Growth:
    """What was expected, and how many times that there is; half a message is added to what was before."""
    from scipy.special import betaincinv

    expected = (before + 0.5) * ratio
    size = 1 / (1 / (before + 1) + excess)
    at = betaincinv(np.maximum(recent, 1), size, (1 - INTERVAL) / 2)
    low = np.where(recent > 0, size * at / np.maximum(1 - at, 1e-12) / ((before + 1) * ratio), 0.0)
    some = np.maximum(before, 1)
    size = 1 / (1 / some + excess)
    at = betaincinv(recent + 1, size, (1 + INTERVAL) / 2)
    high = np.where(before > 0, size * at / np.maximum(1 - at, 1e-12) / (some * ratio), np.inf)
    return Growth(expected, recent / expected, low, high)


def discoveries(p: Floats, tested: int) -> Floats:
    """The q of each p: the least share of false ones among what is told, at which it would be told.

    `tested` names were looked at; those whose p is not given had none below 1 (Benjamini and Hochberg 1995), or stand
    for the same thing as one that is: then only things count (Katsevich, Sabatti and Bogomolov, "Filtering the
    rejection set while preserving false discovery rate control", 2021).
    """
    order = np.argsort(p, kind="stable")
    raised = p[order] * tested / np.arange(1, len(p) + 1)
    q = np.empty_like(p)
    q[order] = np.minimum(1.0, np.minimum.accumulate(raised[::-1])[::-1])
    return q


def evidence(recent: Floats, expected: Floats) -> Floats:
    """How strongly counts speak for growth: the logarithm of the likelihood ratio, 0 where there is none."""
    more = recent > expected
    part = np.where(more, recent / np.maximum(expected, 1e-12), 1.0)
    return np.where(more, recent * np.log(part) - (recent - expected), 0.0)
