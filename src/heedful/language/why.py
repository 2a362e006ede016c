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
from heedful.language.cards import card
from heedful.language.encoder import Encoder, Floats, shipped

PIECES, FEWEST = 48, 8
"""At most so many parts of a text are left out in turn; of a long one fewer, but at least so many."""
WORDS = 6_000
"""Words that are read again, over all parts: about a second of work."""
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
    """Validation texts called the same with about the same probability: how many, and how many of them rightly."""

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


def why(text: str, reading: str, label: str | None = None, *, encoder: Encoder | None = None) -> Why:
    """Explain a reading of an English text; without a label the likeliest one.

    NotFound where there is no such reading or label.
    """
    read = encoder or shipped()
    if reading not in read.heads:
        raise NotFound(f"there is no reading {reading!r} to explain; there are: {', '.join(read.heads)}")
    labels = read.heads[reading].labels
    if label is not None and label not in labels:
        raise NotFound(f"{reading} has no label {label!r}; it has: {', '.join(labels)}")
    pieces = _pieces(text)
    without = [f"{text[:start]} {text[end:]}" for start, end in pieces]
    likely = read.read([text, *without]).probabilities[reading]
    at = labels.index(label) if label is not None else int(likely[0].argmax())
    whole = float(likely[0, at])
    odds = _log_odds(likely[:, at])
    parts = tuple(
        Part(start, end, float(odds[0] - left), float(without))
        for (start, end), left, without in zip(pieces, odds[1:], likely[1:, at], strict=True)
    )
    told = card("encoder")
    return Why(reading, labels[at], whole, told["name"], told["version"], parts, _such(reading, labels[at], whole))


def _log_odds(likely: Floats) -> Floats:
    """Logarithms of probabilities against their opposites, those beyond 1 in 10,000 cut off."""
    kept = likely.clip(1e-4, 1 - 1e-4)
    made: Floats = np.log(kept / (1 - kept))
    return made


def _pieces(text: str) -> list[tuple[int, int]]:
    """Where the words of a text are; of a long one, runs of them."""
    words = [found.span() for found in _WORD.finditer(text)]
    if len(words) <= PIECES:
        return words
    count = min(PIECES, max(FEWEST, WORDS // len(words)))
    cuts = [at * len(words) // count for at in range(count + 1)]
    return [(words[first][0], words[last - 1][1]) for first, last in pairwise(cuts)]


def _such(reading: str, label: str, probability: float) -> Such | None:
    """How the model did on validation texts like this one; None where that was not measured."""
    for row in card("encoder")["readings"].get(reading, {}).get("reliability", []):
        if row["label"] == label and row["from"] <= probability <= row["to"]:
            return Such(row["rows"], row["right"])
    return None
