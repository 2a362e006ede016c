"""What the texts are about: topics found in them and named in their own words, in themes.

The same texts in any order give the same topics, whenever they were written. An empty topic means that a text belongs
nowhere yet.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from heedful.insight.studies import Asked, Cells, Choices
from heedful.insight.topics import NONE, Topics, discover
from heedful.language import encoder
from heedful.language.many import in_order

NEEDS = ("text",)
TAKES = ("id", "occurred_at")
BESIDE = True
AT_ONCE = 256
"""Texts that one core reads at a time."""


def of_file(columns: Mapping[str, Cells], choices: Choices) -> pa.Table:
    """The topic of each row, its name, and those of its theme; all empty where a text belongs to none."""
    texts = columns["text"]
    found = discover(
        texts, embedded(texts, choices.told), keys=keys(columns["id"], texts), count=choices.topics, seed=choices.seed
    )
    leaves, themes = found.leaf.tolist(), found.theme.tolist()
    return pa.table(
        {
            "topic": pa.array(_numbers(leaves), pa.string()),
            "topic_name": pa.array(_names(found, leaves), pa.string()),
            "theme": pa.array(_numbers(themes), pa.string()),
            "theme_name": pa.array([None if at == NONE else found.themes[at].name for at in themes], pa.string()),
        }
    )


def of_view(asked: Asked) -> pa.Table:
    """The topics of the workspace, by theme: a metric of each, `volume` if none is named, the greatest first.

    Columns: topic, topic_name, theme, theme_name, state, held, born, value, low, high, rows, people. The last row has
    no topic: messages that belong nowhere yet. Groups of too few people have no figures.
    """
    question = replace(asked.question, metric=asked.question.metric or "volume", by=("topic",), compare=False)
    answer = asked.ask(question)
    rows = asked.view.frame("topic").collect("pyarrow").to_arrow().to_pylist()
    defined = {row["topic"]: row for row in rows}
    figures = sorted(answer.figures, key=lambda one: (one.group["topic"] is None, -(one.value or 0)))
    known = [defined.get(figure.group["topic"] or "", {}) for figure in figures]
    columns: dict[str, pa.Array] = {
        "topic": pa.array([figure.group["topic"] for figure in figures], pa.string()),
        "topic_name": pa.array([row.get("name") for row in known], pa.string()),
    }
    for name in ("theme", "theme_name", "state"):
        columns[name] = pa.array([row.get(name) for row in known], pa.string())
    columns["held"] = pa.array([row.get("held") for row in known], pa.bool_())
    born = [None if figure.hidden else row.get("born_at") for figure, row in zip(figures, known, strict=True)]
    columns["born"] = pa.array(born, pa.timestamp("us"))
    for name in ("value", "low", "high"):
        columns[name] = pa.array([getattr(figure, name) for figure in figures], pa.float64())
    for name in ("rows", "people"):
        columns[name] = pa.array([getattr(figure, name) for figure in figures], pa.int64())
    return pa.table(columns)


def embedded(texts: Cells, told: Callable[[int], None] = lambda _: None) -> NDArray[np.float32]:
    """The embedding of each text, of length 1, and zeros where there is none; `told` hears how many are done."""
    made = np.zeros((len(texts), encoder.WIDTH), np.float32)
    some = [at for at, text in enumerate(texts) if text]
    parts = [some[start : start + AT_ONCE] for start in range(0, len(some), AT_ONCE)]
    done = 0
    for rows, vectors in zip(parts, in_order((_texts(texts, part) for part in parts), _read), strict=True):
        made[rows] = vectors
        done += len(rows)
        told(done)
    return made


def _texts(texts: Cells, rows: Sequence[int]) -> list[str]:
    return [text for row in rows if (text := texts[row])]


def _read(texts: list[str]) -> NDArray[np.float32]:
    return encoder.shipped().read(texts).embeddings


def keys(ids: Cells, texts: Cells) -> list[str]:
    """A key for each row that is its own, whatever the order: its id, else its text, and which of its equals it is."""
    seen: Counter[str] = Counter()
    return list(_counted(ids, texts, seen))


def _counted(ids: Cells, texts: Cells, seen: Counter[str]) -> Iterator[str]:
    for id, text in zip(ids, texts, strict=True):
        key = id or hashlib.sha256((text or "").encode("utf-8", "replace")).hexdigest()
        seen[key] += 1
        yield key if seen[key] == 1 else f"{key} {seen[key]}"


def _numbers(places: Sequence[int]) -> list[str | None]:
    return [None if at == NONE else str(at + 1) for at in places]


def _names(found: Topics, leaves: Sequence[int]) -> list[str | None]:
    return [None if at == NONE else found.leaves[at].name for at in leaves]
