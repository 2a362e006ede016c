"""SQL that somebody writes reads what its viewer may read, and nothing else, whichever way it tries."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import narwhals.stable.v2 as nw
import polars as pl
import pytest

from heedful.errors import BadSettings, HeedfulError, NotAllowed
from heedful.intake.shapes import decode_many, to_arrow
from heedful.privacy.seal import seal
from heedful.privacy.viewer import Viewer
from heedful.privacy.visible import Choices
from heedful.store import view as view_module
from heedful.store.facts import Arrival, Store
from heedful.store.place import Place, make
from heedful.store.view import View

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ANALYST = Viewer("ann", frozenset({"analyst"}), smallest=1)
MESSAGES = [
    {"id": "1", "text": "The parcel came on Tuesday.", "person": "anna@example.org", "channel": "email"},
    {"id": "2", "text": "Refused to be read.", "person": "bert@example.org", "channel": "email"},
    {"id": "3", "text": "Nobody said this.", "channel": "forum"},
]
CONSENTS = [{"person": "bert@example.org", "purpose": "insight", "granted": False}]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return make(tmp_path_factory.mktemp("sql") / "workspace")


@pytest.fixture(scope="module")
def store(place: Place) -> Iterator[Store]:
    store = place.store()
    arrivals = []
    for table, records in (("message", MESSAGES), ("consent", CONSENTS)):
        batch = to_arrow(table, decode_many(table, json.dumps(records).encode()))
        arrivals.append(Arrival(seal(table, batch, keys=place.keys, brands=frozenset(), now=NOW), "i", "web"))
    store.append(arrivals, position=1, bad=(), now=NOW)
    yield store
    store.close()


def asked(store: Store, text: str, viewer: Viewer = ANALYST, **params: object) -> list[dict[str, object]]:
    with store.view(viewer) as view:
        return view.sql(text, **params).collect("pyarrow").to_arrow().to_pylist()


TWO = [{"n": 1}, {"n": 3}]
WORKS = {
    "select n from message order by n": TWO,
    "from message select n order by all": TWO,
    "select n from message m where m.channel = $channel": [{"n": 1}],
    "select count(*) as c from message": [{"c": 2}],
    "select channel, count(*) as c from message group by all order by 1": [
        {"channel": "email", "c": 1},
        {"channel": "forum", "c": 1},
    ],
    "with mine as (select * from message) select n from mine order by n": TWO,
    "with a as (select n from message), b as (select n + 1 as n from a) select max(n) as n from b": [{"n": 4}],
    "with message as (select 7 as n) select n from message": [{"n": 7}],
    "with recursive t as (select 1 as i union all select i + 1 from t where i < 3) select max(i) as i from t": [
        {"i": 3}
    ],
    "select n from message union select 9 as n order by n": [{"n": 1}, {"n": 3}, {"n": 9}],
    "select a.n from message a join message b on a.n = b.n order by 1": TWO,
    "select n from message where n in (select n from message where channel = $channel)": [{"n": 1}],
    "select n, row_number() over (order by n) as i from message qualify i = 1": [{"n": 1, "i": 1}],
    "select n from message order by n limit 1 offset 1": [{"n": 3}],
    "select distinct direction as d from message": [{"d": "in"}],
    "select date_trunc('day', ingested_at)::date::varchar as day from message limit 1": [{"day": "2026-03-01"}],
    "select upper(left(text, 3)) as t from message where n = 1 -- a remark": [{"t": "THE"}],
    "select (select max(n) from message) as n": [{"n": 3}],
    "select * from (values (1), (2)) t(n) order by n": [{"n": 1}, {"n": 2}],
    "select r.sentiment as s from message m left join reading r using (n) where m.n = 1": [{"s": None}],
    "select count(*) as c from consent": [{"c": 1}],
    'select "n" from "message" where "text" like \'%parcel%\'': [{"n": 1}],
    "select list_sort(list(n)) as l, string_agg(channel, ',' order by n) as c from message": [
        {"l": [1, 3], "c": "email,forum"}
    ],
    "select date_part('year', ingested_at at time zone 'UTC') as y, coalesce(brand, ['x']) as b from message limit 1": [
        {"y": 2026, "b": ["x"]}
    ],
    "select n % 2 = 1 and text ilike '%P%' and n between 1 and 2 as ok, n::varchar || 'x' as s from message limit 1": [
        {"ok": True, "s": "1x"}
    ],
    "select quantile_cont(n, 0.5) as q, approx_count_distinct(n) as d, median(n) as m from message": [
        {"q": 2.0, "d": 2, "m": 2.0}
    ],
    "select unnest(list_transform([1, 2], lambda x: x + 1)) as i": [{"i": 2}, {"i": 3}],
    "select lag(n) over (order by n) as l, ntile(2) over (order by n) as t from message order by n": [
        {"l": None, "t": 1},
        {"l": 1, "t": 2},
    ],
    "select regexp_extract(text, '(T\\w+)y', 1) as t, now() is not null as now from message where n = 1": [
        {"t": "Tuesda", "now": True}
    ],
    "SELECT N FROM MESSAGE ORDER BY N": TWO,
}


@pytest.mark.parametrize("text", WORKS)
def test_sql_reads_what_is_visible(text: str, store: Store) -> None:
    params = {"channel": "email"} if "$channel" in text else {}
    rows = asked(store, text, **params)
    assert [{name.lower(): value for name, value in row.items()} for row in rows] == WORKS[text]


REFUSED = """
    from facts.message
    from past.message
    from facts.choice
    from facts.progress
    from facts.intake
    select * from heedful.facts.message
    from main.message
    from temp.message
    from memory.message
    from system.information_schema.tables
    from information_schema.tables
    from information_schema.columns
    from pg_catalog.pg_tables
    from pg_tables
    from pg_class
    from sqlite_master
    from sqlite_schema
    from duckdb_tables
    from duckdb_tables()
    from duckdb_settings()
    from duckdb_databases()
    from duckdb_secrets()
    from duckdb_temporary_files()
    from duckdb_views()
    from duckdb_columns() where schema_name = 'facts'
    from pragma_table_info('facts.message')
    from pragma_storage_info('message')
    from pragma_database_size()
    from identity
    from progress
    from choice
    from unheard_of
    from "facts.message"
    from "Facts"."Message"
    from ＭＥＳＳＡＧＥ
    from mеssage
    with "facts.message" as (select 1) from facts.message
    with facts as (select 1) from facts.message
    with choice as (from choice) from choice
    with recursive choice as (from choice) from choice
    with recursive progress as (select n from progress union all select n from progress where false) from progress
    with recursive pg_class as (select 1 from pg_class union all select 1 from pg_class) from pg_class
    from (with choice as (from message) from choice), choice
    select * from message, facts.message
    select * from message join facts.message using (n)
    select (select max(position) from facts.progress)
    select n from message where n in (select n from facts.message)
    select n from message where exists (from facts.choice)
    select n from message order by (select 1 from facts.progress)
    select n from message limit (select n from facts.progress)
    select n from message group by (select n from facts.progress), n
    select sum(n) filter (where n in (select n from facts.message)) from message
    select max(n) over (order by (select 1 from facts.progress)) from message
    select list_transform([1], lambda x: (select n from facts.progress))
    select case when true then (select n from facts.progress) end
    select * from message m, lateral (select * from facts.message f where f.n = m.n)
    from message union all from facts.message
    from message except from facts.message
    from query('from facts.message')
    from query_table('facts.message')
    from query_table(['facts.message'])
    from read_csv('/etc/passwd')
    from read_csv_auto('/etc/passwd')
    from read_text('/etc/hosts')
    from read_blob('/etc/hosts')
    from read_json('/etc/hosts')
    from read_json_auto('/etc/hosts')
    from read_parquet('x.parquet')
    from parquet_metadata('x.parquet')
    from parquet_scan('x.parquet')
    from sniff_csv('/etc/passwd')
    from glob('/etc/*')
    from '/etc/hosts'
    from 'x.csv'
    from "/etc/hosts"
    from sqlite_scan('data/keys.db', 'api_key')
    from seq_scan('facts.message')
    from arrow_scan(1, 2, 3)
    from json_execute_serialized_sql(json_serialize_sql('from facts.message'))
    from repeat_row(1, num_rows = 3)
    from test_all_types()
    from unnest((select list(n) from facts.message))
    from range((select max(n) from facts.message))
    from (describe message)
    from (show all tables)
    from (show tables)
    from (summarize message)
    from (pivot message on channel using count(*))
    from (pivot message on channel in ('email') using count(*))
    from (unpivot message on n)
    describe message
    summarize message
    show tables
    show all tables
    pragma database_list
    pragma table_info('message')
    call pragma_version()
    explain select 1
    explain analyze from facts.message
    set threads = 1
    reset threads
    set global enable_external_access = true
    attach 'x.duckdb'
    attach ':memory:' as m
    detach heedful
    use facts
    load httpfs
    install httpfs
    copy message to '/tmp/out.csv'
    copy facts.message to '/tmp/out.csv'
    copy (from message) to '/tmp/out.csv'
    export database '/tmp/out'
    create table stolen as from message
    create view stolen as from message
    create macro m(x) as x
    create function f(x) as (select x)
    insert into facts.progress values (1, 1, 1, 1)
    update facts.message set text = ''
    delete from facts.message
    truncate facts.message
    drop table facts.message
    alter table facts.message drop column text
    merge into facts.message using message on false when matched then delete
    with gone as (delete from facts.message returning *) from gone
    with x as (update facts.message set text = '' returning *) from x
    with x as (insert into facts.progress values (1, 1, 1, 1) returning *) from x
    begin
    commit
    rollback
    checkpoint
    force checkpoint
    vacuum
    prepare p as select 1
    execute p
    deallocate p
    select 1; select 2
    select 1; drop table facts.message
    select 1) union all (select 2
    select 1) union all (from facts.message
    select 1 /*
    select 1 /* -- */ from facts.message
    /* */ from/**/facts/**/./**/message
    values (1); from facts.message
"""
"""One a line."""


@pytest.mark.parametrize("text", [line.strip() for line in REFUSED.strip().splitlines()] + ["", " ", ";", "--", "\0"])
def test_sql_refuses_everything_else(text: str, store: Store) -> None:
    with pytest.raises(NotAllowed):
        asked(store, text)
    with store.view(ANALYST) as view:
        assert len(view.frame("message").collect("pyarrow").to_arrow()) == 2


TELLING = """
    select getenv('HOME')
    select current_setting('temp_directory')
    select current_setting('secret_directory')
    select json_serialize_sql('from facts.message')
    select getvariable('x')
    select current_database()
    select current_schemas(true)
    select version()
    select pg_get_viewdef(1)
    select nextval('x')
    select txid_current()
    select get_block_size('heedful')
    select write_log('x')
    select in_search_path('heedful', 'facts')
    select has_table_privilege('facts.message', 'select')
    select sleep_ms(1)
    select pg_sleep(1)
    select setseed(0.5)
    select current_query()
    select heedful.main.abs(1)
    select max(n) over (order by current_setting('threads')) from message
    select list_transform([1], lambda x: current_setting('threads'))
    select file_size('/etc/hosts')
    select read_text('/etc/hosts')
"""
"""Functions that tell about the machine or the database and not about records: each must be refused too."""


@pytest.mark.parametrize("text", [line.strip() for line in TELLING.strip().splitlines()])
def test_sql_calls_no_function_that_tells_about_the_machine(text: str, store: Store) -> None:
    with pytest.raises(NotAllowed):
        asked(store, text)


def test_names_without_a_schema_reach_nothing_even_unchecked(store: Store) -> None:
    import duckdb

    with pytest.raises(duckdb.CatalogException, match="does not exist"):
        store._con.sql("from message")


@pytest.mark.parametrize("text", ["from read_text('/etc/hosts')", "attach 'x.duckdb'", "copy (select 1) to '/tmp/x'"])
def test_the_database_itself_reaches_no_file_even_unchecked(text: str, store: Store) -> None:
    import duckdb

    with pytest.raises((duckdb.PermissionException, duckdb.InvalidInputException, duckdb.IOException)):
        store._con.execute(text)
    with pytest.raises(duckdb.InvalidInputException, match="locked"):
        store._con.execute("set enable_external_access = true")


def test_python_values_of_the_caller_are_out_of_reach(store: Store) -> None:
    stolen = pl.DataFrame({"n": [1]})
    assert len(stolen) == 1
    with pytest.raises(NotAllowed, match="stolen"):
        asked(store, "from stolen")


def test_parameters_are_values_and_never_text_of_the_query(store: Store) -> None:
    assert asked(store, "select n from message where text = $t", t="' or true or '") == []
    assert asked(store, "select $t as t", t="message; drop table facts.message") == [
        {"t": "message; drop table facts.message"}
    ]


def test_only_who_may_write_sql_may(store: Store) -> None:
    for role in ("viewer", "agent", "demo", "privacy officer"):
        with pytest.raises(NotAllowed, match="sql"):
            asked(store, "select 1", Viewer("nobody", frozenset({role})))
    with pytest.raises(NotAllowed, match="sql"):
        asked(store, "select 1", Viewer("nobody", frozenset()))


def test_columns_and_tables_that_a_role_may_not_read_are_not_there(store: Store) -> None:
    plain = Viewer("victor", frozenset({"viewer"}))
    with store.view(plain) as view:
        assert view.query("select n from message order by n").collect("pyarrow").to_arrow().to_pylist() == TWO
        with pytest.raises(NotAllowed, match="consent"):
            view.query("from consent")
        with pytest.raises(NotAllowed, match="consent"):
            view.frame("consent")
    for text in ("select text from message", "select m.text from message m", "select message.text from message"):
        with store.view(plain) as view, pytest.raises(Exception, match="text"):
            view.query(text).collect("pyarrow")


def test_a_refusal_names_what_was_asked_for_and_what_may_be_read(store: Store) -> None:
    with pytest.raises(NotAllowed) as refused:
        asked(store, "from facts.message")
    assert "ann may not use facts.message" in str(refused.value)
    assert "may read: answer, assignment, consent, event, item, message, profile, reading, topic, verdict" in str(
        refused.value
    )


LATE = "select word::int from (select unnest(['1', 'one']) as word)"
"""A mistake that only the rows show."""


def test_sql_that_fails_is_an_error_of_ours(store: Store) -> None:
    for text in ("select nothing from message", "select n +", "select $missing", "select 1 +* 2", LATE):
        with pytest.raises(HeedfulError):
            asked(store, text)


def test_an_error_in_the_rows_leaves_errors_of_ours_behind(store: Store) -> None:
    with store.view(ANALYST) as view:
        for text in (LATE, "select 1"):
            with pytest.raises(BadSettings, match="cannot be run"):
                view.sql(text)


def test_sql_brings_only_so_many_rows(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view_module, "MOST_ROWS", 3)
    assert len(asked(store, "select unnest([1, 2, 3]) as i")) == 3
    with pytest.raises(BadSettings, match=r"more than 3 rows: group them, or add a limit"):
        asked(store, "select unnest([1, 2, 3, 4]) as i")


def test_other_engines_have_no_sql() -> None:
    tables = {"message": nw.from_native(pl.LazyFrame({"n": [1], "person": [1]}))}
    view = View(ANALYST, tables, choices=lambda: Choices("legitimate interest"))
    with pytest.raises(NotAllowed, match="DuckDB only"):
        view.sql("from message")


def test_time_is_utc_whatever_the_machine_says(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from heedful.store.facts import Store; "
        "store = Store(Path(sys.argv[1]), basis={}); "
        "print(store._con.cursor().sql(\"select current_setting('TimeZone')\").fetchall())"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "heedful.duckdb")]
    out = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "TZ": "Asia/Kathmandu"})
    assert out.stdout.strip() == "[('UTC',)]", out.stderr
