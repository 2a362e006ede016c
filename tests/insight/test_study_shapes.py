"""Studies of files of any shape: kept columns stay what they were, and odd cells neither stop nor mislead a study."""

import csv
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from heedful.cli.commands import app
from heedful.errors import BadSettings
from heedful.insight.on_file import study_file
from heedful.insight.studies import Choices

START = datetime(2026, 3, 2, tzinfo=UTC)
SAID = "The new kettle costs far too much and breaks after two weeks of use"
OTHER = "Our tram stood in the tunnel for an hour and nobody told us why"


def lines(path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def study(name: str, source: Path, out: Path | None = None) -> pa.Table:
    return study_file(name, source, mapping={}, choices=Choices(), out=out or source.with_name("out.jsonl"))


def test_numbers_of_the_file_keep_every_digit_in_csv(tmp_path: Path) -> None:
    rows = [{"occurred_at": 1772409600.5 + 3600 * n, "value": 1234567.891 + n, "whole": 5.0} for n in range(3)]
    study("anomalies", lines(tmp_path / "in.jsonl", rows), tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(newline="") as file:
        found = list(csv.DictReader(file))
    assert [float(row["occurred_at"]) for row in found] == [row["occurred_at"] for row in rows]
    assert [float(row["value"]) for row in found] == [row["value"] for row in rows]
    assert found[0]["whole"] == "5"


@pytest.mark.parametrize("late", [0.5, "x"])
def test_parquet_of_json_takes_types_from_many_rows(tmp_path: Path, late: object) -> None:
    rows: list[dict[str, Any]] = [{"id": str(n), "text": "", "n": None} for n in range(900)]
    rows[700]["n"], rows[800]["only"] = late, 1
    study("stories", lines(tmp_path / "in.jsonl", rows), tmp_path / "out.parquet")
    found = pq.read_table(tmp_path / "out.parquet")
    assert found["n"].to_pylist() == [row["n"] for row in rows]
    assert found.column_names == ["id", "text", "n", "only", "story"]


def test_a_fraction_is_never_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("heedful.language.written.HELD", 512)
    rows = [{"id": str(n), "text": "", "n": 1 if n < 600 else 2.0} for n in range(700)]
    study("stories", lines(tmp_path / "in.jsonl", rows), tmp_path / "out.parquet")
    assert pq.read_table(tmp_path / "out.parquet")["n"].to_pylist() == [row["n"] for row in rows]
    rows[650]["n"] = 2.5
    with pytest.raises(BadSettings, match="several kinds"):
        study("stories", lines(tmp_path / "in.jsonl", rows), tmp_path / "out.parquet")


def test_columns_that_json_names_late_count(tmp_path: Path) -> None:
    edges: list[dict[str, Any]] = [{"source": "a", "target": f"t{n % 2}"} for n in range(600)]
    found = study("influence", lines(tmp_path / "in.jsonl", [*edges, {"source": "a", "target": "t1", "weight": 5400}]))
    assert found["influence"].to_pylist() == [0.95, 0.05, 0.0]


def test_times_finer_than_a_microsecond(tmp_path: Path) -> None:
    began = int(START.timestamp()) * 10**9 + 123
    at = pa.array([began + 3600 * 10**9 * n for n in range(30)], pa.timestamp("ns", "Europe/Berlin"))
    table = pa.table({"occurred_at": at, "value": pa.array(range(30))})
    pq.write_table(table, tmp_path / "in.parquet")
    assert study("anomalies", tmp_path / "in.parquet", tmp_path / "out.parquet")["expected"].null_count == 1
    assert pq.read_table(tmp_path / "out.parquet")["occurred_at"] == table["occurred_at"]


def test_old_series_are_judged_and_a_few_mistaken_years_are_not(tmp_path: Path) -> None:
    at = [(datetime(1949, 1, 1) + timedelta(days=30 * n)).isoformat() for n in range(40)]
    rows = [{"occurred_at": one, "value": 100 + n % 7} for n, one in enumerate(at)]
    assert study("anomalies", lines(tmp_path / "in.jsonl", rows))["expected"].null_count == 1
    rows = [{**row, "occurred_at": f"20{row['occurred_at'][2:]}"} for row in rows]
    rows[5]["occurred_at"] = "1900-01-01T00:00:00"
    found = study("anomalies", lines(tmp_path / "in.jsonl", rows))["expected"].to_pylist()
    assert [n for n, one in enumerate(found) if one is None] == [0, 5]


def test_numbers_too_large_to_reckon_with_are_none(tmp_path: Path) -> None:
    rows = [
        {"occurred_at": (START + timedelta(hours=n)).isoformat(), "value": 1.7e308 * (-1) ** n if n % 3 else n}
        for n in range(400)
    ]
    found = study("anomalies", lines(tmp_path / "in.jsonl", rows))
    assert [one is None for one in found["expected"].to_pylist()] == [n % 3 > 0 or n == 0 for n in range(400)]
    assert not any(found["alert"].to_pylist())


def test_ids_that_are_numbers_are_in_order_as_numbers(tmp_path: Path) -> None:
    rows = [{"id": 1000, "text": f"RT @j: {SAID}"}, {"id": 999, "text": SAID}, {"id": None, "text": ""}]
    assert study("stories", lines(tmp_path / "in.jsonl", rows))["story"].to_pylist() == ["999", "999", None]


def test_one_id_of_several_texts_does_not_make_them_one_story(tmp_path: Path) -> None:
    rows = [{"id": 1, "text": SAID}, {"id": 1, "text": OTHER}, {"id": 1, "text": SAID}, {"id": 2, "text": OTHER}]
    found = study("stories", lines(tmp_path / "in.jsonl", rows))["story"].to_pylist()
    assert found[0] == found[2] != found[1] == found[3]


def test_blanks_around_names_and_columns_do_not_count(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("source, target\na, b\nb, c\n")
    assert study("influence", tmp_path / "in.csv")["node"].to_pylist() == ["c", "b", "a"]


def test_not_a_number_is_no_weight(tmp_path: Path) -> None:
    nan = float("nan")
    pq.write_table(
        pa.table({"source": ["a", "b"], "target": ["b", "c"], "weight": [nan, 2.0]}), tmp_path / "in.parquet"
    )
    assert study("influence", tmp_path / "in.parquet")["influence"].to_pylist() == [2.0, 1.0, 0.0]


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_a_network_of_no_rows_has_no_nodes(tmp_path: Path, kind: str) -> None:
    (tmp_path / "in.csv").write_text("source,target\n")
    out = tmp_path / f"out.{kind}"
    assert study("influence", tmp_path / "in.csv", out).column_names == ["node", "influence", "community"]
    if kind == "parquet":
        assert pq.read_table(out).num_rows == 0
    else:
        assert out.read_text() in {"", "node,influence,community\n"}


def test_the_list_of_studies_says_which_fields_each_takes() -> None:
    said = CliRunner().invoke(app, ["study"]).output
    for taken in ("occurred_at, value, series?", "id, text, occurred_at?", "source, target, weight?"):
        assert f"Of a file: {taken}\n" in said
