"""`heedful study new`: the same from Python, at the command line and over HTTP, with and without a server."""

import json
from datetime import timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

import heedful
import serving
import shop
from heedful.cli.commands import app
from heedful.insight.answer import Question

UNTIL = shop.NOW.isoformat()
ASKED = Question("", since="14d", until=UNTIL, zone="UTC")


def run(*arguments: str) -> str:
    done = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> shop.Shop:
    made = shop.open_shop(tmp_path_factory.mktemp("new"))
    made.take("message", shop.messages(1_200, days=90))
    burst = [
        {
            "id": f"b{n}",
            "channel": "review",
            "text": f"The escalator is broken, level {n}.",
            "person": f"p{n}@example.org",
        }
        | {"occurred_at": (shop.NOW - timedelta(minutes=40 * n + 1)).isoformat()}
        for n in range(20)
    ]
    made.take("message", burst)
    made.close()
    return made


def test_every_way_tells_the_same(opened: shop.Shop, tmp_path: Path) -> None:
    folder = str(opened.place.folder)
    found = heedful.open(folder).study("new", ASKED)
    assert "escalator" in {name for row in found.to_pylist() for name in (row["name"], *row["also"])}
    asked = ["study", "new", "--since", "14d", "--until", UNTIL, "--tz", "UTC", "--workspace", folder]
    lines = [json.loads(line) for line in run(*asked, "--json").splitlines()]
    assert [line["name"] for line in lines] == found["name"].to_pylist()
    assert [line["p"] for line in lines] == found["p"].to_pylist()
    out = tmp_path / "new.parquet"
    run(*asked, "--out", str(out))
    assert pq.read_table(out).equals(found)
    assert "escalator" in run(*asked)
    with serving.serving(opened.place) as served:
        answer = served.get("/v1/studies/new", since="14d", until=UNTIL, tz="UTC").json()["rows"]
        assert [row["name"] for row in answer] == found["name"].to_pylist()
        again = heedful.open(folder).study("new", ASKED)
        assert again.equals(found)
        assert again.schema.metadata[b"names"] == found.schema.metadata[b"names"]
        csv = served.get("/v1/studies/new", since="14d", until=UNTIL, tz="UTC", format="csv")
        assert len(csv.text.splitlines()) == found.num_rows + 1


def test_nothing_new_is_a_table_without_rows(opened: shop.Shop) -> None:
    until = (shop.NOW - timedelta(days=5)).isoformat()
    found = heedful.open(opened.place.folder).study("new", Question("", until=until))
    assert (found.num_rows, found.column_names[:3]) == (0, ["kind", "what", "name"])
    asked = ["study", "new", "--until", until, "--workspace", str(opened.place.folder)]
    assert "Nothing was found." in run(*asked)
