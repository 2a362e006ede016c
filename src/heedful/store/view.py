"""What one viewer may read: each table as a frame, or one SELECT over the same tables."""

from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import narwhals.stable.v2 as nw

from heedful.errors import NotAllowed
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
        """Cut every table to what the viewer may see."""
        self.viewer = viewer
        self.as_of = as_of
        self._con = con
        cut = {name: visible(name, table, viewer, choices) for name, table in tables.items()}
        self._tables = {name: frame for name, frame in cut.items() if frame is not None}

    def frame(self, name: str) -> Frame:
        """One table, as far as this viewer may read it."""
        if name not in self._tables:
            known = ", ".join(self._tables) or "nothing"
            raise NotAllowed(f"{self.viewer.name} may not read {name!r}; may read: {known}")
        return self._tables[name]

    def sql(self, text: str, **params: object) -> Frame:
        """One SELECT over the visible tables; `$name` in it is a parameter."""
        self.viewer.must("sql")
        return self.query(text, **params)

    def query(self, text: str, **params: object) -> Frame:
        """One SELECT that a component brings with it: the same guard, but no right to write SQL is needed."""
        if self._con is None:
            raise NotAllowed("SQL runs on DuckDB only; ask this engine through its frames")
        checked(self._con, text, frozenset(self._tables), self.viewer.name)
        tables = ", ".join(f"{name} as ({_native(frame).sql_query()})" for name, frame in self._tables.items())
        return nw.from_native(self._con.sql(f"with {tables} select * from (\n{text}\n)", params=params or None))

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
