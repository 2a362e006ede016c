"""Forgetting people equals never having taken them in: every fact table, and the answers of metrics."""

import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from canary import OFFICER, put, rows, settle
from heedful.insight.ask import Question, ask
from heedful.intake import forget
from heedful.privacy.viewer import Viewer
from heedful.store.place import Place, make

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ANALYST = Viewer("analyst", frozenset({"analyst"}), smallest=1)
NUMBERED = {"n", "r", "until", "who", "ingested_at", "read_at"}
"""What depends on the order and time of storing."""
MOODS = ("lovely", "awful", "plain")


def records(draw: random.Random) -> list[tuple[str, dict[str, Any]]]:
    """Records of all kinds in random order; those of nobody, edits and choices among them."""
    people = [f"person{i}@example.org" for i in range(8)]
    made: list[tuple[str, dict[str, Any]]] = []
    for i in range(draw.randrange(60, 120)):
        person = draw.choice([*people, None])
        at = {"occurred_at": f"2026-03-{draw.randrange(1, 29):02d}T{draw.randrange(24):02d}:00:00Z"}
        table = draw.choice(("message", "message", "message", "event", "answer", "profile", "consent"))
        at = {} if table != "consent" and draw.random() < 0.1 else at  # an undated choice holds from when it came in
        one: dict[str, Any] = {"id": f"{table}{i}", **at}
        one |= {"person": person} if person else {}
        one |= _told(draw, table, i)
        if table in ("profile", "consent") and not person:
            continue
        made.append((table, one))
        if table == "message" and draw.random() < 0.3:
            made.append((table, one | {"text": f"{one['text']} Edited, {draw.choice(MOODS)}."}))
    return made


def _told(draw: random.Random, table: str, i: int) -> dict[str, Any]:
    return {
        "message": {
            "text": f"It is {draw.choice(MOODS)}, number {i}.",
            "channel": draw.choice(("social", "review", "email")),
            "parent": f"message{draw.randrange(i + 1)}" if draw.random() < 0.3 else None,
            "mentions": [f"friend{draw.randrange(5)}"] if draw.random() < 0.3 else None,
        },
        "event": {"name": draw.choice(("view", "buy")), "anonymous": f"phone{i % 40}" if draw.random() < 0.5 else None},
        "answer": {"survey": "nps", "response": f"r{i}", "question": "score", "value": float(draw.randrange(11))},
        "profile": {"trait": "plan", "value": draw.choice(("free", "paid"))},
        "consent": {"purpose": "insight", "granted": draw.random() < 0.7},
    }[table]


def workspace(folder: Path, taken: list[tuple[str, dict[str, Any]]], secret: str) -> Place:
    made = make(folder, name="Test")
    (folder / "secret.key").write_text(secret)
    place = Place.at(made.folder)
    for table, record in taken:
        put(place, table, [record])
    settle(place)
    return place


def facts(place: Place) -> Mapping[str, list[str]]:
    """Every table without what depends on the order and time of storing."""
    import duckdb

    with duckdb.connect(str(place.data / "heedful.duckdb"), read_only=True) as con:
        columns = con.execute(
            "select table_schema || '.' || table_name, list(column_name order by ordinal_position) "
            "from information_schema.columns group by all"
        ).fetchall()
    kept = {table: [i for i, name in enumerate(names) if name not in NUMBERED] for table, names in columns}
    found = rows(place)
    skipped = ("facts.progress", "facts.intake", "facts.brought", "facts.person")
    told = {t: sorted(repr([row[i] for i in kept[t]]) for row in some) for t, some in found.items() if t not in skipped}
    return told | {"facts.person": sorted(str(person) for person, _ in found["facts.person"])}


def answers(place: Place) -> list[Any]:
    asked = [
        Question(metric, by, zone="UTC")
        for metric in ("volume", "people", "net_sentiment")
        for by in ((), ("channel",))
    ]
    asked.append(Question("people", ("day",), zone="UTC"))
    with forget.opened(place) as parts, parts.drain.store.view(ANALYST) as view:
        given = [ask(view, question, now=NOW) for question in asked]
    return [[replace(answer, as_of="").to_json()] for answer in given]


MANY = [pytest.param(seed, marks=[pytest.mark.soak] if seed > 1 else []) for seed in range(12)]


@pytest.mark.parametrize("seed", MANY)
def test_forgotten_is_as_never_taken(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    taken = records(draw)
    secret = draw.randbytes(32).hex()
    gone = draw.sample([f"person{i}@example.org" for i in range(8)], draw.randrange(1, 5))
    theirs = {one["anonymous"] for _, one in taken if one.get("anonymous") and one.get("person") in gone}
    shared = {one["anonymous"] for _, one in taken if one.get("anonymous") and one.get("person") not in (*gone, None)}
    visits = theirs - shared

    def kept(one: Mapping[str, Any]) -> bool:
        visited = one.get("anonymous") in visits and "person" not in one
        return one.get("person") not in gone and not visited

    some = workspace(tmp_path / "some", taken, secret)
    with forget.opened(some) as forgetting:
        forgetting.forget(gone, OFFICER, NOW)
        forgetting.compact()
    some.store().close()
    none = workspace(tmp_path / "none", [(table, one) for table, one in taken if kept(one)], secret)
    told, never = facts(some), facts(none)
    assert told.keys() == never.keys()
    for table, expected in never.items():
        assert told[table] == expected, table
    assert answers(some) == answers(none)
    assert len(told["facts.message"]) > 5
