"""A taught classifier: a user's own categories in a folder of two files, read with numpy alone.

`heedful teach` writes it, `heedful read --with` uses it. Every long sum is one of whole numbers in floats wide enough
to hold it exactly, so that what is read from a text depends neither on the texts beside it nor on how many threads run.
"""

import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from heedful.errors import BadSettings, NotFound
from heedful.language.encoder import WIDTH, shared

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

FORMAT = 1
FILES = ("taught.json", "taught.npz")
FINE = 2.0**14
"""Embeddings count in steps of 1 / FINE."""
ALIKE = 2.0**16
"""How alike two texts are counts in steps of 1 / ALIKE."""
NEAR = 1.5
"""How fast likeness falls with distance: exp(NEAR * (cosine - 1)), the kernel."""
NEIGHBOURS = 5
"""How many of the nearest examples say how near a text is to any."""
BLOCK = 500
"""Texts that are compared at a time."""
LEAST = 0.5
"""From this score on a text is given its label; below, it is none of them."""
PROBE = "Where is my order, and when will I get my money back?"
"""Read when teaching and again when reading: a classifier knows texts only as its own encoder sees them."""


@dataclass(frozen=True, eq=False)
class Exact:
    """A matrix as whole multiples of `unit`, a power of two."""

    numbers: NDArray[np.int32]
    unit: float

    @classmethod
    def of(cls, values: Floats, largest: float) -> "Exact":
        """As fine as sums over a column stay exact, where what it is multiplied by is whole and at most `largest`."""
        column = float(np.abs(values).sum(axis=0).max(initial=0.0)) or 1.0
        bits = min(51 - np.ceil(np.log2(column * largest)), 30 - np.ceil(np.log2(float(np.abs(values).max()) or 1.0)))
        return cls(np.rint(values * 2.0**bits).astype(np.int32), float(2.0**-bits))

    @cached_property
    def _wide(self) -> Floats:
        return self.numbers.astype(np.float64)

    def after(self, left: Floats) -> Floats:
        """The product with whole numbers on the left (rows, numbers): (rows, columns)."""
        made: Floats = (left @ self._wide) * self.unit
        return made


@dataclass(frozen=True, eq=False)
class Taught:
    """Landmarks are examples' embeddings; a text's score for a label is a weighted sum of how like them it is.

    Shapes, of m landmarks, k labels and an encoder's width d: `landmarks` (d, m), `weights` (m, k), `centres` (d, k)
    the directions of the labels' means; `curve` (d, d), `slopes` (d, k) and `offsets` (k) give the Mahalanobis distance
    to each label's mean less that to the mean of all (Ren et al. 2021, arXiv:2106.09022). `belongs` weighs the three
    signs of belonging to any label, constant first.
    """

    name: str
    labels: tuple[str, ...]
    landmarks: Exact
    weights: Exact
    centres: Exact
    curve: Exact
    slopes: Exact
    offsets: Floats
    belongs: Floats
    probe: Floats

    @property
    def columns(self) -> tuple[str, str, str]:
        """What `read` adds."""
        return columns(self.name)

    def scores(self, embeddings: NDArray[Any]) -> tuple[Counts, Floats]:
        """The best label of each text, by its number, and how surely the text belongs to any, 0 to 1."""
        strength, score = self._strengths(embeddings)
        return strength.argmax(axis=1), score

    def likely(self, embeddings: NDArray[Any]) -> Floats:
        """How surely texts belong to each label (rows, labels): the score for the best, less for weaker ones."""
        strength, score = self._strengths(embeddings)
        kept = strength.clip(min=0)
        made: Floats = score[:, None] * kept / np.maximum(kept.max(axis=1, keepdims=True), 1e-9)
        return made

    def _strengths(self, embeddings: NDArray[Any]) -> tuple[Floats, Floats]:
        """What the regression says for each label, most for the likeliest; and how surely texts belong to any."""
        strength, score = np.zeros((len(embeddings), len(self.labels))), np.zeros(len(embeddings))
        for at in range(0, len(embeddings), BLOCK):
            given = whole(embeddings[at : at + BLOCK])
            cosines = self.landmarks.after(given) / FINE
            likeness = np.rint(np.exp(NEAR * (cosines - 1)) * ALIKE)
            strength[at : at + BLOCK] = self.weights.after(likeness)
            square = (self.curve.after(given) * given).sum(axis=1) / FINE**2
            distance = (self.offsets - 2 * self.slopes.after(given) / FINE).min(axis=1) + square
            nearest = np.sort(cosines, axis=1)[:, -NEIGHBOURS:].mean(axis=1)
            signs = np.stack([distance / WIDTH, nearest, self.centres.after(given).max(axis=1) / FINE], axis=1)
            score[at : at + BLOCK] = belonging(signs, self.belongs)
        return strength, np.round(score, 4)

    def of_embeddings(self, embeddings: NDArray[Any], there: Sequence[bool]) -> pa.RecordBatch:
        """The three columns, from the embeddings of the rows where there is text; the other rows are null."""
        best, score = self.scores(embeddings)
        found: list[tuple[str | None, str | None, float | None]] = [(None, None, None)] * len(there)
        rows = (row for row, has in enumerate(there) if has)
        for row, number, sure in zip(rows, best.tolist(), score.tolist(), strict=True):
            label = self.labels[number]
            found[row] = (label if sure >= LEAST else None, label, sure)
        kinds = (pa.string(), pa.string(), pa.float64())
        made = [pa.array([row[at] for row in found], kind) for at, kind in enumerate(kinds)]
        return pa.RecordBatch.from_arrays(made, list(self.columns))

    def read(self, texts: Sequence[str | None]) -> pa.RecordBatch:
        """`NAME`, null where the text is none of the labels; `NAME_best`, the nearest label; `NAME_score`, how sure."""
        return read(texts, [self])

    def save(self, folder: Path, told: dict[str, Any]) -> None:
        """Write the folder; `told` is what teaching found, kept beside the numbers for people to look at."""
        arrays: dict[str, Any] = {"offsets": self.offsets, "belongs": self.belongs, "probe": self.probe}
        units = {}
        for name in MATRICES:
            held: Exact = getattr(self, name)
            arrays[name], units[name] = held.numbers, held.unit
        head = {"format": FORMAT, "name": self.name, "labels": self.labels, "units": units}
        whole_text = json.dumps({**head, "found": told}, ensure_ascii=False, indent=1) + "\n"
        text, numbers = (folder / name for name in FILES)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            part = folder / f"part.{numbers.name}"
            np.savez_compressed(part, **arrays)
            part.replace(numbers)
            text.write_text(whole_text, encoding="utf-8", errors="backslashreplace")
        except OSError as problem:
            raise BadSettings(f"{folder} cannot be written: {problem.strerror or problem}") from problem


