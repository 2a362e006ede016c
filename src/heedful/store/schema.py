"""The tables of the facts database, made from the Arrow shapes, and its version."""

from typing import TYPE_CHECKING

import pyarrow as pa

from heedful.errors import BadSettings
from heedful.records import FACTS, STORED

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

VERSION = 1
KEPT = (*FACTS, "reading")


def prepare(con: "DuckDBPyConnection", path: str) -> None:
    """Make what is not there yet; refuse a file of a later version.

    Stored tables live in schemas that unqualified names do not reach: `facts` holds the latest version of
    every record, `past` the versions that a later one replaced (`until`: the number that replaced them).
    """
    con.execute("create schema if not exists facts; create schema if not exists past")
    con.execute("create table if not exists facts.progress (schema int, position bigint, n bigint, r bigint)")
    if (found := con.execute("select schema from facts.progress").fetchall()) and found[0][0] > VERSION:
        raise BadSettings(f"{path} was written by a later Heedful (schema {found[0][0]}, this one knows {VERSION})")
    if not found:
        con.execute("insert into facts.progress values (?, 0, 0, 0)", [VERSION])
    for name in KEPT:
        _table(con, f"facts.{name}", STORED[name])
        _table(con, f"past.{name}", pa.schema([*STORED[name], pa.field("until", pa.int64(), False)]))
    con.execute(
        'create table if not exists facts.intake (import varchar, source varchar, "table" varchar, taken bigint, '
        'already bigint, quarantined bigint, last_at timestamp, primary key (import, source, "table"))'
    )
    con.execute(
        "create table if not exists facts.choice "
        "(person ubigint, purpose varchar, since timestamp, until timestamp, granted boolean)"
    )


def _table(con: "DuckDBPyConnection", name: str, shape: pa.Schema) -> None:
    schema, _, table = name.partition(".")
    known = "select 1 from information_schema.tables where table_schema = ? and table_name = ?"
    if con.execute(known, [schema, table]).fetchall():
        return
    con.register("shape", shape.empty_table())
    con.execute(f"create table {name} as from shape")
    con.unregister("shape")
    for field in shape:
        if not field.nullable:
            con.execute(f'alter table {name} alter "{field.name}" set not null')
