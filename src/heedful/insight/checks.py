"""What people who checked a random sample of messages found, and which of it may stand for a group.

Messages are checked in the order of `key`, which is part of a hash of where they came from and therefore as good as
drawn by lot: the first ones of any group, in that order and without a gap, are a random sample of it. A gap is a
message that was passed over, since one further on was looked at when it was already there; what lies behind the first
gap was chosen otherwise, and does not count. What came in later is no gap: it can be looked at next.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from heedful.language.cards import Confusion
from heedful.privacy.visible import Frame
from heedful.records import SENTIMENTS
from heedful.store.view import View

LEAST = 20
"""So many checked messages of a group at least correct its figure; below that, errors measured elsewhere do."""
LEAST_HERE, LEAST_OF_CLASS = 50, 5
"""So many checked messages of a workspace, and of each class, make its errors known better than the model's card."""

CLASSES = {"sentiment": SENTIMENTS}
"""Readings that call every message one of a few classes."""

MOST = 50_000
"""So many rows are looked through at most, the first by key: of a group that was checked far deeper than the whole, the
whole's question then uses a part only, and a question about the group all."""

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Checks:
    """Messages that somebody checked for one reading: row numbers, what they are, and the newest row at that time.

    `label` is None where nobody could tell, and where people disagree and nobody has settled it.
    """

    n: Ints
    label: tuple[str | None, ...]
    seen: Ints

    def __len__(self) -> int:
        """How many messages were looked at."""
        return len(self.n)


def checks(view: View, reading: str) -> Checks:
    """Everything that was checked of a reading, as far as the viewer may see it."""
    return view.once(("checks", reading), lambda: of_messages(by_message(view, reading)))


def of_messages(said: Mapping[int, Sequence[Mapping[str, Any]]]) -> Checks:
    """The same from what people said, by message."""
    numbers = sorted(said)
    labels = tuple(settled([(row["label"], row["settles"]) for row in said[n]]) for n in numbers)
    seen = np.array([max(row["seen"] for row in said[n]) for n in numbers], np.int64)
    return Checks(np.array(numbers, np.int64), labels, seen)


def settled(said: Sequence[tuple[str | None, bool]]) -> str | None:
    """What a message is by what people said of it: the settling word, or what all of those say who could tell."""
    if settling := [label for label, settles in said if settles]:
        return settling[-1]
    told = {label for label, _ in said if label is not None}
    return told.pop() if len(told) == 1 else None


def disagree(voices: Sequence[Mapping[str, Any]]) -> bool:
    """Whether people said different things of a message and nobody has settled it."""
    said = {voice["label"] for voice in voices if voice["label"] is not None}
    return len(said) > 1 and not any(voice["settles"] for voice in voices)


def by_message(view: View, reading: str) -> dict[int, list[dict[str, Any]]]:
    """What people said of each message, in the order in which they did."""
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in verdicts(view, reading):
        found[row["n"]].append(row)
    return dict(found)


