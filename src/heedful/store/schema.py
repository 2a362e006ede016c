"""The tables of the facts database, made from the Arrow shapes, and its version."""

import itertools
from typing import TYPE_CHECKING

import pyarrow as pa

from heedful.errors import BadSettings
from heedful.records import (
    ABOUT,
    COUNTED,
    FACTS,
    READ_BESIDE,
    READING,
    SORTED_BESIDE,
    STORED,
    STORED_TIME,
    WORDS,
)

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

VERSION = 7
KEPT = (*FACTS, *ABOUT, "topic")


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
    con.execute("create table if not exists facts.person (person ubigint, who uinteger)")
    for version in sorted(step for step in _UPGRADES if found and step > found[0][0]):
        con.begin()
        _UPGRADES[version](con)
        con.execute("update facts.progress set schema = ?", [version])
        con.commit()
    past = {name: pa.schema([*STORED[name], pa.field("until", pa.int64(), False)]) for name in KEPT}
    con.execute("".join(_table(f"facts.{n}", STORED[n]) + _table(f"past.{n}", past[n]) for n in KEPT))
    con.execute(
        'create table if not exists facts.intake (import varchar, source varchar, "table" varchar, taken bigint, '
        'already bigint, quarantined bigint, last_at timestamp, primary key (import, source, "table"))'
    )
    con.execute(
        "create table if not exists facts.choice "
        "(person ubigint, purpose varchar, since timestamp, until timestamp, granted boolean)"
    )
    con.execute(_IMPORTS)
    con.execute(_TOPICS)
    con.execute(_WITHDRAWN)


_IMPORTS = """
    create table if not exists facts.brought (import varchar, "table" varchar, first bigint, last bigint);
    create table if not exists facts.undone (
        import varchar primary key, rows bigint, undone_at timestamp, undone_by varchar);
    create table if not exists facts.loose (kind varchar, what ubigint);
"""


_TOPICS = """
    create table if not exists facts.embedding (n bigint, version varchar, vector blob);
    create table if not exists facts.topic_model (version bigint, body blob);
    create table if not exists facts.topic_change (
        version bigint, low bigint, high bigint, made_at timestamp, who varchar, action varchar, details varchar,
        undoes bigint);
    create table if not exists facts.topic_story (
        version bigint, kind varchar, topic varchar, others varchar[], told_at timestamp);
    create table if not exists facts.topic_example (n bigint, topic varchar, more boolean, version bigint);
"""


_WITHDRAWN = """
    create table if not exists facts.withdrawn (key ubigint, source varchar, withdrawn_at timestamp);
"""


def _to_2(con: "DuckDBPyConnection") -> None:
    """Number the people, and put the readings beside their messages."""
    stored = [f"{schema}.{table}" for schema in ("facts", "past") for table in COUNTED]
    con.execute(NEW_PEOPLE.format(came=" union ".join(f"select person from {table}" for table in stored)))
    for table in stored:
        con.execute(f"alter table {table} add column who uinteger")
        con.execute(WHO.format(table=table))
    for schema, name in itertools.product(("facts", "past"), ("language", "sentiment")):
        con.execute(f"alter table {schema}.message add column read_{name} varchar")
    beside = "read_language = made.language, read_sentiment = made.sentiment"
    con.execute(f"update facts.message set {beside} from facts.reading made where made.n = facts.message.n")
    for schema in ("facts", "past"):
        con.execute(f"alter table {schema}.reading add column person ubigint")
        con.execute(f"alter table {schema}.reading add column occurred_at timestamp")
        known = f"set person = m.person, occurred_at = m.occurred_at from {_MESSAGES} m"
        con.execute(f"update {schema}.reading r {known} where m.n = r.n")


def _to_3(con: "DuckDBPyConnection") -> None:
    """Keep each word of a list once, and the key of the parent beside messages."""
    for schema in ("facts", "past"):
        con.execute(f"alter table {schema}.message add column parent_key ubigint")
        con.execute(f"update {schema}.message set parent_key = {PARENT_KEY} where parent is not null")
    own = {table: [field for field in STORED[table] if field.name in FACTS[table].names] for table in FACTS}
    words = [(table, field.name) for table in FACTS for field in own[table] if field.type == WORDS]
    for schema, (table, name) in itertools.product(("facts", "past"), words):
        once = f"list_filter({name}, lambda word, place: list_position({name}, word) = place)"
        con.execute(f"update {schema}.{table} set {name} = {once} where len({name}) > len(list_distinct({name}))")


