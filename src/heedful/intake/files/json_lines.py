"""JSON Lines in blocks: nested objects become columns with dots, a broken line is set aside alone."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa

from heedful.intake.files import encodings
from heedful.intake.files.formats import opened
from heedful.intake.files.plan import MOST_COLUMNS, Bad, Block, Layout

CHUNK = 1 << 21
LONGEST = 1 << 24
DEEPEST = 20
CELLS = 20_000_000
"""Rows of a block times its columns: in rows that share no names most cells are empty, and still take room."""
Row = dict[str, str | None]


def find_layout(path: Path, compression: str, head: bytes) -> Layout:
    """Encoding and columns, from the first rows."""
    layout = Layout("jsonl", compression, encodings.find(path, compression, head))
    names: dict[str, None] = {}
    seen = 0
    for block in blocks(path, layout):
        names |= dict.fromkeys(block.rows.schema.names)
        seen += block.rows.num_rows
        if seen >= 5000:
            break
    return replace(layout, columns=tuple(names))


def blocks(path: Path, layout: Layout) -> Iterator[Block]:
    """The rows of a file, about two megabytes of text at a time; columns may differ from block to block."""
    with opened(path, layout.compression) as stream:
        line, rest, known = 1, b"", dict.fromkeys(layout.columns)
        for chunk in encodings.as_utf8(stream, layout.encoding, CHUNK):
            text = rest + chunk
            cut = text.rfind(b"\n") + 1
            rest = text[cut:]
            if cut:
                yield from _blocks(text[:cut].split(b"\n")[:-1], line, layout, known, stream.done)
                line += text.count(b"\n")
            if len(rest) > LONGEST:
                bad = Bad(line, _shown(rest[:2000]), f"the line is longer than {LONGEST:,} bytes")
                yield Block(_batch([], layout.columns), [], (bad,), stream.done)
                rest = b""
        if rest.strip():
            yield from _blocks([rest], line, layout, known, 1.0)


def _blocks(lines: Sequence[bytes], first: int, layout: Layout, known: dict[str, None], done: float) -> Iterator[Block]:
    """The rows of some lines; `known` are the file's columns, which grow by theirs."""
    rows: list[Row] = []
    numbers: list[int] = []
    bad: list[Bad] = []
    names = dict.fromkeys(layout.columns)
    for number, line in enumerate(lines, first):
        if not line.strip():
            continue
        try:
            row = _row(line)
        except (ValueError, RecursionError) as problem:
            bad.append(Bad(number, _shown(line), f"no JSON object: {problem}"))
            continue
        if len(known) + len(row.keys() - known.keys()) > MOST_COLUMNS:
            bad.append(Bad(number, _shown(line), f"with this row the file has more than {MOST_COLUMNS:,} columns"))
            continue
        known |= dict.fromkeys(row)
        if rows and (len(rows) + 1) * len(names.keys() | row.keys()) > CELLS:
            yield Block(_batch(rows, layout.columns), numbers, tuple(bad), done)
            rows, numbers, bad, names = [], [], [], dict.fromkeys(layout.columns)
        names |= dict.fromkeys(row)
        rows.append(row)
        numbers.append(number)
    yield Block(_batch(rows, layout.columns), numbers, tuple(bad), done)


def _row(line: bytes) -> Row:
    """One line as text by column; ValueError where it is not an object."""
    try:
        value = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        value = json.loads(line)
    if not isinstance(value, dict):
        raise ValueError(f"found {type(value).__name__}, not an object in braces")
    row: Row = {}
    _flatten(value, "", row, 0)
    return row


def _flatten(value: Mapping[str, Any], prefix: str, row: Row, depth: int) -> None:
    for key, inner in value.items():
        name = prefix + (key or "empty")
        if isinstance(inner, dict) and inner and depth < DEEPEST:
            _flatten(inner, f"{name}.", row, depth + 1)
        else:
            row[_clean(name)] = text_of(inner)


def text_of(value: Any) -> str | None:
    """A JSON value as text: whole numbers without a point, lists and objects as JSON, empty as None."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return _clean(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, int):
        return str(value)
    return _clean(json.dumps(value, ensure_ascii=False, default=str)) if value else None


def number_text(value: float) -> str | None:
    """A float as people write it: 5.0 is 5; None where it is no number."""
    if value != value or value in (float("inf"), float("-inf")):
        return None
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def _clean(text: str) -> str:
    """Text without halves of signs, which no file in UTF-8 can hold."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _batch(rows: Sequence[Row], columns: Sequence[str]) -> pa.RecordBatch:
    names = dict.fromkeys(columns)
    for row in rows:
        names |= dict.fromkeys(row)
    arrays = [pa.array([row.get(name) for row in rows], pa.string()) for name in names]
    return pa.RecordBatch.from_arrays(arrays, list(names))


def _shown(line: bytes) -> str:
    return line[:100_000].decode("utf-8", "backslashreplace")
