"""How well a user's own categories are learnt from examples, and how long it takes.

    python bench/teach.py [DATA_FOLDER]

BANKING77 has no validation split: a seeded fifth of its training texts is held out, and for ten examples of each label
everything else. CLINC150 is learnt from its training texts without those that are out of scope, and read on its
validation texts; what is out of scope there, and in the training texts, only measures. Intervals are of seeds, or
Wilson's where there is one run. Beside it: TF-IDF of words and pairs of words with logistic regression on the same
texts; its score for belonging is its greatest probability.
"""

import random
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from heedful.language.teach import interval, teach
from machine import save

Rows = list[tuple[str, str]]
Read = Callable[[Sequence[str]], tuple[list[str], list[float]]]
"""Best labels, and scores of belonging to any."""
Learn = Callable[[Rows], Read]
SEEDS = 5
KEPT = 0.95


def ours(rows: Rows) -> Read:
    """As `heedful teach` and `heedful read --with`."""
    taught, _ = teach(rows, "label")

    def read(texts: Sequence[str]) -> tuple[list[str], list[float]]:
        found = taught.read(texts)
        return found.column("label_best").to_pylist(), found.column("label_score").to_pylist()

    return read


def plain(rows: Rows) -> Read:
    """TF-IDF and logistic regression."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    model = make_pipeline(words, LogisticRegression(C=30, max_iter=300))
    model.fit([text for text, _ in rows], [label for _, label in rows])

    def read(texts: Sequence[str]) -> tuple[list[str], list[float]]:
        likely = model.predict_proba(list(texts))
        return [str(model.classes_[at]) for at in likely.argmax(axis=1)], likely.max(axis=1).tolist()

    return read


def table(path: Path) -> Rows:
    """Texts and labels."""
    return [(row["text"], row["intent"]) for row in pq.read_table(path).to_pylist()]


def fifth(rows: Rows, seed: int) -> tuple[Rows, Rows]:
    """Four fifths to learn from, and one held out."""
    mixed = random.Random(seed).sample(rows, len(rows))
    return mixed[len(rows) // 5 :], mixed[: len(rows) // 5]


def ten_each(rows: Rows, seed: int) -> tuple[Rows, Rows]:
    """Ten of each label to learn from, and 3,000 of the others."""
    learnt: Rows = []
    rest: Rows = []
    counts: dict[str, int] = {}
    for text, label in random.Random(seed).sample(rows, len(rows)):
        counts[label] = counts.get(label, 0) + 1
        (learnt if counts[label] <= 10 else rest).append((text, label))
    return learnt, rest[:3000]


def accuracy(learn: Learn, learnt: Rows, tested: Rows) -> tuple[int, float]:
    """How many are called right, and the seconds of learning."""
    began = time.perf_counter()
    read = learn(learnt)
    seconds = time.perf_counter() - began
    called, _ = read([text for text, _ in tested])
    return sum(one == label for one, (_, label) in zip(called, tested, strict=True)), seconds


def seeded(learn: Learn, splits: list[tuple[Rows, Rows]]) -> dict[str, Any]:
    """Accuracy over several splits, with the 95% interval of its mean."""
    runs = [(*accuracy(learn, learnt, tested), len(tested)) for learnt, tested in splits]
    shares = [right / of for right, _, of in runs]
    around = 2.776 * stdev(shares) / len(shares) ** 0.5
    return {
        "accuracy": round(mean(shares), 4),
        "low": round(mean(shares) - around, 4),
        "high": round(mean(shares) + around, 4),
        "each": [round(share, 4) for share in shares],
        "seconds_to_teach": round(mean(seconds for _, seconds, _ in runs), 1),
    }


def scope(learn: Learn, learnt: Rows, inside: Rows, outside: list[str]) -> dict[str, Any]:
    """Accuracy in scope, and which share out of scope is told from the score that KEPT in scope reach."""
    began = time.perf_counter()
    read = learn(learnt)
    seconds = time.perf_counter() - began
    called, score = read([text for text, _ in inside])
    _, without = read(outside)
    right = sum(one == label for one, (_, label) in zip(called, inside, strict=True))
    least = float(np.quantile(score, 1 - KEPT))
    told = sum(one < least for one in without)
    low, high = interval(right, len(inside))
    from_, to = interval(told, len(outside))
    return {
        "accuracy": round(right / len(inside), 4),
        "low": low,
        "high": high,
        "out_of_scope_recall": round(told / len(outside), 4),
        "out_of_scope_low": from_,
        "out_of_scope_high": to,
        "out_of_scope_texts": len(outside),
        "seconds_to_teach": round(seconds, 1),
    }


def main() -> None:
    """Measure, print, save."""
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[2] / "shared" / "data"
    learners: dict[str, Learn] = {"heedful": ours}
    try:
        import sklearn  # noqa: F401

        learners["tfidf_regression"] = plain
    except ImportError:
        print("tfidf_regression is left out: scikit-learn is not installed")
    banking = table(data / "banking77" / "train.parquet")
    clinc, checked = (table(data / "clinc150" / f"{part}.parquet") for part in ("train", "validation"))
    inside = [(text, label) for text, label in checked if label != "oos"]
    outside = [text for text, label in [*clinc, *checked] if label == "oos"]
    known = [(text, label) for text, label in clinc if label != "oos"]
    tens = [ten_each(banking, seed) for seed in range(SEEDS)]
    fifths = [fifth(banking, seed) for seed in range(SEEDS)]
    found: dict[str, Any] = {
        "banking77_ten_each": {name: seeded(learn, tens) for name, learn in learners.items()},
        "banking77_held_out_fifth": {name: seeded(learn, fifths) for name, learn in learners.items()},
        "clinc150_validation": {name: scope(learn, known, inside, outside) for name, learn in learners.items()},
    }
    save("teach", found)


if __name__ == "__main__":
    main()
