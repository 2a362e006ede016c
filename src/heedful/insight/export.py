"""Tables as files that other programs open: CSV, Parquet, JSON."""

import io
import json
import re
from typing import Any

import pyarrow as pa

from heedful.language.written import csv_lines

FORMATS = ("json", "csv", "parquet")
_RUN = re.compile(r"'*(?:[\t\r\n=+@|\uff1d\uff0b\uff0d\uff20]|-)")
"""What makes a spreadsheet take a cell for a formula, full-width forms too, behind any number of our own signs."""
_NUMBER = re.compile(r"[-+]?[0-9]{1,15}(?:\.[0-9]{1,15})?")


def as_csv(table: pa.Table) -> bytes:
    """UTF-8 CSV with a header; lists and maps are JSON, and text that a spreadsheet would run is made harmless."""
    out = io.StringIO()
    writer = csv_lines(out)
    writer.writerow(table.column_names)
    for row in zip(*(column.to_pylist() for column in table.columns), strict=True):
        writer.writerow([_cell(value) for value in row])
    return out.getvalue().encode()


def as_parquet(table: pa.Table) -> bytes:
    """One Parquet file, zstd-compressed."""
    import pyarrow.parquet as pq

    out = io.BytesIO()
    pq.write_table(table, out, compression="zstd")
    return out.getvalue()


def harmless(text: str) -> str:
    """The text as a cell that no spreadsheet runs: a ' goes before what looks like a formula and is no number."""
    return f"'{text}" if _RUN.match(text) and not _NUMBER.fullmatch(text) else text


def original(cell: str) -> str:
    """The text that `harmless` made a cell of."""
    return cell[1:] if cell.startswith("'") and _RUN.match(cell) else cell


def _cell(value: Any) -> Any:
    if isinstance(value, (list, dict)):
        return json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, str):
        return harmless(value)
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return value
