"""Checking readings: which message comes next, and what somebody says of it.

Messages that a reading calls one of a few classes come in the order of `key`. Of what is said of a message or not, they
come in turn from those that were read so and from those that were not (`strata`), which of a pair first as by lot.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b
from typing import Any

import narwhals.stable.v2 as nw
import pyarrow as pa

from heedful.errors import BadSettings, NotFound
from heedful.insight import periods
from heedful.insight.answer import Where
from heedful.insight.checks import CLASSES, by_message, checks, disagree, verdicts
from heedful.insight.dimensions import DIMENSIONS, Dimension, dimension, yes_no
from heedful.insight.metrics import metric
from heedful.insight.rows import Rows, rows_of
from heedful.insight.strata import NO, YES, YES_NO
from heedful.privacy.visible import Frame
from heedful.records import GIVEN, STORED_TIME
from heedful.store.view import View

METRICS = {"sentiment": "net_sentiment"}
"""For each reading of a few classes a metric over the messages that it is about."""
FIRST, SECOND, SETTLE = "first", "second", "settle"
TURNS = (FIRST, SECOND, SETTLE)
"""What one may do: look at what nobody has looked at, at what one other has, at what others disagree about."""


@dataclass(frozen=True)
class Task:
    """What is being checked: a reading, of which messages, in which turn."""

    reading: str = "sentiment"
    where: Where = ()
    turn: str = FIRST

    def __post_init__(self) -> None:
        """BadSettings or NotFound where there is no such reading, filter or turn."""
        if self.reading not in CLASSES and self.about is None:
            named = (f"{d.name}:NAME" for d in DIMENSIONS.values() if d.yes_no)
            raise NotFound(f"no reading {self.reading!r} can be checked; there are: {', '.join((*CLASSES, *named))}")
        if self.turn not in TURNS:
            raise BadSettings(f"{self.turn!r} is none of: {', '.join(TURNS)}")
        for name, _ in self.where:
            dimension(name, "message", reading=self.reading)

    @property
    def about(self) -> tuple[Dimension, str] | None:
        """The dimension and the value that a yes/no reading is about."""
        return yes_no(self.reading)

    @property
    def classes(self) -> tuple[str, ...]:
        """What a message may be said to be."""
        return CLASSES.get(self.reading, YES_NO)

    def rows(self, view: View, by: Sequence[Dimension] = ()) -> Rows:
        """The messages that the reading is about, whenever they came; those that count were read."""
        if self.about is None:
            return rows_of(view, metric(METRICS[self.reading]), self.where, periods.always(), by)
        return rows_of(view, metric("share"), self.where, periods.always(), (self.about[0], *by))

    def called(self, rows: Rows) -> nw.Expr:
        """What each of the rows was read as."""
        if self.about is None:
            return nw.col(f"read_{self.reading}")
        one, value = self.about
        return nw.when(one.matches(value, rows.clock)).then(nw.lit(YES)).otherwise(nw.lit(NO))

    def taught(self, label: str | None) -> str | None:
        """What a message is said to be as an example teaches it: a category by its name in its set, or nothing."""
        if self.about is None or label is None:
            return label
        _, value = self.about
        return value.partition(": ")[2] or value if label == YES else ""


def offered(view: View) -> list[str]:
    """Every reading that can be checked and that some incoming message was read as, the most frequent first."""
    found = list(CLASSES)
    for one in (d for d in DIMENSIONS.values() if d.yes_no):
        rows = rows_of(view, metric("share"), (), periods.always(), (one,))
        keyed = rows.frame.with_columns(one.column(rows.clock).alias("key_0"))
        keyed = view.exploded(keyed, "key_0") if one.many else keyed
        counted = keyed.filter(~nw.col("key_0").is_null()).group_by("key_0").agg(rows=nw.len())
        named = [(-row["rows"], row["key_0"]) for row in counted.collect("pyarrow").to_arrow().to_pylist()]
        found += [f"{one.name}:{value}" for _, value in sorted(named)]
    return found


def read_as(view: View, task: Task, message: str) -> str | None:
    """What a message was read as; None where it was not, or the reading is not about it."""
    found = view.frame("message", ("id",)).filter(nw.col("id") == message).select("n").collect("pyarrow").to_arrow()
    rows = replace(task, where=()).rows(view)
    made = rows.frame.filter(nw.col("n").is_in(found["n"].to_pylist() or [-1])).select(called=task.called(rows))
    called: list[str | None] = made.collect("pyarrow").to_arrow()["called"].to_pylist()
    return called[0] if called else None


def next_one(view: View, task: Task, checker: str) -> str | None:
    """The id of the message to look at next; None where nothing is left."""
    said = by_message(view, task.reading)
    rows = task.rows(view)
    if task.turn != FIRST:
        wanted = [n for n, voices in said.items() if _waits(task.turn, voices, checker)]
        number = _first(rows.fitting.filter(nw.col("n").is_in(wanted)), ()) if wanted else None
    elif task.about is None:
        number = _first(rows.fitting, said.keys())
    else:
        number = _in_turn(task, rows, said.keys())
    if number is None:
        return None
    found = view.frame("message", ("id",)).filter(nw.col("n") == number).select("id").collect("pyarrow").to_arrow()
    return str(found["id"][0].as_py())


def _waits(turn: str, voices: Sequence[Mapping[str, Any]], checker: str) -> bool:
    if turn == SETTLE:
        return disagree(voices)
    return len(voices) == 1 and voices[0]["checker"] != checker


def _in_turn(task: Task, rows: Rows, said: Collection[int]) -> int | None:
    """The first that nobody looked at, of the stratum of which fewer were; by lot where both are equal."""
    read = rows.frame.with_columns(task.called(rows).alias("called"))
    looked = read.filter(nw.col("n").is_in(list(said) or [-1])).group_by("called").agg(rows=nw.len())
    many = dict.fromkeys(YES_NO, 0)
    many |= {row["called"]: row["rows"] for row in looked.collect("pyarrow").to_arrow().to_pylist()}
    lot = blake2b(f"{task.reading} {sum(many.values())}".encode()).digest()[0] % 2
    drawn = YES_NO[::-1] if lot else YES_NO
    order = sorted(drawn, key=many.__getitem__)
    found = (_first(read.filter(nw.col("called") == stratum), said) for stratum in order)
    return next((number for number in found if number is not None), None)


def voices(view: View, reading: str, message: str) -> list[dict[str, Any]]:
    """What people said of one message, in the order in which they did."""
    return [row for row in verdicts(view, reading) if row["message"] == message]


def verdict(
    view: View, task: Task, message: str, label: str | None, checker: str, *, now: datetime, newest: int
) -> pa.Table:
    """What somebody says of a message (None: it cannot be told), as a row for the store.

    `newest` is the number of the newest row there is. NotFound: no such message. BadSettings: no such class.
    """
    if label is not None and label not in task.classes:
        raise BadSettings(f"{label!r} is none of: {', '.join(task.classes)}")
    found = view.frame("message", ("id",)).filter(nw.col("id") == message).select("n").collect("pyarrow").to_arrow()
    if not found.num_rows:
        raise NotFound(f"there is no message {message[:80]!r}")
    row = {
        "n": found["n"][0].as_py(),
        "message": message,
        "reading": task.reading,
        "label": label,
        "checker": checker,
        "settles": task.turn == SETTLE,
        "seen": newest,
        "checked_at": pa.scalar(now.replace(tzinfo=None), STORED_TIME).as_py(),
    }
    return pa.Table.from_pylist([row], GIVEN["verdict"])


def examples(view: View, task: Task) -> pa.Table:
    """What was checked, as examples to teach from: text, label, and what the reading had said.

    Of a yes/no reading the label is what it is about, and empty where the message is not about it.
    """
    known = checks(view, task.reading)
    truth = {int(n): label for n, label in zip(known.n.tolist(), known.label, strict=True) if label is not None}
    looked = nw.col("n").is_in(list(truth) or [-1])
    rows = view.frame("message", ("id", "title", "text")).filter(looked).select("n", "id", "title", "text")
    found = rows.sort("n").collect("pyarrow").to_arrow()
    read = task.rows(view)
    made = read.frame.filter(looked).select("n", task.called(read).alias("called")).collect("pyarrow").to_arrow()
    read_as = dict(zip(made["n"].to_pylist(), made["called"].to_pylist(), strict=True))
    texts = [
        "\n".join(part for part in (title, text) if part)
        for title, text in zip(found["title"].to_pylist(), found["text"].to_pylist(), strict=True)
    ]
    numbers = found["n"].to_pylist()
    labels = [task.taught(truth[n]) for n in numbers]
    called = pa.array([task.taught(read_as.get(n)) for n in numbers], pa.string())
    return pa.table({"id": found["id"], "text": texts, "label": pa.array(labels, pa.string()), "read_as": called})


def _first(rows: Frame, without: Collection[int]) -> int | None:
    """The first row by key that is not among some."""
    first = rows.select("n", "key").sort("key").head(len(without) + 1).collect("pyarrow").to_arrow()
    return next((n for n in first["n"].to_pylist() if n not in without), None)
