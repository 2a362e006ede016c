"""The encoder that reads texts: one pass gives every reading's probabilities and the sentence embedding.

Results depend on the text alone: products are of whole numbers with a scale for each row (`training/graph.py`), and
only windows of equal length are run together, so that nothing is padded.
"""

import json
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heedful.errors import Bug
from heedful.language.cards import place
from heedful.language.normalise import normalise

WINDOW = 94
"""Tokens that are looked at together, as in training, without the two that mark begin and end."""
WINDOWS = 16
"""Windows of a very long text that are read: half from its beginning, half from its end."""
LONGEST = 12_000
"""Characters of a text, from both ends, that are cut into tokens: a bound on the work for a hostile one."""
TOKENS = 1_024
"""How many tokens are run at once."""

NEUTRAL, CALM = "neutral", 0.1
"""What a window counts that is surely neutral, where one that surely is not counts 1 more."""

Floats = NDArray[np.float32]
Join = Callable[[Floats, NDArray[np.int64], Floats], Floats]
"""Makes values of texts from those of their windows, where each text's begin, and what each window counts."""


@dataclass(frozen=True)
class Head:
    """One reading: what it tells apart, and how its scores become probabilities that mean what they say.

    `many`: any number of labels may hold, each with a probability of its own; else they sum to 1. `scale` and `shift`
    were fitted on validation texts; from a probability of `thresholds` on, a label is said to hold.
    """

    name: str
    labels: tuple[str, ...]
    many: bool
    scale: Floats
    shift: Floats
    thresholds: tuple[float, ...]

    def probabilities(self, scores: Floats) -> Floats:
        """Scores (rows, labels) as probabilities."""
        fitted = scores * self.scale + self.shift
        powers = np.exp(-fitted if self.many else fitted - fitted.max(axis=1, keepdims=True))
        made: Floats = 1 / (1 + powers) if self.many else powers / powers.sum(axis=1, keepdims=True)
        return made

    def joined(self, values: Floats, starts: NDArray[np.int64], weight: Floats) -> Floats:
        """Probabilities of windows (windows, labels) as those of texts, whose windows begin at `starts`.

        What holds anywhere in a text holds in it: labels that may hold beside others, and yes, take their highest; but
        a text is neutral only where all of it is. Of labels that sum to 1 it is the mean, in which windows that say
        something count more than neutral ones: three angry sentences after a page of details are an angry letter.
        """
        if self.many:
            made: Floats = np.maximum.reduceat(values, starts, axis=0)
            if NEUTRAL in self.labels:
                at = self.labels.index(NEUTRAL)
                made[:, at] = np.minimum.reduceat(values[:, at], starts)
            return made
        if len(self.labels) == 2:
            yes = np.maximum.reduceat(values[:, 1:], starts, axis=0)
            return np.hstack([1 - yes, yes])
        if NEUTRAL in self.labels:
            weight = weight * (CALM + 1 - values[:, self.labels.index(NEUTRAL)])
        return _mean(values, starts, weight)


@dataclass(frozen=True)
class Read:
    """What was read from texts, row by row: probabilities by reading, and embeddings of length 1."""

    probabilities: dict[str, Floats]
    embeddings: Floats

    def __len__(self) -> int:
        """How many texts."""
        return len(self.embeddings)

    def take(self, rows: Sequence[int]) -> "Read":
        """Some rows, in this order."""
        at = np.array(rows, np.int64)
        return Read({name: values[at] for name, values in self.probabilities.items()}, self.embeddings[at])

    def and_then(self, more: "Read") -> "Read":
        """These rows and then others."""
        likely = {name: np.concatenate([rows, more.probabilities[name]]) for name, rows in self.probabilities.items()}
        return Read(likely, np.concatenate([self.embeddings, more.embeddings]))


