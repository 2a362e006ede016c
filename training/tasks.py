"""What the encoder learns from: one task per reading, texts as the encoder reads them, labels as numbers.

Only sets whose row in the data folder's README says that trained weights may ship. `banking77` and `clinc150` stay
out: they measure `teach`.
"""

import gzip
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

import plain
import promotions
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
    "sentiment_other": tuple(SENTIMENTS),
    "slurs": ("hateful", "offensive", "neither"),
}
"""The heads and what each tells apart; `slurs` (Davidson et al.) only helps the encoder and does not ship.

`sentiment_other` is the sentiment of texts in other languages than English.
"""
LANGUAGES = {"french": "fr", "german": "de", "italian": "it", "portuguese": "pt", "spanish": "es"}
"""Of UMSAB, those whose letters the encoder's word list knows."""
SPAM_VIDEOS = frozenset(["Shakira", "Psy"])
"""Videos whose comments the encoder never sees."""
SPAM_FOLDS = 5
"""Of so many parts of the text messages the encoder never sees the first; copies of a text are in the same part."""

MANY = frozenset(["emotions"])
TWEETEVAL = {"emotion": "emotion", "irony": "irony", "offensive": "offensive", "hateful": "hate"}
NEUTRAL_CHAT = frozenset(["contentonly", "confirmation", "openinggreeting", "startserviceintent"])


def training(data: Path, known: Known, *, seed: int, further: bool = False) -> list[Task]:
    """Every task of the shared training run; `further`: with those that only the second run learns."""
    read = data / "tweeteval"
    tweets = pq.read_table(read / "sentiment/train_rebuilt.parquet").to_pydict()
    rows = [(text, int(label), 1.0) for text, label in zip(tweets["text"], tweets["label"], strict=True)]
    rows += [(text, SENTIMENTS.index(label), 1.0) for text, label in plain.sentences(seed, each=10)]
    rows += [(text, SENTIMENTS.index("neutral"), 0.4) for text in _chat(data, 6_000, seed)]
    if further:
        rows += [(text, SENTIMENTS.index(label), _hardness(text)) for text, label in plain.hard(seed, each=10)]
        rows += [(text, SENTIMENTS.index(label), 1.0) for text, label in _reviews(data)]
    found = [_task("sentiment", *zip(*rows, strict=True), known)]
    irony = pq.read_table(read / "irony/train.parquet").to_pydict()
    rows = [(text, int(label), 1.0) for text, label in zip(irony["text"], irony["label"], strict=True)]
    if further:
        rows += [(text, int(meant), 0.5) for text, meant in plain.mockery(seed)]
    found.append(_task("irony", *zip(*rows, strict=True), known))
    found += [_tweeteval(data, name, "train", known) for name in TWEETEVAL if name != "irony"]
    found.append(_goemotions(data, "train", known))
    slurs = pq.read_table(data / "davidson_hate_offensive/all.parquet").to_pydict()
    places = [at for at, label in enumerate(slurs["label"]) if label != 1]
    places += random.Random(seed).sample([at for at, label in enumerate(slurs["label"]) if label == 1], 5_000)
    rows = [(slurs["text"][place], slurs["label"][place], 1.0) for place in places]
    found.append(_task("slurs", *zip(*rows, strict=True), known))
    return [*found, _spam(data, known, seed), _languages(data, "train", known)] if further else found


def _hardness(text: str) -> float:
    """What a harder sentence counts; there are few emoji."""
    return 0.7 if any(sign.isalnum() for sign in text) else 6.0


def _reviews(data: Path) -> list[tuple[str, str]]:
    """Sentences of reviews, where all that is said of their aspects agrees."""
    found: dict[str, str] = {}
    for name in ("laptop", "restaurant"):
        with gzip.open(data / f"absa_semeval2014/{name}/train.jsonl.gz", "rt", encoding="utf-8") as lines:
            for row in map(json.loads, lines):
                said = {part["polarity"] for part in [*row["aspect_terms"], *row["aspect_categories"]]}
                if len(said) == 1 and said <= set(SENTIMENTS):
                    found[row["text"]] = said.pop()
    for name in ("laptop_acos", "restaurant16_acos"):
        with gzip.open(data / f"absa_quads_mams/{name}/train.jsonl.gz", "rt", encoding="utf-8") as lines:
            for row in map(json.loads, lines):
                said = {part["polarity"] for part in row["labels"]}
                if len(said) == 1 and said <= set(SENTIMENTS):
                    found[row["text"]] = said.pop()
    return list(found.items())


