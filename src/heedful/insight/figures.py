"""From rows to figures: one aggregated query, then what may be shown of each group.

Exact people per group are a distinct count of integers beside the other aggregates: on DuckDB as fast as grouping
by person first and counting again, and half the plan.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from heedful.errors import Bug
from heedful.insight.answer import Figure
from heedful.insight.certainty import estimate
from heedful.insight.dimensions import Dimension
from heedful.insight.metrics import Metric
from heedful.insight.rows import Rows
from heedful.language.cards import Confusion

Keys = tuple[Any, ...]
Ints = NDArray[np.int64]
PERSON = nw.col("person")
SIZES: Mapping[str, nw.Expr] = {"rows": nw.len(), "named": PERSON.count(), "distinct": PERSON.n_unique()}


@dataclass(frozen=True)
class _Groups:
    """Every group before anything is hidden, in order: keys, then one entry each."""

    keys: list[Keys]
    rows: Ints
    people: Ints
    table: pa.Table

    @property
    def size(self) -> Ints:
        """Distinct people and rows without a person together."""
        nobody: Ints = self.rows - _whole(self.table, "named")
        return self.people + nobody


@dataclass(frozen=True)
class Figures:
    """The figure of each group by its keys, in order, and how many rows they count (None where groups overlap)."""

    shown: dict[Keys, Figure]
    rows: int | None


def figures(
    metric: Metric, by: Sequence[Dimension], rows: Rows, *, smallest: int, confusion: Confusion | None
) -> Figures:
    """Every group's figure, sorted by the dimensions, small ones hidden."""
    groups = _grouped(metric, by, rows)
    if not groups.keys and not by:
        return Figures({(): nothing(metric, {})}, 0)
    hidden = hide(groups.size, smallest)
    shown = np.flatnonzero(~hidden)
    values = zip(*_values(metric, groups.table.take(pa.array(shown)), confusion), strict=True)
    value_of = dict(zip(shown.tolist(), values, strict=True))
    found: dict[Keys, Figure] = {}
    for i, keys in enumerate(groups.keys):
        group = label(keys, by, rows)
        if i in value_of:
            found[keys] = Figure(group, *value_of[i], int(groups.rows[i]), int(groups.people[i]))
        else:
            found[keys] = Figure(group, None, None, None, None, None, hidden=True)
    return Figures(found, None if any(d.many for d in by) else int(groups.rows.sum()))


def nothing(metric: Metric, group: dict[str, str | None]) -> Figure:
    """The figure of no rows at all."""
    return Figure(group, metric.empty, None, None, 0, 0)


def label(keys: Keys, by: Sequence[Dimension], rows: Rows) -> dict[str, str | None]:
    """A group's keys as the text that answers show and filters take."""
    zone = rows.clock.zone
    return {d.name: None if key is None else d.label(key, zone) for d, key in zip(by, keys, strict=True)}


def hide(size: Ints, smallest: int) -> NDArray[np.bool_]:
    """Which groups to hide: small ones, and more of the smallest until the hidden together are not small."""
    hidden = size < smallest
    if not hidden.any():
        return hidden
    for i in np.argsort(size, kind="stable"):
        if size[hidden].sum() >= smallest:
            break
        hidden[i] = True
    return hidden


def _grouped(metric: Metric, by: Sequence[Dimension], rows: Rows) -> _Groups:
    names = [f"key_{i}" for i in range(len(by))]
    keys_of = [d.column(rows.clock).alias(name) for d, name in zip(by, names, strict=True)]
    # always a group, of everything where there is no dimension: narwhals then refuses what is not one number per group
    keyed = rows.frame.with_columns(*(keys_of or [nw.lit(1).alias("all")]))
    for d, name in zip(by, names, strict=True):
        keyed = keyed.explode(name) if d.many else keyed
    table = keyed.group_by(*(names or ["all"])).agg(**SIZES, **_asked(metric)).collect("pyarrow").to_arrow()
    columns = [table[name].to_pylist() for name in names]
    keys = list(zip(*columns, strict=True)) if names else [()] * table.num_rows
    order = sorted(range(len(keys)), key=lambda i: [(key is None, key) for key in keys[i]])
    table = table.take(pa.array(order, pa.int64()))
    rows_of_each, named, distinct = (_whole(table, name) for name in SIZES)
    return _Groups([keys[i] for i in order], rows_of_each, distinct - (rows_of_each > named), table)


def _asked(metric: Metric) -> dict[str, nw.Expr]:
    if metric.reading:
        read = nw.col(f"read_{metric.reading}")
        return {f"is_{c}": nw.when(read == c).then(nw.lit(1)).otherwise(nw.lit(0)).sum() for c in metric.score}
    if metric.value is None:
        raise Bug(f"the metric {metric.name} has neither a VALUE nor a READING")
    return {"value": metric.value.cast(nw.Float64)}


def _values(
    metric: Metric, table: pa.Table, confusion: Confusion | None
) -> tuple[list[float | None], list[float | None], list[float | None]]:
    none: list[float | None] = [None] * table.num_rows
    if not metric.reading:
        return [_finite(value) for value in table["value"].to_pylist()], none, none
    counts = np.stack([_whole(table, f"is_{c}") for c in metric.score], axis=1).astype(np.float64)
    found = estimate(counts, metric.score, confusion)
    if found.low is None or found.high is None:
        return found.value.tolist(), none, none
    return found.value.tolist(), found.low.tolist(), found.high.tolist()


def _finite(value: float | None) -> float | None:
    return value if value is not None and isfinite(value) else None


def _whole(table: pa.Table, name: str) -> Ints:
    return np.array([int(value) for value in table[name].to_pylist()], np.int64)
