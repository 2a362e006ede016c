"""What one viewer may read: each table as a frame, or one SELECT over the same tables."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from threading import Event, Thread
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar

import narwhals.stable.v2 as nw
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from heedful.errors import BadSettings, NotAllowed
from heedful.privacy.viewer import Viewer
from heedful.privacy.visible import Choices, Frame, visible
from heedful.store.people import people
from heedful.store.sql import checked

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


T = TypeVar("T")
ALWAYS = ("n", "person", "occurred_at")
MOST_CUTS = 500
MOST_EXTENTS = 100
AGAIN = 0.1
"""So many seconds after one interruption comes the next."""
MOST_ROWS = 1_000_000
"""So many rows SQL that somebody wrote may bring."""


@dataclass(frozen=True)
class Extent:
    """The times of a table's first and last dated rows."""

    first: datetime | None
    last: datetime | None


class View:
    """The visible part of every table at one moment, on any engine narwhals knows; SQL where that is DuckDB.

    Frames have the stored shape (`heedful.records.STORED`). Use it in a `with` block: it holds a snapshot.
    """

    def __init__(
        self,
        viewer: Viewer,
        tables: Mapping[str, Frame],
        *,
        choices: Callable[[], Choices],
        as_of: str = "",
        con: "DuckDBPyConnection | None" = None,
        everybody: int = 2**32,
        cuts: MutableMapping[Hashable, str] | None = None,
        extents: MutableMapping[tuple[str, str], Extent] | None = None,
    ) -> None:
        """Every table is cut to what the viewer may see before anybody gets it.

        Every `who` is below `everybody`. `cuts` keeps the SQL of cut tables for views that may see the same, since
        working it out takes longer than many a question; `extents` keeps those of tables for views of the same moment.
        """
        self.viewer = viewer
        self.as_of = as_of
        self._con = con
        self._everybody = everybody
        self._stored = tables
        self._choices = choices
        self._cuts = {} if cuts is None else cuts
        self._extents = {} if extents is None else extents
        self._holds = False
        self._found: dict[Hashable, Any] = {}
        self._held: dict[Hashable, Frame] = {}
        self._cut: dict[tuple[str, tuple[str, ...] | None], Frame | None] = {}

    def frame(self, name: str, columns: Iterable[str] | None = None) -> Frame:
        """One table, as far as this viewer may read it; only some columns where more are not needed.

        `n`, `person` and `occurred_at` come with them where the table has them, and what the viewer may not read is
        left out. Narrow frames are planned several times faster.
        """
        if (frame := self._seen(name, None if columns is None else tuple(sorted(columns)))) is None:
            known = ", ".join(self._readable()) or "nothing"
            raise NotAllowed(f"{self.viewer.name} may not read {name!r}; may read: {known}")
        return frame

    def _seen(self, name: str, columns: tuple[str, ...] | None = None) -> Frame | None:
        if (name, columns) not in self._cut:
            self._cut[name, columns] = self._made(name, columns) if name in self._stored else None
        return self._cut[name, columns]

    def _made(self, name: str, columns: tuple[str, ...] | None) -> Frame | None:
        same = (name, columns, self.viewer.roles, self.viewer.purpose)
        if self._con is not None and same in self._cuts:
            return nw.from_native(self._con.sql(self._cuts[same]))
        table = self._stored[name]
        if columns is not None:
            kept = {*ALWAYS, *columns}
            table = table.select([column for column in table.columns if column in kept])
        frame = visible(name, table, self.viewer, self._choices())
        if self._con is not None and frame is not None and len(self._cuts) < MOST_CUTS:
            self._cuts[same] = _native(frame).sql_query()
        return frame

    def _readable(self) -> dict[str, Frame]:
        return {name: frame for name in self._stored if (frame := self._seen(name)) is not None}

    def sql(self, text: str, **params: object) -> Frame:
        """One SELECT over the visible tables, run at once; `$name` in it is a parameter.

        BadSettings: it cannot be run, or brings more than a million rows; open the view again before the next one.
        NotAllowed: it reads something else, or there is no right to write SQL.
        """
        self.viewer.must("sql")
        con, frame = self._duckdb(), self.query(text, **params)
        with _told():  # some mistakes show only in the rows, such as text that is no number
            rows = _native(frame.head(MOST_ROWS + 1)).to_arrow_table()
        if rows.num_rows > MOST_ROWS:
            raise BadSettings(f"this SQL brings more than {MOST_ROWS:,} rows: group them, or add a limit")
        return nw.from_native(con.from_arrow(rows))

    def query(self, text: str, **params: object) -> Frame:
        """One SELECT that a component brings with it: the same guard, but no right to write SQL is needed."""
        con = self._duckdb()
        with _told():
            readable = self._readable()
            tables = ", ".join(f"{name} as ({_native(frame).sql_query()})" for name, frame in readable.items())
            checked(con, text, frozenset(readable), self.viewer.name)
            return nw.from_native(con.sql(f"with {tables} select * from (\n{text}\n)", params=params or None))

    def _duckdb(self) -> "DuckDBPyConnection":
        if self._con is None:
            raise NotAllowed("SQL runs on DuckDB only; ask this engine through its frames")
        return self._con

    def topics_version(self) -> int | None:
        """How many changes of the topics there had been at this moment; None on another engine than DuckDB."""
        if self._con is None:
            return None
        last = int(self.as_of.partition("-")[2])
        query = "select coalesce(max(version), 0) from facts.topic_change where high <= ?"
        return int(self._con.execute(query, [last]).fetchall()[0][0])

    def extent(self, name: str) -> Extent:
        """How far a whole table reaches, seen or not: for planning, never to be shown."""
        if (name, self.as_of) not in self._extents:
            at = nw.col("occurred_at")
            ends = self._stored[name].select(first=at.min(), last=at.max()).collect("pyarrow")
            if len(self._extents) > MOST_EXTENTS:
                self._extents.clear()
            self._extents[name, self.as_of] = Extent(**ends.to_arrow().to_pylist()[0])
        return self._extents[name, self.as_of]

    @contextmanager
    def holding(self) -> Iterator[None]:
        """In the block, rows that take long to work out are kept for the next question."""
        self._holds = True
        try:
            yield
        finally:
            self._holds = False

    def held(self, name: Hashable, rows: Callable[[], Frame]) -> Frame:
        """Rows under a name, worked out once in a block of `holding`; otherwise as they are."""
        if not self._holds or self._con is None:
            return rows()
        if name not in self._held:
            table = f"held_{len(self._held)}"
            self._con.execute(f"create temp table {table} as {_native(rows()).sql_query()}")
            self._held[name] = nw.from_native(self._con.table(table))
        return self._held[name]

    def once(self, name: Hashable, work: Callable[[], T]) -> T:
        """What work finds, done once for this view: it stays as of its moment."""
        if name not in self._found:
            self._found[name] = work()
        found: T = self._found[name]
        return found

    def joined(self, left: Frame, right: Frame, on: str, how: Literal["inner", "left", "semi"]) -> Frame:
        """Two frames joined on a column of both; narwhals has DuckDB bind six plans for it instead of one."""
        if self._con is None:
            return left.join(right, on=on, how=how)
        joined: Frame = nw.from_native(_native(left).join(_native(right).set_alias("other"), on, how))
        return joined

    def exploded(self, rows: Frame, name: str) -> Frame:
        """The rows with one value of a list column each; null for those whose list is empty or null."""
        if self._con is None:
            return rows.explode(name)
        others = ", ".join(column for column in rows.columns if column != name)
        one = f"unnest(case when len({name}) > 0 then {name} else [null] end) as {name}"
        exploded: Frame = nw.from_native(_native(rows).project(f"{others}, {one}"))
        return exploded

    def people(self, rows: Frame, groups: pa.Table, keys: Sequence[str]) -> NDArray[np.int64] | None:
        """Distinct people per group, exactly, where this engine is DuckDB; None where the engine is to count.

        `groups` has one line for each group of the rows by the columns `keys`, and `named`, its rows with a person.
        """
        return None if self._con is None else people(self._con, _native(rows), groups, keys, self._everybody)

    def numbers(self, n: Sequence[int]) -> Frame:
        """Row numbers as a frame with the column `n`, to join with: far quicker than a long `is_in`."""
        return nw.from_native(self._duckdb().sql("select unnest($n) as n", params={"n": list(n)}))

    @contextmanager
    def limited(self, seconds: float) -> Iterator[None]:
        """Whatever the block asks of the engine ends after so many seconds; BadSettings says so."""
        import duckdb

        con, done = self._duckdb(), Event()
        watch = Thread(target=_interrupt, args=(con, done, seconds), daemon=True)
        watch.start()
        try:
            yield
        except duckdb.InterruptException:
            raise BadSettings(
                f"the question took over {seconds:g} seconds: ask for a shorter period, fewer groups or one filter more"
            ) from None
        finally:
            done.set()
            watch.join()

    def __enter__(self) -> Self:
        """Begin to read."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go of the snapshot."""
        if self._con is not None:
            self._con.close()


def _interrupt(con: "DuckDBPyConnection", done: Event, seconds: float) -> None:
    """Interrupt what runs after some seconds, and what comes after that, until it is done."""
    while not done.wait(seconds):
        con.interrupt()
        seconds = AGAIN


@contextmanager
def _told() -> Iterator[None]:
    """What DuckDB has against somebody's SQL, as an error of ours."""
    import duckdb

    try:
        yield
    except duckdb.InterruptException:
        raise
    except duckdb.Error as error:
        raise BadSettings(f"this SQL cannot be run: {error}") from None


def _native(frame: Frame) -> Any:
    return frame.to_native()