MATRICES = ("landmarks", "weights", "centres", "curve", "slopes")


def columns(name: str) -> tuple[str, str, str]:
    """The columns that a classifier of this name adds."""
    return name, f"{name}_best", f"{name}_score"


def whole(embeddings: NDArray[Any]) -> Floats:
    """Embeddings (rows, d) as whole numbers of steps."""
    made: Floats = np.rint(np.asarray(embeddings, np.float64) * FINE)
    return made


def belonging(signs: Floats, weights: Floats) -> Floats:
    """How surely texts belong to any label, from their signs (rows, 3) and weights (4), constant first."""
    total = weights[0] + (signs * weights[1:]).sum(axis=1)
    made: Floats = 1 / (1 + np.exp(-np.clip(total, -60, 60)))
    return made


def embed(texts: Sequence[str]) -> NDArray[np.float32]:
    """Embeddings (texts, d) of length 1; half a character counts as an unknown sign."""
    if not texts:
        return np.zeros((0, WIDTH), np.float32)
    return shared([text.encode("utf-8", "replace").decode() for text in texts]).embeddings


def read(texts: Sequence[str | None], taught: Sequence[Taught]) -> pa.RecordBatch:
    """The columns of several classifiers; each text is embedded once."""
    if not taught:
        return pa.RecordBatch.from_arrays([], [])
    there = [bool(text and not text.isspace()) for text in texts]
    embeddings = embed([text for text, has in zip(texts, there, strict=True) if text and has])
    made = [one.of_embeddings(embeddings, there) for one in taught]
    arrays = [column for batch in made for column in batch.columns]
    return pa.RecordBatch.from_arrays(arrays, [name for batch in made for name in batch.schema.names])


def load(folder: Path) -> Taught:
    """A folder that `heedful teach` wrote; BadSettings or NotFound say what is the matter with it."""
    text, numbers = (folder / name for name in FILES)
    if not text.is_file() or not numbers.is_file():
        raise NotFound(f"{folder} holds no taught classifier ({' and '.join(FILES)}); make one with `heedful teach`")
    try:
        head = json.loads(text.read_text(encoding="utf-8"))
        if head["format"] != FORMAT:
            raise BadSettings(f"{folder} is of format {head['format']}, this Heedful reads {FORMAT}: teach it again")
        with numbers.open("rb") as file, np.load(file, allow_pickle=False) as held:
            found = _taught(head, {name: held[name] for name in held.files})
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as problem:
        raise BadSettings(f"{folder} is damaged ({type(problem).__name__}: {problem}): teach it again") from problem
    if float(found.probe @ embed([PROBE])[0]) < 0.999:
        raise BadSettings(f"{folder} was taught with another encoder than this Heedful has: teach it again")
    return found


def _taught(head: dict[str, Any], held: dict[str, NDArray[Any]]) -> Taught:
    labels = tuple(str(label) for label in head["labels"])
    marks = held["landmarks"].shape[-1]
    shapes = {
        "landmarks": (WIDTH, marks),
        "weights": (marks, len(labels)),
        "centres": (WIDTH, len(labels)),
        "curve": (WIDTH, WIDTH),
        "slopes": (WIDTH, len(labels)),
        "offsets": (len(labels),),
        "belongs": (4,),
        "probe": (WIDTH,),
    }
    for name, shape in shapes.items():
        if held[name].shape != shape:
            raise ValueError(f"{name} has the shape {held[name].shape} instead of {shape}")
    whole = {name: Exact(held[name], float(head["units"][name])) for name in MATRICES}
    return Taught(
        name=str(head["name"]),
        labels=labels,
        landmarks=whole["landmarks"],
        weights=whole["weights"],
        centres=whole["centres"],
        curve=whole["curve"],
        slopes=whole["slopes"],
        offsets=held["offsets"].astype(np.float64),
        belongs=held["belongs"].astype(np.float64),
        probe=held["probe"].astype(np.float64),
    )
