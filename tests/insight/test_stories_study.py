"""`heedful study stories` on a file: the same rows with the id of the first message of their story."""

import csv
import random
from pathlib import Path

import pytest
from typer.testing import CliRunner

from heedful.cli.commands import app

ROWS = [
    (
        "m1",
        "RT @cyclist: Two buses passed our stop in the rain with their lights off and nobody inside",
        "2026-03-02 09:00",
    ),
    ("m2", "Two buses passed our stop in the rain with their lights off and nobody inside", "2026-03-01 08:00"),
    ("m3", "The bakery on the corner gave us a free loaf because the queue was so long", "2026-03-01 10:00"),
    ("m4", "", "2026-03-01 11:00"),
    ("m5", "Two buses passed our stop in the rain with their lights off and no…", "2026-03-03 12:00"),
    ("m6", "thank you", "2026-03-03 12:00"),
    ("m7", "thank you", ""),
]
WANTED = {"m1": "m2", "m2": "m2", "m3": "m3", "m4": "", "m5": "m2", "m6": "m6", "m7": "m7"}


def studied(
    folder: Path, rows: list[tuple[str, ...]], mapping: str, *, header: str = "id,text,at"
) -> list[dict[str, str]]:
    with (folder / "in.csv").open("w", newline="") as file:
        file.write(header + "\n")
        csv.writer(file).writerows(rows)
    out = folder / "out.csv"
    arguments = ["study", "stories", "--input", str(folder / "in.csv"), "--out", str(out), "--map", mapping]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output + repr(done.exception)
    return list(csv.DictReader(out.read_text().splitlines()))


def test_rows_keep_their_order_and_get_the_first_message_of_their_story(tmp_path: Path) -> None:
    rows = studied(tmp_path, ROWS, "occurred_at=at")
    assert list(rows[0]) == ["id", "text", "at", "story"]
    assert [row["id"] for row in rows] == [row[0] for row in ROWS]
    assert {row["id"]: row["story"] for row in rows} == WANTED


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_another_order_of_rows_gives_the_same_stories(tmp_path: Path, seed: int) -> None:
    rows = random.Random(seed).sample(ROWS, len(ROWS))
    assert {row["id"]: row["story"] for row in studied(tmp_path, rows, "occurred_at=at")} == WANTED


def test_without_times_the_first_is_the_first_by_id(tmp_path: Path) -> None:
    rows = studied(tmp_path, ROWS[::-1], "text=text", header="id,text,note")
    assert {row["story"] for row in rows if row["id"] in ("m1", "m2", "m5")} == {"m1"}


def test_a_row_without_an_id_is_named_by_its_text(tmp_path: Path) -> None:
    rows = studied(tmp_path, [("", *row[1:]) for row in ROWS], "occurred_at=at")
    stories = [row["story"] for row in rows]
    assert stories[0] == stories[1] == stories[4]
    assert len(stories[0]) == 64
    assert stories[3] == ""


def test_a_column_called_story_is_kept(tmp_path: Path) -> None:
    rows = studied(tmp_path, [(*row[:2], "mine") for row in ROWS], "id=id,text=text", header="id,text,story")
    assert (rows[0]["input_story"], rows[0]["story"]) == ("mine", "m1")
