"""What people keep under a name in a file of its own: saved views and saved searches."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path

from heedful.errors import NotFound
from heedful.store.secret import NAME_LENGTH
from heedful.store.sqlite import connect, known, rewrite, transaction


class Saved(ABC):
    """Rows of one table, called as what is kept in it, whose primary key is `name`."""

    def __init__(self, path: Path, what: str, columns: str, version: int) -> None:
        """Open or make the file; `columns` are those beside the name."""
        self._path, self._what, self._con = path, what, connect(path)
        self._con.execute(f"create table if not exists {what} (name text primary key, {columns})")
        known(self._con, path, version)
        self._lock = threading.Lock()

    def close(self) -> None:
        """Let go of the file."""
        self._con.close()

    def remove(self, name: str) -> None:
        """Remove one; NotFound where there is none of the name."""
        with self._lock, transaction(self._con) as con:
            if not con.execute(f"delete from {self._what} where name = ?", (name,)).rowcount:
                raise self._missing(name)

    @abstractmethod
    def naming(self, cleaned: Callable[[str], str]) -> list[str]:
        """Names of those that `cleaned` would change."""

    def drop_naming(self, cleaned: Callable[[str], str]) -> int:
        """Remove those that name somebody who is erased; how many."""
        found = self.naming(cleaned)
        for name in found:
            self.remove(name)
        return len(found)

    def compact(self) -> None:
        """Write the file anew, so that nothing of what was removed is left in it."""
        with self._lock:
            rewrite(self._con, self._path)

    def _missing(self, name: str) -> NotFound:
        return NotFound(f"there is no {self._what} named {name[:NAME_LENGTH]!r}")
