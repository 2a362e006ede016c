import gzip
import json
import zipfile
from datetime import datetime

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from heedful.errors import BadSettings
from heedful.intake.files import inspect, read

ROWS = [
    {"id": "a1", "text": "The app crashes daily", "rating": 1, "created_at": "2024-03-05 10:00:00"},
    {"id": "a2", "text": "Love it, thank you", "rating": 5, "created_at": "2024-03-06 11:30:00"},
]


def test_every_format_gives_the_same_records(take, tmp_path):
    csv = "id,text,rating,created_at\n" + "".join(
        f'{row["id"]},"{row["text"]}",{row["rating"]},{row["created_at"]}\n' for row in ROWS
    )
    lines = "".join(json.dumps(row) + "\n" for row in ROWS)
    pq.write_table(pa.Table.from_pylist(ROWS), tmp_path / "t.parquet")
    book = openpyxl.Workbook()
    book.active.append(list(ROWS[0]))
    for row in ROWS:
        book.active.append([row["id"], row["text"], row["rating"], datetime.fromisoformat(row["created_at"])])
    book.save(tmp_path / "t.xlsx")
    files = {
        "t.csv": csv.encode(),
        "t.tsv": csv.replace(',"', '\t"')
        .replace('",', '"\t')
        .replace("id,text,rating,created_at", "id\ttext\trating\tcreated_at")
        .replace(",2024", "\t2024")
        .encode(),
        "t.jsonl": lines.encode(),
        "t.parquet": (tmp_path / "t.parquet").read_bytes(),
        "t.xlsx": (tmp_path / "t.xlsx").read_bytes(),
    }
    results = []
    for name, content in files.items():
        for packed in (False, True):
            plan, records, bad = take(
                gzip.compress(content) if packed else content, name=name + ".gz" * packed, source="t", channel="review"
            )
            assert plan.compression == ("gzip" if packed else "none"), name
            assert plan.rows == 2, name
            assert not bad, name
            results.append(records)
    assert results[0][0]["rating"] == 0
    assert results[0][0]["occurred_at"].isoformat() == "2024-03-05T10:00:00+00:00"
    assert all(result == results[0] for result in results)


def test_a_missing_file_names_its_neighbour(tmp_path):
    (tmp_path / "reviews_2024.csv").write_text("id,text\n1,good day\n")
    with pytest.raises(BadSettings, match=r"does not exist; there is reviews_2024\.csv"):
        inspect(tmp_path / "reviews.csv", "messages")


def test_a_folder_is_no_file(tmp_path):
    (tmp_path / "a.csv").write_text("x")
    with pytest.raises(BadSettings, match=r"is a folder; name the files to import; in it: a\.csv"):
        inspect(tmp_path, "messages")


def test_a_zip_archive_says_what_is_in_it(take, tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("reviews.csv", "id,text\n")
    with pytest.raises(BadSettings, match=r"a zip archive with reviews\.csv: unpack it"):
        take(None, name="x.zip")


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf \n", "is empty"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old Excel"),
        (b"SQLite format 3\0" + b"\0" * 90, "SQLite"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b'[{"text": "a"}]', "one JSON list"),
        (b"\x01\x02\x03\x00\x05" * 200, "not text"),
        (b"PAR1 this is no parquet", "damaged"),
        (b"PK\x03\x04 this is no zip", "damaged"),
        (gzip.compress(b"", mtime=0), "is empty"),
        (b"id,text\n", "no row that can be read"),
        (b'{"text": \n', "no row that can be read"),
    ],
)
def test_what_is_no_table_is_refused_in_words(take, content, match):
    with pytest.raises(BadSettings, match=match):
        take(content)


def test_unknown_table_channel_and_zone(tmp_path):
    (tmp_path / "a.csv").write_text("id,text\n1,good day\n")
    with pytest.raises(BadSettings, match="messages, events, answers"):
        inspect(tmp_path / "a.csv", "tweets")
    with pytest.raises(BadSettings, match="social, review"):
        inspect(tmp_path / "a.csv", "messages", channel="pigeon")
    with pytest.raises(BadSettings, match="no time zone"):
        inspect(tmp_path / "a.csv", "messages", zone="Mars/Base")


def test_broken_json_lines_are_set_aside_alone(take):
    content = (
        '{"id": 1, "text": "good day"}\n{"id": 2, "text": \n\n[1, 2]\n{"id": 3, "text": "bad \\ud800 day", "x": NaN}\n'
    )
    _, records, bad = take(content, name="a.jsonl")
    assert [record["text"] for record in records] == ["good day", "bad ? day"]
    assert [(b.line, b.raw) for b in bad] == [(2, '{"id": 2, "text": '), (4, "[1, 2]")]
    assert "not an object" in bad[1].reason


