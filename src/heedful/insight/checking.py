"""Checking readings: which message comes next, what people have said so far, and how often the reading is right."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from heedful.errors import BadSettings, NotFound
from heedful.insight import periods
from heedful.insight.answer import Where
from heedful.insight.checks import by_message, checks, of_messages, samples, verdicts
from heedful.insight.dimensions import dimension
from heedful.insight.metrics import metric
from heedful.insight.prevalence import wilson
from heedful.insight.rows import Rows, rows_of
from heedful.privacy.visible import Frame
from heedful.records import GIVEN, STORED_TIME
from heedful.store.view import View

METRICS = {"sentiment": "net_sentiment"}
"""Readings that can be checked, each with a metric over the messages that it is about."""
FIRST, SECOND, SETTLE = "first", "second", "settle"
TURNS = (FIRST, SECOND, SETTLE)
"""What one may do: look at what nobody has looked at, at what one other has, at what others disagree about."""


@dataclass(frozen=True)
class Task:
    """What is being checked: a reading, of which messages, in which turn."""

    reading: str = "sentiment"
    where: Where = ()
    turn: str = FIRST

    def __post_init__(self) -> None:
        """BadSettings or NotFound where there is no such reading, filter or turn."""
        if self.reading not in METRICS:
            raise NotFound(f"no reading {self.reading!r} can be checked; there are: {', '.join(METRICS)}")
        if self.turn not in TURNS:
            raise BadSettings(f"{self.turn!r} is none of: {', '.join(TURNS)}")
        for name, _ in self.where:
            dimension(name, "message", reading=self.reading)

    @property
    def classes(self) -> tuple[str, ...]:
        """What a message may be said to be."""
        return tuple(metric(METRICS[self.reading]).score)


@dataclass(frozen=True)
class Standing:
    """How far checking is.

    `looked` messages were looked at, `unsettled` have people disagree. `both` pairs of first and second opinions were
    given, `agreed` of them alike; `kappa` is Cohen's, how much better than chance they agree (None: too few).
    `counts` are the checked messages of the random sample, by what they were called and what they are.
    """

    looked: int
    unsettled: int
    both: int
    agreed: int
    kappa: float | None
    classes: tuple[str, ...]
    counts: NDArray[np.int64]

    @property
    def sampled(self) -> int:
        """How many checked messages are a random sample."""
        return int(self.counts.sum())

    @property
    def accuracy(self) -> tuple[float, float, float] | None:
        """The share that was read rightly, with its 95% interval; None without a sample."""
        return right(self.counts)

    def to_json(self) -> dict[str, Any]:
        """What `heedful check --json` prints."""
        names = ("value", "low", "high")
        accuracy = None if self.accuracy is None else dict(zip(names, self.accuracy, strict=True))
        truly = [dict(zip(self.classes, row, strict=True)) for row in self.counts.tolist()]
        return {
            "looked": self.looked,
            "sampled": self.sampled,
            "accuracy": accuracy,
            "called": dict(zip(self.classes, truly, strict=True)),
            "both": self.both,
            "agreed": self.agreed,
            "kappa": self.kappa,
            "unsettled": self.unsettled,
        }


def right(counts: NDArray[np.int64]) -> tuple[float, float, float] | None:
    """Value, low and high of the share on the diagonal."""
    total = int(counts.sum())
    if not total:
        return None
    low, high = wilson(int(counts.trace()), total)
    return float(counts.trace() / total), float(low), float(high)


def next_one(view: View, task: Task, checker: str, *, now: datetime) -> str | None:
    """The id of the message to look at next; None where nothing is left."""
    said = by_message(view, task.reading)
    rows = _rows(view, task, now).fitting
    if task.turn == FIRST:
        number = _first(rows, said.keys())
    else:
        wanted = [n for n, voices in said.items() if _waits(task.turn, voices, checker)]
        number = _first(rows.filter(nw.col("n").is_in(wanted)), ()) if wanted else None
    if number is None:
        return None
    found = view.frame("message", ("id",)).filter(nw.col("n") == number).select("id").collect("pyarrow").to_arrow()
    return str(found["id"][0].as_py())


def _waits(turn: str, voices: Sequence[Mapping[str, Any]], checker: str) -> bool:
    if turn == SETTLE:
        return disagree(voices)
    return len(voices) == 1 and voices[0]["checker"] != checker


def disagree(voices: Sequence[Mapping[str, Any]]) -> bool:
    """Whether people said different things of a message and nobody has settled it."""
    said = {voice["label"] for voice in voices if voice["label"] is not None}
    return len(said) > 1 and not any(voice["settles"] for voice in voices)


def voices(view: View, reading: str, message: str) -> list[dict[str, Any]]:
    """What people said of one message, in the order in which they did."""
    return [row for row in verdicts(view, reading) if row["message"] == message]


def verdict(
    view: View, task: Task, message: str, label: str | None, checker: str, *, now: datetime, newest: int
) -> pa.Table:
    """What somebody says of a message (None: it cannot be told), as a row for the store.

    `newest` is the number of the newest row there is. NotFound: no such message. BadSettings: no such class.
    """
    if label is not None and label not in task.classes:
        raise BadSettings(f"{label!r} is none of: {', '.join(task.classes)}")
    found = view.frame("message", ("id",)).filter(nw.col("id") == message).select("n").collect("pyarrow").to_arrow()
    if not found.num_rows:
        raise NotFound(f"there is no message {message[:80]!r}")
    row = {
        "n": found["n"][0].as_py(),
        "message": message,
        "reading": task.reading,
        "label": label,
        "checker": checker,
        "settles": task.turn == SETTLE,
        "seen": newest,
        "checked_at": pa.scalar(now.replace(tzinfo=None), STORED_TIME).as_py(),
    }
    return pa.Table.from_pylist([row], GIVEN["verdict"])


def standing(view: View, task: Task, *, now: datetime) -> Standing:
    """How far checking is, among the messages of a task."""
    said = by_message(view, task.reading)
    known = of_messages(said)
    rows = _rows(view, task, now)
    if task.where:
        there = rows.fitting.filter(nw.col("n").is_in(list(said) or [-1])).select("n").collect("pyarrow").to_arrow()
        said = {n: said[n] for n in there["n"].to_pylist()}
    pairs = [pair for voices in said.values() if (pair := _pair(voices))]
    whole = rows.frame.with_columns(nw.lit(1).alias("all"))
    counts = samples(known, whole, pa.table({"all": [1]}), ["all"], task.reading, task.classes)
    return Standing(
        looked=len(said),
        unsettled=sum(map(disagree, said.values())),
        both=len(pairs),
        agreed=sum(one == other for one, other in pairs),
        kappa=kappa(pairs),
        classes=task.classes,
        counts=counts[0],
    )


def by_group(view: View, task: Task, name: str, *, now: datetime) -> dict[str | None, NDArray[np.int64]]:
    """For each value of a dimension the counts of its own random sample."""
    one = dimension(name, "message", reading=task.reading)
    rows = rows_of(view, metric(METRICS[task.reading]), task.where, periods.period(None, None, "UTC", now), (one,))
    keyed = rows.frame.with_columns(one.column(rows.clock).alias("key_0"))
    keyed = view.exploded(keyed, "key_0") if one.many else keyed
    groups = keyed.select("key_0").unique().collect("pyarrow").to_arrow().sort_by("key_0")
    counts = samples(checks(view, task.reading), keyed, groups, ["key_0"], task.reading, task.classes)
    labels = [None if key is None else one.label(key, rows.clock.zone) for key in groups["key_0"].to_pylist()]
    return dict(zip(labels, counts, strict=True))


def examples(view: View, task: Task) -> pa.Table:
    """What was checked, as examples to teach from: text, label, and what the reading had said."""
    known = checks(view, task.reading)
    truth = {int(n): label for n, label in zip(known.n.tolist(), known.label, strict=True) if label is not None}
    column = f"read_{task.reading}"
    rows = view.frame("message", ("id", "title", "text", column)).filter(nw.col("n").is_in(list(truth) or [-1]))
    found = rows.select("n", "id", "title", "text", column).sort("n").collect("pyarrow").to_arrow()
    texts = [
        "\n".join(part for part in (title, text) if part)
        for title, text in zip(found["title"].to_pylist(), found["text"].to_pylist(), strict=True)
    ]
    labels = [truth[n] for n in found["n"].to_pylist()]
    return pa.table({"id": found["id"], "text": texts, "label": labels, "read_as": found[column]})


def kappa(pairs: Sequence[tuple[str, str]]) -> float | None:
    """Cohen's kappa (1960) of pairs of labels; None where nothing could be expected by chance but agreement."""
    if not pairs:
        return None
    one, other = Counter(first for first, _ in pairs), Counter(second for _, second in pairs)
    chance = sum(one[label] * other[label] for label in one) / len(pairs) ** 2
    agreed = sum(first == second for first, second in pairs) / len(pairs)
    return None if chance == 1 else (agreed - chance) / (1 - chance)


def _pair(voices: Sequence[Mapping[str, Any]]) -> tuple[str, str] | None:
    """The first two opinions that say something, given apart from each other."""
    said = [voice["label"] for voice in voices if voice["label"] is not None and not voice["settles"]]
    return (said[0], said[1]) if len(said) > 1 else None


def _rows(view: View, task: Task, now: datetime) -> Rows:
    return rows_of(view, metric(METRICS[task.reading]), task.where, periods.period(None, None, "UTC", now))


def _first(rows: Frame, without: Collection[int]) -> int | None:
    """The first row by key that is not among some."""
    first = rows.select("n", "key").sort("key").head(len(without) + 1).collect("pyarrow").to_arrow()
    return next((n for n in first["n"].to_pylist() if n not in without), None)
