"""What one viewer may read: each table as a frame, or one SELECT over the same tables."""

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import narwhals.stable.v2 as nw

from heedful.errors import BadSettings, NotAllowed
from heedful.privacy.viewer import Viewer
from heedful.privacy.visible import Choices, Frame, visible
from heedful.store.sql import checked

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class View:
    """The visible part of every table at one moment, on any engine narwhals knows; SQL where that is DuckDB.

    Frames have the stored shape (`heedful.records.STORED`). Use it in a `with` block: it holds a snapshot.
    """

    def __init__(
        self,
        viewer: Viewer,
        tables: Mapping[str, Frame],
        *,
        choices: Choices,
        as_of: str = "",
        con: "DuckDBPyConnection | None" = None,
    ) -> None:
        """Every table is cut to what the viewer may see before anybody gets it."""
        self.viewer = viewer
        self.as_of = as_of
        self._con = con
        self._stored = tables
        self._choices = choices
        self._cut: dict[str, Frame | None] = {}

    def frame(self, name: str) -> Frame:
        """One table, as far as this viewer may read it."""
        if (frame := self._seen(name)) is None:
            known = ", ".join(self._readable()) or "nothing"
            raise NotAllowed(f"{self.viewer.name} may not read {name!r}; may read: {known}")
        return frame

    def _seen(self, name: str) -> Frame | None:
        if name not in self._cut:
            known = name in self._stored
            self._cut[name] = visible(name, self._stored[name], self.viewer, self._choices) if known else None
        return self._cut[name]

    def _readable(self) -> dict[str, Frame]:
        return {name: frame for name in self._stored if (frame := self._seen(name)) is not None}

    def sql(self, text: str, **params: object) -> Frame:
        """One SELECT over the visible tables; `$name` in it is a parameter."""
        self.viewer.must("sql")
        return self.query(text, **params)

    def query(self, text: str, **params: object) -> Frame:
        """One SELECT that a component brings with it: the same guard, but no right to write SQL is needed."""
        if self._con is None:
            raise NotAllowed("SQL runs on DuckDB only; ask this engine through its frames")
        readable = self._readable()
        checked(self._con, text, frozenset(readable), self.viewer.name)
        tables = ", ".join(f"{name} as ({_native(frame).sql_query()})" for name, frame in readable.items())
        import duckdb

        try:
            return nw.from_native(self._con.sql(f"with {tables} select * from (\n{text}\n)", params=params or None))
        except duckdb.Error as error:
            raise BadSettings(f"this SQL cannot be run: {error}") from None

    def numbers(self, n: Sequence[int]) -> Frame:
        """Row numbers as a frame with the column `n`, to join with: far quicker than a long `is_in`."""
        if self._con is None:
            raise NotAllowed("row numbers are joined on DuckDB only; ask this engine through its frames")
        return nw.from_native(self._con.sql("select unnest($n) as n", params={"n": list(n)}))

    def __enter__(self) -> Self:
        """Begin to read."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go of the snapshot."""
        if self._con is not None:
            self._con.close()


def _native(frame: Frame) -> Any:
    return frame.to_native()
