"""Train the small linear model that helps with the sentiment of other languages: models/linear.npz and linear.json.

    python training/linear_sentiment.py DATA_FOLDER

needs numpy, scipy, scikit-learn and pyarrow (tested with 1.9 of scikit-learn); about two minutes on one core. How
much it counts beside the encoder, and in which languages, is measured on the validation file of UMSAB by finish.py.
"""

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import scipy.sparse as sp
from scipy.optimize import minimize_scalar
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import recall_score
from sklearn.model_selection import KFold

from heedful.language.features import SIZE, features
from heedful.records import SENTIMENTS

MODELS = Path(__file__).parents[1] / "src" / "heedful" / "models"
VERSION = "1"
SEED = 20261120
LABEL = {name: at for at, name in enumerate(SENTIMENTS)}
STRENGTH = 1.0
"""Inverse regularisation. 0.3 to 30 lie within 0.02 macro recall on 6,000 tweets held back of the training file."""
RAREST = 3
"""Features in fewer texts are left out."""
UMSAB = dict(
    zip("arabic french german hindi italian portuguese spanish".split(), "ar fr de hi it pt es".split(), strict=True)
)

Example = tuple[str, int]

DATA = [
    {
        "name": "UMSAB, 6 of its 8 languages (not English, not Hindi)",
        "licence": "Apache-2.0; tweets are subject to the terms of Twitter",
        "used": "training file",
    },
]


def rows(path: Path) -> list[dict[str, Any]]:
    """A data file as dictionaries."""
    found: list[dict[str, Any]] = pq.read_table(path).to_pylist()
    return found


def labelled(found: Iterable[dict[str, Any]]) -> list[Example]:
    """Texts with their label's number."""
    return [(row["text"], LABEL[row["label_name"]]) for row in found]


def matrix(examples: Sequence[Example]) -> tuple[sp.csr_matrix, np.ndarray]:
    """Features, each text's scaled to length 1, and labels."""
    flat, starts = features([text for text, _ in examples])
    counts = np.diff(starts)
    values = np.repeat(1 / np.sqrt(np.maximum(counts, 1)), counts)
    return sp.csr_matrix((values, flat, starts), shape=(len(examples), SIZE)), np.array(
        [label for _, label in examples]
    )


def rarity(found: sp.csr_matrix) -> np.ndarray:
    """How much a feature counts: the rarer the more, up to those that are left out."""
    texts = np.asarray((found > 0).sum(axis=0)).ravel()
    return (np.log(found.shape[0] / (1 + texts)) / 5).clip(0.05) * (texts >= RAREST)


def fit(found: sp.csr_matrix, labels: np.ndarray, weights: np.ndarray) -> dict[str, np.ndarray]:
    """Weights per feature and label as 16-bit integers, their unit and the bias."""
    scale = rarity(found)
    kept = np.flatnonzero(scale)
    model = LogisticRegression(C=STRENGTH, max_iter=400, tol=2e-5)
    model.fit(found[:, kept] @ sp.diags(scale[kept]), labels, sample_weight=weights)
    real = np.zeros((SIZE, 3))
    real[kept] = model.coef_.T * scale[kept, None]
    unit = np.abs(real).max(axis=0) / 32767
    return {"weights": np.round(real / unit).astype(np.int16), "unit": unit, "bias": model.intercept_}


def scores(model: dict[str, np.ndarray], found: sp.csr_matrix) -> np.ndarray:
    """Unscaled scores of each label."""
    return np.asarray(found @ (model["weights"] * model["unit"])) + model["bias"]


def temperature(raw: np.ndarray, labels: np.ndarray) -> float:
    """What the scores are divided by so that probabilities fit best where the three labels are equally frequent."""
    weights = (len(labels) / 3 / np.bincount(labels, minlength=3))[labels]

    def loss(log: float) -> float:
        cold = raw / np.exp(log)
        cold = cold - cold.max(axis=1, keepdims=True)
        chosen = cold[np.arange(len(labels)), labels] - np.log(np.exp(cold).sum(axis=1))
        return float(-(weights * chosen).mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-3, 3), method="bounded").x))


def others(data: Path) -> tuple[dict[str, np.ndarray], dict[str, float]]:
    """One model for all these languages, and its cross-validated recall in each, in percent."""
    train = [row for row in rows(data / "umsab_multilingual_sentiment/train.parquet") if row["language"] in UMSAB]
    found, labels = matrix(labelled(train))
    spoken = np.array([UMSAB[row["language"]] for row in train])
    raw = np.zeros((len(train), 3))
    for learnt, left in KFold(5, shuffle=True, random_state=SEED).split(train):
        raw[left] = scores(fit(found[learnt], labels[learnt], np.ones(len(learnt))), found[left])
    called = raw.argmax(axis=1)
    recall = {
        code: round(100 * float(recall_score(labels[spoken == code], called[spoken == code], average="macro")), 2)
        for code in sorted(UMSAB.values())
    }
    known = spoken != "hi"
    model = fit(found[known], labels[known], np.ones(int(known.sum())))
    model["temperature"] = np.array(temperature(raw[known], labels[known]))
    return model, recall


def card(recall: dict[str, float]) -> dict[str, Any]:
    """What the reader of a figure should know about the model behind it."""
    return {
        "name": "linear",
        "version": VERSION,
        "date": datetime.now(UTC).date().isoformat(),
        "seed": SEED,
        "what": "Linear softmax over hashed words, pairs of words and pieces of words; 16-bit weights, numpy only. It "
        "is heard beside the encoder in other languages than English.",
        "limits": "Trained on public tweets. Irony is not seen.",
        "licence": "Apache-2.0 for the weights; the sets keep theirs",
        "data": DATA,
        "readings": {},
        "facts": {
            "Macro recall by language, cross-validated on the training tweets": {
                "names": list(recall),
                "rows": [list(recall.values())],
            }
        },
    }


def main() -> None:
    """Train, measure, write."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    model, recall = others(Path(sys.argv[1]))
    print(json.dumps(recall, indent=1))
    np.savez_compressed(MODELS / "linear.npz", **{f"others/{key}": value for key, value in model.items()})
    (MODELS / "linear.json").write_text(json.dumps(card(recall), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
