"""One number everywhere: API, CSV, Parquet, command line, Python and page give the same figures and the same rows."""

import csv
import io
import json
import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

import over_http
from heedful import folder
from heedful.cli.commands import app
from heedful.insight import metrics
from heedful.insight.ask import Question
from heedful.settings import FILE
from heedful.store.place import Place, make
from heedful.workspace import Workspace
from in_turn import in_turn
from serving import Serving, serving, write_key

ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"]
CLOCKS_CHANGE = [datetime(2026, 10, 25, 1, tzinfo=UTC), datetime(2026, 11, 1, 6, tzinfo=UTC)]
MARKET = """
[weights.market.channel]
social = 0.2
review = 0.7
chat = 0.1
[weights.market.country]
DE = 0.9
"*" = 0.1
"""
SAID = ["I love it, great service!", "Awful. It broke after one day.", "The shop opens at nine.", "Wo ist mein Paket?"]


def messages(draw: random.Random, count: int) -> list[dict[str, Any]]:
    """Messages in which whatever may be missing sometimes is, many of them in hours when clocks change."""
    found = []
    for n in range(count):
        at = draw.choice(CLOCKS_CHANGE) + timedelta(minutes=draw.randrange(-6000, 6000))
        record = {
            "id": f"m{n}",
            "text": f"{draw.choice(SAID)} {n}",
            "channel": draw.choice(["social", "review", "chat"]),
            "direction": draw.choice(["in", "in", "in", "out"]),
            "person": draw.choice([None, *(f"u{i}" for i in range(60))]),
            "brand": draw.choice([None, ["Acme"], ["Acme", "O'Hare"]]),
            "rating": draw.choice([None, 0.0, 0.25, 1.0]),
            "reach": draw.choice([None, 10, 2000]),
            "country": draw.choice([None, "DE", "US"]),
            "parent": f"m{draw.randrange(n)}" if n and draw.random() < 0.3 else None,
            "occurred_at": draw.choice([None, *[at.isoformat()] * 9]),
        }
        found.append({name: value for name, value in record.items() if value is not None})
    return found


def events(draw: random.Random, count: int) -> list[dict[str, Any]]:
    """Events of the same people and days."""
    return [
        {
            "id": f"e{n}",
            "name": draw.choice(["page_view", "purchase"]),
            "person": f"u{draw.randrange(80)}",
            "value": draw.randrange(100) / 4,
            "device": draw.choice(["phone", "desktop"]),
            "occurred_at": (draw.choice(CLOCKS_CHANGE) + timedelta(minutes=draw.randrange(-6000, 6000))).isoformat(),
        }
        for n in range(count)
    ]


def answers(draw: random.Random, count: int) -> list[dict[str, Any]]:
    """Answers to two questions of a survey."""
    return [
        {
            "id": f"a{n}",
            "survey": draw.choice(["spring", "autumn"]),
            "response": f"r{n // 2}",
            "question": draw.choice(["nps", "why"]),
            "value": float(draw.randrange(11)),
            "occurred_at": (draw.choice(CLOCKS_CHANGE) + timedelta(minutes=draw.randrange(-6000, 6000))).isoformat(),
        }
        for n in range(count)
    ]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    settings = make(tmp_path_factory.mktemp("one") / "workspace").folder / FILE
    settings.write_text(settings.read_text() + MARKET)
    return Place.at(settings.parent)


@pytest.fixture(scope="module")
def server(place: Place) -> Iterator[Serving]:
    draw = random.Random(5)
    with serving(place) as server:
        headers = write_key(place)
        for many, records in (
            ("messages", messages(draw, 500)),
            ("events", events(draw, 400)),
            ("answers", answers(draw, 300)),
        ):
            assert over_http.post(f"{server.url}/v1/{many}", json=records, headers=headers).status_code == 202
        server.settle()
        until = time.monotonic() + 240  # reading gives way to whatever else the machine has to do
        while server.get("/v1/status").json()["unread"]:
            assert time.monotonic() < until, "the messages were not read within four minutes"
            time.sleep(0.1)
        yield server


KNOWN = {
    "event": ["name", "device", "day", "hour", "week"],
    "answer": ["survey", "question", "day", "hour", "week"],
    "message": ["channel", "brand", "country", "day", "hour"],
}

VALUES = {
    "name": "purchase",
    "survey": "spring",
    "device": "phone",
    "channel": "review",
    "brand": "O'Hare",
    "country": "DE",
}


def questions(count: int) -> list[Question]:
    """Random questions: each metric, up to two dimensions, filters, periods that cross a change of clocks."""
    draw = random.Random(11)
    names = folder.names(metrics)
    found = []
    for number in range(count):
        name = names[number % len(names)]
        known = KNOWN.get(folder.load(metrics, name).OF, KNOWN["message"])
        by = tuple(draw.sample(known, draw.randrange(3)))
        where = tuple((d, VALUES[d]) for d in draw.sample(sorted(set(VALUES) & set(known)), draw.randrange(2)))
        since = draw.choice([None, "2026-10-24", "2026-10-25T02:30"])
        until = draw.choice([None, "2026-11-02", "2026-10-26"])
        found.append(Question(name, by, where, since, until, draw.choice(ZONES)))
    return found