class Spam(NamedTuple):
    """Text messages and then comments; `seen`: the encoder may see it; `left`: none with the same words is seen."""

    texts: list[str]
    true: NDArray[np.int64]
    videos: list[str]
    seen: NDArray[np.bool_]
    left: NDArray[np.bool_]


def spam_texts(data: Path, known: Known) -> Spam:
    """All of them; the video of a text message is empty."""
    sms = pq.read_table(data / "spam_text/sms_all.parquet").to_pydict()
    comments = pq.read_table(data / "spam_text/youtube_all.parquet").to_pydict()
    texts = [*sms["text"], *comments["text"]]
    videos = [""] * len(sms["text"]) + comments["video"]
    true = [int(label == "spam") for label in sms["label"]] + [int(label) for label in comments["label"]]
    seen = [
        video not in SPAM_VIDEOS if video else fold_of(text) != 0 for text, video in zip(texts, videos, strict=True)
    ]
    words = [letters(normalise(text, known)) for text in texts]
    learnt = {word for word, may in zip(words, seen, strict=True) if may}
    left = [not may and word not in learnt for word, may in zip(words, seen, strict=True)]
    return Spam(texts, np.array(true), videos, np.array(seen), np.array(left))


def fold_of(text: str) -> int:
    """The same part for the same words."""
    return crc32(letters(text).encode()) % SPAM_FOLDS


def letters(text: str) -> str:
    """What stays the same whatever a text's case, digits and signs."""
    return "".join(sign for sign in text.lower() if sign.isalpha())


def _spam(data: Path, known: Known, seed: int) -> Task:
    found = spam_texts(data, known)
    rows = [(t, int(label), 1.0) for t, label, may in zip(found.texts, found.true, found.seen, strict=True) if may]
    rows += [(text, label, 0.5) for text, label in promotions.sentences(seed)]
    return _task("spam", *zip(*rows, strict=True), known)


def other_languages(data: Path, split: str) -> list[dict[str, Any]]:
    """Tweets in other languages: text, label, language."""
    held: list[dict[str, Any]] = pq.read_table(data / f"umsab_multilingual_sentiment/{split}.parquet").to_pylist()
    return [row for row in held if row["language"] in LANGUAGES]


def _languages(data: Path, split: str, known: Known) -> Task:
    rows = [(row["text"], row["label"], 1.0) for row in other_languages(data, split)]
    return _task("sentiment_other", *zip(*rows, strict=True), known)


def validation(data: Path, known: Known) -> list[Task]:
    """The official validation files, which nothing is trained on."""
    held = pq.read_table(data / "tweeteval/sentiment/validation.parquet").to_pydict()
    found = [_task("sentiment", held["text"], held["label"], [1.0] * len(held["text"]), known)]
    found += [_tweeteval(data, name, "validation", known) for name in TWEETEVAL]
    return [*found, _goemotions(data, "validation", known), _languages(data, "validation", known)]


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
    return _task(name, held["text"], held["label"], [1.0] * len(held["text"]), known)


def _goemotions(data: Path, split: str, known: Known) -> Task:
    held = pq.read_table(data / f"goemotions/{split}.parquet").to_pydict()
    labels = LABELS["emotions"]
    targets = np.zeros((len(held["text"]), len(labels)), np.float32)
    for row, names in enumerate(held["labels"]):
        for name in names:
            targets[row, labels.index(name)] = 1
    texts = tuple(normalise(text, known) for text in held["text"])
    return Task("emotions", labels, True, texts, targets, np.ones(len(texts), np.float32))


def _task(name: str, texts: Sequence[str], targets: Sequence[int], counts: Sequence[float], known: Known) -> Task:
    made = tuple(normalise(text, known) for text in texts)
    weights = np.asarray(counts, np.float32)
    return Task(name, LABELS[name], False, made, np.asarray(targets, np.int64), weights)
