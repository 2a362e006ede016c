"""From rows to figures: one aggregated query, exact people per group, then what may be shown of each group."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from heedful.errors import Bug
from heedful.insight.answer import Figure
from heedful.insight.certainty import Confusions, estimate
from heedful.insight.checks import LEAST, Checks, samples
from heedful.insight.dimensions import Dimension
from heedful.insight.metrics import Metric
from heedful.insight.prevalence import scored
from heedful.insight.rows import Rows, count
from heedful.insight.weights import Sums, Weighing
from heedful.privacy.visible import Frame
from heedful.store.view import View

Keys = tuple[Any, ...]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Numbers = list[float | None]
PERSON = nw.col("person")
SIZES = {"rows": nw.len(), "named": PERSON.count()}


@dataclass(frozen=True)
class Groups:
    """Every group before anything is hidden, in order: keys, rows, people, and what the metric asked for.

    `checked` counts the checked rows of an estimate by what they were called and what they are, `called` (classes)
    its rows. With weights, `mass` are those of the rows added up, and `effective` and `called` count rows of equal
    weight that say as much; without, they count rows.
    """

    keys: pa.Table
    rows: Ints
    people: Ints
    size: Ints
    table: pa.Table
    unread: int
    checked: Ints
    mass: Floats
    effective: Floats
    called: Floats
    value: Floats


@dataclass(frozen=True)
class Figures:
    """The figure of each group by its keys, in order, and how many rows wait for the reading they stand on."""

    shown: dict[Keys, Figure]
    unread: int


def figures(
    metric: Metric,
    by: Sequence[Dimension],
    rows: Rows,
    *,
    smallest: int,
    confusion: Confusions,
    checks: Checks | None = None,
    weighing: Weighing | None = None,
) -> Figures:
    """Every group's figure, sorted by the dimensions, small ones hidden.

    An estimate is corrected by `checks` of its own rows where there are enough, and else by the errors of `confusion`,
    which may be others by language; with weights always by those.
    """
    groups = grouped(metric, by, rows, None if weighing else checks, weighing)
    if not len(groups.rows) and not by:
        return Figures({(): nothing(metric, {})}, groups.unread)
    hidden = hide(groups.size, smallest)
    names = [d.name for d in by]
    values = _values(metric, groups, np.flatnonzero(~hidden), confusion, names, sampled=weighing is not None)
    keys, labels = named(groups.keys, by, rows)
    sizes = (groups.rows.tolist(), groups.people.tolist(), _used(groups), effective_of(groups, weighing))
    told = zip(keys, labels, hidden.tolist(), *values, *sizes, strict=True)
    return Figures({key: shown_or_not(*one) for key, *one in told}, groups.unread)


def effective_of(groups: Groups, weighing: Weighing | None) -> Numbers:
    """The effective rows of each group, where they are weighted."""
    return numbers(groups.effective) if weighing else [None] * len(groups.rows)


def shown_or_not(group: dict[str, str | None], hidden: bool, *told: Any) -> Figure:
    """A group's figure, or that it is hidden."""
    return Figure(group, None, None, None, None, None, hidden=True) if hidden else Figure(group, *told)


def nothing(metric: Metric, group: dict[str, str | None]) -> Figure:
    """The figure of no rows at all."""
    return Figure(group, metric.empty, None, None, 0, 0)


def named(groups: pa.Table, by: Sequence[Dimension], rows: Rows) -> tuple[list[Keys], list[dict[str, str | None]]]:
    """Each group's keys, and those as the text that answers show and filters take; each text is made once."""
    if not by:
        return [()], [{}]
    columns, texts = [], []
    for d, column in zip(by, groups.columns, strict=True):
        codes = pc.dictionary_encode(column.combine_chunks(), null_encoding="encode")
        known = codes.dictionary.to_pylist()
        shown = [None if key is None else d.label(key, rows.clock.zone) for key in known]
        places = codes.indices.to_pylist()
        columns.append([known[place] for place in places])
        texts.append([shown[place] for place in places])
    names = [d.name for d in by]
    return list(zip(*columns, strict=True)), [dict(zip(names, row, strict=True)) for row in zip(*texts, strict=True)]


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


def _used(groups: Groups) -> list[int]:
    """How many checked rows correct each group's figure."""
    size = groups.checked.sum(axis=(1, 2))
    used: list[int] = np.where(size >= LEAST, size, 0).tolist()
    return used


def grouped(
    metric: Metric,
    by: Sequence[Dimension],
    rows: Rows,
    checks: Checks | None = None,
    weighing: Weighing | None = None,
) -> Groups:
    """Every group of the rows, sorted by the dimensions; with `checks`, what people found in an estimate's groups."""
    names = [f"key_{i}" for i in range(len(by))]
    keys_of = [d.column(rows.clock).alias(name) for d, name in zip(by, names, strict=True)]
    # always a group, of everything where there is no dimension: narwhals then refuses what is not one number per group
    counting = rows.fitting if metric.reading else rows.frame
    keyed = counting.with_columns(*(keys_of or [nw.lit(1).alias("all")]))
    for d, name in zip(by, names, strict=True):
        keyed = rows.view.exploded(keyed, name) if d.many else keyed
    sizes = SIZES | ({"people": PERSON.n_unique()} if rows.slow else {})
    table = keyed.group_by(*(names or ["all"]), *_reading(metric)).agg(**sizes, **_asked(metric))
    table, unread = table.collect("pyarrow").to_arrow(), 0
    if metric.reading and rows.having is not None:
        table, waiting = _by_class(table, names, metric)
        unread = unread_of(rows) if any(d.many for d in by) else waiting
        keyed = keyed.filter(rows.having)
    table = table.sort_by([(name, "ascending") for name in names]) if names else table
    counted, with_person = whole(table["rows"]), whole(table["named"])
    # slow rows are not worked out twice: the engine counted their people too, and took nobody for one more
    people = whole(table["people"]) - (with_person < counted) if rows.slow else _people(rows.view, keyed, table, names)
    checked = np.zeros((len(counted), len(metric.score), len(metric.score)), np.int64)
    if checks is not None and metric.reading:
        checked = samples(checks, keyed, table, names or ["all"], metric.reading, metric.score)
    sums = weighing.of(keyed, rows, metric, table, names or ["all"]) if weighing else _counted(metric, table, people)
    size = people + counted - with_person
    return Groups(table.select(names), counted, people, size, table, unread, checked, *astuple(sums))


