"""Small files that are huge inside, deep, wide or endless are read within bounds; each in limited memory."""

import gzip
import io
import json
import resource
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook

ROOM = 700_000_000
"""Bytes that the process may hold, less than any of these would take unpacked."""
READ = """
import resource, sys
from pathlib import Path
from heedful.errors import BadSettings
from heedful.intake.files import inspect, read
import openpyxl, pyarrow.parquet
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
try:
    plan = inspect(Path(sys.argv[1]), "messages")
    rows = sum(part.batch.num_rows for part in read(plan))
    print("read", rows)
except BadSettings as error:
    print("refused", str(error)[:300])
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - before
assert grown < int(sys.argv[2]), f"grew by {grown:,} bytes"
"""


def book(**parts: bytes) -> bytes:
    """A workbook with some parts replaced."""
    made = Workbook()
    made.active.append(["text", "when"])
    made.active.append(["fine", "2026-11-20"])
    out, packed = io.BytesIO(), io.BytesIO()
    made.save(out)
    with zipfile.ZipFile(out) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        names = {"sheet": "xl/worksheets/sheet1.xml", "strings": "xl/sharedStrings.xml", "book": "xl/workbook.xml"}
        other = {names[key]: value for key, value in parts.items()}
        for name in {*old.namelist(), *other}:
            content = other[name] if name in other else old.read(name)
            new.writestr(name, content.replace(b"</Types>", STRINGS) if name == "[Content_Types].xml" else content)
    return packed.getvalue()


STRINGS = (
    b'<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    b'spreadsheetml.sharedStrings+xml"/></Types>'
)
SHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData></worksheet>'
LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(12))
    + b']><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>&m;</t></si></sst>'
)


def parquet(text: str, rows: int) -> bytes:
    """A column of one text many times, which a dictionary keeps small."""
    out = io.BytesIO()
    pq.write_table(pa.table({"text": pa.array([text] * rows)}), out, compression="zstd", row_group_size=rows)
    return out.getvalue()


FILES: dict[str, Callable[[], bytes]] = {
    "blank.csv.gz": lambda: gzip.compress(b"text,b\n" + b" " * 800_000_000, 1),
    "lines.csv.gz": lambda: gzip.compress(b"text,b\n" + b"fine,1\n" * 1_000_000, 1),
    "one_line.csv": lambda: b"text,b\n" + b"a" * 150_000_000,
    "one_line.jsonl": lambda: b'{"text": "fine"}\n{"text": "' + b"a" * 150_000_000,
    "open_quote.csv": lambda: b'text,b\nfine,1\n"' + b"a,b\n" * 2_000_000,
    "book.xlsx.gz": lambda: gzip.compress(b"PK\x03\x04" + bytes(800_000_000), 1),
    "sheet.xlsx": lambda: book(sheet=SHEET % (b'<row r="1">' + b'<c t="str"><v>a</v></c>' * 6_000_000 + b"</row>")),
    "strings.xlsx": lambda: book(strings=b"<sst>" + b"<si><t>aaaaaaaaaaaa</t></si>" * 8_000_000 + b"</sst>"),
    "laughs.xlsx": lambda: book(strings=LAUGHS),
    "laughing_book.xlsx": lambda: book(book=LAUGHS),
    "far_row.xlsx": lambda: book(
        sheet=SHEET % b'<row r="1"><c t="str"><v>text</v></c></row><row r="999999999"><c><v>1</v></c></row>'
    ),
    "far_cell.xlsx": lambda: book(sheet=SHEET % b'<row r="1"><c r="ZZZ1" t="str"><v>text</v></c></row>'),
    "deep.jsonl": lambda: b'{"text": "fine"}\n{"text": "a", "b": ' + b"[" * 500_000 + b"]" * 500_000 + b"}\n",
    "objects.jsonl": lambda: b'{"text": "fine"}\n' + b'{"a":' * 300_000 + b"1" + b"}" * 300_000 + b"\n",
    "digits.jsonl": lambda: b'{"text": "fine"}\n{"text": "a", "n": ' + b"9" * 1_000_000 + b"}\n",
    "exponent.jsonl": lambda: b'{"text": "fine"}\n{"text": "a", "n": 1e999999999, "m": -1e-999999999, "k": NaN}\n',
    "many_columns.csv": lambda: b"text," + b",".join(b"c%d" % n for n in range(100_000)) + b"\nfine" + b",1" * 100_000,
    "same_columns.csv": lambda: b"text" + b",x" * 100_000 + b"\nfine" + b",1" * 100_000,
    "dictionary.parquet": lambda: parquet("a" * 50_000, 50_000),
    "far_dates.csv": lambda: b"text,date\na,0001-01-01\nb,9999-12-31\nc,-1\nd,1000000000000000000\ne,2026-11-20\n",
    "mixed.csv": lambda: "text,b\nschön,1\n".encode() + "schön,2\n".encode("latin-1") + "schön,3\n".encode("utf-16"),
    "marks.csv": lambda: "\ufeff\ufefftext\x00,b\n\x00,\ud800\n".encode("utf-8", "surrogatepass"),
    "same_keys.jsonl": lambda: b'{"text": "a", "text": "b", "text": "c"}\n' * 3,
}


@pytest.mark.soak
@pytest.mark.parametrize("name", FILES)
def test_a_bomb_is_read_or_refused_in_bounded_memory_and_time(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(FILES[name]())
    command = [sys.executable, "-c", READ, str(path), str(ROOM)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=180, preexec_fn=_limited)
    assert ran.returncode == 0, ran.stderr[-1500:]
    assert ran.stdout.startswith(("read", "refused")), ran.stdout
    print(name, json.dumps({"bytes": path.stat().st_size}), ran.stdout.strip()[:150])  # noqa: T201


def _limited() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (150, 150))
    resource.setrlimit(resource.RLIMIT_AS, (6_000_000_000, 6_000_000_000))