def test_nested_json_becomes_columns_with_dots(take):
    rows = [
        {
            "id_str": str(900 + n),
            "full_text": "RT @a hello there" if n else "hello there",
            "user": {"screen_name": f"u{n}", "followers": {"count": 3}},
            "entities": {"hashtags": [{"text": "late"}, {"text": "sad"}]},
            "lang": "en-US",
            "links": ["https://a.example/x"],
            "created_at": "Tue Oct 31 22:10:47 +0000 2017",
        }
        for n in range(2)
    ]
    plan, records, _ = take("".join(json.dumps(row) + "\n" for row in rows), name="a.jsonl")
    assert "user.followers.count" in plan.columns
    assert records[0]["person"] == "u0"
    assert records[0]["hashtags"] == ["late", "sad"]
    assert records[0]["links"] == ["https://a.example/x"]
    assert records[0]["language"] == "en"
    assert records[0]["occurred_at"].isoformat() == "2017-10-31T22:10:47+00:00"
    assert records[0]["reach"] == 3
    assert [record["kind"] for record in records] == ["post", "repost"]


def test_a_key_that_comes_late_is_kept(take, monkeypatch):
    monkeypatch.setattr("heedful.intake.files.json_lines.CHUNK", 1 << 14)
    first = "".join(json.dumps({"id": n, "text": f"text {n} here"}) + "\n" for n in range(30_000))
    _, records, _ = take(first + '{"id": "z", "text": "the last one", "mood": "blue"}\n', name="a.jsonl")
    assert len(records) == 30_001
    assert records[-1]["attributes"] == {"mood": "blue"}


def test_excel_takes_the_first_sheet_with_rows_or_the_one_named(take, tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "Cover"
    sheet = book.create_sheet("Data")
    sheet.append(["Report of March"])
    sheet.append([])
    sheet.append(["id", "text", "date"])
    sheet.append([1, "good day", datetime(2024, 3, 5)])
    sheet.append([None, None, None])
    sheet.append([2.0, "bad day", datetime(2024, 3, 6, 8, 30)])
    other = book.create_sheet("Other")
    other.append(["id", "text"])
    other.append([9, "other day"])
    book.save(tmp_path / "b.xlsx")
    plan, records, bad = take(None, name="b.xlsx")
    assert plan.layout.sheet == "Data"
    assert [(r["id"], r["text"]) for r in records] == [("1", "good day"), ("2", "bad day")]
    assert records[1]["occurred_at"].isoformat() == "2024-03-06T08:30:00+00:00"
    assert not bad
    assert take(None, name="b.xlsx#Other")[1][0]["text"] == "other day"
    with pytest.raises(BadSettings, match="there are: Cover, Data, Other"):
        take(None, name="b.xlsx#Nope")


def test_parquet_types_of_every_kind(take, tmp_path):
    table = pa.table(
        {
            "id": pa.array([1, 2], pa.uint64()),
            "text": pa.array(["good day", "bad day"]).dictionary_encode(),
            "price": pa.array(["1.50", "2.00"]).cast(pa.decimal128(10, 2)),
            "day": pa.array([1, 2], pa.date32()),
            "raw": pa.array([b"\xff\x00", b"ok"], pa.binary()),
            "tags": pa.array([["a", "b"], None]),
            "who": pa.array([{"name": "x", "age": 3}, None], pa.struct([("name", pa.string()), ("age", pa.int8())])),
            "none": pa.nulls(2),
            "share": pa.array([0.5, float("nan")], pa.float32()),
            "when": pa.array([10**18, None], pa.timestamp("ns")),
        }
    )
    pq.write_table(table, tmp_path / "t.parquet")
    plan, records, bad = take(None, name="t.parquet")
    assert not bad
    assert plan.columns[6:8] == ("who.name", "who.age")
    assert records[0]["id"] == "1"
    assert records[0]["occurred_at"].year == 2001
    assert records[0]["attributes"] == {
        "price": "1.50",
        "day": "1970-01-02",
        "raw": "ff00",
        "tags": '["a", "b"]',
        "who.name": "x",
        "who.age": "3",
        "share": "0.5",
    }
    assert records[1]["attributes"] == {"price": "2.00", "day": "1970-01-03", "raw": "6f6b"}


def test_a_damaged_parquet_file_says_so(take, tmp_path):
    pq.write_table(pa.table({"text": [f"text number {n}" for n in range(1000)]}), tmp_path / "t.parquet")
    content = (tmp_path / "t.parquet").read_bytes()
    with pytest.raises(BadSettings, match="damaged"):
        take(content[: len(content) // 2], name="t.parquet")


def test_a_book_that_does_not_say_its_size(tmp_path):
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in [("id", "text"), *((n, f"message number {n}") for n in range(3000))]:
        sheet.append(row)
    book.save(tmp_path / "b.xlsx")
    plan = inspect(tmp_path / "b.xlsx", "messages")
    parts = [(shaped.batch.num_rows, shaped.done) for shaped in read(plan, rows=1000)]
    assert plan.rows == 3000
    assert sum(count for count, _ in parts) == 3000
    assert parts[-1][1] == 1
    assert all(done < 1 for _, done in parts[:-1])
