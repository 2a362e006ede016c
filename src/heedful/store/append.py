"""Add sealed rows: what is there already stays as it is, a new version replaces the one before."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from heedful.records import COUNTED, GIVEN
from heedful.store.schema import NEW_PEOPLE, PARENT_KEY

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True)
class Added:
    """How many rows of each import were taken, and how many were already there."""

    taken: dict[str, int]
    already: dict[str, int]
    last_n: int


def add(
    con: "DuckDBPyConnection", table: str, rows: pa.Table, imports: pa.Array, n: int, *, new: bool = False
) -> Added:
    """Insert what was never there, inside the caller's transaction; `n` is the last row number given so far.

    `new` says that every row's key is known to be new, and none comes twice.

    A version is (id, hash of the content): one that is stored, or was, is already there. Of several new
    versions of one id the last stays current; the others, and a stored one, move to the past.
    """
    order = pa.array(range(rows.num_rows), pa.int64())
    con.register("arrived", rows.append_column("i", order).append_column("import", imports))
    names, incoming = GIVEN[table].names, "from arrived"
    if table in COUNTED:
        con.execute(NEW_PEOPLE.format(came="select distinct person from arrived"))
        beside = {"who": "who"} | ({"parent_key": PARENT_KEY} if table == "message" else {})
        found = ", ".join(f"{column} as {name}" for name, column in beside.items())
        incoming = f"select arrived.*, {found} from arrived left join facts.person using (person)"
        names = [*names, *beside]
    con.execute(f"create or replace temp table incoming as {incoming}")
    con.unregister("arrived")
    columns = ", ".join(f'"{name}"' for name in names)
    counted = dict(con.execute("select import, count(*) from incoming group by import").fetchall())
    if new or _all_new(con, table):
        con.execute(f"insert into facts.{table} (n, {columns}) select {n} + 1 + i, {columns} from incoming order by i")
        taken = counted
        _note(con, table, f"select import, {n} + 1 + i as n from incoming", counted)
    else:
        con.execute(_FRESH)
        fresh = f"select {n} + number, {columns} from fresh where last order by number"
        con.execute(f"insert into facts.{table} (n, {columns}) {fresh}")
        _retire(con, table, columns, n)
        taken = dict(con.execute("select import, count(*) from fresh group by import").fetchall())
        _note(con, table, f"select import, {n} + number as n from fresh", taken)
        con.execute("drop table fresh; drop table found")
    con.execute("drop table incoming")
    already = {name: count - taken.get(name, 0) for name, count in counted.items()}
    return Added(taken, already, n + sum(taken.values()))


def _note(con: "DuckDBPyConnection", table: str, numbered: str, imports: Iterable[str]) -> None:
    """Keep which row numbers each import brought, as stretches; what came in by itself is of no import."""
    if any(imports):
        con.execute(
            f"insert into facts.brought select import, '{table}', min(n), max(n) from "
            f"(select *, n - row_number() over (partition by import order by n) as stretch from ({numbered})) "
            "where import <> '' group by import, stretch"
        )


def _all_new(con: "DuckDBPyConnection", table: str) -> bool:
    """Look for versions of the records that came, current and past: is there none, and came each record once?"""
    among = "where key in (select key from incoming)"
    con.execute(
        f"create or replace temp table found as select n, id, version, true as current from facts.{table} {among} "
        f"union all select n, id, version, false from past.{table} {among}"
    )
    once = "select count(*) = count(distinct key) and (select count(*) from found) = 0 from incoming"
    return bool(con.execute(once).fetchall()[0][0])


_FRESH = (
    "create or replace temp table fresh as select *, row_number() over (order by i) as number, "
    "row_number() over (partition by id order by i desc) = 1 as last from (select * from incoming where not exists "
    "(select 1 from found where found.id = incoming.id and found.version = incoming.version) "
    "qualify row_number() over (partition by id, version order by i) = 1)"
)
"""New versions only, each once, numbered; the last one of each id is the one that stays current."""


def _retire(con: "DuckDBPyConnection", table: str, columns: str, n: int) -> None:
    """Move versions that a fresh one replaces to the past."""
    con.execute(
        f"insert into past.{table} (n, {columns}, until) select {n} + number, {columns}, "
        f"{n} + lead(number) over (partition by id order by i) from fresh "
        "qualify not last"
    )
    old = (
        f"select found.n, {n} + min(number) as until from found join fresh on fresh.id = found.id "
        "where found.current group by found.n"
    )
    con.execute(f"create or replace temp table old as {old}")
    con.execute(f"insert into past.{table} by name select s.*, old.until from facts.{table} s join old on s.n = old.n")
    con.execute(f"delete from facts.{table} where n in (select n from old)")
    con.execute("drop table old")
