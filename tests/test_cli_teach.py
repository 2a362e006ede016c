"""`heedful teach` and `heedful read --with`, as one types them."""

import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from heedful.cli.commands import app
from heedful.cli.teaching import check_folder, check_name, loaded
from heedful.errors import BadSettings, NotFound

TEXTS = {
    "delivery": [
        "where is my parcel",
        "the package is late",
        "the courier lost the box",
        "when is it delivered",
        "\x1b[31mno parcel",
    ],
    "refund": [
        "i want my money back",
        "refund me please",
        "you owe me a repayment",
        "return it for a refund",
        "pay it back",
    ],
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HEEDFUL_WORKSPACE", raising=False)
    rows = [[text, label] for label, texts in TEXTS.items() for text in texts]
    with Path("examples.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["said", "about"], *rows, ["Where is  my parcel", "refund"], ["", "refund"]])
    Path("in.csv").write_text("text\nmy parcel is not here\nplease give me a refund\n")
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


TEACH = ("teach", "examples.csv", "--text", "said", "--label", "about", "--name", "topic")


def test_teaching_and_reading(folder: Path) -> None:
    done = run(*TEACH)
    assert done.exit_code == 0, done.output
    assert "topic: 11 examples of 2 labels; 1 row(s) lack a text or a label." in done.output
    assert "rows 1, 11: " in done.output
    assert "heedful read FILE --with topic" in done.output
    assert f'[[models]] with reading = "categories" and folder = "{folder / "topic"}"' in done.output
    assert "\x1b" not in done.output
    assert run("read", "in.csv", "--with", "topic", "--out", "out.csv").exit_code == 0
    rows = list(csv.DictReader(Path("out.csv").read_text().splitlines()))
    assert [row["topic_best"] for row in rows] == ["delivery", "refund"]
    assert all(0 <= float(row["topic_score"]) <= 1 for row in rows)


def test_as_json_and_the_folder_holds_no_texts(folder: Path) -> None:
    found = json.loads(run(*TEACH, "--out", "models/topic", "--json").output)
    assert found["folder"] == "models/topic"
    assert found["clashes"][0]["labels"] == ["delivery", "refund"]
    kept = Path("models/topic/taught.json").read_text()
    assert json.loads(kept)["found"]["examples"] == 11
    assert "parcel" not in kept


def test_teaching_again_takes_its_place(folder: Path) -> None:
    assert run(*TEACH).exit_code == 0
    before = Path("topic/taught.npz").read_bytes()
    assert run(*TEACH).exit_code == 0
    assert Path("topic/taught.npz").read_bytes() == before
    assert sorted(path.name for path in Path("topic").iterdir()) == ["taught.json", "taught.npz"]


@pytest.mark.parametrize("name", ["sentiment", "", " ", "a\nb", "x" * 61, "../up", ".hidden"])
def test_names_that_no_column_can_have(name: str) -> None:
    with pytest.raises(BadSettings, match="--name"):
        check_name(name)


def test_folders_of_others_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(BadSettings, match="holds other files"):
        check_folder(tmp_path)
    with pytest.raises(BadSettings, match="is a file"):
        check_folder(tmp_path / "notes.txt")


def test_a_missing_column_is_said_with_those_that_are_there(folder: Path) -> None:
    done = run("teach", "examples.csv", "--text", "text", "--label", "about", "--name", "topic")
    assert isinstance(done.exception, BadSettings)
    assert "no column 'text'; there are: said, about" in str(done.exception)


def test_two_of_one_name_are_refused(folder: Path) -> None:
    assert run(*TEACH).exit_code == 0
    with pytest.raises(BadSettings, match="both make the column 'topic'"):
        loaded([Path("topic"), Path("topic")])
    with pytest.raises(NotFound, match="no taught classifier"):
        loaded([Path("nowhere")])


def test_with_needs_a_file(folder: Path) -> None:
    assert "--with is for a FILE" in str(run("read", "--with", "topic").exception)
    assert "--language is for a FILE" in str(run("read", "--language", "de").exception)
    assert "--changes is for the messages of a workspace" in str(run("read", "in.csv", "--changes").exception)
