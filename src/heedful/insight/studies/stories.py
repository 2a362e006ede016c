"""Which messages tell the same story: reposts, quotes, edits and cut copies of one text are folded into one.

The same rows in any order give the same stories. A short sentence that many people write by themselves, such as "thank
you so much", makes no story unless it says that it is passed on; nor does one template about different numbers.
"""

import hashlib
from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from heedful.insight.stories import NONE, fold
from heedful.insight.studies import Cells, Choices
from heedful.intake.files import times

NEEDS = ("id", "text")
TAKES = ("occurred_at",)
BESIDE = True
ZONE = "UTC"
"""Times without a zone are compared among themselves only."""
NEVER = np.iinfo(np.int64).max


def of_file(columns: Mapping[str, Cells], choices: Choices) -> pa.Table:
    """The story of each row: the id of its first message, by time where times are given, else by id.

    A message without a copy is a story of its own; one without a text is of none. Rows whose time is not given or not
    understood come after the others. Ids that all are whole numbers are compared as numbers. A row without an id is
    known by a hash of its text, and so is a story whose id another text bore before.
    """
    texts = columns["text"]
    ids = [id or _hash(text or "") for id, text in zip(columns["id"], texts, strict=True)]
    moments = _times(columns["occurred_at"])
    numbered = all(id.isdecimal() for id in columns["id"] if id)
    order = sorted(
        range(len(ids)),
        key=lambda row: (moments[row], len(ids[row]) if numbered else 0, ids[row], texts[row] or ""),
    )
    found = fold([texts[row] for row in order])
    stories: list[str | None] = [None] * len(texts)
    known: dict[str, str | None] = {}
    for place, story in enumerate(found.tolist()):
        if story != NONE:
            first = order[story]
            same = known.setdefault(ids[first], texts[first]) == texts[first]
            stories[order[place]] = ids[first] if same else _hash(texts[first] or "")
    choices.told(len(texts))
    return pa.table({"story": pa.array(stories, pa.string())})


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _times(occurred: Cells) -> list[int]:
    """Microseconds in UTC, and later than all of them where there is no time."""
    column = pa.array(occurred, pa.string())
    written = times.find(column, named=True) if column.null_count < len(column) else None
    if written is None:
        return [NEVER] * len(column)
    found: list[int] = times.parse(column, written[0], ZONE)[0].cast(pa.int64()).fill_null(NEVER).to_pylist()
    return found
