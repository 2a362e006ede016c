"""Take the rows of one import out of the facts, inside the caller's transaction; versions they replaced come back.

`facts.brought` holds which row numbers each import brought, as stretches, and `facts.undone` which imports were taken
back. What is left to do outside the facts is in `facts.loose`, so that it is done after a crash too: messages that
the search index must look at again (`index`), and people who may have no row any more (`person`).
"""

from dataclasses import dataclass
from datetime import datetime
from itertools import product
from typing import TYPE_CHECKING, Literal

from heedful.errors import BadSettings, NotFound
from heedful.records import ABOUT, COUNTED, FACTS
from heedful.store.schema import BESIDE, SORTED

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Loose = Literal["index", "person"]
SCHEMAS = ("facts", "past")
WITHOUT_PEOPLE = ("item",)


@dataclass(frozen=True)
class Brought:
    """What one import brought and is still there: rows by table (past versions too), and how many versions return."""

    import_id: str
    rows: dict[str, int]
    returning: int


@dataclass(frozen=True)
class Past:
    """One import and what became of it: its sources and tables, counts, the last time something of it was stored.

    `undone_at` and `undone_by` tell who took it back, `undone` how many rows that were; times in UTC.
    """

    import_id: str
    sources: list[str]
    tables: list[str]
    taken: int
    already: int
    quarantined: int
    last_at: datetime
    undone_at: datetime | None
    undone_by: str | None
    undone: int


def choose(con: "DuckDBPyConnection", import_id: str) -> Brought:
    """Find the rows of an import, and note them in temporary tables.

    NotFound where no import has this id; BadSettings where it brought nothing, or it is not known which rows.
    """
    told = "select count(*), coalesce(sum(taken), 0) from facts.intake where import = $1"
    imports, taken = con.execute(told, [import_id]).fetchall()[0]
    if not imports or not import_id:
        raise NotFound(f"there is no import {import_id[:40]!r}: `heedful import --past` lists them")
    known = con.execute(
        "select coalesce(sum(last - first + 1), 0) from facts.brought where import = $1", [import_id]
    ).fetchall()[0][0]
    if known != taken:
        raise BadSettings(
            "this import came in before Heedful noted which rows an import brings, so that it cannot be taken back"
        )
    for table in FACTS:
        _choose_rows(con, table, import_id)
    rows = {table: _one(con, f"select count(*) from gone_{table}") for table in FACTS}
    returning = sum(_one(con, f"select count(*) from left_{table} where until is null and retired") for table in FACTS)
    return Brought(import_id, {table: count for table, count in rows.items() if count}, returning)


def cut(con: "DuckDBPyConnection", found: Brought, by: str, now: datetime) -> None:
    """Take out what was chosen, let the versions before it come back, and note who took it back when."""
    cut_about(con)
    for table in FACTS:
        if table in found.rows:
            cut_rows(con, table)
    con.execute(
        "insert into facts.loose select 'index', n from gone_message "
        "union all select 'index', n from left_message where until is null and retired"
    )
    for table, beside in (("reading", BESIDE), ("assignment", SORTED)):
        made = f"select made.* from facts.{table} made join left_message using (n) where until is null and retired"
        con.execute(f"create or replace temp table back as {made}")
        con.execute(beside.format(made="back"))
    rows = [
        found.import_id,
        sum(found.rows.values()),
        now.replace(tzinfo=None),
        by,
    ]
    con.execute(
        "insert into facts.undone values ($1, $2, $3, $4) on conflict (import) "
        "do update set rows = rows + excluded.rows, undone_at = excluded.undone_at, undone_by = excluded.undone_by",
        rows,
    )
    con.execute("delete from facts.brought where import = $1", [found.import_id])
    con.execute("update facts.intake set taken = 0, quarantined = 0 where import = $1", [found.import_id])
    con.execute("update facts.progress set n = n + 1")  # answers of before are as of another moment


