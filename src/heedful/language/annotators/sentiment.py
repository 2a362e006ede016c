"""Whether a text says something good, something bad, or neither."""

from functools import cache

import numpy as np
import pyarrow as pa

from heedful.language.cards import card, place
from heedful.language.linear import Linear, load
from heedful.records import READING, SENTIMENTS

NEEDS: tuple[str, ...] = ("text", "language")
ADDS = pa.schema([READING.field(name) for name in ("sentiment", *(f"sentiment_{label}" for label in SENTIMENTS))])
VERSION = "1"


def annotate(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The likeliest of the three with the probability of each.

    Null without text, and in a language in which the model was measured to guess (`languages` of its card are read).
    A text without words (emoji, numbers) is read by the English model.
    """
    texts, languages = batch.column("text").to_pylist(), batch.column("language").to_pylist()
    read: dict[str, str] = card("sentiment")["languages"]
    chosen = [
        read.get(language or "en") if text and not text.isspace() else None
        for text, language in zip(texts, languages, strict=True)
    ]
    made = np.full((len(texts), len(SENTIMENTS)), np.nan, np.float32)
    for name, model in _models().items():
        rows = [at for at, wanted in enumerate(chosen) if wanted == name]
        if rows:
            made[rows] = model.probabilities([texts[at] for at in rows])
    there = [name is not None for name in chosen]
    best = np.argmax(made, axis=1)
    labels = [SENTIMENTS[at] if known else None for at, known in zip(best, there, strict=True)]
    columns = [pa.array(made[:, at], pa.float32(), mask=~np.array(there, bool)) for at in range(len(SENTIMENTS))]
    return pa.RecordBatch.from_arrays([pa.array(labels, pa.string()), *columns], schema=ADDS)


@cache
def _models() -> dict[str, Linear]:
    return load(place("sentiment.npz"))
