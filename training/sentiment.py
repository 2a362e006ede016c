"""Train the sentiment model that ships: models/sentiment.npz and its card.

    python training/sentiment.py DATA_FOLDER

needs numpy, scipy, scikit-learn and pyarrow (tested with 1.9 of scikit-learn); about ten minutes on one core.
Only sets whose licence lets trained weights ship are read. Nothing is chosen on what the card's confusion is
measured on: 3,000 training tweets and the second half of TweetEval's validation file, and for other languages
the validation file of UMSAB. What was chosen, and on what, stands at each constant.
"""

import gzip
import json
import random
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
from sklearn.metrics import confusion_matrix, recall_score
from sklearn.model_selection import KFold

import plain
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
SHARES = {"tweets": 1.0, "plain": 2.0, "reviews": 0.5, "requests": 0.3, "chat": 0.3}
"""What a text of each part counts. Compared on the same 6,000 tweets and the first half of the validation file:
tweets alone .676, with sentences and reviews .678, with requests and chat too .676 (and more neutral ones found)."""
GOOD_ENOUGH = 0.6
"""A language is read where macro recall, cross-validated on its own training texts, reaches this; chance is .33."""
UMSAB = dict(
    zip("arabic french german hindi italian portuguese spanish".split(), "ar fr de hi it pt es".split(), strict=True)
)

Example = tuple[str, int]

DATA = [
    {
        "name": "TweetEval sentiment (SemEval-2017 task 4A), English",
        "licence": "released without restrictions by TweetEval; tweets are subject to the terms of Twitter",
        "used": "training file but 3,000 tweets; first half of the validation file for the temperature",
    },
    {
        "name": "UMSAB, 6 of its 8 languages (not English, not Hindi)",
        "licence": "Apache-2.0; tweets are subject to the terms of Twitter",
        "used": "training file",
    },
    {
        "name": "SemEval-2014 task 4 and the ACOS restaurant and laptop sentences of one polarity",
        "licence": "annotations shared for research; weights trained on them are commonly published",
        "used": "training files",
    },
    {
        "name": "MultiDoGO, customers' sentences",
        "licence": "CDLA-Permissive-1.0",
        "used": "4,000 details and orders of the training file as neutral sentences",
    },
    {"name": "CLINC150", "licence": "CC BY 3.0", "used": "4,000 requests of the training file as neutral sentences"},
    {"name": "Plain service sentences of our own (training/plain.py)", "licence": "Apache-2.0", "used": "all"},
]


def rows(path: Path) -> list[dict[str, Any]]:
    """A data file as dictionaries."""
    if path.suffix == ".parquet":
        found: list[dict[str, Any]] = pq.read_table(path).to_pylist()
        return found
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def labelled(found: Iterable[dict[str, Any]]) -> list[Example]:
    """Texts with their label's number."""
    return [(row["text"], LABEL[row["label_name"]]) for row in found]


def reviews(path: Path) -> list[Example]:
    """Review sentences in which everything named is judged alike."""
    made = []
    for row in rows(path):
        parts = row.get("labels", []) + row.get("aspect_terms", []) + row.get("aspect_categories", [])
        polarities = {part["polarity"] for part in parts}
        if len(polarities) == 1 and (only := polarities.pop()) in LABEL:
            made.append((row["text"], LABEL[only]))
    return made


def requests(path: Path, chance: random.Random) -> list[Example]:
    """Plain requests to an assistant, which say neither good nor bad."""
    texts = [row["text"] for row in rows(path) if row["in_scope"] and row["domain"] != "small_talk"]
    return [(text, LABEL["neutral"]) for text in chance.sample(texts, 4000)]


def chat(path: Path, chance: random.Random) -> list[Example]:
    """What customers told a service chat when they only gave details or ordered something."""
    neutral = {"contentonly", "startserviceintent", "startorder", "getinformationintent", "checkbalance", "bookflight"}
    neutral |= {"changeseatassignment", "getboardingpass", "getproofofinsurance", "updateaddress", "expensereport"}
    neutral |= {"orderpizzaintent", "orderdrinkintent", "ordersaladintent", "orderburgerintent", "transfermoney"}
    said = [row["utterance"] for row in rows(path) if row["intent"] in neutral and row["utterance"].count(" ") >= 3]
    return [(text, LABEL["neutral"]) for text in chance.sample(said, 4000)]


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


def alike(labels: np.ndarray) -> np.ndarray:
    """Weights that make the three labels count the same."""
    return (len(labels) / 3 / np.bincount(labels, minlength=3))[labels]


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
    weights = alike(labels)

    def loss(log: float) -> float:
        cold = raw / np.exp(log)
        cold = cold - cold.max(axis=1, keepdims=True)
        chosen = cold[np.arange(len(labels)), labels] - np.log(np.exp(cold).sum(axis=1))
        return float(-(weights * chosen).mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-3, 3), method="bounded").x))


def measured(raw: np.ndarray, labels: np.ndarray, temper: float) -> dict[str, Any]:
    """Macro recall, accuracy, calibration error and confusion[true][called]."""
    called = raw.argmax(axis=1)
    powers = np.exp((raw - raw.max(axis=1, keepdims=True)) / temper)
    sure = (powers / powers.sum(axis=1, keepdims=True)).max(axis=1)
    right, bins = called == labels, (sure * 10).astype(int)
    gaps = [abs(right[bins == at].mean() - sure[bins == at].mean()) * (bins == at).sum() for at in np.unique(bins)]
    return {
        "rows": len(labels),
        "macro_recall": round(float(recall_score(labels, called, average="macro")), 4),
        "accuracy": round(float(right.mean()), 4),
        "calibration_error": round(float(sum(gaps) / len(labels)), 4),
        "confusion": confusion_matrix(labels, called, labels=[0, 1, 2]).tolist(),
    }


