"""Cut people out of the facts, inside the caller's transaction: their rows, and what others' rows say of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from typing import TYPE_CHECKING

from heedful.privacy.forget import NOBODY, Marks
from heedful.records import ABOUT, ATTRIBUTES, COUNTED, FACTS, WORDS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

THEIRS = ("message", "event", "answer", "profile", "consent")
SAID = {
    "message": ("title", "text", "url", "hashtags", "links", "attributes", "source", "brand", "item"),
    "event": ("source", "item", "name", "path", "referrer", "campaign", "anonymous", "attributes"),
    "answer": ("question", "text", "choices", "attributes"),
    "item": ("title", "url", "attributes"),
    "profile": ("value",),
    "consent": ("proof",),
}
"""Columns of others' rows in which people may be named."""
SCHEMAS = ("facts", "past")
EVER = datetime(9999, 1, 1)


@dataclass(frozen=True)
class Cut:
    """What goes: counts, row numbers of messages (of past versions too) that go or whose text changes, keys of all."""

    counts: dict[str, int]
    gone: list[int]
    changed: list[int]
    records: dict[str, list[int]]


def choose(con: "DuckDBPyConnection", marks: Marks, until: Mapping[int, datetime | None]) -> Cut:
    """Find what there is of people, and note it in temporary tables; of some only what came in until a time."""
    times = {person: until.get(person) or EVER for person in sorted(marks.people)}
    con.execute(
        "create or replace temp table whom as select unnest($1::ubigint[]) as person, "
        "unnest($2::timestamp[]) as until, unnest($3::varchar[]) as visitor",
        [list(times), list(times.values()), [f"a_{person:016x}" for person in times]],
    )
    for table in THEIRS:
        _choose_rows(con, table)
    for schema, table in product(SCHEMAS, FACTS):
        _choose_mentions(con, schema, table, marks, max(times.values()))
    counts = {
        f"{table}s": _one(con, f"select count(*) from facts.{table} join gone_{table} using (n)") for table in THEIRS
    }
    counts["past_versions"] = sum(_one(con, f"select count(*) from past.{t} join gone_{t} using (n)") for t in THEIRS)
    read = "select count(*) from {}.reading join gone_message using (n)"
    counts["readings"] = sum(_one(con, read.format(schema)) for schema in SCHEMAS)
    counts["mentions"] = sum(_one(con, f"select count(*) from changed_{s}_{t}") for s, t in product(SCHEMAS, FACTS))
    return Cut(
        counts,
        _list(con, "select n from gone_message"),
        _list(con, "select n from changed_facts_message union all select n from changed_past_message"),
        {table: _list(con, f"select distinct key from gone_{table}") for table in THEIRS},
    )


def cut(con: "DuckDBPyConnection", marks: Marks) -> None:
    """Take out what was chosen."""
    for table in ("embedding", "topic_example"):
        con.execute(f"delete from facts.{table} where n in (select n from gone_message)")
    for schema in SCHEMAS:
        for table in ABOUT:
            con.execute(f"delete from {schema}.{table} where n in (select n from gone_message)")
        for table in THEIRS:
            con.execute(f"delete from {schema}.{table} where n in (select n from gone_{table})")
        for table in FACTS:
            _blot(con, schema, table, marks)
    _blot_topics(con, marks)
    for size, pattern in marks.words.items():
        con.execute(f"update facts.intake set source = regexp_replace(source, {_quoted(pattern)}, '{'_' * size}', 'g')")
    rows = (f"select person from {s}.{t} where person is not null" for s, t in product(SCHEMAS, COUNTED))
    left = " union all ".join(rows)
    con.execute(f"delete from facts.person where person in (select person from whom) and person not in ({left})")


def everybody(con: "DuckDBPyConnection") -> set[int]:
    """Every pseudonym in the facts, those in texts included."""
    found: set[int] = set()
    for schema, table in product(SCHEMAS, FACTS):
        queries = [f"select person from {schema}.{table}"] if table in THEIRS else []
        queries += [f"select unnest(mentions) from {schema}.message"] if table == "message" else []
        digits = "('0x' || unnest(regexp_extract_all({}, '[pa]_([0-9a-f]{{16}})', 1)))::ubigint"
        queries += [f"select {digits.format(_text(table, name))} from {schema}.{table}" for name in SAID[table]]
        found.update(person for query in queries for person in _list(con, f"select distinct * from ({query})"))
    return found - {None}


