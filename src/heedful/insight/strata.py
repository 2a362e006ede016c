"""Checks of what is said of a message or not: a category, a label, a topic, each by itself.

Most are rare: among messages drawn from all of them, hardly one would be of the kind. So people look in turn at
messages that were read so and at such that were not, each of the two strata in the order of `key`, without a gap:
either is a random sample of itself, and the share is the sum over both of their size times what was found in them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import narwhals.stable.v2 as nw
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from heedful.insight import periods
from heedful.insight.answer import Where
from heedful.insight.certainty import Estimates
from heedful.insight.checks import LEAST, LEAST_HERE, LEAST_OF_CLASS, Checks, sampled
from heedful.insight.dimensions import Dimension
from heedful.insight.metrics import metric
from heedful.insight.prevalence import scored
from heedful.insight.rows import count, rows_of
from heedful.privacy.visible import Frame
from heedful.store.view import View

YES, NO = "yes", "no"
YES_NO = (YES, NO)
"""What a message may be said to be, and in which order strata are counted."""
PERCENT = np.array([[100.0, 0.0]])
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Found:
    """What people found in the two strata of some rows.

    `called` (2,) rows were read so and not; of the random samples of both `truly` (2, 2) counts by called and true, and
    `untold` (2,) those about which nobody could tell.
    """

    called: Ints
    truly: Ints
    untold: Ints

    @property
    def enough(self) -> bool:
        """Whether the rows' share can be corrected by it: 20 of each stratum were told, or it was looked at whole."""
        told = self.truly.sum(axis=1)
        whole = (told + self.untold == self.called) & ((told > 0) | (self.called == 0))
        return bool(((told >= LEAST) | whole).all() and told.any())

    @property
    def share(self) -> Estimates | None:
        """The percentage of the rows that truly is so; None where that is too little to tell."""
        return scored(self.called, self.truly, PERCENT) if self.enough else None


def found(
    known: Checks, rows: Frame, groups: pa.Table, names: Sequence[str], yes: nw.Expr, called: Ints
) -> list[Found]:
    """What people found in each group of rows that were read.

    `rows` have the columns `names` that make the groups, in the order of `groups`, and `n` and `key`; `yes` holds for
    those that were read so, `called` (groups, 2) counts them and the others.
    """
    counts = np.zeros((groups.num_rows, 2, 3), np.int64)
    code = {YES: 0, NO: 1, None: 2}
    label_of = dict(zip(known.n.tolist(), known.label, strict=True))
    marked = rows.with_columns(nw.when(yes).then(nw.lit(0)).otherwise(nw.lit(1)).alias("stratum"))
    at, table = sampled(known, marked, groups, names, apart="stratum")
    labels = np.array([code.get(label_of[n], 2) for n in table["n"].to_pylist()], np.int64)
    np.add.at(counts, (at, table["stratum"].to_numpy(), labels), 1)
    return [Found(size, told[:, :2], told[:, 2]) for size, told in zip(called, counts, strict=True)]


def found_here(view: View, one: Dimension, value: str, known: Checks) -> Found | None:
    """What people found among all of the workspace's messages; None where that is too little to know its errors by."""
    if len(known) < LEAST_HERE:
        return None
    whole = found_among(view, one, value, known)
    enough = whole.truly.sum() >= LEAST_HERE and whole.truly.sum(axis=0).min() >= LEAST_OF_CLASS
    return whole if enough and whole.truly.sum(axis=1).all() else None


def found_among(view: View, one: Dimension, value: str, known: Checks, where: Where = ()) -> Found:
    """What people found among the messages that fit a filter, whenever they came."""
    rows = rows_of(view, metric("share"), where, periods.always(), (one,))
    read, yes = rows.frame.with_columns(nw.lit(1).alias("all")), one.matches(value, rows.clock)
    size = count(read.filter(yes))
    called = np.array([[size, count(read) - size]], np.int64)
    return found(known, read, pa.table({"all": [1]}), ["all"], yes, called)[0]
