"""`heedful check` and `heedful study`: the same counts with and without a server, and examples to teach from."""

import csv
import json
import random
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

import shop
from heedful.cli.commands import app
from heedful.insight.checking import Task, next_one, verdict
from heedful.privacy.viewer import Viewer
from heedful.store.place import Place
from in_turn import in_turn
from serving import serving

ANALYST = Viewer("user:ann", frozenset({"analyst"}), smallest=1)


def run(*arguments: str) -> str:
    done = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    opened = shop.open_shop(tmp_path)
    opened.take("message", shop.messages(60))
    for label in ["neutral"] * 18 + ["negative"] * 6:
        with opened.store.view(ANALYST) as view:
            id = next_one(view, Task(), "ann")
            rows = verdict(view, Task(), id, label, "ann", now=shop.NOW, newest=10**6)
        opened.store.append_verdicts(rows)
    opened.close()
    return opened.place.folder


def test_it_tells_how_often_a_reading_is_right(folder: Path) -> None:
    told = json.loads(run("check", "--json", "--workspace", str(folder)))
    assert (told["looked"], told["both"], told["kappa"]) == (24, 0, None)
    counts = told["called"]
    assert sum(sum(truly.values()) for truly in counts.values()) == told["sampled"] <= 24
    right = sum(counts[label][label] for label in counts) / told["sampled"]
    assert told["accuracy"]["value"] == pytest.approx(right)
    said = run("check", "--workspace", str(folder))
    assert f"Read rightly: {right:.0%}" in said
    assert "24 message(s) looked at" in said


def test_what_was_checked_can_be_taught_from(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "checked.csv"
    run("check", "--out", str(out), "--workspace", str(folder))
    rows = list(csv.DictReader(out.read_text().splitlines()))
    assert len(rows) == 24
    assert {row["label"] for row in rows} == {"neutral", "negative"}
    assert all(row["text"] for row in rows)
    taught = json.loads(
        run("teach", str(out), *"--text text --label label --name TONE --json --out".split(), str(tmp_path / "tone"))
    )
    assert taught["examples"] + taught["repeated"] + taught["left_out"] >= 20


@pytest.mark.parametrize("reading", in_turn(["category:intent: a/b?", "label:joy", "topic:topic-1"], 3))
def test_any_name_can_be_asked_for_with_and_without_a_server(folder: Path, reading: str) -> None:
    place, task = Place.at(folder), Task(reading)
    with closing(place.store()) as store:
        with store.view(ANALYST) as view:
            (message,) = view.frame("message").select("id").head(1).collect("pyarrow").to_arrow()["id"].to_pylist()
            rows = verdict(view, task, message, "yes", "ann", now=shop.NOW, newest=10**6)
        store.append_verdicts(rows)
    alone = json.loads(run("check", reading, "--json", "--workspace", str(folder)))
    examples = folder / "alone.csv"
    run("check", reading, "--out", str(examples), "--workspace", str(folder))
    with serving(place):
        told = json.loads(run("check", reading, "--json", "--workspace", str(folder)))
        run("check", reading, "--out", str(folder / "served.csv"), "--workspace", str(folder))
    assert alone["looked"] == told["looked"] == 1
    assert set(told["called"]) == {"yes", "no"}
    for name in ("alone.csv", "served.csv"):
        (row,) = csv.DictReader((folder / name).read_text().splitlines())
        assert row["label"] == {"label:joy": "joy", "topic:topic-1": "topic-1"}.get(reading, "a/b?")


def sheet(path: Path, rows: int = 2_000, checked: int = 10) -> dict[str, float]:
    """Predictions of which one in four is wrong, one in ten checked; the true shares."""
    draw, truth = random.Random(3), []
    with path.open("w", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["id", "model", "checked by us"])
        for i in range(rows):
            truth.append(draw.choices("abc", (60, 30, 10))[0])
            called = truth[-1] if draw.random() < 0.75 else draw.choice("abc")
            lines.writerow([i, called, truth[-1] if i % checked == 0 else ""])
    return {label: truth.count(label) / rows for label in "abc"}


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_prevalence_of_a_file(tmp_path: Path, ending: str) -> None:
    source, out = tmp_path / "in.csv", tmp_path / f"out.{ending}"
    truth = sheet(source)
    run(
        *"study prevalence --map".split(),
        "predicted=model,label=checked by us",
        "--input",
        str(source),
        "--out",
        str(out),
    )
    if ending == "parquet":
        import pyarrow.parquet as pq

        rows = pq.read_table(out).to_pylist()
    else:
        lines = out.read_text().splitlines()
        rows = list(csv.DictReader(lines)) if ending == "csv" else [json.loads(line) for line in lines]
    assert list(rows[0]) == "class naive naive_low naive_high corrected low high checked rows".split()
    assert [row["class"] for row in rows] == ["a", "b", "c"]
    for row in rows:
        assert (int(row["checked"]), int(row["rows"])) == (200, 2_000)
        assert float(row["low"]) <= truth[row["class"]] <= float(row["high"])
    assert sum(float(row["corrected"]) for row in rows) == pytest.approx(1, abs=1e-5)


def test_studies_are_listed() -> None:
    assert "prevalence" in run("study")
    assert {"study", "help"} == json.loads(run("study", "--json"))[0].keys()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["study", "nope", "--input", "in.csv"],
            "no study named 'nope'; there are: anomalies, changed, influence, new, prevalence, stories, topics, where",
        ),
        (["study", "prevalence"], "the study prevalence is of a file: name it with --input"),
        (["study", "prevalence", "--input", "in.csv"], "which column of in.csv is the predicted?"),
        (["study", "prevalence", "--input", "in.csv", "--map", "predicted=x,label=id"], "no column 'x'"),
        (["study", "prevalence", "--input", "in.csv", "--map", "text=id"], "has no such field; it has: predicted"),
        (["study", "prevalence", "--input", "missing.csv"], "missing.csv"),
        (
            ["study", "prevalence", "--input", "in.csv", "--map", "predicted=model,label=model", "--out", "in.csv"],
            "is the file that is being read",
        ),
    ],
)
def test_what_is_wrong_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    sheet(tmp_path / "in.csv", 30)
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code != 0
    assert said in str(done.exception)