def cut_about(con: "DuckDBPyConnection") -> None:
    """Take out what is said of the messages that go: `gone_message`."""
    for schema, about in product(SCHEMAS, ABOUT):
        con.execute(f"delete from {schema}.{about} where n in (select n from gone_message)")
    for table in ("embedding", "topic_example"):
        con.execute(f"delete from facts.{table} where n in (select n from gone_message)")


def past(con: "DuckDBPyConnection") -> list[Past]:
    """Every import there was, the latest first; at most 200."""
    found = con.execute(_PAST).fetchall()
    return [Past(*row) for row in found]


def loose(con: "DuckDBPyConnection", kind: Loose, most: int) -> list[int]:
    """What is left to do of a kind."""
    return [
        what
        for (what,) in con.execute("select what from facts.loose where kind = $1 limit $2", [kind, most]).fetchall()
    ]


def tied(con: "DuckDBPyConnection", kind: Loose, done: list[int]) -> None:
    """Note that it is done."""
    con.execute("delete from facts.loose where kind = $1 and what in (select unnest($2::ubigint[]))", [kind, done])


def _choose_rows(con: "DuckDBPyConnection", table: str, import_id: str) -> None:
    """Rows that go, and of the same records the versions that are left: until when, and whether retired today."""
    mine = 'select first, last from facts.brought where import = $1 and "table" = $2'
    every = " union all ".join(f"select n, id, {s == 'past'} as retired from {s}.{table}" for s in SCHEMAS)
    con.execute(
        f"create or replace temp table gone_{table} as "
        f"select n, id from ({every}) every join ({mine}) mine on n between first and last",
        [import_id, table],
    )
    con.execute(
        f"create or replace temp table left_{table} as "
        "select n, retired, lead(n) over (partition by id order by n) as until "
        f"from ({every}) every where id in (select id from gone_{table}) and n not in (select n from gone_{table})"
    )


def cut_rows(con: "DuckDBPyConnection", table: str) -> None:
    """Take out the rows `gone_TABLE`; of the same records those in `left_TABLE` stay, the last as the latest."""
    gone = f"n in (select n from gone_{table})"
    people = [] if table in WITHOUT_PEOPLE else [f"select person from {s}.{table} where {gone}" for s in SCHEMAS]
    if table == "message":
        people += [f"select unnest(mentions) from {s}.{table} where {gone}" for s in SCHEMAS]
    for query in people:
        con.execute(
            f"insert into facts.loose select distinct 'person', * from ({query}) as t(person) where person is not null"
        )
    for schema in SCHEMAS:
        con.execute(f"delete from {schema}.{table} where {gone}")
    back = f"n in (select n from left_{table} where until is null and retired)"
    con.execute(f"insert into facts.{table} by name select * exclude (until) from past.{table} where {back}")
    con.execute(f"delete from past.{table} where {back}")
    con.execute(
        f"update past.{table} set until = kept.until from left_{table} kept "
        f"where kept.n = past.{table}.n and kept.until is distinct from past.{table}.until"
    )


def nobody(con: "DuckDBPyConnection", people: list[int]) -> None:
    """Give up the numbers of those of the people who have no row any more."""
    rows = " union all ".join(f"select person from {s}.{t} where person is not null" for s in SCHEMAS for t in COUNTED)
    con.execute(
        f"delete from facts.person where person in (select unnest($1::ubigint[])) and person not in ({rows})", [people]
    )


def _one(con: "DuckDBPyConnection", query: str) -> int:
    return int(con.execute(query).fetchall()[0][0])


_PAST = """
    select i.import, list(distinct i.source), list(distinct i."table"), sum(taken)::bigint, sum(already)::bigint,
        sum(quarantined)::bigint, max(last_at), any_value(undone_at), any_value(undone_by),
        coalesce(any_value(u.rows), 0)::bigint
    from facts.intake i left join facts.undone u on u.import = i.import
    where i.import <> '' group by i.import order by max(last_at) desc limit 200
"""
