"""Shares of a whole: what percent of the rows that agree in every dimension but the last is in each group.

A full count where no reading makes that dimension. By sentiment they are what the metrics of its classes are. A
category or label was read by itself, and its share is corrected by itself: by people who looked at messages of the
very whole, 20 that were read so and 20 that were not, else by the errors found in this workspace, else it is what was
read.

Each share tells how large its whole is. So groups are hidden within each whole by themselves, and one is hidden too
when so few of its whole are not in it that the rest would be a small group.
"""

from collections.abc import Sequence
from dataclasses import replace

import narwhals.stable.v2 as nw
import numpy as np
from numpy.typing import NDArray

from heedful.insight.corrected import Errors, Estimated, by_sentiment, each_by_itself, keyed_by
from heedful.insight.dimensions import Dimension
from heedful.insight.figures import (
    PERSON,
    Figures,
    Groups,
    Ints,
    effective_of,
    grouped,
    hide,
    named,
    shown_or_not,
    unread_of,
)
from heedful.insight.metrics import Metric
from heedful.insight.rows import Rows
from heedful.insight.weights import Weighing


def shares(
    asked: Metric,
    by: Sequence[Dimension],
    rows: Rows,
    *,
    smallest: int,
    errors: Errors,
    weighing: Weighing | None = None,
) -> Figures:
    """Every group's share of its whole, sorted by the dimensions, small ones hidden; at least one dimension."""
    *within, last = by
    read = replace(rows, fitting=rows.frame, having=None)
    parts, wholes = (grouped(asked, some, read, weighing=weighing) for some in (by, within))
    place = _places(parts, wholes)
    naive = Estimated.as_read(100 * parts.mass / wholes.mass[place])
    if last.name == "sentiment":
        made = by_sentiment(naive, parts, within, read, errors, weighing)
    elif last.yes_no:
        made = each_by_itself(naive, parts, wholes, place, by, read, sampled=weighing is not None)
    else:
        made = naive
    hidden = _hidden(parts, place, smallest)
    if last.many and not hidden.all():
        hidden |= _nearly_all(parts, wholes, place, by, read, smallest)
    keys, labels = named(parts.keys, by, rows)
    sizes = (parts.rows.tolist(), parts.people.tolist(), made.used.tolist(), effective_of(parts, weighing))
    told = zip(keys, labels, hidden.tolist(), *made.numbers(), *sizes, strict=True)
    shown = {key: shown_or_not(*one) for key, *one in told}
    return Figures(shown, 0 if rows.having is None else unread_of(rows))


def _places(parts: Groups, wholes: Groups) -> Ints:
    """Which whole each group is a part of."""
    names = wholes.keys.column_names
    place = {tuple(row.values()): at for at, row in enumerate(wholes.keys.to_pylist())} if names else {(): 0}
    return np.array([place[tuple(row[name] for name in names)] for row in parts.keys.to_pylist()], np.int64)


def _hidden(parts: Groups, place: Ints, smallest: int) -> NDArray[np.bool_]:
    """Small groups, and others of the same whole with them, as `hide` does."""
    hidden = np.zeros(len(place), np.bool_)
    order = np.argsort(place, kind="stable")
    for some in np.split(order, np.flatnonzero(np.diff(place[order])) + 1) if len(order) else ():
        hidden[some] = hide(parts.size[some], smallest)
    return hidden


def _nearly_all(
    parts: Groups, wholes: Groups, place: Ints, by: Sequence[Dimension], rows: Rows, smallest: int
) -> NDArray[np.bool_]:
    """Groups of which so few rows of the whole are left out that these would be hidden as a group."""
    left = wholes.rows[place] - parts.rows
    few = (left > 0) & (wholes.size[place] - parts.size < smallest)
    if smallest <= 1 or not few.any():
        return np.zeros(len(place), np.bool_)
    nobody = [groups.size - groups.people for groups in (wholes, parts)]
    apart = wholes.people[place] - _inside(parts, by, rows) + nobody[0][place] - nobody[1]
    small: NDArray[np.bool_] = few & (apart < smallest)
    return small


def _inside(parts: Groups, by: Sequence[Dimension], rows: Rows) -> Ints:
    """How many people of each group have no row of the whole that is not in the group."""
    names, keyed = keyed_by(by[:-1], rows)
    known = keyed.filter(~PERSON.is_null())
    known = known.with_columns(nw.col("n").count().over(*names, "person").alias("own"))
    names, known = keyed_by(by, replace(rows, fitting=known), start=len(names))
    several = known.group_by(*names, "person").agg(rows=nw.len(), own=nw.col("own").max())
    found = several.filter(nw.col("rows") >= nw.col("own")).group_by(*names).agg(people=nw.len())
    number = {
        tuple(row[name] for name in names): row["people"] for row in found.collect("pyarrow").to_arrow().to_pylist()
    }
    return np.array([number.get(tuple(row.values()), 0) for row in parts.keys.to_pylist()], np.int64)