def every_check(view: View, prefix: str) -> dict[str, Checks]:
    """Everything that was checked of the readings whose names begin so, by reading."""
    found: dict[str, dict[int, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    for row in _said(view, nw.col("reading").str.starts_with(prefix)):
        found[row["reading"]][row["n"]].append(row)
    return {reading: of_messages(said) for reading, said in found.items()}


def verdicts(view: View, reading: str) -> list[dict[str, Any]]:
    """Every verdict about a reading, in the order in which they came."""
    return _said(view, nw.col("reading") == reading)


def _said(view: View, about: nw.Expr) -> list[dict[str, Any]]:
    frame = view.frame("verdict", ("message", "reading", "label", "settles", "seen", "checker", "r"))
    rows = frame.filter(about).sort("r").collect("pyarrow").to_arrow()
    found: list[dict[str, Any]] = rows.to_pylist()
    return found


def samples(
    known: Checks, rows: Frame, groups: pa.Table, names: Sequence[str], reading: str, classes: Collection[str]
) -> Ints:
    """How many checked messages of each group were called what and are what: (groups, called, true).

    `rows` have the columns `names` that make the groups, in the order of `groups`, and `n`, `key` and the reading.
    """
    column = f"read_{reading}"
    found = np.zeros((groups.num_rows, len(classes), len(classes)), np.int64)
    if not len(known):
        return found
    code = {label: number for number, label in enumerate(classes)}
    at, table = sampled(known, rows, groups, names, column)
    label_of = dict(zip(known.n.tolist(), known.label, strict=True))
    for group, n, called in zip(at.tolist(), table["n"].to_pylist(), table[column].to_pylist(), strict=True):
        truth = label_of[n]
        if truth in code and called in code:
            found[group, code[called], code[truth]] += 1
    return found


def sampled(
    known: Checks, rows: Frame, groups: pa.Table, names: Sequence[str], *columns: str, apart: str | None = None
) -> tuple[Ints, pa.Table]:
    """The checked rows that are a random sample of their group: the place of the group, and the rows with `columns`.

    `apart` names a column of small whole numbers: rows of each number then have samples of their own in every group.
    """
    part, n = apart or "part", nw.col("n")
    numbered = rows if apart else rows.with_columns(nw.lit(0).alias(part))
    looked = numbered.filter(n.is_in(known.n.tolist() or [-1])).group_by(part).agg(last=nw.col("key").max())
    last = {row[part]: row["last"] for row in looked.collect("pyarrow").to_arrow().to_pylist()}
    reached = [(nw.col(part) == code) & (nw.col("key") <= nw.lit(key, nw.UInt64)) for code, key in last.items()]
    low = numbered.filter(reduce(or_, reached, nw.col("key") < nw.lit(0, nw.UInt64))).select(
        *names, "n", "key", part, *columns
    )
    table = low.sort("key").head(MOST).collect("pyarrow").to_arrow()
    place = {tuple(row.values()): at for at, row in enumerate(groups.select(list(names)).to_pylist())}
    at = np.array([place[tuple(row.values())] for row in table.select(list(names)).to_pylist()], np.int64)
    group = at + len(place) * table[part].to_numpy().astype(np.int64)
    usable = drawn(group, table["key"].to_numpy(), table["n"].to_numpy(), known)
    return at[usable], table.filter(pa.array(usable))


def drawn(group: Ints, key: Ints, n: Ints, known: Checks) -> NDArray[np.bool_]:
    """Which rows are checked ones before the first gap of their group."""
    order = np.lexsort((key, group))
    seen_of = dict(zip(known.n.tolist(), known.seen.tolist(), strict=True))
    seen = np.array([seen_of.get(number, -1) for number in n[order].tolist()], np.int64)
    usable = np.zeros(len(n), np.bool_)
    bounds = np.flatnonzero(np.diff(group[order], prepend=-1, append=-1))
    for start, end in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        part = seen[start:end]
        looked = part >= 0
        later = np.append(np.maximum.accumulate(part[::-1])[::-1][1:], -1)  # the newest row when one further on was
        gaps = np.flatnonzero(~looked & (later >= n[order[start:end]]))
        before = gaps[0] if len(gaps) else end - start
        usable[order[start : start + before]] = looked[:before]
    return usable


def measured_here(view: View, known: Checks, reading: str, classes: Sequence[str]) -> Confusion | None:
    """How this workspace's messages are misread, from all that was checked; None where that is too little.

    Of which messages were looked at nothing need be known: what a class is called does not depend on it.
    """
    if len(known) < LEAST_HERE:
        return None
    column = f"read_{reading}"
    frame = view.frame("message", (column,)).filter(nw.col("n").is_in(known.n.tolist())).select("n", column)
    called = dict(zip(*(c.to_pylist() for c in frame.collect("pyarrow").to_arrow().columns), strict=True))
    code = {label: number for number, label in enumerate(classes)}
    counts = np.zeros((len(classes), len(classes)), np.int64)
    for number, label in zip(known.n.tolist(), known.label, strict=True):
        if label in code and called.get(number) in code:
            counts[code[label], code[called[number]]] += 1
    if counts.sum() < LEAST_HERE or counts.sum(axis=1).min() < LEAST_OF_CLASS:
        return None
    return Confusion(tuple(classes), tuple(tuple(row) for row in counts.tolist()), "", "messages checked here")
