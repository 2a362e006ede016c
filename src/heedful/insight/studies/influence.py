"""Who matters: how many others what each one says reaches, and which community each one belongs to.

A source points at a target by a mention, a reply, a repost or a link: attention flows from source to target, and what
the target says spreads to the source and on. Where a file's edges go the way the news goes, swap them with
`--map source=TARGET,target=SOURCE`.
"""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from heedful.insight.influence import communities, graph, reach
from heedful.insight.studies import Cells, Choices

NEEDS = ("source", "target")
TAKES = ("weight",)
BESIDE = False
SHAPE = pa.schema(
    [
        pa.field("node", pa.string(), False),
        pa.field("influence", pa.float64(), False),
        pa.field("community", pa.int64(), False),
    ]
)
DIGITS = 9
"""Decimals of an influence: what differs less is a tie."""


def of_file(columns: Mapping[str, Cells], choices: Choices) -> pa.Table:
    """One line for each node, the most influential first, ties by name.

    `influence` is the number of others that what a node says is expected to reach within four steps. Weights that are
    all between 0 and 1 and not all whole are chances that the source passes on what the target says; other weights,
    1 where there is none, count, and each source passes on its targets' news by their shares. `community` is 1 for the
    largest.
    """
    if not columns["source"]:
        return SHAPE.empty_table()
    found = graph(columns["source"], columns["target"], columns["weight"])
    influence = np.round(reach(found), DIGITS)
    order = np.argsort(-influence, kind="stable")  # names rise already
    lines = pa.array(order)
    values = (pa.array(found.names), pa.array(influence), pa.array(communities(found, seed=choices.seed)))
    return pa.Table.from_arrays([value.take(lines) for value in values], schema=SHAPE)
