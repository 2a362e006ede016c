"""Rows for bench/ask.py, made inside the database: a year of messages and events in stored shape.

People come up as often as chance has it, one in twenty messages has none, one person in a hundred refused. One in
four messages is the company's, and half of those name the message they answer.
"""

from pathlib import Path

import duckdb

from heedful.store.schema import BESIDE, NEW_PEOPLE, PARENT_KEY, WHO, prepare

PICK = "[1 + ({hash} % {count})::int]"


def one_of(words: str, number: int) -> str:
    """SQL for one word of a list, by chance; `-` is null."""
    listed = ", ".join("null" if word == "-" else f"'{word}'" for word in words.split())
    return f"[{listed}]" + PICK.format(hash=f"hash(i * {number})", count=len(words.split()))


def at(count: int) -> str:
    """SQL for a time in the year before 20 November 2026, in the order of the rows but for an hour."""
    step = 365 * 86_400_000_000 / count
    return f"timestamp '2025-11-20' + to_microseconds((i * {step})::bigint + (hash(i * 43) % 3600000000)::bigint)"


def build(path: Path, messages: int, events: int) -> None:
    """Make the database file; one that is there is taken as it is."""
    if path.exists():
        return
    con = duckdb.connect(str(path), config={"memory_limit": "3GB", "temp_directory": str(path.parent / "spill")})
    con.execute("set global TimeZone = 'UTC'")
    prepare(con, str(path))
    con.execute(_messages(messages))
    con.execute(_readings())
    con.execute(_events(events, messages))
    con.execute(_CHOICES)
    _beside(con)
    con.execute("update facts.progress set n = ?, r = ?", [messages + events, messages])
    con.execute("checkpoint")
    con.close()


def _beside(con: duckdb.DuckDBPyConnection) -> None:
    """Number the people, and put the readings beside the messages."""
    everybody = "select person from facts.message union select person from facts.event"
    con.execute(NEW_PEOPLE.format(came=everybody))
    for table in ("message", "event"):
        con.execute(WHO.format(table=f"facts.{table}"))
    con.execute(BESIDE.format(readings="facts.reading"))


def _messages(count: int) -> str:
    return f"""
    insert into facts.message by name
    select i as n, md5(i::varchar) as id, {one_of("twitter appstore survey desk mail phone reddit web", 7)} as source,
    {one_of("social review survey chat email call forum form", 7)} as channel,
    {one_of("post comment mention review direct turn", 3)} as kind,
    case when hash(i * 53) % 4 = 0 then 'out' else 'in' end as direction,
    case when hash(i * 7) % 8 in (3, 4) then 't' || (i // 6) end as thread,
    case when hash(i * 53) % 4 = 0 and hash(i * 103) % 2 = 0 then md5((i - 1 - (hash(i * 101) % 5000)::int)::varchar)
    end as parent,
    case when hash(i * 53) % 4 = 0 or hash(i * 5) % 20 = 0 then null else hash((hash(i * 11) % 50000)::bigint) end
    as person,
    case when hash(i * 59) % 3 = 0 then ['tag' || (hash(i * 61) % 50)] end as hashtags,
    'Message ' || i || ' says ' || md5(i::varchar) || ' and ' || md5((i * 2)::varchar) as text,
    {one_of("en en en de es -", 67)} as language,
    case when hash(i * 71) % 10 < 7 then ['Acme'] when hash(i * 71) % 10 = 7 then ['Acme', 'Bolt']
    when hash(i * 71) % 10 = 8 then ['Bolt'] end as brand,
    case when hash(i * 13) % 3 = 0 then 'item-' || (hash(i * 17) % 2000) end as item,
    case when hash(i * 7) % 8 = 1 then (hash(i * 73) % 5) / 4.0 end as rating,
    case when hash(i * 7) % 8 = 0 then (hash(i * 83) % 10000) end as reach,
    {one_of("DE US GB FR ES IT NL -", 41)} as country, {at(count)} as occurred_at, occurred_at as ingested_at,
    ('0x' || md5(i::varchar)[:16])::ubigint as key,
    {PARENT_KEY} as parent_key, hash(i * 47) as version from range({count}) r(i)"""


def _readings() -> str:
    return f"""
    insert into facts.reading by name
    select n, id as message, 'sentiment=1' as version, ingested_at as read_at, person, occurred_at,
    coalesce(language, 'en') as language,
    {one_of("negative neutral neutral positive", 89).replace("i *", "n *")} as sentiment, n as r
    from facts.message where hash(n * 97) % 20 <> 0"""


def _events(count: int, first: int) -> str:
    return f"""
    insert into facts.event by name
    select i + {first} as n, md5((-i)::varchar) as id, {one_of("web app shop desk", 7)} as source,
    {one_of("view view view search basket purchase sign_in open refund click", 3)} as name,
    case when hash(i * 5) % 10 = 0 then null else hash((hash(i * 11) % 500000)::bigint) end as person,
    case when hash(i * 13) % 3 = 0 then 'item-' || (hash(i * 17) % 2000) end as item,
    case when hash(i * 3) % 10 = 5 then (hash(i * 19) % 10000) / 100.0 end as value,
    case when hash(i * 3) % 10 = 5 then 'EUR' end as currency, '/p/' || (hash(i * 23) % 500) as path,
    case when hash(i * 29) % 5 = 0 then 'campaign-' || (hash(i * 31) % 20) end as campaign,
    {one_of("phone desktop tablet -", 37)} as device, {one_of("DE US GB FR ES IT NL -", 41)} as country,
    {at(count)} as occurred_at, occurred_at as ingested_at, hash(i) as key, hash(i * 47) as version
    from range({count}) r(i)"""


_CHOICES = """
    insert into facts.choice
    select distinct person, 'insight', timestamp '2026-01-01', null::timestamp, false from facts.message
    where person is not null and person % 100 = 0"""
