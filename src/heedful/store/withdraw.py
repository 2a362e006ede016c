"""Take out messages that are gone at their origin, in the caller's transaction: all versions, and what is said of it.

They go as those of an import that is taken back do (`undo.py`), and do not come back: what was withdrawn is kept by its
key alone, so that a late copy of it is not taken again. Keys of messages that were never here are not kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from heedful.store import undo
from heedful.store.arrays import own
from heedful.store.erased import Keys, Times

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True)
class Withdrawal:
    """Messages of one source that are gone at their origin, by their keys."""

    source: str
    keys: Sequence[int]


def withdraw(con: "DuckDBPyConnection", gone: Sequence[Withdrawal], now: datetime) -> list[int]:
    """Take them out and note it; the keys of those that were here."""
    con.execute("create or replace temp table asked (key ubigint, source varchar)")
    for one in gone:
        con.execute("insert into asked select unnest($1::ubigint[]), $2", [list(one.keys), one.source])
    every = " union all ".join(f"select n, id, key from {schema}.message" for schema in undo.SCHEMAS)
    con.execute(
        f"create or replace temp table gone_message as select n, id, key from ({every}) "
        "where key in (select key from asked)"
    )
    found = [key for (key,) in con.execute("select distinct key from gone_message").fetchall()]
    if found:
        con.execute("create or replace temp table left_message (n bigint, retired boolean, until bigint)")
        undo.cut_about(con)
        undo.cut_rows(con, "message")
        con.execute("insert into facts.loose select 'index', n from gone_message")
        con.execute(
            "insert into facts.withdrawn select key, any_value(source), $1 from asked "
            "where key in (select key from gone_message) group by key",
            [now],
        )
    return found


def known(con: "DuckDBPyConnection") -> tuple[Keys, Times]:
    """The keys of everything that was ever withdrawn, and when."""
    rows = con.sql("select key, withdrawn_at from facts.withdrawn").to_arrow_table()
    return own(rows["key"]), rows["withdrawn_at"].to_numpy().astype("datetime64[us]")


def counts(con: "DuckDBPyConnection") -> dict[str, int]:
    """How many messages of each source are gone at their origin."""
    return dict(con.execute("select source, count(*) from facts.withdrawn group by source order by 1").fetchall())
