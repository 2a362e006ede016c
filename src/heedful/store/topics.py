"""The topics of a workspace as they are kept: definitions, what sorts messages, every change, and what was taught."""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from heedful.errors import NotFound, TryLater
from heedful.records import GIVEN, STORED
from heedful.store import say
from heedful.store.arrays import own
from heedful.store.schema import SORTED

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

WIDTH = 384
TAXONOMY = "topics"


@dataclass(frozen=True)
class Told:
    """What happened to a topic: born, split (from the `others`), merged (the `others` went into it), and so on."""

    kind: str
    topic: str
    others: tuple[str, ...]
    at: datetime


@dataclass(frozen=True)
class Move:
    """All messages of a topic get another topic (None: they belong nowhere), or another theme."""

    topic: str
    into: str | None
    theme: str | None


@dataclass(frozen=True)
class Example:
    """A message that is like a topic, or is not."""

    n: int
    topic: str
    more: bool


@dataclass(frozen=True)
class Change:
    """What one change writes, all or nothing; times in UTC.

    `topics` and `assignments` are rows without `r` (`GIVEN`), which take the place of those with the same topic or
    message; `version` in assignments is put in. `undoes` is the version of the change that is undone, `on` the
    version that the change was worked out on.
    """

    action: str
    who: str
    at: datetime
    details: Mapping[str, Any] = field(default_factory=dict)
    topics: pa.Table | None = None
    assignments: pa.Table | None = None
    moves: Sequence[Move] = ()
    story: Sequence[Told] = ()
    model: bytes | None = None
    taught: Sequence[Example] = ()
    undoes: int | None = None
    on: int | None = None


@dataclass(frozen=True)
class Past:
    """A change that was made; `undone` says whether a later one undid it."""

    version: int
    at: datetime
    who: str
    action: str
    details: Mapping[str, Any]
    undoes: int | None
    undone: bool


@dataclass(frozen=True)
class Before:
    """What a change replaced: of each topic the rows before it, after it and of now; assignments that still stand."""

    topics: list[tuple[dict[str, Any] | None, dict[str, Any], dict[str, Any]]]
    assignments: pa.Table


Writing = Callable[[], AbstractContextManager["DuckDBPyConnection"]]


