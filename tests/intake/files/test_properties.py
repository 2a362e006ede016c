"""Whatever a file holds, it is read to the end or refused in words; and its format makes no difference."""

import csv
import io
import json
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from hypothesis import given
from hypothesis import strategies as st

from heedful.errors import BadSettings
from heedful.intake.files import Plan, inspect, read
from heedful.records import INCOMING

TABLES = sorted(INCOMING)
SIGNS = st.text(st.sampled_from("abzä\"',;|\t\n\r 0159.-/:€\u200f😀=@"), max_size=30)
WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30).filter(
    lambda t: t.strip() == t
)


def records(plan: Plan, rows: int) -> list[dict[str, object]]:
    found = []
    for shaped in read(plan, rows=rows):
        shaped.batch.validate(full=True)
        assert shaped.batch.schema.equals(INCOMING[plan.table])
        assert not shaped.batch["id"].null_count
        assert all(bad.reason and bad.line >= 1 for bad in shaped.bad)
        found += pa.Table.from_batches([shaped.batch]).to_pylist(maps_as_pydicts="strict")
    return found


def look_and_read(content: bytes, table: str, rows: int) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "any.csv"
        path.write_bytes(content)
        try:
            plan = inspect(path, table)
        except BadSettings:
            return
        records(plan, rows)


@given(
    st.lists(st.lists(SIGNS, min_size=1, max_size=4), min_size=1, max_size=8),
    st.sampled_from(TABLES),
    st.integers(1, 9),
)
def test_random_tables_never_crash(rows, table, size):
    look_and_read("\n".join(",".join(row) for row in rows).encode("utf-8", "replace"), table, size)


@given(st.binary(max_size=300), st.sampled_from(TABLES))
def test_random_bytes_never_crash(content, table):
    look_and_read(content, table, 5)


VALUES = st.none() | SIGNS | st.integers() | st.floats() | st.booleans() | st.lists(SIGNS, max_size=2)


@given(st.lists(st.dictionaries(SIGNS, VALUES, max_size=4) | SIGNS, min_size=1, max_size=6), st.sampled_from(TABLES))
def test_random_json_lines_never_crash(rows, table):
    look_and_read(b"{}\n" + "\n".join(json.dumps(row) for row in rows).encode(), table, 5)


KIND = pa.schema(
    [
        ("text", pa.string()), ("user_id", pa.int64()), ("rating", pa.int64()), ("created_at", pa.timestamp("us")),
        ("mood", pa.string()), ("share", pa.float64()), ("paid", pa.bool_()),
    ]
)  # fmt: skip
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "text": WORDS,
            "user_id": st.none() | st.integers(0, 9),
            "rating": st.none() | st.integers(1, 5),
            "created_at": st.none() | st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)),
            "mood": st.none() | WORDS.filter(lambda t: ":" not in t),
            "share": st.none() | st.floats(0, 1, width=16),
            "paid": st.none() | st.booleans(),
        }
    ),
    min_size=3,
    max_size=12,
)


def as_csv(table: pa.Table) -> str:
    """The table as text, whole seconds without a fraction, quoted."""
    texts = [
        pc.replace_substring_regex(table[name].cast(pa.string()), r"(:\d\d)\.0+$", r"\1") for name in table.column_names
    ]
    columns = [text.to_pylist() for text in texts]
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(table.column_names)
    writer.writerows([["" if cell is None else cell for cell in row] for row in zip(*columns, strict=True)])
    return out.getvalue()


@given(ROWS, st.integers(1, 20))
def test_csv_and_parquet_of_the_same_rows_give_the_same_records(rows, size):
    table = pa.Table.from_pylist(rows, KIND)
    said = {name: name for name in ("text", "rating")} | {"person": "user_id"}
    said |= {"occurred_at": "created_at@iso", "rating": "rating@1-5"}
    with TemporaryDirectory() as folder:
        pq.write_table(table, Path(folder) / "a.parquet")
        (Path(folder) / "a.csv").write_text(as_csv(table), encoding="utf-8")
        found = []
        for name in ("a.parquet", "a.csv"):
            plan = inspect(Path(folder) / name, "messages", mapping=said, channel="review", source="s")
            found.append(records(plan, size))
    assert found[0] == found[1]
    assert len(found[0]) == len(rows)
    assert len({record["id"] for record in found[0]}) == len(rows)
