"""Rows with their readings, written as CSV, JSON Lines or Parquet."""

import csv
import json
import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, TypeAlias

import pyarrow as pa

from heedful.errors import BadSettings

HELD = 100_000
"""Rows of CSV or JSON that tell of what types the columns of a Parquet file are."""
Rows: TypeAlias = Sequence[dict[str, Any]] | pa.RecordBatch
Write: TypeAlias = Callable[[Mapping[str, str], Rows, pa.RecordBatch], None]
"""Takes what each input column is called, the input rows, and the new columns of the same rows."""


@contextmanager
def writer(out: Path | None, kind: str) -> Iterator[Write]:
    """What to call for each block of rows; the file takes its name only when all went well."""
    if out is None:
        sys.stdout.flush()
        with open(
            sys.stdout.fileno(), "w", encoding="utf-8", errors="backslashreplace", newline="", closefd=False
        ) as file:
            yield _writes(file, kind)
        return
    part = out.with_name(f"{out.name}.part")
    try:
        if kind == "parquet":
            with _parquet(part) as write:
                yield write
        else:
            # Half a character, which only JSON can hold, becomes its escape again.
            with part.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
                yield _writes(file, kind)
        part.replace(out)
    except OSError as problem:
        raise BadSettings(f"{out} cannot be written: {problem.strerror or problem}") from problem
    finally:
        part.unlink(missing_ok=True)


def _writes(file: IO[str], kind: str) -> Write:
    return _json_lines(file) if kind == "jsonl" else _csv(file, "\t" if kind == "tsv" else ",")


class _Ends:
    """Takes rows that end in CR LF, so that a CR alone in a cell is quoted like a LF, and ends them in LF."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def write(self, row: str) -> None:
        self._file.write(row[:-2] + "\n")


def csv_lines(file: IO[str], delimiter: str = ",") -> Any:
    """A writer of CSV rows, as of the module `csv`: whatever a cell holds, it is read back as that cell."""
    return csv.writer(_Ends(file), delimiter=delimiter, lineterminator="\r\n")


def _csv(file: IO[str], delimiter: str) -> Write:
    lines = csv_lines(file, delimiter)
    header: list[str] = []

    def write(kept: Mapping[str, str], rows: Rows, made: pa.RecordBatch) -> None:
        if not header:
            header.extend(kept)
            lines.writerow([*(kept[name] for name in header), *made.schema.names])
        if late := [name for name in kept if name not in header]:
            raise BadSettings(f"column {late[0]!r} is not in the first rows, so CSV has no place for it; write .jsonl")
        columns = [column.to_pylist() for column in made.columns]
        new = zip(*columns, strict=True)
        lines.writerows(
            [*map(_cell, map(row.get, header)), *(_cell(_short(value)) for value in more)]
            for row, more in zip(_dicts(rows), new, strict=True)
        )

    return write


def _cell(value: Any) -> str:
    """A value as a cell: nothing for null, whole numbers without a fraction, lists and structs as JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, list | dict) else str(value)


def _json_lines(file: IO[str]) -> Write:
    def write(kept: Mapping[str, str], rows: Rows, made: pa.RecordBatch) -> None:
        for row, new in zip(_dicts(rows), made.to_pylist(), strict=True):
            whole = {kept[name]: _finite(value) for name, value in row.items()} | _short(new)
            file.write(json.dumps(whole, ensure_ascii=False, default=str) + "\n")

    return write


def _short(value: Any) -> Any:
    """Our own numbers, which are 32-bit, without the digits that only look exact."""
    if isinstance(value, dict):
        return {name: _short(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_short(inner) for inner in value]
    return float(f"{value:.7g}") if isinstance(value, float) else value


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _dicts(rows: Rows) -> Sequence[dict[str, Any]]:
    if not isinstance(rows, pa.RecordBatch):
        return rows
    # Times as text: Python's have no nanoseconds.
    columns = [column.cast(pa.string()) if pa.types.is_temporal(column.type) else column for column in rows.columns]
    found: list[dict[str, Any]] = pa.RecordBatch.from_arrays(columns, rows.schema.names).to_pylist()
    return found


class _Parquet:
    """Writes a Parquet file; of rows of CSV or JSON the first are held until their types can be told from them."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: Any = None
        self._kept: Mapping[str, str] = {}
        self._held: list[dict[str, Any]] = []
        self._beside: list[pa.RecordBatch] = []

    def write(self, kept: Mapping[str, str], rows: Rows, made: pa.RecordBatch) -> None:
        if isinstance(rows, pa.RecordBatch):
            self._put(kept, rows, made)
        elif self._file:
            self._put(kept, _batch(kept, rows, self._file.schema), made)
        else:
            self._kept = kept
            self._held.extend(rows)
            self._beside.append(made)
            if len(self._held) >= HELD:
                self.end()

    def end(self) -> None:
        """Write what is held."""
        if self._beside:
            self._put(self._kept, _batch(self._kept, self._held, None), pa.concat_batches(self._beside))
            self._held, self._beside = [], []

    def close(self) -> None:
        if self._file:
            self._file.close()

    def _put(self, kept: Mapping[str, str], given: pa.RecordBatch, made: pa.RecordBatch) -> None:
        from pyarrow import parquet

        if not self._file:
            fields = [field.with_name(kept[field.name]) for field in given.schema]
            self._file = parquet.ParquetWriter(self._path, pa.schema([*fields, *made.schema]), compression="zstd")
        whole = pa.RecordBatch.from_arrays([*given.columns, *made.columns], schema=self._file.schema)
        self._file.write_batch(whole)


@contextmanager
def _parquet(path: Path) -> Iterator[Write]:
    file = _Parquet(path)
    try:
        yield file.write
        file.end()
    finally:
        file.close()


def _batch(kept: Mapping[str, str], rows: Sequence[dict[str, Any]], shape: pa.Schema | None) -> pa.RecordBatch:
    """Rows of CSV or JSON as columns, of the types that the first rows had."""
    if shape is not None and (late := [name for name in kept if kept[name] not in shape.names]):
        raise BadSettings(f"column {late[0]!r} is not in the first rows, so Parquet has no place for it; write .jsonl")
    columns, names = [], list(kept)
    for name in names:
        kind = shape.field(kept[name]).type if shape is not None else None
        try:
            columns.append(_column([row.get(name) for row in rows], kind))
        except (pa.ArrowInvalid, pa.ArrowTypeError, UnicodeEncodeError) as problem:
            raise BadSettings(
                f"column {name!r} holds values of several kinds; write .jsonl instead of Parquet"
            ) from problem
    return pa.RecordBatch.from_arrays(columns, names)


def _column(values: list[Any], kind: pa.DataType | None) -> pa.Array:
    """Values as a column of a type; ArrowInvalid where a fraction would be cut off, which pyarrow does by itself."""
    if kind is not None and pa.types.is_integer(kind) and any(isinstance(value, float) for value in values):
        return pa.array(values, pa.float64()).cast(kind)
    return pa.array(values, kind)
