"""A classifier that adds up one weight per feature and answer: small, exact, the same for any batch."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heedful.language.features import features


@dataclass(frozen=True, eq=False)
class Linear:
    """Whole-number weights (features x answers) with the unit of each answer, a bias, and a temperature.

    The weights of a text are added as integers, so that the sum does not depend on the order or on other texts.
    """

    weights: NDArray[np.int16]
    unit: NDArray[np.float64]
    bias: NDArray[np.float64]
    temperature: float

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """One row per text that sums to 1, a column per answer."""
        return self.of_features(*features(texts))

    def of_features(self, flat: NDArray[np.int64], starts: NDArray[np.int64]) -> NDArray[np.float64]:
        """The same from features: their numbers one text after another, and where each text's begin."""
        running = np.zeros((len(flat) + 1, self.weights.shape[1]), np.int64)
        np.cumsum(self.weights[flat], axis=0, out=running[1:])
        sums = running[starts[1:]] - running[starts[:-1]]
        length = np.sqrt(np.maximum(np.diff(starts), 1))[:, None]
        scores = (sums * self.unit / length + self.bias) / self.temperature
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        made: NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
        return made


def load(path: Path) -> dict[str, Linear]:
    """The classifiers that a file of `training/` holds, by name."""
    with np.load(path, allow_pickle=False) as held:
        names = sorted({key.partition("/")[0] for key in held.files})
        return {name: _linear(held, name) for name in names}


def _linear(held: Any, name: str) -> Linear:
    unit, bias = held[f"{name}/unit"].astype(np.float64), held[f"{name}/bias"].astype(np.float64)
    return Linear(held[f"{name}/weights"], unit, bias, float(held[f"{name}/temperature"]))
