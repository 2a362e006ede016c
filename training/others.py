"""Sentiment in other languages: the encoder's head and the small linear model together, measured by language."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import fit
import scores
import tasks
from heedful.language import encoder as runtime
from heedful.language.cards import place
from heedful.language.linear import load
from heedful.language.normalise import normalise

SEED = 20261121
LABELS = tasks.LABELS["sentiment_other"]
GOOD_ENOUGH = 60.0
"""A language is read where macro recall on its validation tweets, in percent, reaches this; chance is 33."""
PUBLISHED = {
    "fr": (54.8, 70.5, 71.2),
    "de": (59.6, 72.8, 77.3),
    "it": (54.7, 68.6, 69.1),
    "pt": (55.1, 69.8, 75.4),
    "es": (50.1, 66.0, 67.9),
}
"""Macro F1 on the test tweets of UMSAB, of fastText, XLM-R and XLM-T in all languages (Barbieri et al. 2022)."""


class Together(NamedTuple):
    """The head's scale and shifts, and the power that the linear model's probabilities are raised to."""

    scale: float
    shift: np.ndarray
    power: float

    def likely(self, head: np.ndarray, linear: np.ndarray) -> np.ndarray:
        """Probabilities from both models' logarithms of probabilities."""
        return fit.softmax(head * self.scale + self.shift + linear * self.power)


class Found(NamedTuple):
    """What ships, and its figures by language."""

    together: Together
    by_language: dict[str, dict[str, Any]]


def fitted(read: runtime.Encoder, data: Path) -> Found:
    """Fit on either half of the validation tweets, measure on the other; what ships was fitted on the first half."""
    rows = tasks.other_languages(data, "validation")
    true = np.array([row["label"] for row in rows])
    spoken = np.array([tasks.LANGUAGES[row["language"]] for row in rows])
    texts = [row["text"] for row in rows]
    head = np.log(read.read([normalise(text, read.known) for text in texts]).probabilities["sentiment_other"])
    linear = np.log(load(place("linear.npz"))["others"].probabilities(texts))
    order = np.random.default_rng(SEED).permutation(len(rows))
    halves = np.sort(order[: len(order) // 2]), np.sort(order[len(order) // 2 :])
    ways = [_learn(head[half], linear[half], true[half]) for half in halves]
    likely = np.zeros(head.shape)
    for half, way in zip(halves, reversed(ways), strict=True):
        likely[half] = way.likely(head[half], linear[half])
    alone = {"encoder": head, "linear": linear}
    return Found(
        ways[0],
        {
            code: _figures(true[at], likely[at], {name: one[at] for name, one in alone.items()}, code)
            for code in sorted(set(spoken))
            for at in [spoken == code]
        },
    )


def _learn(head: np.ndarray, linear: np.ndarray, true: np.ndarray) -> Together:
    scale, shift, power = fit.beside(head.astype(np.float64), linear, true)
    return Together(scale, shift, power)


def _figures(true: np.ndarray, likely: np.ndarray, alone: dict[str, np.ndarray], code: str) -> dict[str, Any]:
    called = likely.argmax(1)
    return {
        **scores.figure("sentiment", true, called),
        "macro_f1": round(100 * scores.score("sentiment_other", true, called), 2),
        "calibration_error": round(100 * scores.calibration_error(true, likely), 2),
        **{name: round(100 * scores.score("sentiment", true, one.argmax(1)), 2) for name, one in alone.items()},
        "published": PUBLISHED[code],
        "confusion": scores.confusion(true, called, len(LABELS)),
    }
