"""Tables as files that other programs open: CSV, Parquet, JSON."""

import io
import json
from typing import Any

import pyarrow as pa

FORMULA = ("=", "+", "-", "@", "\t", "\r")
FORMATS = ("json", "csv", "parquet")


def as_csv(table: pa.Table) -> bytes:
    """UTF-8 CSV with a header; lists and maps are JSON, and text that a spreadsheet would run is made harmless."""
    import csv

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
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


def _cell(value: Any) -> Any:
    if isinstance(value, (list, dict)):
        return json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, str) and value.startswith(FORMULA):
        return "'" + value
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return value
