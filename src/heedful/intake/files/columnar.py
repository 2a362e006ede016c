"""Parquet in blocks, a row group at a time; every column becomes text, a number, a truth value or a time."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pyarrow as pa
from pyarrow import parquet

from heedful.errors import BadSettings
from heedful.intake.files.formats import seekable
from heedful.intake.files.header import unique
from heedful.intake.files.plan import Block, Layout

DAMAGE = (OSError, ValueError, OverflowError, MemoryError, pa.ArrowException)
"""What Arrow raises on a file whose bytes are not what it announces; a size it cannot have is a MemoryError."""
TYPES = (pa.string(), pa.int64(), pa.float64(), pa.bool_())


def find_layout(path: Path, compression: str) -> tuple[Layout, int]:
    """Columns (nested ones with dots) and the number of rows."""
    with seekable(path, compression) as file:
        found = _open(path, file)
        empty = _flat(found.schema_arrow.empty_table())
        return Layout("parquet", compression, columns=unique(empty.schema.names)), found.metadata.num_rows


def blocks(path: Path, layout: Layout, *, rows: int) -> Iterator[Block]:
    """The rows, `rows` at a time."""
    with seekable(path, layout.compression) as file:
        found = _open(path, file)
        total, seen = max(1, found.metadata.num_rows), 0
        try:
            for batch in found.iter_batches(batch_size=rows, use_threads=False):
                shaped = _shaped(batch, layout)
                first, seen = seen + 1, seen + batch.num_rows
                yield Block(shaped, range(first, seen + 1), (), min(1.0, seen / total))
        except DAMAGE as problem:
            raise BadSettings(f"{path}: the Parquet file is damaged after row {seen:,} ({problem})") from problem


def sample(path: Path, layout: Layout, *, rows: int) -> Iterator[Block]:
    """Rows from the start, the middle and the end, so that a guess sees the whole file."""
    with seekable(path, layout.compression) as file:
        found = _open(path, file)
        groups = found.num_row_groups
        wanted = sorted({0, groups // 2, groups - 1}) if groups else []
        for group in wanted:
            try:
                picked = found.iter_batches(batch_size=rows // len(wanted) + 1, row_groups=[group], use_threads=False)
                batch = next(picked, None)
                shaped = None if batch is None else _shaped(batch, layout)
            except DAMAGE as problem:
                raise BadSettings(
                    f"{path}: the Parquet file is damaged in its part {group + 1} ({problem})"
                ) from problem
            if shaped is not None:
                yield Block(shaped, range(shaped.num_rows), (), 0.0)


def _shaped(batch: pa.RecordBatch, layout: Layout) -> pa.RecordBatch:
    flat = _flat(pa.Table.from_batches([batch]))
    arrays = [_simple(column.combine_chunks()) for column in flat.columns]
    return pa.RecordBatch.from_arrays(arrays, list(layout.columns))


def _open(path: Path, file: IO[bytes]) -> parquet.ParquetFile:
    try:
        return parquet.ParquetFile(file)
    except DAMAGE as problem:
        raise BadSettings(f"{path}: the Parquet file is damaged or cut off; copy it again ({problem})") from problem


def _flat(table: pa.Table) -> pa.Table:
    while any(pa.types.is_struct(field.type) for field in table.schema):
        table = table.flatten()
    return table


def _simple(column: pa.Array) -> pa.Array:
    """The column in one of few types: string, int64, float64, bool, timestamp in microseconds."""
    kind = column.type
    if isinstance(column, pa.ChunkedArray):
        column = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], kind)
    if pa.types.is_dictionary(kind):
        return _simple(column.dictionary_decode())
    if kind in TYPES:
        return column
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind) or pa.types.is_null(kind):
        return column.cast(pa.string())
    if pa.types.is_timestamp(kind):
        return column.cast(pa.timestamp("us", tz="UTC" if kind.tz else None), safe=False)
    if pa.types.is_uint64(kind) or pa.types.is_decimal(kind) or pa.types.is_temporal(kind):
        return _temporal_text(column)
    if pa.types.is_integer(kind):
        return column.cast(pa.int64())
    if pa.types.is_floating(kind):
        return column.cast(pa.float32()).cast(pa.float64()) if pa.types.is_float16(kind) else column.cast(pa.float64())
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        return _decoded(column)
    return pa.array([_json(value) for value in column.to_pylist()], pa.string())


def _temporal_text(column: pa.Array) -> pa.Array:
    if pa.types.is_duration(column.type):
        return column.cast(pa.int64())
    return column.cast(pa.string())


def _decoded(column: pa.Array) -> pa.Array:
    """Bytes as text; those that are no text (pictures, hashes) as hexadecimal digits."""
    try:
        return column.cast(pa.string())
    except pa.ArrowInvalid:
        return pa.array([None if value is None else value.hex() for value in column.to_pylist()], pa.string())


def _json(value: object) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False, default=str)
