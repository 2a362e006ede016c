"""Figures that speak for a known population: the rows of a question, weighted to the make-up that the settings give.

Rows that agree in every dimension of the margins are a cell and have one weight (`raking`), found anew for each
question and period. An estimate with weights takes the messages for a sample of those it speaks for: its interval
counts as many of them as their effective number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from heedful.errors import BadSettings, NotFound
from heedful.insight.dimensions import Dimension, dimension
from heedful.insight.metrics import Metric
from heedful.insight.raking import Weights, effective, raked
from heedful.insight.rows import Rows
from heedful.privacy.visible import Frame
from heedful.settings import Margins
from heedful.store.view import View

TRAIT = "profile:"
"""Before the name of a trait of people's profiles, where that is what weights go by."""
PERSON = nw.col("person")
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Sums:
    """What groups add up to under weights: `mass` of their rows, `effective` rows, `called` (classes), and `value`."""

    mass: Floats
    effective: Floats
    called: Floats
    value: Floats


@dataclass(frozen=True)
class Weighing:
    """The weight of every cell of a question's rows; `by` has a dimension, or none for a trait, for each margin."""

    by: Mapping[str, Dimension | None]
    weight: Mapping[tuple[str | None, ...], float]
    weights: Weights

    def of(self, keyed: Frame, rows: Rows, metric: Metric, groups: pa.Table, names: Sequence[str]) -> Sums:
        """The weighted sums of each group; `keyed` rows have the columns `names` that make the `groups`."""
        place = {tuple(line[name] for name in names): at for at, line in enumerate(groups.to_pylist())}
        reading = [f"read_{metric.reading}"] if metric.reading else []
        value = {"value": metric.value.cast(nw.Float64)} if isinstance(metric.value, nw.Expr) else {}
        celled, cells = _celled(keyed, rows, self.by)
        lines = _counted(celled, [*names, *cells, *reading], **value)
        classes = {label: at for at, label in enumerate(metric.score)}
        mass, squares, total = (np.zeros(len(place)) for _ in range(3))
        called = np.zeros((len(place), len(classes)))
        labelled = _labels(lines, cells, list(self.by.values()), rows)
        for line, cell in zip(lines.to_pylist(), labelled, strict=True):
            at = place.get(tuple(line[name] for name in names))
            if at is None or (reading and line[reading[0]] not in classes):
                continue
            weight, size = self.weight[cell], line["rows"]
            mass[at] += weight * size
            squares[at] += weight**2 * size
            if reading:
                called[at, classes[line[reading[0]]]] += weight * size
            elif value and line["value"] is not None:
                total[at] += weight * line["value"] * (size if metric.parts == "mean" else 1)
        alike = effective(mass, squares)
        return Sums(
            mass,
            alike,
            called * (alike / mass)[:, None],
            total / mass if metric.parts == "mean" else total,
        )


def weighing(rows: Rows, metric: Metric, margins: Margins) -> Weighing | None:
    """Weights by which the rows of a question have the shares of the margins; None where there is no row.

    BadSettings: a metric or dimension that cannot be weighted, or margins that the rows cannot meet.
    """
    if not metric.reading and not metric.shared and metric.parts not in ("sum", "mean"):
        raise BadSettings(
            f"{metric.name} cannot be weighted: it is neither a sum nor a mean of rows; ask without weights"
        )
    by = {name: _dimension(name, metric) for name in margins}
    celled, cells = _celled(rows.frame, rows, by)
    lines = _counted(celled, cells)
    if not lines.num_rows:
        return None
    labelled = _labels(lines, cells, list(by.values()), rows)
    groups = dict(zip(margins, map(list, zip(*labelled, strict=True)), strict=True))
    weights = raked(groups, margins, rows=lines["rows"].to_pylist())
    return Weighing(by, dict(zip(labelled, weights.weight.tolist(), strict=True)), weights)


def needs(metric: Metric, margins: Margins) -> list[Dimension]:
    """The dimensions of a table that margins are of."""
    return [d for name in margins if (d := _dimension(name, metric))]


def margins_of(weightings: Mapping[str, Margins], name: str | None) -> Margins:
    """The margins of a weighting; none without a name. NotFound lists those of the settings."""
    if name is None:
        return {}
    if name not in weightings:
        known = f"there are: {', '.join(weightings)}" if weightings else "heedful.toml has no [weights]"
        raise NotFound(f"no weights named {name!r}; {known}")
    return weightings[name]


def _dimension(name: str, metric: Metric) -> Dimension | None:
    if name.startswith(TRAIT):
        return None
    found = dimension(name, metric.of, reading=metric.reading)
    if found.many or found.timed or (found.reading and name != "language"):
        raise BadSettings(
            f"weights cannot go by {name}: they go by what every row has one of, such as channel or country"
        )
    return found


def _celled(frame: Frame, rows: Rows, by: Mapping[str, Dimension | None]) -> tuple[Frame, list[str]]:
    """The rows with the columns that say which cell each is in, and the names of those."""
    names = [f"cell_{at}" for at in range(len(by))]
    for name, (said, found) in zip(names, by.items(), strict=True):
        if found is not None:
            frame = frame.with_columns(found.column(rows.clock).alias(name))
        else:
            frame = rows.view.joined(frame, _trait(rows.view, said.removeprefix(TRAIT), name), "person", "left")
    return frame, names


def _counted(frame: Frame, names: Sequence[str], **more: nw.Expr) -> pa.Table:
    """How many rows agree in the columns, in an order of their own: sums are then the same each time."""
    lines = frame.group_by(*names).agg(rows=nw.len(), **more).collect("pyarrow").to_arrow()
    return lines.sort_by([(name, "ascending") for name in names])


def _trait(view: View, trait: str, name: str) -> Frame:
    """What each person's profiles said last of a trait."""
    said = view.frame("profile", ("trait", "value")).filter(nw.col("trait") == trait, ~PERSON.is_null())
    latest = said.unique("person", keep="last", order_by=["occurred_at", "n"])
    return latest.select("person", nw.col("value").alias(name))


def _labels(
    lines: pa.Table, cells: Sequence[str], by: Sequence[Dimension | None], rows: Rows
) -> list[tuple[str | None, ...]]:
    """Each line's cell in the words of the margins."""

    def text(key: Any, found: Dimension | None) -> str | None:
        return None if key is None else found.label(key, rows.clock.zone) if found else str(key)

    columns = [[text(key, d) for key in lines[name].to_pylist()] for name, d in zip(cells, by, strict=True)]
    return list(zip(*columns, strict=True))
