"""`heedful study topics` on a file: the same rows with their topics, whatever their order and format."""

import csv
import json
import random
from pathlib import Path

import pytest
from typer.testing import CliRunner

from heedful.cli.commands import app
from heedful.insight.studies.topics import keys

ABOUT = {
    "parcel": ["My parcel is late again, delivery took {} days.", "The delivery of my parcel took {} days too long."],
    "refund": ["I want my money back, refund {} is still open.", "Refund number {} has not reached my account."],
    "app": ["The app crashes at login, error {}.", "After the update the app shows error {} at login."],
}


def written(path: Path, order: list[int], *, ids: bool = True) -> None:
    draw, rows = random.Random(4), []
    for n in range(90):
        about = list(ABOUT)[n % 3]
        rows.append((f"m{n}", draw.choice(ABOUT[about]).format(n), about))
    rows[5] = ("m5", "", rows[5][2])
    with path.open("w", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["review_id" if ids else "number", "review", "topic"])
        for place, n in enumerate(order):
            id, text, about = rows[n]
            lines.writerow([id if ids else place, text, about])


def studied(source: Path, out: Path, *more: str) -> list[dict[str, str]]:
    done = CliRunner().invoke(app, ["study", "topics", "--input", str(source), "--out", str(out), *more])
    assert done.exit_code == 0, done.output + repr(done.exception)
    lines = out.read_text().splitlines()
    return list(csv.DictReader(lines)) if out.suffix == ".csv" else [json.loads(line) for line in lines]


def test_rows_keep_their_order_and_get_topics(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    written(source, list(range(90)))
    mapping = "id=review_id,text=review,occurred_at=review_id"  # a time may be named, and changes nothing
    rows = studied(source, tmp_path / "out.csv", "--topics", "3", "--map", mapping)
    assert list(rows[0]) == ["review_id", "review", "input_topic", "topic", "topic_name", "theme", "theme_name"]
    assert [row["review_id"] for row in rows] == [f"m{n}" for n in range(90)]
    assert (rows[5]["topic"], rows[5]["topic_name"], rows[5]["theme"]) == ("", "", "")
    named = {row["topic"]: row["topic_name"] for row in rows if row["topic"]}
    assert len(named) == len(set(named.values())) == 3
    pairs = {(row["input_topic"], row["topic"]) for row in rows if row["topic"]}
    assert len(pairs) == 3, "each topic is what was written about one thing"


@pytest.mark.parametrize("ids", [True, False])
def test_another_order_gives_the_same_topics(tmp_path: Path, ids: bool) -> None:
    order = list(range(90))
    written(tmp_path / "in.csv", order)
    random.Random(1).shuffle(order)
    written(tmp_path / "mixed.csv", order, ids=ids)
    one = studied(tmp_path / "in.csv", tmp_path / "one.csv", "--map", "id=review_id")
    other = studied(tmp_path / "mixed.csv", tmp_path / "other.jsonl", *(["--map", "id=review_id"] if ids else []))
    told = {row["review"]: row["topic_name"] for row in one}
    if ids:
        assert {row["review"]: row["topic_name"] or "" for row in other} == told
    else:
        groups = {(told[row["review"]], row["topic_name"] or "") for row in other}
        assert len(groups) == len(set(told.values()))


def test_keys_are_each_row_s_own_in_any_order() -> None:
    made = keys(["a", None, "a", None], ["x", "same", "y", "same"])
    assert len(set(made)) == 4
    assert made[0] == "a"
    assert sorted(keys([None, None, None], ["x", "y", "x"])) == sorted(keys([None, None, None], ["y", "x", "x"]))


def test_more_topics_than_texts_is_refused(tmp_path: Path) -> None:
    (tmp_path / "two.csv").write_text("id,text\n1,Good morning.\n2,My order is late.\n")
    done = CliRunner().invoke(app, ["study", "topics", "--input", str(tmp_path / "two.csv"), "--topics", "5"])
    assert done.exit_code != 0
    assert "5 topics were asked for, but there are 2 different texts" in str(done.exception)
