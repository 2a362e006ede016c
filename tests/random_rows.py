"""Rows at random for tests of questions: every nullable thing null sometimes, people with few and many rows."""

import random
from datetime import datetime, timedelta
from typing import Any

import narwhals.stable.v2 as nw
import pyarrow as pa

from heedful.privacy.viewer import Viewer
from heedful.privacy.visible import Choices
from heedful.records import CHANNELS, DIRECTIONS, GOEMOTIONS, KINDS, READ_BESIDE, SENTIMENTS, STORED
from heedful.store.view import View

START, END = datetime(2026, 3, 20), datetime(2026, 4, 12)
MAPS = ("attributes",)


def shape(table: str) -> pa.Schema:
    """The stored shape without maps, which Polars does not have."""
    return pa.schema([field for field in STORED[table] if field.name not in MAPS])


def made(count: int = 2000, seed: int = 7) -> dict[str, pa.Table]:
    """Messages, events, answers and readings over the weeks in which clocks change on both hemispheres."""
    draw = random.Random(seed)
    messages = [_message(draw, n) for n in range(count)]
    for row in messages:
        if row["direction"] == "out" and draw.random() < 0.5:
            answered = messages[draw.randrange(count)]
            row |= {"parent": answered["id"], "parent_key": answered["key"]}
    read = [_reading(draw, row) for row in messages if draw.random() < 0.85]
    rows = {
        "message": messages,
        "reading": read,
        "event": [_event(draw, count + i) for i in range(count)],
        "answer": [_answer(draw, 2 * count + i) for i in range(count // 2)],
    }
    tables = {name: pa.Table.from_pylist(many, shape(name)) for name, many in rows.items()}
    return tables | {"verdict": shape("verdict").empty_table()}


def _or_none(draw: random.Random, value: Any, share: float = 0.15) -> Any:
    return None if draw.random() < share else value


def _time(draw: random.Random) -> datetime | None:
    at = START + timedelta(
        seconds=draw.randrange(int((END - START).total_seconds())), microseconds=draw.randrange(10**6)
    )
    return _or_none(draw, at, 0.03)


def _person(draw: random.Random) -> int | None:
    number = int(draw.paretovariate(0.6)) % 400
    return _or_none(draw, 2**63 + number if number % 2 else number)


def _words(draw: random.Random, *known: str) -> list[str] | None:
    return _or_none(draw, draw.sample(known, min(len(known), draw.choice((0, 1, 1, 1, 2, 3)))))


def _common(n: int) -> dict[str, Any]:
    return {"n": n, "id": f"{n:032x}", "ingested_at": END, "key": n, "version": n}


def _message(draw: random.Random, n: int) -> dict[str, Any]:
    direction = draw.choices(DIRECTIONS, (4, 1))[0]
    return _common(n) | {
        "source": draw.choice(("shop", "o'hare", "mast\u00f6don")),
        "channel": draw.choice(CHANNELS[:3] if direction == "out" else CHANNELS[:5]),
        "kind": draw.choice(KINDS),
        "direction": direction,
        "thread": _or_none(draw, f"t{draw.randrange(300)}", 0.5),
        "person": _person(draw) if direction == "in" else None,
        "mentions": _or_none(draw, [2**64 - 1, 5]),
        "hashtags": _words(draw, "fail", "love", "\u2764"),
        "title": _or_none(draw, "A title"),
        "text": "The parcel never came.",
        "language": _or_none(draw, draw.choice(("en", "de")), 0.4),
        "brand": _words(draw, "Acme", "Bolt", "Cog"),
        "item": _or_none(draw, f"i{int(draw.paretovariate(1))}"),
        "rating": _or_none(draw, draw.choice((0.0, 0.19999, 0.2, 0.25, 0.5, 0.6, 0.75, 1.0)), 0.6),
        "reach": _or_none(draw, draw.randrange(10_000), 0.7),
        "country": _or_none(draw, draw.choices(("DE", "US", "NP", "TV"), (50, 40, 9, 0.3))[0]),
        "occurred_at": _time(draw),
        "read_topic": _or_none(random.Random(n), f"topic-{n % 3}"),
        "read_theme": _or_none(random.Random(n), f"theme-{n % 2}"),
    }


def _reading(draw: random.Random, message: dict[str, Any]) -> dict[str, Any]:
    return {
        "n": message["n"],
        "r": message["n"],
        "message": message["id"],
        "version": "sentiment=1",
        "read_at": END,
        "language": _or_none(draw, draw.choice(("en", "de", "es"))),
        "sentiment": _or_none(draw, draw.choices(SENTIMENTS, (3, 5, 2))[0], 0.1),
        "categories": _words(draw, "intent: refund", "intent: login"),
        "emotion": _or_none(random.Random(message["n"]), GOEMOTIONS[message["n"] % 4]),
        "labels": _words(random.Random(message["n"]), "irony", "spam", "gratitude"),
    }


def _event(draw: random.Random, n: int) -> dict[str, Any]:
    return _common(n) | {
        "source": draw.choice(("web", "app")),
        "name": draw.choice(("view", "search", "purchase")),
        "person": _person(draw),
        "item": _or_none(draw, f"i{int(draw.paretovariate(1))}"),
        "value": _or_none(draw, round(draw.uniform(-5, 100), 2)),
        "currency": _or_none(draw, draw.choice(("EUR", "USD"))),
        "campaign": _or_none(draw, "spring", 0.8),
        "device": _or_none(draw, draw.choice(("phone", "desktop"))),
        "country": _or_none(draw, draw.choice(("DE", "US"))),
        "occurred_at": _time(draw),
    }


def _answer(draw: random.Random, n: int) -> dict[str, Any]:
    return _common(n) | {
        "survey": draw.choice(("nps", "csat")),
        "response": f"r{draw.randrange(400)}",
        "question": draw.choice(("q1", "q2", "q3")),
        "wave": _or_none(draw, "w1"),
        "person": _person(draw),
        "value": _or_none(draw, float(draw.randrange(11))),
        "choices": _words(draw, "price", "speed"),
        "occurred_at": _time(draw),
    }


def viewer(smallest: int = 1, role: str = "analyst") -> Viewer:
    """Somebody who may ask everything, from groups of one on unless told."""
    return Viewer("tester", frozenset({role}), "insight", smallest)


def beside(tables: dict[str, pa.Table]) -> dict[str, pa.Table]:
    """The same tables with what the store keeps beside its rows."""
    people = {p for table in tables.values() if "person" in table.column_names for p in table["person"].to_pylist()}
    who = {person: i for i, person in enumerate(sorted(people - {None}))} | {None: None}
    made = dict(tables)
    for name in {"message", "event", "answer"} & tables.keys():
        numbers = pa.array([who[person] for person in tables[name]["person"].to_pylist()], pa.uint32())
        made[name] = _put(tables[name], "who", numbers)
    if {"message", "reading"} <= tables.keys():
        read = {row["n"]: row for row in tables["reading"].to_pylist()}
        for reading in READ_BESIDE:
            found = [read.get(n, {}).get(reading) for n in tables["message"]["n"].to_pylist()]
            made["message"] = _put(
                made["message"], f"read_{reading}", pa.array(found, STORED["reading"].field(reading).type)
            )
        said = {row["n"]: row for row in tables["message"].to_pylist()}
        for name in ("person", "occurred_at"):
            about = [said[n][name] for n in tables["reading"]["n"].to_pylist()]
            made["reading"] = _put(made["reading"], name, pa.array(about, STORED["reading"].field(name).type))
    return made


def _put(table: pa.Table, name: str, values: pa.Array) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, values)


def on_duckdb(tables: dict[str, pa.Table], who: Viewer, choices: Choices = Choices("legitimate interest")) -> View:
    """A view over an in-memory DuckDB."""
    import duckdb

    con = duckdb.connect()
    con.execute("set global TimeZone = 'UTC'")
    for name, table in beside(tables).items():
        con.register("arrived", table)
        con.execute(f"create table {name} as from arrived")
        con.unregister("arrived")
    frames = {name: nw.from_native(con.table(name)) for name in tables}
    return View(who, frames, choices=lambda: choices, as_of="9-9", con=con)


def on_polars(tables: dict[str, pa.Table], who: Viewer, choices: Choices = Choices("legitimate interest")) -> View:
    """A view over Polars, the second engine."""
    import polars as pl

    frames = {name: nw.from_native(pl.DataFrame(table).lazy()) for name, table in beside(tables).items()}
    return View(who, frames, choices=lambda: choices, as_of="9-9")


ENGINES = {"duckdb": on_duckdb, "polars": on_polars}
