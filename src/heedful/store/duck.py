"""How the DuckDB file is opened here: by one process at a time, and without a way to other files."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from heedful.errors import TryLater
from heedful.store import rewrite

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def connect(path: Path, *, memory: str = "2GB") -> "DuckDBPyConnection":
    """A connection to a file, made where there is none; TryLater where another process owns it.

    It reaches no other file but a copy of its own, which an erasure makes.
    """
    import duckdb

    config: dict[str, Any] = {
        "python_enable_replacements": False,
        "memory_limit": memory,
        "temp_directory": str(path.parent / "spill"),
        "allow_unsigned_extensions": False,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    try:
        con = duckdb.connect(str(path), config=config)
    except duckdb.IOException as error:
        if "lock" not in str(error):
            raise
        raise TryLater(f"{path} is in use by another process; is a server running?", after=5) from None
    folder = str(rewrite.copied(path).parent.resolve()).replace("'", "''")
    con.execute(f"set allowed_directories = ['{folder}']; set enable_external_access = false")
    return con
