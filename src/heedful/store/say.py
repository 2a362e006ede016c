"""Store what is said of messages, inside the caller's transaction: readings, verdicts, assignments, embeddings."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pyarrow as pa

from heedful.store.schema import SAID_OF

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@contextmanager
def saying(con: "DuckDBPyConnection", table: str, rows: pa.Table, same: Sequence[str]) -> Iterator[None]:
    """Store what is said of messages, in a temporary table `made` too; of the `same` the last one holds."""
    r = number(con, table, rows, same)
    con.execute(SAID_OF.format(table=table, made="made"))
    yield
    con.execute("drop table made")
    con.execute("update facts.progress set r = ?", [r])


def number(con: "DuckDBPyConnection", table: str, rows: pa.Table, same: Sequence[str]) -> int:
    """Number rows of a table, in a temporary table `made`, and retire those of the `same`; the last number."""
    r = int(con.execute("select r from facts.progress").fetchall()[0][0])
    con.register("arrived", rows.append_column("r", pa.array(range(r + 1, r + 1 + rows.num_rows), pa.int64())))
    con.execute("create or replace temp table made as from arrived")
    con.unregister("arrived")
    again = " and ".join(f"made.{name} = old.{name}" for name in same)
    con.execute(
        f"insert into past.{table} by name select old.*, made.r as until from facts.{table} old join made on {again}"
    )
    con.execute(f"delete from facts.{table} old using made where {again}")
    return r + int(rows.num_rows)


def embed(con: "DuckDBPyConnection", embeddings: pa.Table) -> None:
    """Store embeddings (n, version, vector) of messages that are there, each in the place of an earlier one."""
    con.register("vectors", embeddings)
    con.execute("delete from facts.embedding old using vectors where vectors.n = old.n")
    con.execute("insert into facts.embedding select vectors.* from vectors semi join facts.message using (n)")
    con.unregister("vectors")
