"""Shares of what was read, corrected: by people who checked the very group, else by errors measured elsewhere."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
from numpy.typing import NDArray

from heedful.insight.certainty import Confusions, Estimates
from heedful.insight.checks import Checks, checks, every_check
from heedful.insight.dimensions import Dimension
from heedful.insight.figures import Floats, Groups, Ints, Numbers, figures, numbers
from heedful.insight.metrics import metric
from heedful.insight.prevalence import by_errors_of
from heedful.insight.rows import Rows
from heedful.insight.strata import Found, found, found_here
from heedful.insight.weights import Weighing
from heedful.privacy.visible import Frame
from heedful.records import SENTIMENTS

Errors = Callable[[str], Confusions]
"""The measured errors of a reading, by its name."""


@dataclass(frozen=True)
class Estimated:
    """Percentages of groups: `ends` (value, low, high; groups), and how many checked rows of the group correct each."""

    ends: NDArray[np.float64]
    used: Ints

    @classmethod
    def as_read(cls, percent: NDArray[Any]) -> "Estimated":
        """What was counted, without an interval."""
        nothing = np.full(len(percent), np.nan)
        return cls(np.stack([percent, nothing, nothing]), np.zeros(len(percent), np.int64))

    def put(self, at: Ints, found: Estimates, used: int = 0) -> None:
        """Take estimates for some groups."""
        self.ends[:, at] = np.nan
        for row, values in enumerate((found.value, found.low, found.high)):
            if values is not None:
                self.ends[row, at] = values
        self.used[at] = used

    def numbers(self) -> tuple[Numbers, Numbers, Numbers]:
        """Value, low and high of every group; None where there is no such number."""
        value, low, high = map(numbers, self.ends)
        return value, low, high


def by_sentiment(
    made: Estimated,
    parts: Groups,
    within: Sequence[Dimension],
    rows: Rows,
    errors: Errors,
    weighing: Weighing | None = None,
) -> Estimated:
    """What the metric of each class says of each whole."""
    known, having = checks(rows.view, "sentiment"), ~nw.col("read_sentiment").is_null()
    place = {tuple(row.values()): at for at, row in enumerate(parts.keys.to_pylist())}
    read = replace(rows, having=having)
    for label in SENTIMENTS:
        one = metric(f"{label}_share")
        told = figures(one, within, read, smallest=0, confusion=errors("sentiment"), checks=known, weighing=weighing)
        for keys, figure in told.shown.items():
            if (at := place.get((*keys, label))) is not None:
                made.ends[:, at] = [np.nan if n is None else n for n in (figure.value, figure.low, figure.high)]
                made.used[at] = figure.checked
    return made


def each_by_itself(
    made: Estimated,
    parts: Groups,
    wholes: Groups,
    place: Ints,
    by: Sequence[Dimension],
    rows: Rows,
    *,
    sampled: bool,
) -> Estimated:
    """Each value of the last dimension, which was read by itself, against all that it is not.

    `place` says which whole each of the parts belongs to. Rows that are `sampled` from those that the figures are to
    speak for count by their weights, and what people checked among them, which do not, only tells how often it is
    right.
    """
    *within, last = by
    said = every_check(rows.view, f"{last.name}:")
    values = np.array(parts.keys.column(len(within)).to_pylist(), object)
    for value in dict.fromkeys(values[values != None].tolist()):  # noqa: E711
        at = np.flatnonzero(values == value)
        called = np.zeros((len(wholes.rows), 2), np.int64)
        called[place[at], 0] = parts.rows[at]
        called[:, 1] = wholes.rows - called[:, 0]
        if (known := said.get(f"{last.name}:{value}")) is None:
            continue
        left = at
        if not sampled:
            left = _by_people(made, at, place, _looked(known, wholes, within, last, value, rows, called))
        here = found_here(rows.view, last, value, known) if len(left) else None
        if here is not None:
            read = _weighted(parts, wholes, place, left) if sampled else called[place[left]].astype(np.float64)
            made.put(left, _percent(by_errors_of(read, here.called, here.truly, sampled=sampled)))
    return made


def _weighted(parts: Groups, wholes: Groups, place: Ints, at: Ints) -> Floats:
    """The effective rows of some groups' wholes, those called yes and the others."""
    yes = parts.mass[at] / wholes.mass[place[at]]
    return np.stack([yes, 1 - yes], axis=1) * wholes.effective[place[at], None]


def _by_people(made: Estimated, at: Ints, place: Ints, looked: Sequence[Found]) -> Ints:
    """Correct the groups in which people looked at enough; the groups that are left."""
    left = []
    for one in at.tolist():
        if (share := looked[int(place[one])].share) is None:
            left.append(one)
        else:
            made.put(np.array([one]), share, int(looked[int(place[one])].truly.sum()))
    return np.array(left, np.int64)


def _looked(
    known: Checks, wholes: Groups, within: Sequence[Dimension], last: Dimension, value: str, rows: Rows, called: Ints
) -> list[Found]:
    names, keyed = keyed_by(within, rows)
    if not names:
        names, keyed = ["all"], keyed.with_columns(nw.lit(1).alias("all"))
    return found(known, keyed, wholes.table, names, last.matches(value, rows.clock), called)


def _percent(found: Estimates) -> Estimates:
    low, high = (None if end is None else 100 * end for end in (found.low, found.high))
    return Estimates(100 * found.value, low, high)


def keyed_by(by: Sequence[Dimension], rows: Rows, start: int = 0) -> tuple[list[str], Frame]:
    """The rows with the keys of their groups, from the dimension `start` on, and the names of all keys."""
    names = [f"key_{i}" for i in range(len(by))]
    keyed = rows.fitting
    for d, name in list(zip(by, names, strict=True))[start:]:
        keyed = keyed.with_columns(d.column(rows.clock).alias(name))
        keyed = rows.view.exploded(keyed, name) if d.many else keyed
    return names, keyed
