"""Sentiment, emotions, irony, offence, hate and spam, all in one pass of one encoder."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa

from heedful.language.cards import card, place
from heedful.language.encoder import Floats, Read, shared, shipped
from heedful.language.linear import Linear
from heedful.language.linear import load as load_linear
from heedful.records import EMOTIONS, GOEMOTIONS, READING, SENTIMENTS, YES_NO

NEEDS: tuple[str, ...] = ("text", "language")
READS = tuple(name for name in YES_NO if name in ("irony", "offensive", "hateful", "spam"))
SENTIMENT = ("sentiment", *(f"sentiment_{label}" for label in SENTIMENTS))
ADDS = pa.schema(
    [
        READING.field(n)
        for n in (*SENTIMENT, "emotion", *(f"emotion_{e}" for e in EMOTIONS), "emotions", *READS, "labels")
    ]
)
VERSION = "3"
ENGLISH = "en"


def annotate(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Everything in English; in other languages sentiment alone, where it was measured to be more than a guess.

    Null without text and in a language that is not read. A text without words (emoji, numbers) counts as English.
    """
    texts, languages = batch.column("text").to_pylist(), batch.column("language").to_pylist()
    spoken = [
        language or ENGLISH if text and not text.isspace() else None
        for text, language in zip(texts, languages, strict=True)
    ]
    rows = len(texts)
    english = [at for at, code in enumerate(spoken) if code == ENGLISH]
    abroad = [at for at, code in enumerate(spoken) if code in others()["languages"]]
    feelings = np.full((rows, len(SENTIMENTS)), np.nan, np.float32)
    read = None
    if english or abroad:
        every = shared([texts[at] for at in [*english, *abroad]])
        if abroad:
            feelings[abroad] = elsewhere([texts[at] for at in abroad], every.take(range(len(english), len(every))))
        read = every.take(range(len(english))) if english else None
    if read:
        feelings[english] = read.probabilities["sentiment"]
    columns = _sentiment(feelings)
    columns.append(_emotion(read, english, rows))
    columns += _spread(read, "emotion", english, rows)
    emotions = _spread(read, "emotions", english, rows)
    missing = pa.array(~_mask(english, rows))
    columns.append(pa.StructArray.from_arrays(emotions, fields=list(ADDS.field("emotions").type), mask=missing))
    columns += [_spread(read, name, english, rows)[-1] for name in READS]
    columns.append(_labels(read, english, rows))
    return pa.RecordBatch.from_arrays(columns, schema=ADDS)


def elsewhere(texts: Sequence[str], read: Read) -> Floats:
    """Sentiment in other languages: of the encoder's head, times a power of what the linear model says."""
    power: float = others()["linear"]
    likely = read.probabilities["sentiment_other"] * _linear().probabilities(texts) ** power
    made: Floats = (likely / likely.sum(axis=1, keepdims=True)).astype(np.float32)
    return made


def _sentiment(feelings: Floats) -> list[pa.Array]:
    there = ~np.isnan(feelings[:, 0])
    best = np.argmax(feelings, axis=1)
    labels = [SENTIMENTS[at] if known else None for at, known in zip(best, there, strict=True)]
    parts = [pa.array(feelings[:, at], pa.float32(), mask=~there) for at in range(len(SENTIMENTS))]
    return [pa.array(labels, pa.string()), *parts]


def _mask(where: Sequence[int], rows: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    there = np.zeros(rows, np.bool_)
    there[list(where)] = True
    return there


def _spread(read: Read | None, name: str, where: Sequence[int], rows: int) -> list[pa.Array]:
    """A reading's probabilities as one column per label, null where it was not made."""
    width = (
        len(shipped().heads[name].labels) if read else len({"emotion": EMOTIONS, "emotions": GOEMOTIONS}.get(name, "?"))
    )
    values = np.zeros((rows, width), np.float32)
    if read:
        values[list(where)] = read.probabilities[name]
    missing = ~_mask(where, rows)
    return [pa.array(values[:, at], pa.float32(), mask=missing) for at in range(width)]


def _emotion(read: Read | None, where: Sequence[int], rows: int) -> pa.Array:
    """The dominant emotion: the most probable of those that reach their threshold, else neutral."""
    found: list[str | None] = [None] * rows
    if read:
        head = shipped().heads["emotions"]
        likely = read.probabilities["emotions"]
        reached = np.where(likely >= np.array(head.thresholds), likely, 0)
        for at, best, most in zip(where, reached.argmax(axis=1), reached.max(axis=1), strict=True):
            found[at] = GOEMOTIONS[best] if most > 0 else "neutral"
    return pa.array(found, pa.string())


def _labels(read: Read | None, where: Sequence[int], rows: int) -> pa.Array:
    """For each text the yes/no readings and the emotions whose probability reaches the stated threshold."""
    found: list[list[str] | None] = [None] * rows
    if read:
        heads = shipped().heads
        names = [*READS, *GOEMOTIONS]
        likely = np.hstack([*(read.probabilities[name][:, -1:] for name in READS), read.probabilities["emotions"]])
        least = np.array([*(heads[name].thresholds[-1] for name in READS), *heads["emotions"].thresholds])
        for at, held in zip(where, likely >= least, strict=True):
            found[at] = [name for name, true in zip(names, held, strict=True) if true]
    return pa.array(found, ADDS.field("labels").type)


def others() -> dict[str, Any]:
    """Which other languages are read, and how much the linear model counts in them."""
    known: dict[str, Any] = card("encoder")["others"]
    return known


@cache
def _linear() -> Linear:
    return load_linear(place("linear.npz"))["others"]