def english(data: Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """The English model, and how it does on what it has not seen."""
    chance = random.Random(SEED)
    tweets = labelled(rows(data / "tweeteval/sentiment/train_rebuilt.parquet"))
    validation = labelled(rows(data / "tweeteval/sentiment/validation.parquet"))
    chance.shuffle(tweets)
    chance.shuffle(validation)
    ours = [(text, LABEL[label]) for text, label in plain.sentences(SEED)]
    places = ("absa_semeval2014/laptop", "absa_semeval2014/restaurant")
    places += ("absa_quads_mams/laptop_acos", "absa_quads_mams/restaurant16_acos")
    parts = {
        "tweets": tweets[3000:],
        "plain": ours,
        "reviews": [example for place in places for example in reviews(data / place / "train.jsonl.gz")],
        "requests": requests(data / "clinc150/train.parquet", chance),
        "chat": chat(data / "multidogo/sentence_level/train.parquet", chance),
    }
    found, labels = matrix([example for part in parts.values() for example in part])
    weights = np.concatenate([np.full(len(part), SHARES[name]) for name, part in parts.items()])
    count = len(parts["tweets"])
    weights[:count] *= alike(labels[:count])
    model = fit(found, labels, weights)
    choose, check = matrix(validation[:1000]), matrix(validation[1000:])
    held = matrix(tweets[:3000])
    model["temperature"] = np.array(temperature(scores(model, choose[0]), choose[1]))
    temper = float(model["temperature"])
    both = np.concatenate([scores(model, held[0]), scores(model, check[0])])
    figures = {
        "all": measured(both, np.concatenate([held[1], check[1]]), temper),
        "held_tweets": measured(scores(model, held[0]), held[1], temper),
        "validation_second_half": measured(scores(model, check[0]), check[1], temper),
        "validation_first_half": measured(scores(model, choose[0]), choose[1], temper),
        "rows_trained_on": {name: len(part) for name, part in parts.items()},
    }
    return model, figures


def others(data: Path) -> tuple[dict[str, np.ndarray], dict[str, float], dict[str, Any]]:
    """One model for the other languages, cross-validated recall of each, and figures of those read."""
    train = [row for row in rows(data / "umsab_multilingual_sentiment/train.parquet") if row["language"] in UMSAB]
    check = [row for row in rows(data / "umsab_multilingual_sentiment/validation.parquet") if row["language"] in UMSAB]
    found, labels = matrix(labelled(train))
    spoken = np.array([UMSAB[row["language"]] for row in train])
    raw = np.zeros((len(train), 3))
    for learnt, left in KFold(5, shuffle=True, random_state=SEED).split(train):
        raw[left] = scores(fit(found[learnt], labels[learnt], np.ones(len(learnt))), found[left])
    called = raw.argmax(axis=1)
    recall = {
        code: round(float(recall_score(labels[spoken == code], called[spoken == code], average="macro")), 4)
        for code in sorted(UMSAB.values())
    }
    known = spoken != "hi"
    model = fit(found[known], labels[known], np.ones(int(known.sum())))
    model["temperature"] = np.array(temperature(raw[known], labels[known]))
    figures = {}
    for code in (code for code, reached in recall.items() if reached >= GOOD_ENOUGH):
        held = matrix(labelled(row for row in check if UMSAB[row["language"]] == code))
        figures[code] = measured(scores(model, held[0]), held[1], float(model["temperature"]))
    return model, recall, figures


def card(figures: dict[str, Any], recall: dict[str, float], spoken: dict[str, Any]) -> dict[str, Any]:
    """What the reader of a figure should know about the model behind it."""
    return {
        "name": "sentiment",
        "version": VERSION,
        "date": datetime.now(UTC).date().isoformat(),
        "seed": SEED,
        "what": "Linear softmax over hashed words, pairs of words and pieces of words; 16-bit weights, numpy only.",
        "limits": "Trained on public tweets, short review sentences and sentences of our own. Irony is not seen. Three "
        "stars, or good and bad in one text, are mostly not read as neutral. Probabilities are calibrated "
        "for texts in which the three labels are equally frequent.",
        "licence": "Apache-2.0 for the weights; the sets keep theirs",
        "data": DATA,
        "rows_trained_on": figures.pop("rows_trained_on"),
        "labels": list(SENTIMENTS),
        "languages": {"en": "en", **dict.fromkeys(spoken, "others")},
        "not_read": {code: reached for code, reached in recall.items() if code not in spoken},
        "validated_on": "English: 3,000 TweetEval training tweets held back and 1,000 of its validation tweets",
        "confusion": figures["all"]["confusion"],
        "figures": figures,
        "by_language": {"en": figures["all"], **spoken},
        "cross_validated_macro_recall": recall,
    }


def main() -> None:
    """Train, measure, write."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    data = Path(sys.argv[1])
    first, figures = english(data)
    print(json.dumps(figures, indent=1))
    second, recall, spoken = others(data)
    print(json.dumps({"cross-validated": recall, "validation": spoken}, indent=1))
    arrays = {
        f"{name}/{key}": value for name, model in (("en", first), ("others", second)) for key, value in model.items()
    }
    np.savez_compressed(MODELS / "sentiment.npz", **arrays)
    (MODELS / "sentiment.json").write_text(json.dumps(card(figures, recall, spoken), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
