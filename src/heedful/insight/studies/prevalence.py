"""How common each class truly is, corrected by the rows that somebody checked.

The rows that have a label must have been drawn at random from all of them. Beside the corrected share stands the naive
one, which takes what was predicted for the truth.
"""

from collections.abc import Mapping

import pyarrow as pa

from heedful.errors import BadSettings
from heedful.insight.prevalence import counted, shares, wilson
from heedful.insight.studies import Cells, Choices

NEEDS = ("predicted", "label")
TAKES: tuple[str, ...] = ()
BESIDE = False
SHAPE = pa.schema(
    [
        pa.field("class", pa.string(), False),
        *(pa.field(name, pa.float64(), False) for name in ("naive", "naive_low", "naive_high")),
        *(pa.field(name, pa.float64()) for name in ("corrected", "low", "high")),
        pa.field("checked", pa.int64(), False),
        pa.field("rows", pa.int64(), False),
    ]
)
MOST_CLASSES = 1_000


def of_file(columns: Mapping[str, Cells], choices: Choices) -> pa.Table:
    """One line for each class: naive and corrected share (0 to 1) with 95% intervals.

    `checked` is how many rows somebody checked, `rows` how many have a prediction; the others are left out. Without a
    checked row there is no corrected share.
    """
    del choices  # there is nothing to choose
    pairs = [(p, t) for p, t in zip(columns["predicted"], columns["label"], strict=True) if p]
    if not pairs:
        raise BadSettings("no row has a prediction; name its column with --map predicted=COLUMN")
    predicted, truth = [p for p, _ in pairs], [t for _, t in pairs]
    classes = sorted({*predicted, *(t for t in truth if t is not None)})
    if len(classes) > MOST_CLASSES:
        raise BadSettings(
            f"there are {len(classes):,} different predictions and labels, such as {classes[0][:40]!r} and "
            f"{classes[-1][:40]!r}; a study takes at most {MOST_CLASSES:,}: are these columns classes?"
        )
    called, checked = counted(classes, predicted, truth)
    found, rows = shares(called, checked), len(predicted)
    low, high = wilson(called, rows)
    sizes = ([int(checked.sum())] * len(classes), [rows] * len(classes))
    values = (called / rows, low, high, found.value, found.low, found.high)
    numbers = [pa.array(column, pa.float64(), from_pandas=True) for column in values]
    return pa.Table.from_arrays([pa.array(classes), *numbers, *map(pa.array, sizes)], schema=SHAPE)
