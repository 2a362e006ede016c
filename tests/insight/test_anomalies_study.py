"""`heedful study anomalies` on a file: the same rows with what was expected, a score and the alerts."""

import csv
import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from heedful.cli.commands import app

START = datetime(2026, 3, 2, tzinfo=UTC)
BURST = 30 * 24 + 10
MAP = "occurred_at=hour,value=mentions,series=brand"


def rows_of(brand: str, *, seed: int, burst: bool) -> list[dict[str, str]]:
    draw, rows = random.Random(seed), []
    for hour in range(40 * 24):
        mean = 40 + 25 * (8 <= hour % 24 < 20)
        value = sum(draw.random() < 0.1 for _ in range(10 * mean))
        if burst and BURST <= hour < BURST + 4:
            value *= 6
        at = (START + timedelta(hours=hour)).strftime("%Y-%m-%d %H:%M:%S")
        rows.append({"hour": at, "brand": brand, "mentions": str(value), "score": "mine"})
    return rows


def written(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", newline="") as file:
        lines = csv.DictWriter(file, list(rows[0]))
        lines.writeheader()
        lines.writerows(rows)
    return path


def studied(source: Path, out: Path, *more: str, mapping: str = MAP) -> list[dict[str, str]]:
    command = ["study", "anomalies", "--input", str(source), "--map", mapping, "--out", str(out), *more]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.output + repr(done.exception)
    with out.open(newline="") as file:
        return list(csv.DictReader(file))


def alerts(rows: list[dict[str, str]]) -> list[tuple[str, str]]:
    return [(row["brand"], row["hour"]) for row in rows if row["alert"] == "True"]


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    return [*rows_of("Aster", seed=1, burst=True), *rows_of("Birch", seed=2, burst=False)]


def test_one_alert_at_the_row_where_it_would_be_sent(rows: list[dict[str, str]], tmp_path: Path) -> None:
    found = studied(written(tmp_path / "in.csv", rows), tmp_path / "out.csv")
    assert list(found[0]) == ["hour", "brand", "mentions", "input_score", "expected", "score", "alert"]
    assert [row["hour"] for row in found] == [row["hour"] for row in rows]
    assert (found[0]["expected"], found[0]["score"], found[0]["alert"]) == ("", "", "False")
    at = (START + timedelta(hours=BURST)).strftime("%Y-%m-%d %H:%M:%S")
    assert ("Aster", at) in alerts(found)
    assert len(alerts(found)) <= 2 * 40 / 7, "at most one a week and series"
    night, day = found[35 * 24 + 3], found[35 * 24 + 14]
    assert 30 < float(night["expected"]) < 50 < float(day["expected"]) < 80


def test_the_order_of_the_file_changes_nothing(rows: list[dict[str, str]], tmp_path: Path) -> None:
    doubled = [*rows, *({**row, "mentions": str(int(row["mentions"]) + 3)} for row in rows[::7])]  # equal times
    mixed = doubled.copy()
    random.Random(3).shuffle(mixed)
    one = studied(written(tmp_path / "in.csv", doubled), tmp_path / "one.csv")
    two = studied(written(tmp_path / "mixed.csv", mixed), tmp_path / "two.csv")
    assert sorted(tuple(row.values()) for row in one) == sorted(tuple(row.values()) for row in two)


def test_later_rows_and_other_series_change_nothing(rows: list[dict[str, str]], tmp_path: Path) -> None:
    whole = studied(written(tmp_path / "in.csv", rows), tmp_path / "out.csv")
    part = studied(written(tmp_path / "part.csv", rows[:800]), tmp_path / "some.csv")
    assert part == whole[:800]
    alone = studied(written(tmp_path / "birch.csv", rows[960:]), tmp_path / "alone.csv", mapping=MAP[:-13])
    assert alone == whole[960:]


def test_rows_without_time_or_number_are_left_empty_and_count_for_nothing(
    rows: list[dict[str, str]], tmp_path: Path
) -> None:
    lacking = rows[:900]
    odd = [{**rows[40], "mentions": text} for text in ("", "many", "nan", "inf", "n/a")]
    odd += [{**rows[40], "hour": ""}, {**rows[40], "hour": "1850-01-01 00:00:00"}, {**rows[40], "hour": "soon"}]
    found = studied(written(tmp_path / "in.csv", [*lacking[:50], *odd, *lacking[50:]]), tmp_path / "out.csv")
    assert {(row["expected"], row["score"], row["alert"]) for row in found[50:58]} == {("", "", "False")}
    assert found[:50] + found[58:] == studied(written(tmp_path / "clean.csv", lacking), tmp_path / "clean_out.csv")


def test_a_larger_budget_may_alert_more(rows: list[dict[str, str]], tmp_path: Path) -> None:
    source = written(tmp_path / "in.csv", rows)
    few, many = (alerts(studied(source, tmp_path / "out.csv", "--per-week", budget)) for budget in ("0.2", "6"))
    assert len(few) < len(many)


def test_numbers_and_times_of_other_formats(tmp_path: Path) -> None:
    source, out = tmp_path / "in.jsonl", tmp_path / "out.parquet"
    began = int(START.timestamp())
    lines = [{"at": began + 300 * n, "n": -0.5 + n % 3} for n in range(600)]
    source.write_text("".join(json.dumps(line) + "\n" for line in lines))
    command = ["study", "anomalies", "--input", str(source), "--map", "occurred_at=at,value=n", "--out", str(out)]
    assert CliRunner().invoke(app, command).exit_code == 0
    found = pq.read_table(out).to_pylist()
    assert [row["n"] for row in found] == [line["n"] for line in lines]
    assert found[0]["expected"] is None
    assert all(isinstance(row["expected"], float) and row["alert"] is False for row in found[1:])


@pytest.mark.parametrize("zone", [None, "UTC", "Europe/Berlin"])
@pytest.mark.parametrize("number", [pa.int64(), pa.float32(), pa.decimal128(21, 2)], ids=str)
def test_times_and_numbers_of_parquet_are_read_as_what_they_are(
    tmp_path: Path, zone: str | None, number: pa.DataType
) -> None:
    at = pa.array([int(START.timestamp()) * 1_000_000 + 3600_500_000 * n for n in range(100)])
    table = pa.table({"at": at.cast(pa.timestamp("us", zone)), "n": pa.array([n % 7 for n in range(100)]).cast(number)})
    pq.write_table(table, tmp_path / "in.parquet")
    command = ["study", "anomalies", "--input", str(tmp_path / "in.parquet"), "--map", "occurred_at=at,value=n"]
    done = CliRunner().invoke(app, [*command, "--out", str(tmp_path / "out.parquet")])
    assert done.exit_code == 0, repr(done.exception)
    found = pq.read_table(tmp_path / "out.parquet")
    assert found.select(["at", "n"]) == table
    assert found["expected"].null_count == 1


@pytest.mark.parametrize(
    ("mapping", "text"),
    [
        ("occurred_at=brand,value=mentions", "occurred_at holds no times that can be read, such as 'Aster'"),
        ("occurred_at=hour,value=brand", "value holds no numbers, such as 'Aster'"),
        ("occurred_at=hour", "which column of"),
        ("occurred_at=hour,value=mentions,when=hour", "has no such field"),
    ],
)
def test_what_cannot_be_judged_is_said(rows: list[dict[str, str]], tmp_path: Path, mapping: str, text: str) -> None:
    source = written(tmp_path / "in.csv", rows[:20])
    done = CliRunner().invoke(app, ["study", "anomalies", "--input", str(source), "--map", mapping])
    assert done.exit_code != 0
    assert text in str(done.exception)


def test_a_file_of_no_rows(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("occurred_at,value\n")
    assert studied(tmp_path / "in.csv", tmp_path / "out.csv", mapping="value=value") == []