PLAIN = ("since", "until", "weights")


def address(question: Question) -> dict[str, Any]:
    where = [f"{name}={value}" for name, value in question.where]
    asked = {"by": ",".join(question.by), "where": where, "tz": question.zone}
    return {k: v for k, v in {**asked, **{name: getattr(question, name) for name in PLAIN}}.items() if v}


def options(question: Question) -> list[str]:
    given = [part for name, value in question.where for part in ("--where", f"{name}={value}")]
    given += ["--by", ",".join(question.by)] if question.by else []
    for name in PLAIN:
        given += [f"--{name}", value] if (value := getattr(question, name)) else []
    return [*given, "--tz", question.zone]


def figures(rows: list[dict[str, Any]], by: tuple[str, ...]) -> list[tuple[Any, ...]]:
    """Rows as plain values that compare across formats: groups as they are, numbers as floats."""
    numbers = ("value", "low", "high", "rows", "people")
    return [
        (*(row[d] or None for d in by), *(None if row[n] in (None, "") else float(row[n]) for n in numbers))
        for row in rows
    ]


EACH_ONCE = len(folder.names(metrics))
ALL = [pytest.param(q, marks=pytest.mark.soak if n >= EACH_ONCE else ()) for n, q in enumerate(questions(42))]
ALL += [
    pytest.param(Question("net_sentiment", ("brand", "day"), zone="Asia/Kathmandu", weights="market")),
    pytest.param(Question("share", ("brand", "sentiment"), weights="market")),
    pytest.param(Question("mean_rating", ("brand",), since="2026-10-24", weights="market")),
]


@pytest.mark.parametrize("question", ALL, ids=lambda q: f"{q.metric}-{'-'.join(q.by)}-{q.zone}")
def test_every_surface_gives_the_same_figures(
    question: Question, server: Serving, place: Place, tmp_path: Path
) -> None:
    path = f"/v1/metrics/{question.metric}"
    answer = server.get(path, **address(question)).json()
    expected = figures(answer["rows"], question.by)
    as_csv = server.get(path, **address(question), format="csv").text
    assert figures(list(csv.DictReader(io.StringIO(as_csv))), question.by) == expected
    as_parquet = pq.read_table(io.BytesIO(server.get(path, **address(question), format="parquet").content)).to_pylist()
    assert figures(as_parquet, question.by) == expected
    asked = ["ask", question.metric, *options(question), "--workspace", str(place.folder)]
    printed = CliRunner().invoke(app, [*asked, "--json"])
    assert figures(json.loads(printed.stdout)["rows"], question.by) == expected
    assert CliRunner().invoke(app, [*asked, "--out", str(tmp_path / "figures.parquet")]).exit_code == 0
    assert figures(pq.read_table(tmp_path / "figures.parquet").to_pylist(), question.by) == expected
    assert figures(list(Workspace(place).ask(question)["rows"]), question.by) == expected


@pytest.mark.parametrize("question", ALL[::3], ids=lambda q: f"{q.metric}-{'-'.join(q.by)}-{q.zone}")
def test_a_figure_has_as_many_rows_behind_it_as_it_says(question: Question, server: Serving) -> None:
    path = f"/v1/metrics/{question.metric}"
    answer = server.get(path, **address(question)).json()
    for row in answer["rows"][:4]:
        groups = [f"{d}={'' if row[d] is None else row[d]}" for d in question.by]
        where = [f"{name}={value}" for name, value in question.where] + groups
        asked = {**address(question), "where": where, "as_of": answer["as_of"], "limit": 1000}
        asked.pop("by", None)
        found = server.get(f"{path}/evidence", **asked).json()["rows"]
        assert len(found) == (row["rows"] or 0)
        assert len({one["id"] for one in found}) == len(found)


@pytest.mark.parametrize(("zone", "period"), in_turn(product(ZONES, ["7d", "30d", "90d", "all"]), 7))
def test_the_page_and_its_twin_show_what_the_api_answers(period: str, zone: str, server: Serving) -> None:
    page = server.get("/index.json", period=period, tz=zone).json()
    html = server.get("/", period=period, tz=zone).text
    tiles = [tile for block in page["blocks"] for tile in block.get("tiles", ())]
    assert len(tiles) >= 7
    for tile in tiles:
        since = None if period == "all" else _since(int(period[:-1]), zone)
        asked = {"tz": zone, **({"since": since} if since else {})}
        row = server.get(f"/v1/metrics/{tile['metric']}", **asked).json()["rows"][0]
        assert (tile["value"], tile["low"], tile["high"]) == (row["value"], row["low"], row["high"]), tile["metric"]
        assert tile["shown"] in html


def _since(days: int, zone: str) -> str:
    from zoneinfo import ZoneInfo

    return (datetime.now(ZoneInfo(zone)).date() - timedelta(days=days - 1)).isoformat()


def test_without_a_server_the_command_line_gives_the_same(place: Place, server: Serving) -> None:
    asked = [q for q in questions(42) if q.by][:6]
    with_server = [figures(list(Workspace(place).ask(q)["rows"]), q.by) for q in asked]
    server.process.terminate()
    assert server.process.wait(60) == 0
    assert [figures(list(Workspace(place).ask(q)["rows"]), q.by) for q in asked] == with_server