def _counted(metric: Metric, table: pa.Table, people: Ints) -> Sums:
    """What is summed up where every row counts the same; the rows that a question is about are all of themselves."""
    rows = whole(table["rows"]).astype(np.float64)
    called = [whole(table[f"is_{c}"]).astype(np.float64) for c in metric.score]
    value: NDArray[Any] = np.full(len(rows), 100.0)
    if not metric.reading and not metric.shared:
        value = people if isinstance(metric.value, str) else table["value"].to_numpy()
    return Sums(rows, rows, np.stack(called, axis=1) if called else rows[:, None], value)


def _by_class(table: pa.Table, names: list[str], metric: Metric) -> tuple[pa.Table, int]:
    """From groups by key and class called to groups by key with a column for each class; and rows without a class.

    Counting each class in a column of its own takes the engine several times as long.
    """
    (reading,) = _reading(metric)
    called, rows = table[reading], table["rows"]
    waiting = pc.sum(pc.if_else(pc.is_null(called), rows, 0)).as_py() or 0
    for c in metric.score:
        table = table.append_column(f"is_{c}", pc.if_else(pc.fill_null(pc.equal(called, c), False), rows, 0))
    summed = ["rows", "named", *(f"is_{c}" for c in metric.score)]
    grouped = table.filter(pc.is_valid(called)).group_by(names or ["all"]).aggregate([(name, "sum") for name in summed])
    return grouped.rename_columns([name.removesuffix("_sum") for name in grouped.column_names]), waiting


def unread_of(rows: Rows) -> int:
    """How many rows wait for their reading, each counted once."""
    return count(rows.fitting) - count(rows.frame)


def _people(view: View, keyed: Frame, groups: pa.Table, names: list[str]) -> Ints:
    """Distinct people of each group: sorted out, or else as the engine counts them."""
    if (sorted_out := view.people(keyed, groups, names)) is not None:
        return sorted_out
    known = keyed.filter(~PERSON.is_null()).group_by(*(names or ["all"])).agg(people=PERSON.n_unique())
    counted = known.collect("pyarrow").to_arrow().to_pylist()
    number = {tuple(row[name] for name in names): row["people"] for row in counted}
    return np.array([number.get(tuple(row.values()), 0) for row in groups.select(names).to_pylist()], np.int64)


def _reading(metric: Metric) -> list[str]:
    return [f"read_{metric.reading}"] if metric.reading else []


def _asked(metric: Metric) -> dict[str, nw.Expr]:
    if metric.reading or isinstance(metric.value, str):
        return {}
    if metric.value is None:
        raise Bug(f"the metric {metric.name} has neither a VALUE nor a READING")
    return {"value": metric.value.cast(nw.Float64)}


def _values(
    metric: Metric, groups: Groups, shown: Ints, confusion: Confusions, by: Sequence[str], *, sampled: bool
) -> tuple[Numbers, Numbers, Numbers]:
    """Value, low and high of every group; None where it is hidden, or there is no such number."""
    none: Numbers = [None] * len(groups.rows)
    if not metric.reading:
        return numbers(groups.value), none, none
    spoken: NDArray[Any] = np.full(len(none), None)
    if "language" in by:
        spoken = np.array(groups.keys.column(by.index("language")).to_pylist(), object)
    ends = np.full((3, len(none)), np.nan)
    for language in dict.fromkeys(spoken[shown].tolist()):
        some = shown[spoken[shown] == language]
        found = estimate(groups.called[some], metric.score, confusion(language), sampled=sampled)
        for at, values in enumerate((found.value, found.low, found.high)):
            ends[at, some] = np.nan if values is None else values
    scores = np.array([list(metric.score.values())])
    for group in shown[np.array(_used(groups), np.int64)[shown] > 0].tolist():
        exact = scored(groups.called[group].astype(np.int64), groups.checked[group], scores)
        ends[:, group] = np.concatenate([exact.value, exact.low, exact.high])
    value, low, high = (numbers(values) for values in ends)
    return value, low, high


def numbers(values: NDArray[Any]) -> Numbers:
    """The values as numbers, None where there is none."""
    floats = values.astype(np.float64)
    found: Numbers = floats.tolist()
    for i in np.flatnonzero(~np.isfinite(floats)).tolist():
        found[i] = None
    return found


def whole(column: pa.ChunkedArray) -> Ints:
    """A column as whole numbers."""
    numbers: Ints = column.to_numpy().astype(np.int64)
    return numbers
