"""Why a text was read as it was: which of its words carried the reading, how sure it is, how often such a one is right.

Words are left out in turn and the rest is read again (occlusion, Zeiler and Fergus 2014): what a word carries is how
much the log-odds fall without it, since a probability near 1 hardly moves while other words say the same. A long text
is taken apart in runs of words, so that the work stays bounded.
"""

import re
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from heedful.errors import NotFound
from heedful.language.cards import card, confusion
from heedful.language.readers import Likely, Reader

PIECES, FEWEST = 48, 8
"""At most so many parts of a text are left out in turn; of a long one fewer, but at least so many."""
_WORD = re.compile(r"\S+")


@dataclass(frozen=True)
class Part:
    """Characters `start` to `end` of the text: by how much they raise the label's log-odds; its probability without."""

    start: int
    end: int
    effect: float
    without: float


@dataclass(frozen=True)
class Such:
    """Validation texts called the same, in English with about the same probability: how many, and how many rightly."""

    rows: int
    right: int


@dataclass(frozen=True)
class Why:
    """One reading of one text explained."""

    reading: str
    label: str
    probability: float
    model: str
    version: str
    parts: tuple[Part, ...]
    such: Such | None


def why(text: str, read: Reader, label: str | None = None) -> Why:
    """Explain what a reader says of a text; without a label the likeliest one.

    NotFound where there is no such label, or the text is too long.
    """
    if label is not None and label not in read.labels:
        raise NotFound(f"{read.reading} has no label {label!r}; it has: {', '.join(read.labels)}")
    pieces = _pieces(text, read.words)
    without = [f"{text[:start]} {text[end:]}" for start, end in pieces]
    likely = read.likely([text, *without])
    at = read.labels.index(label) if label is not None else int(likely[0].argmax())
    whole = float(likely[0, at])
    odds = _log_odds(likely[:, at])
    parts = tuple(
        Part(start, end, float(odds[0] - left), float(without))
        for (start, end), left, without in zip(pieces, odds[1:], likely[1:, at], strict=True)
    )
    return Why(read.reading, read.labels[at], whole, read.model, read.version, parts, _such(read, at, whole))


def _log_odds(likely: Likely) -> Likely:
    """Logarithms of probabilities against their opposites, those beyond 1 in 10,000 cut off."""
    kept = likely.clip(1e-4, 1 - 1e-4)
    made: Likely = np.log(kept / (1 - kept))
    return made


def _pieces(text: str, most: int) -> list[tuple[int, int]]:
    """Where the words of a text are; of a long one, runs of them, so that about `most` words are read again."""
    words = [found.span() for found in _WORD.finditer(text)]
    if len(words) > most:
        raise NotFound(f"a text of {len(words):,} words is too long to be explained; {most:,} are not")
    count = min(PIECES, max(FEWEST, most // max(1, len(words))))
    if len(words) <= count:
        return words
    cuts = [at * len(words) // count for at in range(count + 1)]
    return [(words[first][0], words[last - 1][1]) for first, last in pairwise(cuts)]


def _such(read: Reader, at: int, probability: float) -> Such | None:
    """How the model did on validation texts like this one; None where that was not measured.

    Without counts by probability they are those of all texts in the language that were called the same.
    """
    if read.measured is None:
        return None
    told, label = card("encoder")["readings"].get(read.reading, {}), read.labels[at]
    if read.measured == "en":
        for row in told.get("reliability", []):
            if row["label"] == label and row["from"] <= probability <= row["to"]:
                return Such(row["rows"], row["right"])
        return None
    found = confusion(read.reading, language=read.measured)
    return None if found is None else Such(sum(row[at] for row in found.counts), found.counts[at][at])
