"""How far checking is: what people found in a random sample of messages, and how often a reading is right."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from heedful.insight.certainty import Estimates
from heedful.insight.checking import Task
from heedful.insight.checks import Checks, by_message, checks, disagree, of_messages, samples
from heedful.insight.dimensions import dimension
from heedful.insight.prevalence import Quality, Sure, quality, wilson
from heedful.insight.rows import Rows
from heedful.insight.strata import YES_NO, found
from heedful.privacy.visible import Frame
from heedful.store.view import View

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Sample:
    """What people found in the random sample of some messages.

    `called` (classes,) messages were read as each class, `counts` are the checked ones of the sample by what they were
    called and what they are. Of a yes/no reading each class has a sample of its own, and `share` is the percentage that
    truly is so (None: too little to tell).
    """

    classes: tuple[str, ...]
    called: Ints
    counts: Ints
    share: Estimates | None = None

    @property
    def sampled(self) -> int:
        """How many checked messages are a random sample."""
        return int(self.counts.sum())

    @property
    def accuracy(self) -> Sure | None:
        """The share that was read rightly, with its 95% interval; None without a sample."""
        if self.classes == YES_NO:
            return self.quality.right
        return right(self.counts)

    @property
    def quality(self) -> Quality:
        """How often it is right where it says each class, and where each class truly is."""
        return quality(self.called, self.counts)

    def to_json(self) -> dict[str, Any]:
        """What `heedful check --json` prints of it."""
        told = self.quality
        truly = [dict(zip(self.classes, row, strict=True)) for row in self.counts.tolist()]
        return {
            "sampled": self.sampled,
            "accuracy": _named(self.accuracy),
            "called": dict(zip(self.classes, truly, strict=True)),
            "precision": {name: _named(one) for name, one in zip(self.classes, told.precision, strict=True)},
            "recall": {name: _named(one) for name, one in zip(self.classes, told.recall, strict=True)},
        }


@dataclass(frozen=True)
class Standing:
    """How far checking is.

    `looked` messages were looked at, `unsettled` have people disagree. `both` pairs of first and second opinions were
    given, `agreed` of them alike; `kappa` is Cohen's, how much better than chance they agree (None: too few).
    """

    looked: int
    unsettled: int
    both: int
    agreed: int
    kappa: float | None
    sample: Sample

    def to_json(self) -> dict[str, Any]:
        """What `heedful check --json` prints."""
        return {
            "looked": self.looked,
            **self.sample.to_json(),
            "both": self.both,
            "agreed": self.agreed,
            "kappa": self.kappa,
            "unsettled": self.unsettled,
        }


def _named(sure: Sure | None) -> dict[str, float] | None:
    return None if sure is None else dict(zip(("value", "low", "high"), sure, strict=True))


def right(counts: Ints) -> Sure | None:
    """Value, low and high of the share on the diagonal."""
    total = int(counts.sum())
    if not total:
        return None
    low, high = wilson(int(counts.trace()), total)
    return float(counts.trace() / total), float(low), float(high)


def standing(view: View, task: Task) -> Standing:
    """How far checking is, among the messages of a task."""
    said = by_message(view, task.reading)
    known, rows = of_messages(said), task.rows(view)
    if task.where:
        there = rows.fitting.filter(nw.col("n").is_in(list(said) or [-1])).select("n").collect("pyarrow").to_arrow()
        said = {n: said[n] for n in there["n"].to_pylist()}
    pairs = [pair for voices in said.values() if (pair := _pair(voices))]
    whole = _samples(known, task, rows, rows.frame.with_columns(nw.lit(1).alias("key_0")))
    classes = len(task.classes)
    nothing = Sample(task.classes, np.zeros(classes, np.int64), np.zeros((classes, classes), np.int64))
    return Standing(
        looked=len(said),
        unsettled=sum(map(disagree, said.values())),
        both=len(pairs),
        agreed=sum(one == other for one, other in pairs),
        kappa=kappa(pairs),
        sample=whole.get(1, nothing),
    )


def by_group(view: View, task: Task, name: str) -> dict[str | None, Sample]:
    """For each value of a dimension its own random sample."""
    one = dimension(name, "message", reading=task.reading)
    rows = task.rows(view, (one,))
    keyed = rows.frame.with_columns(one.column(rows.clock).alias("key_0"))
    keyed = view.exploded(keyed, "key_0") if one.many else keyed
    made = _samples(checks(view, task.reading), task, rows, keyed)
    return {None if key is None else one.label(key, rows.clock.zone): sample for key, sample in made.items()}


def _samples(known: Checks, task: Task, rows: Rows, keyed: Frame) -> dict[Any, Sample]:
    """The sample of each group by its key, sorted."""
    counted = keyed.with_columns(task.called(rows).alias("called")).group_by("key_0", "called").agg(rows=nw.len())
    sizes = counted.collect("pyarrow").to_arrow().sort_by("key_0").to_pylist()
    groups = pa.table({"key_0": pa.array(list(dict.fromkeys(row["key_0"] for row in sizes)))})
    keys, place = groups["key_0"].to_pylist(), {name: at for at, name in enumerate(task.classes)}
    called = np.zeros((len(keys), len(place)), np.int64)
    for row in sizes:
        called[keys.index(row["key_0"]), place[row["called"]]] = row["rows"]
    if task.about is None:
        counts = samples(known, keyed, groups, ["key_0"], task.reading, task.classes)
        return {key: Sample(task.classes, size, seen) for key, size, seen in zip(keys, called, counts, strict=True)}
    one, value = task.about
    told = found(known, keyed, groups, ["key_0"], one.matches(value, rows.clock), called)
    return {key: Sample(YES_NO, of.called, of.truly, of.share) for key, of in zip(keys, told, strict=True)}


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
