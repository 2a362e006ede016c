"""Which values of a series over time are unusual, and when an alert would have gone out.

Each row is judged by the earlier rows of its series only, whatever the order of the file; of rows at the same time the
smaller value comes first.
"""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from heedful.errors import BadSettings
from heedful.insight.anomalies import Judge
from heedful.insight.studies import Cells, Choices
from heedful.intake.files import times
from heedful.intake.files.values import as_number
from heedful.records import TIME

NEEDS = ("occurred_at", "value")
TAKES = ("series",)
BESIDE = True
FARTHEST = 1e300
"""Numbers farther from 0 leave no room to reckon with."""
AT_ONCE = 10_000
"""Rows after which it is told how many are done."""


def of_file(columns: Mapping[str, Cells], choices: Choices) -> pa.Table:
    """Of each row what was expected, its score and whether it alerts: `expected`, `score`, `alert`.

    A score of 1 is the strongest moment of a usual day of the series. All is empty, and no alert, where the row has no
    time or no number, and of a series' first row. `choices.per_week` is how many false alarms a week each series bears.
    """
    at, value = _moments(columns["occurred_at"]), _numbers(columns["value"])
    series = pc.fill_null(pa.array(columns["series"], pa.string()), "").dictionary_encode().indices.to_numpy()
    usable = np.flatnonzero(at.is_valid().to_numpy(False) & value.is_valid().to_numpy(False))
    seconds = pc.divide(at.cast(pa.int64()).cast(pa.float64()), 1e6).to_numpy(zero_copy_only=False)
    numbers = value.to_numpy(zero_copy_only=False)
    order = usable[np.lexsort((numbers[usable], seconds[usable], series[usable]))]
    expected, score = np.full(len(at), np.nan), np.full(len(at), np.nan)
    alert = np.zeros(len(at), bool)
    judge, judged = Judge.of(per_week=choices.per_week), None
    rows = zip(order.tolist(), series[order].tolist(), seconds[order].tolist(), numbers[order].tolist(), strict=True)
    for done, (row, of, moment, number) in enumerate(rows):
        if of != judged:
            judge, judged = Judge.of(per_week=choices.per_week), of
        verdict = judge.see(moment, number)
        if verdict.expected is not None:
            expected[row], score[row], alert[row] = verdict.expected, verdict.score, verdict.alert
        if done % AT_ONCE == 0:
            choices.told(done)
    choices.told(len(order))
    return pa.table(
        {
            "expected": pa.array(expected, pa.float64(), from_pandas=True),
            "score": pa.array(score, pa.float64(), from_pandas=True),
            "alert": pa.array(alert),
        }
    )


def _moments(cells: Cells) -> pa.Array:
    """The times, in UTC where no zone is given; empty where there is none.

    A few times before 1970 or after 2100 are mistakes, and empty; where most are, they are meant.
    """
    texts = pa.array(cells, pa.string())
    if not len(texts):
        return texts.cast(TIME)
    if (found := times.find(texts, named=True)) is None:
        raise BadSettings(f"occurred_at holds no times that can be read, such as {_first(cells)}; name it with --map")
    at, faults = times.parse(texts, found[0], "UTC")
    for wrong, _ in faults:
        if 2 * wrong.sum() > len(at):
            continue
        at = pc.if_else(pa.array(wrong), pa.scalar(None, at.type), at)
    return at


def _numbers(cells: Cells) -> pa.Array:
    numbers = as_number(pa.array(cells, pa.string()))
    if len(cells) and numbers.null_count == len(cells):
        raise BadSettings(f"value holds no numbers, such as {_first(cells)}; name the column with --map value=COLUMN")
    return pc.if_else(pc.less(pc.abs(numbers), FARTHEST), numbers, pa.scalar(None, pa.float64()))


def _first(cells: Cells) -> str:
    return repr(next((cell for cell in cells if cell), ""))[:60]
