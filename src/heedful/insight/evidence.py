"""The rows behind one figure: exactly those it counted, and none behind a hidden one."""

from datetime import datetime

import narwhals.stable.v2 as nw
import pyarrow as pa

from heedful.errors import BadSettings
from heedful.insight import periods
from heedful.insight.answer import Question
from heedful.insight.dimensions import DERIVED
from heedful.insight.figures import figures
from heedful.insight.metrics import metric
from heedful.insight.rows import Rows, rows_of
from heedful.records import outward
from heedful.store.view import View


def evidence(
    view: View, question: Question, *, as_of: str | None = None, offset: int = 0, limit: int = 100, now: datetime
) -> pa.Table:
    """The rows behind a figure in contract shape, newest first; none where the figure is hidden.

    Ask for one group with the question that `evidence_where` makes, on a view of the answer's `as_of`. There are
    as many as the figure's `rows`: for an estimate those with a reading, for a mean those with a value.
    """
    if as_of is not None and as_of != view.as_of:
        raise BadSettings(
            f"this view is as of {view.as_of or 'no moment'}: open one as of {as_of} for that answer's rows"
        )
    if offset < 0 or limit < 0:
        raise BadSettings(f"offset {offset} and limit {limit} must not be negative")
    asked = metric(question.metric)
    period = periods.period(question.since, question.until, question.zone, now)
    rows = rows_of(view, asked, question.where, period)
    (figure,) = figures(asked, (), rows, smallest=view.viewer.smallest, confusion=lambda _: None).shown.values()
    stored = DERIVED.get(asked.of, asked.of)
    wanted = [] if figure.hidden else _newest(rows, offset, limit)
    full = view.frame(stored).filter(nw.col("n").is_in(wanted)) if wanted else view.frame(stored).head(0)
    table = full.collect("pyarrow").to_arrow()
    place_of = {n: i for i, n in enumerate(table["n"].to_pylist())}
    return outward(table.take(pa.array([place_of[n] for n in wanted], pa.int64())), stored)


def _newest(rows: Rows, offset: int, limit: int) -> list[int]:
    """Row numbers, the newest first and undated rows last."""
    ordered = rows.frame.select("n", "occurred_at").sort("occurred_at", "n", descending=True, nulls_last=True)
    numbers: list[int] = ordered.head(offset + limit).collect("pyarrow").to_arrow()["n"].to_pylist()[offset:]
    return numbers
