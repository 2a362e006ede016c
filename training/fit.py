"""Turn scores into probabilities that mean what they say, and say from where on a label holds."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

import scores

Floats = NDArray[np.float64]

HELD = 30.0
"""How strongly a shift is held at 0, so that a few hundred texts do not move it by chance."""


def softened(logits: Floats, true: NDArray[np.int64], *, weights: Floats) -> tuple[float, Floats]:
    """A temperature's inverse and a shift for each label that fit best (Guo et al. 2017); their probabilities sum to 1.

    `weights` is what each text counts.
    """
    rows, labels = logits.shape

    def loss(x: Floats) -> float:
        fitted = logits * np.exp(x[0]) + np.append(0, x[1:])
        return _surprise(fitted, true, weights) + float(HELD / rows * (x[1:] ** 2).sum())

    found = minimize(loss, np.zeros(labels), method="L-BFGS-B").x
    return float(np.exp(found[0])), np.append(0, found[1:])


def beside(logits: Floats, others: Floats, true: NDArray[np.int64]) -> tuple[float, Floats, float]:
    """A temperature's inverse and shifts as above, and how much another model's logarithms of probabilities count."""
    rows, labels = logits.shape

    def loss(x: Floats) -> float:
        fitted = logits * np.exp(x[0]) + np.append(0, x[2:]) + others * x[1]
        return _surprise(fitted, true, np.ones(rows)) + float(HELD / rows * (x[2:] ** 2).sum())

    found = minimize(loss, np.append([0, 0.5], np.zeros(labels - 1)), method="L-BFGS-B").x
    return float(np.exp(found[0])), np.append(0, found[2:]), float(found[1])


def _surprise(fitted: Floats, true: NDArray[np.int64], weights: Floats) -> float:
    """The mean negative log-likelihood of what is true, each text with its weight."""
    fitted = fitted - fitted.max(1, keepdims=True)
    chosen = fitted[np.arange(len(true)), true] - np.log(np.exp(fitted).sum(1))
    return float(-(weights * chosen).sum() / weights.sum())


def each(logits: Floats, true: NDArray[np.float32]) -> tuple[Floats, Floats]:
    """The same for labels with a probability of their own: one scale for all, a shift for each, rare ones held back."""
    labels = logits.shape[1]

    def loss(x: Floats) -> float:
        fitted = logits * np.exp(x[0]) + x[1:]
        losses = np.logaddexp(0, fitted) - true * fitted
        return float(losses.mean(0).sum() + 0.002 * (x[1:] ** 2).sum())

    found = minimize(loss, np.zeros(labels + 1), method="L-BFGS-B").x
    return np.full(labels, np.exp(found[0])), found[1:]


def softmax(fitted: Floats) -> Floats:
    """Scores as probabilities that sum to 1."""
    powers = np.exp(fitted - fitted.max(1, keepdims=True))
    made: Floats = powers / powers.sum(1, keepdims=True)
    return made


def threshold(task: str, true: NDArray[np.int64], likely: Floats, *, share: float | None = None) -> float:
    """The probability of yes from which on saying yes gives the best official metric; the middle of the best ones.

    `share` is how often yes holds in the world, where the texts at hand hold it more often than that.
    """
    weights = np.ones(len(true))
    if share is not None:
        weights[true == 1] = share / (1 - share) * (true == 0).sum() / (true == 1).sum()
    tried = np.linspace(0.05, 0.95, 91)
    reached = [scores.score(task, true, (likely >= at).astype(np.int64), weights=weights) for at in tried]
    smooth = np.convolve(np.pad(reached, 3, mode="edge"), np.ones(7) / 7, "valid")
    return round(float(tried[int(np.argmax(smooth))]), 3)


def f1_thresholds(true: NDArray[np.float32], likely: Floats) -> Floats:
    """For each label the probability from which on calling it gives the best F1, drawn to the middle where few hold."""
    found = scores.thresholds(true, likely)
    usual = np.median(found)
    held = true.sum(0)
    made: Floats = np.round((found * held + usual * 10) / (held + 10), 3)
    return made
