"""The official metric of each reading, and how sure it is."""

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import f1_score, recall_score

OFFICIAL = {
    "sentiment": "macro recall",
    "emotion": "macro F1",
    "emotions": "macro F1",
    "irony": "F1 of yes",
    "offensive": "macro F1",
    "hateful": "macro F1",
    "spam": "F1 of yes",
    "sentiment_other": "macro F1",
}


def score(
    task: str,
    true: NDArray[np.float32] | NDArray[np.int64],
    called: NDArray[np.int64],
    *,
    weights: NDArray[np.float64] | None = None,
) -> float:
    """The metric of a task, 0 to 1; `called` is like `true`, `weights` what each text counts."""
    metric = OFFICIAL.get(task, "macro F1")
    more = {"sample_weight": weights, "zero_division": 0}
    if metric == "macro recall":
        return float(recall_score(true, called, average="macro", **more))
    if metric == "F1 of yes":
        return float(f1_score(true, called, **more))
    return float(f1_score(true, called, average="macro", **more))


def interval(task: str, true: NDArray[np.int64], called: NDArray[np.int64], *, seed: int = 1) -> tuple[float, float]:
    """The middle 95% of the metric over 1,000 resamples of the texts (percentile bootstrap, Efron 1979)."""
    chance = np.random.default_rng(seed)
    rows = len(true)
    found = []
    for _ in range(1000):
        taken = chance.integers(0, rows, rows)
        found.append(score(task, true[taken], called[taken]))
    low, high = np.percentile(found, [2.5, 97.5])
    return float(low), float(high)


def figure(task: str, true: NDArray[np.int64], called: NDArray[np.int64]) -> dict[str, float]:
    """The metric in percent with its interval, and over how many texts."""
    low, high = interval(task, true, called)
    value = score(task, true, called)
    return {"value": round(100 * value, 2), "low": round(100 * low, 2), "high": round(100 * high, 2), "rows": len(true)}


def thresholds(true: NDArray[np.float32], likely: NDArray[np.float64]) -> NDArray[np.float64]:
    """For each column of 0 and 1 the probability from which on calling it gives the best F1."""
    found = np.full(true.shape[1], 0.5)
    for column in range(true.shape[1]):
        order = np.argsort(-likely[:, column], kind="stable")
        hits = np.cumsum(true[order, column])
        f1 = 2 * hits / (np.arange(1, len(order) + 1) + true[:, column].sum())
        best = int(np.argmax(f1))
        after = likely[order[min(best + 1, len(order) - 1)], column]
        found[column] = (likely[order[best], column] + after) / 2
    return found


def calibration_error(true: NDArray[np.int64], likely: NDArray[np.float64], *, bins: int = 15) -> float:
    """Expected calibration error of the likeliest label, equal-width bins (Guo et al. 2017)."""
    sure = likely.max(1)
    right = likely.argmax(1) == true
    at = np.minimum((sure * bins).astype(int), bins - 1)
    gaps = [
        abs(right[at == b].mean() - sure[at == b].mean()) * (at == b).mean() for b in range(bins) if (at == b).any()
    ]
    return float(np.sum(gaps))


def yes_error(true: NDArray[np.int64], likely: NDArray[np.float64], *, bins: int = 15) -> float:
    """The same for one yes/no answer: how far its probability is from how often it holds."""
    at = np.minimum((likely * bins).astype(int), bins - 1)
    return float(sum(abs(true[at == b].mean() - likely[at == b].mean()) * (at == b).mean() for b in np.unique(at)))


def confusion(true: NDArray[np.int64], called: NDArray[np.int64], labels: int) -> list[list[int]]:
    """Counts by what a text is and what it was called."""
    found = np.zeros((labels, labels), np.int64)
    np.add.at(found, (true, called), 1)
    return [[int(count) for count in row] for row in found]


def reliability(
    labels: tuple[str, ...], true: NDArray[np.int64], called: NDArray[np.int64], likely: NDArray[np.float64]
) -> list[dict[str, object]]:
    """For each label that is called, and each tenth of its probability with at least 20 texts: how many were right."""
    found: list[dict[str, object]] = []
    for at, label in enumerate(labels):
        sure = likely[called == at, at]
        right = true[called == at] == at
        low = 0.0
        for high in np.round(np.arange(1, 11) / 10, 1):
            within = (sure >= low) & ((sure < high) | (high == 1.0))
            if within.sum() >= 20:
                found.append(
                    {
                        "label": label,
                        "from": low,
                        "to": float(high),
                        "rows": int(within.sum()),
                        "right": int(right[within].sum()),
                    }
                )
                low = float(high)
    return found


def calibration_by_chance(likely: NDArray[np.float64], *, seed: int = 1) -> float:
    """The calibration error that probabilities which are exactly right would show on so few texts (mean of 200)."""
    chance = np.random.default_rng(seed)
    sums = likely.cumsum(1)
    drawn = [(chance.random((len(likely), 1)) * sums[:, -1:] > sums).sum(1) for _ in range(200)]
    return float(np.mean([calibration_error(labels, likely) for labels in drawn]))
