"""A file in, the same rows in the same order with readings out."""

import csv
import gzip
import io
import json
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from heedful.errors import BadSettings
from heedful.language.annotate import added
from heedful.language.table import ROWS, kept_names, read_file

TEXTS = ["I love it, thank you!", "", "The shop opens at nine.", 'He said "never again",\nand left', "=1+1 awful"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with (tmp_path / "in.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["id", "text", "language"], *([at, text, "?"] for at, text in enumerate(TEXTS))])
    lines = [json.dumps({"id": at, "text": text, "more": {"a": [1, None]}}) for at, text in enumerate(TEXTS)]
    (tmp_path / "in.jsonl").write_text("\n".join(lines) + "\n")
    table = pa.table({"id": range(5), "text": TEXTS, "when": pa.array([1, 2, 3, 4, None], pa.timestamp("ns"))})
    parquet.write_table(table, tmp_path / "in.parquet")
    return tmp_path


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_csv(folder):
    assert read_file(folder / "in.csv", out=folder / "out.csv") == 5
    rows = rows_of(folder / "out.csv")
    assert list(rows[0]) == ["id", "text", "input_language", *added()]
    assert [row["text"] for row in rows] == TEXTS
    assert [row["id"] for row in rows] == list("01234")
    assert {row["input_language"] for row in rows} == {"?"}
    assert [row["sentiment"] for row in rows[:3]] == ["positive", "", "neutral"]
    assert rows[1]["unread"] == "no text"
    assert json.loads(rows[0]["personal_data"]) == []
    assert sum(float(rows[0][f"sentiment_{label}"]) for label in ("negative", "neutral", "positive")) == pytest.approx(
        1, abs=1e-5
    )


def test_json_lines_keep_what_is_nested(folder):
    assert read_file(folder / "in.jsonl", out=folder / "out.jsonl", language="en") == 5
    rows = [json.loads(line) for line in (folder / "out.jsonl").read_text().splitlines()]
    assert [row["text"] for row in rows] == TEXTS
    assert rows[0]["more"] == {"a": [1, None]}
    assert rows[0]["language"] == "en"
    assert rows[1]["language"] is None
    assert set(added()) <= set(rows[0])


def test_parquet_keeps_its_types(folder):
    assert read_file(folder / "in.parquet", out=folder / "out.parquet") == 5
    before, after = parquet.read_table(folder / "in.parquet"), parquet.read_table(folder / "out.parquet")
    assert after.select(before.column_names).equals(before)
    assert after.column_names == before.column_names + added()
    assert after.schema.field("personal_data").type.value_type.names == ["kind", "start", "end", "score"]


@pytest.mark.parametrize("kind", ["csv", "tsv", "jsonl", "parquet"])
@pytest.mark.parametrize("source", ["in.csv", "in.jsonl", "in.parquet"])
def test_any_format_into_any_other(folder, source, kind):
    out = folder / f"out.{kind}"
    assert read_file(folder / source, out=out) == 5
    if kind == "parquet":
        assert parquet.read_table(out)["text"].to_pylist() == TEXTS
    elif kind == "jsonl":
        assert [json.loads(line)["text"] for line in out.read_text().splitlines()] == TEXTS
    else:
        with out.open(newline="") as file:
            found = list(csv.DictReader(file, delimiter="\t" if kind == "tsv" else ","))
        assert [row["text"] for row in found] == TEXTS


def test_personal_data_in_the_text_is_marked_where_it_stands(folder):
    (folder / "p.jsonl").write_text(json.dumps({"text": "😀 write to jane@private-mail.example"}) + "\n")
    read_file(folder / "p.jsonl", out=folder / "out.jsonl")
    row = json.loads((folder / "out.jsonl").read_text())
    (span,) = row["personal_data"]
    assert span["kind"] == "email"
    assert row["text"][span["start"] : span["end"]] == "jane@private-mail.example"


def test_standard_input_to_standard_output(folder, monkeypatch, capfdbinary):
    source = io.TextIOWrapper(io.BytesIO((folder / "in.csv").read_bytes()))
    monkeypatch.setattr(sys, "stdin", source)
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(open(1, "wb", closefd=False)))  # noqa: SIM115
    assert read_file(None) == 5
    rows = list(csv.DictReader(io.StringIO(capfdbinary.readouterr().out.decode())))
    assert [row["text"] for row in rows] == TEXTS


def test_many_rows_stay_in_order(folder):
    (folder / "m.csv").write_text("n,text\n" + "".join(f"{n},row {n} is good\n" for n in range(1301)))
    seen: list[int] = []
    assert read_file(folder / "m.csv", out=folder / "out.csv", progress=seen.append) == 1301
    assert [int(row["n"]) for row in rows_of(folder / "out.csv")] == list(range(1301))
    assert seen == [ROWS, 2 * ROWS, 1301]


def test_other_encodings_delimiters_and_compression(folder):
    (folder / "w.csv").write_bytes("id;review\r\n1;Très déçu, c'est cher\r\n2;\r\n".encode("cp1252"))
    assert read_file(folder / "w.csv", out=folder / "out.csv") == 2
    assert [row["review"] for row in rows_of(folder / "out.csv")] == ["Très déçu, c'est cher", ""]
    (folder / "g.csv.gz").write_bytes(gzip.compress((folder / "in.csv").read_bytes()))
    assert read_file(folder / "g.csv.gz", out=folder / "out2.csv") == 5


def test_half_a_character_comes_out_as_it_went_in(folder):
    (folder / "h.jsonl").write_text('{"text": "half \\ud83d"}\n{"text": 5}\n{"other": 1}\n')
    assert read_file(folder / "h.jsonl", out=folder / "out.jsonl") == 3
    rows = [json.loads(line) for line in (folder / "out.jsonl").read_text().splitlines()]
    assert rows[0]["text"] == "half \ud83d"
    assert rows[1]["text"] == 5
    assert rows[2]["unread"] == "no text"


def test_a_header_alone(folder):
    (folder / "e.csv").write_text("id,text\n")
    assert read_file(folder / "e.csv", out=folder / "out.csv") == 0
    assert (folder / "out.csv").read_text() == ",".join(["id", "text", *added()]) + "\n"
    parquet.write_table(parquet.read_table(folder / "in.parquet").slice(0, 0), folder / "e.parquet")
    assert read_file(folder / "e.parquet", out=folder / "out.parquet") == 0
    assert parquet.read_table(folder / "out.parquet").column_names == ["id", "text", "when", *added()]


@pytest.mark.parametrize(
    ("content", "options", "says"),
    [
        ("a,b\n1,2\n", {}, "which column"),
        ("a,b\n1,2\n", {"text": "c"}, "no column 'c'; there are: a, b"),
        ("a,a\n1,2\n", {"text": "a"}, "same name"),
        ("text,b\n1,2,3\n", {}, "line 2: 3 cells"),
        ("text\nx\n", {"language": "english"}, "ISO 639-1"),
        ("text\nx\n", {"out": "out.docx"}, ".docx are not written"),
        ("text\nx\n", {"out": "no/such/folder/out.csv"}, "cannot be written"),
        ("text\nx\n", {"out": "bad.csv"}, "is the file that is being read"),
        ('{"text": "x"}\n[1]\n', {}, "not an object"),
        ('{"text": "x"}\n{"text": \n', {}, "line 2 is not JSON"),
        ("", {}, "empty"),
    ],
)
def test_what_is_wrong_is_said(folder, content, options, says):
    (folder / "bad.csv").write_text(content)
    out = folder / options.pop("out", "out.csv")
    with pytest.raises(BadSettings, match=says):
        read_file(folder / "bad.csv", out=out, **options)
    assert not (folder / "out.csv").exists()
    assert not list(folder.glob("*.part"))


def test_a_late_column_has_no_place_in_csv(folder):
    lines = ['{"text": "x"}\n'] * 2000 + ['{"text": "x", "late": 1}\n']
    (folder / "l.jsonl").write_text("".join(lines))
    with pytest.raises(BadSettings, match="'late'"):
        read_file(folder / "l.jsonl", out=folder / "out.csv")
    assert read_file(folder / "l.jsonl", out=folder / "out.jsonl") == 2001


@given(st.lists(st.sampled_from(["text", "language", "input_language", "input_input_language", "unread"]), unique=True))
def test_no_two_columns_share_a_name(names):
    kept = kept_names(names, added())
    assert list(kept) == names
    assert len(set(kept.values()) | set(added())) == len(names) + len(added())
    assert all(called.endswith(name) for name, called in kept.items())
