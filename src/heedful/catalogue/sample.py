"""The messages in which topics are looked for: drawn from all by lot, and more of the newest."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import narwhals.stable.v2 as nw
import numpy as np
import pyarrow as pa

from heedful.insight.topics.found import Floats, Numbers
from heedful.language.unread import READER
from heedful.store.facts import Store
from heedful.store.view import View

MOST, NEWEST = 15_000, 5_000
DAYS = 30
"""The newest messages are those of so many days before the last one."""
COLUMNS = ("n", "id", "text", "occurred_at")


@dataclass(frozen=True, eq=False)
class Sample:
    """Messages by row number, each with its id, text, time (naive UTC) and embedding."""

    n: Numbers
    ids: tuple[str, ...]
    texts: tuple[str | None, ...]
    at: tuple[datetime | None, ...]
    vectors: Floats


def sample(store: Store) -> Sample:
    """Those with the lowest keys, which are as good as drawn by lot, of all and of the newest; what came in only."""
    with store.view(READER) as view:
        rows = _drawn(view)
    n, vectors = store.topics.vectors(rows["n"].to_pylist())
    rows = rows.filter(pa.array(np.isin(rows["n"].to_numpy(), n)))
    return Sample(
        n,
        tuple(rows["id"].to_pylist()),
        tuple(rows["text"].to_pylist()),
        tuple(rows["occurred_at"].to_pylist()),
        vectors,
    )


def _drawn(view: View) -> pa.Table:
    came = view.frame("message", ("id", "key", "text", "direction")).filter(nw.col("direction") == "in")
    parts = [came.sort("key").head(MOST)]
    if last := view.extent("message").last:
        parts.append(came.filter(nw.col("occurred_at") >= last - timedelta(days=DAYS)).sort("key").head(NEWEST))
    drawn = pa.concat_tables([part.select(*COLUMNS).collect("pyarrow").to_arrow() for part in parts])
    once = drawn.group_by("n").aggregate([(name, "min") for name in COLUMNS[1:]])
    named = once.rename_columns([name.removesuffix("_min") for name in once.column_names])
    return named.select(list(COLUMNS)).sort_by("n")