def _to_4(con: "DuckDBPyConnection") -> None:
    """Room for people's own categories; no message has been read for any."""
    added = [("reading", READING.field(name)) for name in ("categories", "nearest")]
    added.append(("message", STORED["message"].field("read_categories")))
    for schema, (table, field) in itertools.product(("facts", "past"), added):
        con.execute(f"alter table {schema}.{table} add column {field.name} {_type(field.type)}")


def _to_5(_: "DuckDBPyConnection") -> None:
    """Room for verdicts: their tables are made with those that are not there yet."""


def _to_6(con: "DuckDBPyConnection") -> None:
    """Room for the dominant emotion, and for a message's topic and theme beside it."""
    added = [("reading", READING.field("emotion"))]
    added += [("message", STORED["message"].field(f"read_{name}")) for name in ("emotion", *SORTED_BESIDE)]
    for schema, (table, field) in itertools.product(("facts", "past"), added):
        con.execute(f"alter table {schema}.{table} add column {field.name} {_type(field.type)}")


def _to_7(_: "DuckDBPyConnection") -> None:
    """Room for what was withdrawn at its origin: its table is made with those that are not there yet."""


PARENT_KEY = "('0x' || parent[:16])::ubigint"
_UPGRADES = {2: _to_2, 3: _to_3, 4: _to_4, 5: _to_5, 6: _to_6, 7: _to_7}


_PLAIN = ", ".join(f"read_{name} = made.{name}" for name in READ_BESIDE if READING.field(name).type != WORDS)
BESIDE = f"update facts.message set {_PLAIN} from {{made}} made where made.n = facts.message.n" + "".join(
    f"; update facts.message set read_{name} = made.{name} from {{made}} made "
    f"where made.n = facts.message.n and read_{name} is distinct from made.{name}"
    for name in READ_BESIDE
    if READING.field(name).type == WORDS
)
"""Puts readings beside their messages; a list only where it is another, since DuckDB then writes the whole row anew."""
SORTED = (
    "update facts.message set "
    + ", ".join(f"read_{name} = made.{name}" for name in SORTED_BESIDE)
    + " from {made} made where made.n = facts.message.n"
)
"""Puts assignments beside their messages."""
NEW_PEOPLE = (
    "insert into facts.person select person, (select coalesce(max(who) + 1, 0) from facts.person) "
    "+ row_number() over () - 1 from ({came}) came anti join facts.person using (person) where person is not null"
)
"""Each person who comes up first gets the next number."""
WHO = "update {table} set who = p.who from facts.person p where p.person = {table}.person"
_MESSAGES = (
    "(select n, person, occurred_at from facts.message union all select n, person, occurred_at from past.message)"
)
SAID_OF = (
    "insert into facts.{table} by name select made.*, m.person, m.occurred_at from {made} made "
    f"join {_MESSAGES} m using (n)"
)
"""Stores what is said of messages with whom and when their messages are about; none of a message that is gone."""


def _table(name: str, shape: pa.Schema) -> str:
    columns = ", ".join(f'"{f.name}" {_type(f.type)}{"" if f.nullable else " not null"}' for f in shape)
    return f"create table if not exists {name} ({columns});"


def _type(kind: pa.DataType) -> str:
    """DuckDB's name of an Arrow type."""
    if pa.types.is_map(kind):
        return f"map({_type(kind.key_type)}, {_type(kind.item_type)})"
    if pa.types.is_list(kind):
        return f"{_type(kind.value_type)}[]"
    if pa.types.is_struct(kind):
        return "struct(" + ", ".join(f'"{field.name}" {_type(field.type)}' for field in kind) + ")"
    return SIMPLE[kind]


SIMPLE = {
    pa.string(): "varchar",
    pa.int64(): "bigint",
    pa.int32(): "integer",
    pa.uint32(): "uinteger",
    pa.uint64(): "ubigint",
    pa.float64(): "double",
    pa.float32(): "float",
    pa.bool_(): "boolean",
    STORED_TIME: "timestamp",
}