def _choose_rows(con: "DuckDBPyConnection", table: str) -> None:
    """Rows of people, and versions without a person of the same records."""
    columns = "n, key, person, ingested_at" + (", anonymous" if table == "event" else "")
    con.execute(
        f"create or replace temp table every as select {columns} from facts.{table} "
        f"union all select {columns} from past.{table}"
    )
    con.execute(
        f"create or replace temp table gone_{table} as "
        "select n, key, until from every join whom using (person) where ingested_at <= until"
    )
    if table == "event":
        con.execute(_VISITS)
    con.execute(
        f"insert into gone_{table} select every.n, every.key, max(gone.until) "
        f"from every join gone_{table} gone on every.key = gone.key "
        "where every.person is null and ingested_at <= gone.until "
        f"and every.n not in (select n from gone_{table}) group by all"
    )
    con.execute("drop table every")


_VISITS = """
    insert into gone_event
    with seen as (
        select visitor as anonymous, until from whom
        union all select anonymous, until from every join whom using (person) where anonymous is not null
    ), others as (
        select anonymous from every where anonymous is not null and person not in (select person from whom)
    )
    select n, key, max(until) from every join seen using (anonymous)
    where person is null and ingested_at <= until and anonymous not in (select anonymous from others) group by all
"""
"""Of unnamed visitors who are the people: known by the same identifier, or seen as them and as nobody else."""


def _choose_mentions(con: "DuckDBPyConnection", schema: str, table: str, marks: Marks, until: datetime) -> None:
    hits = [hit for name in SAID[table] for hit in _hits(table, name, marks)]
    if table == "message":
        hits.append("list_has_any(mentions, (select list(person) from whom))")
    others = f"and n not in (select n from gone_{table})" if table in THEIRS else ""
    con.execute(
        f"create or replace temp table changed_{schema}_{table} as "
        f"select n from {schema}.{table} where ingested_at <= $1 and ({' or '.join(hits)}) {others}",
        [until],
    )


def _hits(table: str, name: str, marks: Marks) -> Iterator[str]:
    """Conditions on one column, the cheap before the dear."""
    text = _text(table, name)
    yield f"(contains({text}, '_') and regexp_matches({text}, {_quoted(marks.pattern)}))"
    for pattern in marks.words.values():
        yield f"regexp_matches({text}, {_quoted(pattern)})"


def _text(table: str, name: str) -> str:
    """A column as one text."""
    lists = {WORDS: name, ATTRIBUTES: f"map_values({name})"}
    listed = lists.get(FACTS[table].field(name).type)
    return f"array_to_string({listed}, ' ')" if listed else name


def _blot(con: "DuckDBPyConnection", schema: str, table: str, marks: Marks) -> None:
    """Put nobody's pseudonym in the place of theirs, and strokes in the place of identifiers, in the rows chosen."""
    if not _one(con, f"select count(*) from changed_{schema}_{table}"):
        return
    sets = [f"{name} = {_blotted(table, name, marks)}" for name in SAID[table]]
    if table == "message":
        whom = f"list_contains({sorted(marks.people)}::ubigint[], one)"
        sets.append(f"mentions = list_transform(mentions, lambda one: if({whom}, 0, one)::ubigint)")
    con.execute(f"update {schema}.{table} set {', '.join(sets)} where n in (select n from changed_{schema}_{table})")


def _blot_topics(con: "DuckDBPyConnection", marks: Marks) -> None:
    """The same in what people and words called topics; of what sorts messages only the newest body stays."""
    for schema in SCHEMAS:
        sets = [f"{name} = {_clean(name, marks)}" for name in ("name", "theme_name")]
        sets.append("words = " + _EACH[WORDS].format(name="words", one=_clean("one", marks)))
        con.execute(f"update {schema}.topic set {', '.join(sets)}")
    con.execute(f"update facts.topic_change set details = {_clean('details', marks)}")
    con.execute("delete from facts.topic_model where version < (select max(version) from facts.topic_model)")


def _clean(text: str, marks: Marks) -> str:
    """A text with nobody's pseudonym in the place of theirs, and strokes in the place of identifiers."""
    made = f"regexp_replace({text}, {_quoted(marks.pattern)}, '\\1{NOBODY}', 'g')"
    for size, pattern in marks.words.items():
        made = f"regexp_replace({made}, {_quoted(pattern)}, '{'_' * size}', 'g')"
    return made


def _blotted(table: str, name: str, marks: Marks) -> str:
    return _EACH.get(FACTS[table].field(name).type, "{one}").format(
        name=name, one=_clean("one" if FACTS[table].field(name).type in _EACH else name, marks)
    )


_EACH = {
    WORDS: "list_transform({name}, lambda one: {one})",
    ATTRIBUTES: "map(map_keys({name}), list_transform(map_values({name}), lambda one: {one}))",
}
"""How every text of a list or a map is reached."""


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _one(con: "DuckDBPyConnection", query: str) -> int:
    return int(con.execute(query).fetchall()[0][0])


def _list(con: "DuckDBPyConnection", query: str) -> list[int]:
    return [number for (number,) in con.execute(query).fetchall()]
