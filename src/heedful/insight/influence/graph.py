"""Who points at whom: attention flows from source to target, and what the target says flows back."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from heedful.errors import BadSettings

Numbers = NDArray[np.int64]
Floats = NDArray[np.float64]
Cells = Sequence[str | None]


@dataclass(frozen=True, eq=False)
class Graph:
    """Nodes by name, rising, and each pair of source and target once, in the order of their places in `names`.

    Where `chances`, a weight is the chance (0 to 1) that the source passes on what the target says; else it counts.
    Nobody points at oneself here. Weights are above 0.
    """

    names: tuple[str, ...]
    source: Numbers
    target: Numbers
    weight: Floats
    chances: bool


def graph(source: Cells, target: Cells, weight: Cells) -> Graph:
    """The graph of some edges, whatever their order; an edge without a weight has 1, one without an end is left out.

    Blanks at the ends of names do not count. Weights are chances where none is above 1 and not all are whole; else they
    count. Edges that come twice add up; of chances, either may do it. BadSettings: a weight that is no number from 0
    up, or no edge at all.
    """
    cells = {"source": pa.array(source, pa.string()), "target": pa.array(target, pa.string())}
    ends = pa.table({name: pc.utf8_trim_whitespace(column) for name, column in cells.items()})
    there = pc.and_(pc.is_valid(ends["source"]), pc.is_valid(ends["target"])).to_numpy().astype(np.bool_)
    if not there.any():
        raise BadSettings("no row has both a source and a target; name their columns with --map source=..,target=..")
    weights = _weights(weight)[there]
    both = pa.chunked_array([*ends["source"].chunks, *ends["target"].chunks]).filter(pa.array(np.tile(there, 2)))
    coded = both.combine_chunks().dictionary_encode()
    order = pc.array_sort_indices(coded.dictionary).to_numpy()
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    nodes = place[coded.indices.to_numpy()]
    names = tuple(coded.dictionary.take(pa.array(order)).to_pylist())
    chances = bool((weights <= 1).all() and (weights % 1 > 0).any())
    return _once(names, nodes[: len(weights)], nodes[len(weights) :], weights, chances=chances)


def _once(names: tuple[str, ...], source: Numbers, target: Numbers, weight: Floats, *, chances: bool) -> Graph:
    """Each pair once. Sums are made in the order of the weights, so that the order of rows changes no digit."""
    some = (source != target) & (weight > 0)
    pair, weight = source[some] * len(names) + target[some], weight[some]
    order = np.lexsort((weight, pair))
    pair, weight = pair[order], weight[order]
    pairs, starts = np.unique(pair, return_index=True)
    if not len(pairs):
        summed = weight
    elif chances:
        summed = 1 - np.multiply.reduceat(1 - weight, starts)
    else:
        summed = np.add.reduceat(weight, starts)
    return Graph(names, pairs // len(names), pairs % len(names), summed, chances)


def _weights(cells: Cells) -> Floats:
    trimmed = pc.utf8_trim_whitespace(pa.array(cells, pa.string()))
    try:
        found: Floats = trimmed.cast(pa.float64()).fill_null(1.0).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid:
        at = next(at for at, cell in enumerate(cells) if cell is not None and not _is_number(cell))
        raise _wrong(at, cells) from None
    wrong = ~(np.isfinite(found) & (found >= 0))
    if wrong.any():
        raise _wrong(int(np.argmax(wrong)), cells)
    return found


def _is_number(cell: str) -> bool:
    try:
        pa.scalar(cell.strip()).cast(pa.float64())
    except pa.ArrowInvalid:
        return False
    return True


def _wrong(at: int, cells: Cells) -> BadSettings:
    return BadSettings(
        f"the weight of row {at + 1:,} is {(cells[at] or '')[:40]!r}: a weight is a number from 0 up, "
        "or empty, which means 1"
    )