class Shelf:
    """The topics of one facts database."""

    def __init__(self, con: "DuckDBPyConnection", writing: Writing) -> None:
        """Read through cursors of a connection; write in the store's transactions."""
        self._con = con
        self._writing = writing

    # Writing

    def change(self, change: Change) -> int:
        """Make a change; its version. TryLater where another one came since the version that it was worked out on."""
        with self._writing() as con:
            low = _r(con)
            version = _one(con, "select coalesce(max(version), 0) + 1 from facts.topic_change")
            if change.on is not None and change.on != version - 1:
                raise TryLater("somebody changed the topics at the same time: look at them, and try again", after=1)
            if change.topics is not None:
                last = say.number(con, "topic", change.topics, ("topic",))
                con.execute("insert into facts.topic by name select * from made; drop table made")
                con.execute("update facts.progress set r = ?", [last])
            for move in change.moves:
                self._move(con, move, version)
            if change.assignments is not None:
                _assign(con, change.assignments, version)
            if change.model is not None:
                con.execute("insert into facts.topic_model values (?, ?)", [version, change.model])
                con.execute(_OLD_MODELS)
            for told in change.story:
                con.execute(
                    "insert into facts.topic_story values (?, ?, ?, ?, ?)",
                    [version, told.kind, told.topic, list(told.others), told.at.replace(tzinfo=None)],
                )
            for one in change.taught:
                con.execute(
                    "insert into facts.topic_example values (?, ?, ?, ?)", [one.n, one.topic, one.more, version]
                )
            if change.undoes is not None:
                con.execute("delete from facts.topic_example where version = ?", [change.undoes])
                con.execute(_UNDONE_MODEL, [change.undoes])
            row = [version, low, _r(con), change.at.replace(tzinfo=None), change.who, change.action]
            row += [json.dumps(change.details), change.undoes]
            con.execute("insert into facts.topic_change values (?, ?, ?, ?, ?, ?, ?, ?)", row)
        return int(version)

    def sort(self, assignments: pa.Table, *, on: int) -> None:
        """Store assignments of messages that came in since the last change; TryLater where another change came."""
        with self._writing() as con:
            version = _one(con, "select coalesce(max(version), 0) from facts.topic_change")
            if version != on:
                raise TryLater("the topics changed while messages were being sorted", after=1)
            _assign(con, assignments, version)

    def _move(self, con: "DuckDBPyConnection", move: Move, version: int) -> None:
        rows = _arrow(
            con,
            "select n, message, taxonomy, version, $2::varchar as topic, $3::varchar as theme, "
            "case when $2 is null then null else score end as score from facts.assignment where topic = $1",
            [move.topic, move.into, move.theme],
        )
        if rows.num_rows:
            _assign(con, rows, version)

    # Reading

    def defined(self) -> list[dict[str, Any]]:
        """Every topic as it is defined now, those that are gone too."""
        with self._con.cursor() as con:
            return _rows(con, "select * exclude (r) from facts.topic order by topic")

    def given(self) -> list[str]:
        """Every id of a topic or theme there ever was."""
        every = " union ".join(
            f"select {name} from {s}.topic" for s in ("facts", "past") for name in ("topic", "theme")
        )
        with self._con.cursor() as con:
            return [id for (id,) in con.execute(every).fetchall() if id]

    def model(self) -> bytes | None:
        """What sorts messages today."""
        with self._con.cursor() as con:
            found = con.execute("select body from facts.topic_model order by version desc limit 1").fetchall()
        return bytes(found[0][0]) if found else None

    def version(self) -> int:
        """How many changes there were."""
        with self._con.cursor() as con:
            return int(_one(con, "select coalesce(max(version), 0) from facts.topic_change"))

    def changes(self, most: int = 200) -> list[Past]:
        """Every change, the latest first."""
        with self._con.cursor() as con:
            found = con.execute(
                "select version, made_at, who, action, details, undoes, "
                "version in (select undoes from facts.topic_change where undoes is not null) "
                "from facts.topic_change order by version desc limit ?",
                [most],
            ).fetchall()
        return [
            Past(version, at, who, action, json.loads(details), undoes, undone)
            for version, at, who, action, details, undoes, undone in found
        ]

    def last(self, action: str) -> Past | None:
        """The latest change of a kind."""
        return next((past for past in self.changes(1_000) if past.action == action and not past.undone), None)

    def story(self, topic: str | None = None) -> list[Told]:
        """What happened to a topic, or to all, in the order in which it did."""
        with self._con.cursor() as con:
            found = con.execute(
                "select kind, topic, others, told_at from facts.topic_story "
                "where $1 is null or topic = $1 or list_contains(others, $1) order by version, told_at",
                [topic],
            ).fetchall()
        return [Told(kind, of, tuple(others), at) for kind, of, others, at in found]

    def examples(self) -> list[Example]:
        """What topics were taught by; of one message and topic what was said last."""
        with self._con.cursor() as con:
            rows = con.execute(
                "select n, topic, more from facts.topic_example "
                "qualify row_number() over (partition by n, topic order by version desc) = 1 order by topic, n"
            ).fetchall()
        return [Example(*row) for row in rows]

    def vectors(self, numbers: Sequence[int]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Embeddings of messages: row numbers of those that have one, and the vectors, of length 1."""
        with self._con.cursor() as con:
            con.register("wanted", pa.table({"n": pa.array(list(numbers), pa.int64())}))
            found = _arrow(con, "select n, vector from facts.embedding join wanted using (n) order by n")
        body = b"".join(found["vector"].to_pylist())
        return own(found["n"]), np.frombuffer(body, "<f2").reshape(-1, WIDTH).astype(np.float32)

    def kept_out(self, topics: Sequence[str]) -> dict[int, str]:
        """Messages that belong nowhere since one of these topics was deleted, and which one that was."""
        with self._con.cursor() as con:
            rows = con.execute(
                "select old.n, old.topic from past.assignment old join facts.assignment now using (n) "
                "where now.topic is null and old.topic in (select unnest($1::varchar[])) "
                "qualify row_number() over (partition by old.n order by old.until desc) = 1",
                [list(topics)],
            ).fetchall()
        return dict(rows)

    def embedded(self) -> int:
        """How many messages have an embedding."""
        with self._con.cursor() as con:
            return int(_one(con, "select count(*) from facts.embedding"))

    def before(self, version: int) -> Before:
        """What a change replaced, as far as nothing else has since; NotFound where there is no such change."""
        with self._con.cursor() as con:
            found = con.execute("select low, high from facts.topic_change where version = ?", [version]).fetchall()
            if not found:
                raise NotFound(f"no change of topics has the number {version}")
            low, high = found[0]
            names = ", ".join(f'"{name}"' for name in STORED["topic"].names if name != "r")
            then = f"select {names}, r, until from past.topic union all select {names}, r, null from facts.topic"
            every = f"with every as ({then}) select {names} from every where "
            after = _by_topic(con, every + "r > $1 and r <= $2 and (until is null or until > $2)", low, high)
            before = _by_topic(con, every + "until > $1 and until <= $2 and r <= $1", low, high)
            now = _by_topic(con, every + "until is null and $1 <= $2", low, high)
            rows = _arrow(
                con,
                "select old.n, old.message, old.taxonomy, old.version, old.topic, old.theme, old.score "
                "from past.assignment old join facts.assignment now using (n) "
                "where old.until > $1 and old.until <= $2 and old.r <= $1 and now.r > $1 and now.r <= $2 "
                "order by old.n",
                [low, high],
            )
        return Before([(before.get(id), row, now[id]) for id, row in after.items()], _given(rows))


_OLD_MODELS = """
    delete from facts.topic_model where version <
        (select coalesce(max(version), 0) from facts.topic_change where action = 'found')
"""
"""What sorted messages before the last search is of no use to any undoing."""
_UNDONE_MODEL = """
    delete from facts.topic_model where version = $1 and exists (select 1 from facts.topic_model where version <> $1)
"""


def _given(rows: pa.Table) -> pa.Table:
    """Assignments in the shape in which they are given."""
    shape = GIVEN["assignment"]
    return rows.select(shape.names).cast(shape)


def _assign(con: "DuckDBPyConnection", assignments: pa.Table, version: int) -> None:
    at = assignments.schema.get_field_index("version")
    rows = assignments.set_column(at, "version", pa.repeat(str(version), assignments.num_rows))
    with say.saying(con, "assignment", _given(rows), ("n",)):
        con.execute(SORTED.format(made="made"))


def _r(con: "DuckDBPyConnection") -> int:
    return int(_one(con, "select r from facts.progress"))


def _one(con: "DuckDBPyConnection", query: str) -> Any:
    return con.execute(query).fetchall()[0][0]


def _rows(con: "DuckDBPyConnection", query: str, *given: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = _arrow(con, query, list(given)).to_pylist()
    return found


def _arrow(con: "DuckDBPyConnection", query: str, given: Sequence[object] = ()) -> pa.Table:
    return con.sql(query, params=list(given) or None).to_arrow_table()


def _by_topic(con: "DuckDBPyConnection", query: str, *given: int) -> dict[str, dict[str, Any]]:
    return {row["topic"]: row for row in _rows(con, query, *given)}