@dataclass(frozen=True, eq=False)
class Encoder:
    """A model folder in memory; safe to use from several threads. `known` says whether a word is one token."""

    heads: dict[str, Head]
    _numbers: Callable[[Sequence[str]], list[list[int]]]
    known: Callable[[str], bool]
    _piece: NDArray[np.bool_]
    _ends: tuple[int, int]
    _run: Callable[[NDArray[np.int64]], dict[str, Floats]]

    def read(self, texts: Sequence[str]) -> Read:
        """Every reading of every text; a text of several windows is joined from theirs (`Head.joined`)."""
        places = {text: at for at, text in enumerate(dict.fromkeys(texts))}
        if len(places) < len(texts):
            return self.read(list(places)).take([places[text] for text in texts])
        windows, owner, weight = self._windows(texts)
        found = {name: np.empty((len(windows), len(head.labels)), np.float32) for name, head in self.heads.items()}
        means = np.empty((len(windows), WIDTH), np.float32)
        for rows in _alike(windows):
            made = self._run(np.array([windows[row] for row in rows], np.int64))
            means[rows] = made.pop("embedding")
            for name, scores in made.items():
                found[name][rows] = self.heads[name].probabilities(scores)
        joined = {name: _joined(values, owner, weight, self.heads[name].joined) for name, values in found.items()}
        mean = _joined(means, owner, weight, _mean)
        return Read(joined, mean / np.sqrt((mean * mean).sum(axis=1, keepdims=True)))

    def _windows(self, texts: Sequence[str]) -> tuple[list[list[int]], NDArray[np.int64], Floats]:
        """Token numbers of all windows, whose they are, and what each counts in its text."""
        begin, end = self._ends
        windows: list[list[int]] = []
        owner: list[int] = []
        for row, numbers in enumerate(self._numbers([normalise(_cut(text), self.known) for text in texts])):
            parts = list(self._parts(numbers))
            windows += [[begin, *part, end] for part in _kept(parts)]
            owner += [row] * min(len(parts), WINDOWS)
        return windows, np.array(owner, np.int64), np.array([len(window) - 2 or 1 for window in windows], np.float32)

    def _parts(self, numbers: list[int]) -> Iterator[list[int]]:
        """A text's tokens in parts of about equal length that do not end within a word."""
        count = max(1, -(-len(numbers) // WINDOW))
        at = 0
        for part in range(1, count + 1):
            to = part * len(numbers) // count
            back = to
            while part < count and back > at + 1 and self._piece[numbers[back]]:
                back -= 1
            to = back if back > at + 1 and to - back < WINDOW // 4 else to
            if to > at or not numbers:
                yield numbers[at:to]
            at = to


WIDTH = 384
"""Length of an embedding."""


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST // 2]} {text[-LONGEST // 2 :]}"


def _kept(parts: list[list[int]]) -> list[list[int]]:
    return parts if len(parts) <= WINDOWS else parts[: WINDOWS // 2] + parts[-WINDOWS // 2 :]


def _alike(windows: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """Rows of windows of one length, some at a time."""
    by_length: dict[int, list[int]] = defaultdict(list)
    for row, window in enumerate(windows):
        by_length[len(window)].append(row)
    for length, rows in by_length.items():
        step = max(1, TOKENS // length)
        for at in range(0, len(rows), step):
            yield rows[at : at + step]


def _joined(values: Floats, owner: NDArray[np.int64], weight: Floats, join: Join) -> Floats:
    """Values of windows as those of texts; a text of one window keeps its own to the last bit."""
    starts = np.flatnonzero(np.diff(owner, prepend=-1))
    if len(starts) == len(values):
        return values
    made = join(values, starts, weight)
    single = np.diff(np.append(starts, len(values))) == 1
    made[single] = values[starts[single]]
    return made


def _mean(values: Floats, starts: NDArray[np.int64], weight: Floats) -> Floats:
    """Weighted means over each text's windows."""
    sums, weights = np.add.reduceat(values * weight[:, None], starts, axis=0), np.add.reduceat(weight, starts)
    made: Floats = (sums / weights[:, None]).astype(np.float32)
    return made


@cache
def shipped() -> Encoder:
    """The encoder that comes with the package."""
    return load(place("encoder"))


class _Latest(threading.local):
    """What this thread read last, so that several readers of a batch share one pass."""

    places: Mapping[str, int] = MappingProxyType({})
    read: Read | None = None


_latest = _Latest()


def shared(texts: Sequence[str]) -> Read:
    """As `shipped().read`; texts of the batch that this thread read last are not read again."""
    places, before = _latest.places, _latest.read
    new = [text for text in dict.fromkeys(texts) if text not in places]
    if new or before is None:
        made = shipped().read(new)
        old = [text for text in dict.fromkeys(texts) if text in places]
        if old and before is not None:
            made = before.take([places[text] for text in old]).and_then(made)
        _latest.places, _latest.read = {text: at for at, text in enumerate([*old, *new])}, made
        places, before = _latest.places, made
    return before.take([places[text] for text in texts])


def forget() -> None:
    """Let this thread's last batch go: what is measured or compared has to be read, not remembered."""
    _latest.places, _latest.read = {}, None


def load(folder: Path) -> Encoder:
    """Load a folder that `training/` wrote: encoder.onnx, heads.onnx, tokenizer.json, heads.json."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    words: dict[str, int] = tokenizer.get_vocab()
    piece = np.zeros(max(words.values()) + 1, np.bool_)
    piece[[number for word, number in words.items() if word.startswith("##")]] = True
    body, heads = _session(folder / "encoder.onnx"), _session(folder / "heads.onnx")
    names = [output.name for output in heads.get_outputs()]
    told = {head.name: head for head in map(_head, json.loads((folder / "heads.json").read_text(encoding="utf-8")))}
    if sorted(names) != sorted([*told, "embedding"]):
        raise Bug(f"{folder}: heads.onnx has {', '.join(names)}, heads.json {', '.join(told)}; export them again")

    def numbers(texts: Sequence[str]) -> list[list[int]]:
        return [found.ids for found in tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)]

    def run(batch: NDArray[np.int64]) -> dict[str, Floats]:
        tokens = body.run(["tokens"], {"numbers": batch})[0]
        return dict(zip(names, heads.run(names, {"tokens": tokens}), strict=True))

    return Encoder(told, numbers, words.__contains__, piece, (words["[CLS]"], words["[SEP]"]), run)


def _head(told: dict[str, Any]) -> Head:
    scale, shift = np.array(told["scale"], np.float32), np.array(told["shift"], np.float32)
    return Head(told["name"], tuple(told["labels"]), told["many"], scale, shift, tuple(told["thresholds"]))


def _session(path: Path) -> Any:
    """A model on one thread: several texts are read at once by several threads, each with its own."""
    from onnxruntime import InferenceSession, SessionOptions

    options = SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_mem_pattern = False
    options.log_severity_level = 3
    return InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
