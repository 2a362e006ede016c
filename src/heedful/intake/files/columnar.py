"""Parquet in blocks, a row group at a time; every column becomes text, a number, a truth value or a time."""

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import IO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from heedful.errors import BadSettings
from heedful.intake.files.formats import seekable
from heedful.intake.files.header import unique
from heedful.intake.files.plan import Block, Layout

DAMAGE = (OSError, ValueError, OverflowError, MemoryError, pa.ArrowException)
"""What Arrow raises on a file whose bytes are not what it announces; a size it cannot have is a MemoryError."""
ROOM = 64_000_000
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
                for piece in _pieces(batch):
                    shaped = _shaped(piece, layout)
                    first, seen = seen + 1, seen + piece.num_rows
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
                shaped = None if batch is None else _shaped(next(_pieces(batch)), layout)
            except DAMAGE as problem:
                raise BadSettings(
                    f"{path}: the Parquet file is damaged in its part {group + 1} ({problem})"
                ) from problem
            if shaped is not None:
                yield Block(shaped, range(shaped.num_rows), (), 0.0)


def _pieces(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """The rows in parts whose texts take at most `ROOM` bytes: a dictionary can say one long text very often."""
    size = np.zeros(batch.num_rows, np.int64)
    for column in batch.columns:
        if pa.types.is_dictionary(column.type):
            lengths = pc.fill_null(pc.binary_length(column.dictionary).take(column.indices), 0)
            size += np.asarray(lengths.to_numpy(zero_copy_only=False), np.int64)
    part = np.cumsum(size) // ROOM
    starts = [0, *(np.flatnonzero(np.diff(part)) + 1).tolist(), batch.num_rows]
    for first, last in pairwise(starts):
        if first < last or not batch.num_rows:
            yield batch.slice(first, last - first)


def _shaped(batch: pa.RecordBatch, layout: Layout) -> pa.RecordBatch:
    flat = _flat(pa.Table.from_batches([batch]))
    arrays = [_simple(column.combine_chunks()) for column in flat.columns]
    return pa.RecordBatch.from_arrays(arrays, list(layout.columns))


def _open(path: Path, file: IO[bytes]) -> parquet.ParquetFile:
    try:
        said = parquet.read_metadata(file)
        file.seek(0)
        return parquet.ParquetFile(file, read_dictionary=_repeated(said))
    except DAMAGE as problem:
        raise BadSettings(f"{path}: the Parquet file is damaged or cut off; copy it again ({problem})") from problem


def _repeated(said: parquet.FileMetaData) -> list[str]:
    """The columns of texts that the file says once each, and then by number."""
    if not said.num_row_groups:
        return []
    group = said.row_group(0)
    columns = [group.column(at) for at in range(group.num_columns)]
    texts = {
        said.schema.column(at).path for at in range(len(columns)) if said.schema.column(at).max_repetition_level == 0
    }
    return [
        column.path_in_schema
        for column in columns
        if column.physical_type == "BYTE_ARRAY" and column.has_dictionary_page and column.path_in_schema in texts
    ]


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
    if pa.types.is_string(kind):
        return _text(column)
    if kind in TYPES:
        return column
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind) or pa.types.is_null(kind):
        return _text(column.cast(pa.string()))
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


def _text(column: pa.Array) -> pa.Array:
    """Text as it is; a file can say UTF-8 of bytes that are not, which become signs of what is not known."""
    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        raw = column.cast(pa.binary()).to_pylist()
        return pa.array([None if value is None else value.decode("utf-8", "replace") for value in raw], pa.string())
    return column


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
