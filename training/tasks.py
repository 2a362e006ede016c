"""What the encoder learns from: one task per reading, texts as the encoder reads them, labels as numbers.

Only sets whose row in the data folder's README says that trained weights may ship. `banking77` and `clinc150` stay
out: they measure `teach`.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

import plain
from heedful.language.normalise import normalise
from heedful.records import EMOTIONS, GOEMOTIONS, SENTIMENTS

Known = Callable[[str], bool]


@dataclass(frozen=True)
class Task:
    """Texts with their labels: one number each (`one` of the labels holds), or a row of 0 and 1 (`many` may hold)."""

    name: str
    labels: tuple[str, ...]
    many: bool
    texts: tuple[str, ...]
    targets: NDArray[np.float32] | NDArray[np.int64]
    counts: NDArray[np.float32]
    """What each text counts."""

    def __len__(self) -> int:
        return len(self.texts)


LABELS: dict[str, tuple[str, ...]] = {
    "sentiment": tuple(SENTIMENTS),
    "emotion": tuple(EMOTIONS),
    "emotions": tuple(GOEMOTIONS),
    "irony": ("no", "yes"),
    "offensive": ("no", "yes"),
    "hateful": ("no", "yes"),
    "spam": ("no", "yes"),
    "slurs": ("hateful", "offensive", "neither"),
}
"""The heads and what each tells apart; `slurs` (Davidson et al.) only helps the encoder and does not ship."""

MANY = frozenset(["emotions"])
TWEETEVAL = {"emotion": "emotion", "irony": "irony", "offensive": "offensive", "hateful": "hate"}
NEUTRAL_CHAT = frozenset(["contentonly", "confirmation", "openinggreeting", "startserviceintent"])


def training(data: Path, known: Known, *, seed: int) -> list[Task]:
    """Every task of the shared training run."""
    read = data / "tweeteval"
    tweets = pq.read_table(read / "sentiment/train_rebuilt.parquet").to_pydict()
    texts, targets = list(tweets["text"]), [int(label) for label in tweets["label"]]
    counts = [1.0] * len(texts)
    for text, label in plain.sentences(seed, each=10):
        texts.append(text)
        targets.append(SENTIMENTS.index(label))
        counts.append(1.0)
    for text in _chat(data, 6_000, seed):
        texts.append(text)
        targets.append(SENTIMENTS.index("neutral"))
        counts.append(0.4)
    found = [_task("sentiment", texts, targets, known, counts)]
    found += [_tweeteval(data, name, "train", known) for name in TWEETEVAL]
    found.append(_goemotions(data, "train", known))
    slurs = pq.read_table(data / "davidson_hate_offensive/all.parquet").to_pydict()
    places = [at for at, label in enumerate(slurs["label"]) if label != 1]
    places += random.Random(seed).sample([at for at, label in enumerate(slurs["label"]) if label == 1], 5_000)
    found.append(_task("slurs", [slurs["text"][p] for p in places], [slurs["label"][p] for p in places], known))
    return found


def validation(data: Path, known: Known) -> list[Task]:
    """The official validation files, which nothing is trained on."""
    held = pq.read_table(data / "tweeteval/sentiment/validation.parquet").to_pydict()
    found = [_task("sentiment", held["text"], held["label"], known)]
    found += [_tweeteval(data, name, "validation", known) for name in TWEETEVAL]
    return [*found, _goemotions(data, "validation", known)]


def unlabelled(data: Path, known: Known, rows: int, *, seed: int) -> list[str]:
    """Service chat: texts on which the embedding is to stay what it was."""
    return [normalise(text, known) for text in _chat(data, rows, seed + 1, any_intent=True)]


def _chat(data: Path, rows: int, seed: int, *, any_intent: bool = False) -> list[str]:
    table = pq.read_table(data / "multidogo/sentence_level/train.parquet", columns=["utterance", "intent"])
    chosen = {
        text
        for text, intent in zip(table["utterance"].to_pylist(), table["intent"].to_pylist(), strict=True)
        if text and (any_intent or intent in NEUTRAL_CHAT)
    }
    return random.Random(seed).sample(sorted(chosen), min(rows, len(chosen)))


def _tweeteval(data: Path, name: str, split: str, known: Known) -> Task:
    held = pq.read_table(data / "tweeteval" / TWEETEVAL[name] / f"{split}.parquet").to_pydict()
    return _task(name, held["text"], held["label"], known)


def _goemotions(data: Path, split: str, known: Known) -> Task:
    held = pq.read_table(data / f"goemotions/{split}.parquet").to_pydict()
    labels = LABELS["emotions"]
    targets = np.zeros((len(held["text"]), len(labels)), np.float32)
    for row, names in enumerate(held["labels"]):
        for name in names:
            targets[row, labels.index(name)] = 1
    texts = tuple(normalise(text, known) for text in held["text"])
    return Task("emotions", labels, True, texts, targets, np.ones(len(texts), np.float32))


def _task(
    name: str, texts: Sequence[str], targets: Sequence[int], known: Known, counts: Sequence[float] | None = None
) -> Task:
    made = tuple(normalise(text, known) for text in texts)
    weights = np.asarray(counts if counts is not None else [1.0] * len(made), np.float32)
    return Task(name, LABELS[name], False, made, np.asarray(targets, np.int64), weights)
