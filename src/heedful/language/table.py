"""Readings for the rows of a file: CSV, JSON Lines or Parquet in, the same rows in the same order with columns added.

Nothing is stored and no workspace is needed; the text itself stays as it was.
"""

import csv
import json
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from shutil import copyfileobj
from typing import IO, Any, TypeAlias

import pyarrow as pa

from heedful.errors import BadSettings
from heedful.intake.files import encodings
from heedful.intake.files.columnar import DAMAGE
from heedful.intake.files.formats import opened, recognise, seekable
from heedful.intake.files.names import field_names, plain
from heedful.language.annotate import added, read
from heedful.language.many import in_order
from heedful.language.taught import Taught
from heedful.language.taught import read as read_taught
from heedful.language.written import Rows, writer
from heedful.settings import OwnModel

ROWS = 512
"""Rows that one core reads at a time, and that are written at a time."""
_ALONE = re.compile(r"(?<=\r)(?=[^\n])")
KINDS = {".csv": "csv", ".tsv": "tsv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet"}

Block: TypeAlias = tuple[list[str], Rows]
Texts: TypeAlias = list[str | None]


def read_file(
    source: Path | None,
    *,
    text: str | None = None,
    out: Path | None = None,
    language: str | None = None,
    default: str = "en",
    own: Sequence[OwnModel] = (),
    taught: Sequence[Taught] = (),
    progress: Callable[[int], None] | None = None,
) -> int:
    """Write the rows of `source` (None: standard input) with their readings to `out` (None: standard output).

    `text` names the column to read; without it the one that is named like a text is taken. The format of the output
    follows the name of `out`, or else is that of the input (Parquet to standard output becomes JSON Lines). `language`
    stands for every row instead of recognising it; `own` are models of the user's own, `taught` their categories,
    whose columns come last. Returns how many rows there were. BadSettings says what is wrong with the file, the column
    or the language.
    """
    if language is not None and not (len(language) == 2 and language.isascii() and language.islower()):
        raise BadSettings(f"language {language!r} is no ISO 639-1 code; write two small letters, such as en")
    with ExitStack() as stack:
        path = source if source else stack.enter_context(_standard_input())
        blocks, found = blocks_of(path, stack)
        if source and out and out.exists() and out.samefile(source):
            raise BadSettings(f"{out} is the file that is being read; name another one with --out")
        write = stack.enter_context(writer(out, kind_out(out, found)))
        reader = partial(read, language=language, default=default, own=own)
        done = 0
        for names, rows, made in in_order(_texts_of(blocks, text, path), partial(_made, reader, own, taught)):
            write(kept_names(names, made.schema.names), rows, made)
            done += made.num_rows
            if progress:
                progress(done)
    return done


def _texts_of(blocks: Iterator[Block], text: str | None, path: Path) -> Iterator[tuple[list[str], Rows, Texts]]:
    """Blocks of rows with the texts of the column that is read."""
    column = None
    for names, rows in blocks:
        column = column or _text_column(names, text, path)
        yield names, rows, texts_in(names, rows, column)


def _made(
    reader: Callable[[pa.RecordBatch], pa.RecordBatch],
    own: Sequence[OwnModel],
    taught: Sequence[Taught],
    block: tuple[list[str], Rows, Texts],
) -> tuple[list[str], Rows, pa.RecordBatch]:
    """A block's rows with their new columns."""
    names, rows, texts = block
    made = reader(pa.RecordBatch.from_arrays([pa.array(texts, pa.string())], ["text"])).select(added(own=own))
    more = read_taught(texts, taught)
    return (
        names,
        rows,
        pa.RecordBatch.from_arrays([*made.columns, *more.columns], [*made.schema.names, *more.schema.names]),
    )


def cells(source: Path, columns: Sequence[str]) -> Iterator[tuple[str | None, ...]]:
    """The cells of some columns as texts, row by row; BadSettings where the file cannot be read or lacks a column."""
    with ExitStack() as stack:
        for names, rows in blocks_of(source, stack)[0]:
            yield from zip(*(texts_in(names, rows, _text_column(names, one, source)) for one in columns), strict=True)


def texts_in(names: list[str], rows: Rows, column: str) -> Texts:
    """A column's cells as texts; what is no text, date, time or decimal is written as JSON."""
    if isinstance(rows, pa.RecordBatch):
        found = rows.column(names.index(column))
        if pa.types.is_timestamp(found.type):  # Python's have no nanoseconds
            found = found.cast(pa.timestamp("us", found.type.tz), safe=False)
        return [_text(value) for value in found.to_pylist()]
    return [_text(row.get(column)) for row in rows]


def kept_names(names: Sequence[str], new: Sequence[str]) -> dict[str, str]:
    """What each column of the input is called in the output: `input_NAME` where a new column bears its name."""
    taken = set(new) | {name for name in names if name not in new}
    kept: dict[str, str] = {}
    for name in names:
        called = name
        while name in new and called in taken:
            called = f"input_{called}"
        taken.add(called)
        kept[name] = called
    return kept


def _text(value: Any) -> str | None:
    """A cell as the text to read; half a character, which JSON can hold, counts as one unknown sign; NaN is none."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, date | Decimal):
        return str(value)
    return None if value is None or value != value else json.dumps(value, ensure_ascii=False, default=str)


def _text_column(names: Sequence[str], wanted: str | None, path: Path) -> str:
    if wanted is not None:
        return existing(names, wanted, path)
    if len(names) == 1:
        return names[0]
    if (found := named_like(names, "text")) is None:
        raise BadSettings(f"which column of {path} is the text? Say --text with one of: {', '.join(names)}")
    return found


def existing(names: Sequence[str], wanted: str, path: Path) -> str:
    """A column by its name; BadSettings lists those there are."""
    if wanted not in names:
        raise BadSettings(f"{path} has no column {wanted!r}; there are: {', '.join(names)}")
    return wanted


def named_like(names: Sequence[str], field: str) -> str | None:
    """The column that is named most like a field of messages."""
    places = field_names("message", field)
    likely = sorted((places[plain(name)], at) for at, name in enumerate(names) if plain(name) in places)
    return names[likely[0][1]] if likely else None


@contextmanager
def _standard_input() -> Iterator[Path]:
    with tempfile.NamedTemporaryFile(prefix="heedful-read-") as held:
        copyfileobj(sys.stdin.buffer, held)
        held.flush()
        yield Path(held.name)


def kind_out(out: Path | None, kind: str) -> str:
    """The kind of file to write: by the name of `out`, or else as what was read; BadSettings for another ending."""
    if out is None:
        return "jsonl" if kind == "parquet" else kind
    suffix = out.suffix.lower()
    if suffix and suffix not in KINDS:
        raise BadSettings(f"--out {out}: files that end in {suffix} are not written; choose one of {', '.join(KINDS)}")
    return KINDS.get(suffix, kind)


def blocks_of(path: Path, stack: ExitStack) -> tuple[Iterator[Block], str]:
    """The rows of a file some at a time, whatever its format, and the kind that the like of it is written as."""
    kind, compression, head = recognise(path)
    if kind == "excel":
        raise BadSettings(f"{path} is an Excel file; save the sheet as CSV and read that")
    return _blocks(path, kind, compression, head, stack)


def _blocks(path: Path, kind: str, compression: str, head: bytes, stack: ExitStack) -> tuple[Iterator[Block], str]:
    """The rows of a file some at a time, and the kind that a file of the same format is written as."""
    if kind == "parquet":
        return _parquet_blocks(path, stack.enter_context(seekable(path, compression))), kind
    encoding = encodings.find(path, compression, head)
    lines = stack.enter_context(_lines(path, compression, encoding))
    if kind == "jsonl":
        return _json_blocks(path, lines), kind
    delimiter = _delimiter(head.decode(encoding, "replace"))
    return _csv_blocks(path, lines, delimiter), "tsv" if delimiter == "\t" else "csv"


@contextmanager
def _lines(path: Path, compression: str, encoding: str) -> Iterator[Iterator[str]]:
    """Lines of a text file with their ends."""
    with opened(path, compression) as stream:
        yield _split(encodings.as_utf8(stream, encoding, 1 << 20))


def _split(chunks: Iterator[bytes]) -> Iterator[str]:
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            yield line.decode("utf-8", "replace") + "\n"
    if rest:
        yield rest.decode("utf-8", "replace")


def _delimiter(head: str) -> str:
    """The sign that parts the first line most often."""
    first = next((line for line in head.splitlines() if line.strip()), "")
    return max(",\t;|", key=first.count)


def _csv_blocks(path: Path, lines: Iterator[str], delimiter: str) -> Iterator[Block]:
    csv.field_size_limit(1 << 27)
    rows = _rows(csv.reader(_ended(lines), delimiter=delimiter), path)
    line, names = next(rows)
    if len(set(names)) < len(names):
        raise BadSettings(f"{path} has two columns of the same name; give each its own: {', '.join(names)}")
    held: list[dict[str, Any]] = []
    for line, row in rows:
        if not row:
            continue
        if len(row) > len(names):
            raise BadSettings(f"{path} line {line}: {len(row)} cells, but there are {len(names)} columns")
        held.append(dict(zip(names, row + [""] * (len(names) - len(row)), strict=True)))
        if len(held) == ROWS:
            yield names, held
            held = []
    yield names, held


def _ended(lines: Iterator[str]) -> Iterator[str]:
    """Lines that end where a CR stands alone, too, as in files from old systems."""
    for line in lines:
        yield from _ALONE.split(line) if "\r" in line else (line,)


def _rows(reader: Any, path: Path) -> Iterator[tuple[int, list[str]]]:
    """Rows with the line they end on; BadSettings where one cannot be read."""
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error as problem:
        raise BadSettings(f"{path} line {reader.line_num} cannot be read as CSV: {problem}") from problem


def _json_blocks(path: Path, lines: Iterator[str]) -> Iterator[Block]:
    held: list[dict[str, Any]] = []
    names: dict[str, None] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as problem:
            raise BadSettings(f"{path} line {number} is not JSON: {problem}") from problem
        if not isinstance(row, dict):
            raise BadSettings(
                f"{path} line {number} is {type(row).__name__}, not an object: one object a line is needed"
            )
        names |= dict.fromkeys(row)
        held.append(row)
        if len(held) == ROWS:
            yield list(names), held
            held = []
    yield list(names), held


def _parquet_blocks(path: Path, file: IO[bytes]) -> Iterator[Block]:
    from pyarrow import parquet

    try:
        held = parquet.ParquetFile(file)
        names = list(held.schema_arrow.names)
        empty = held.schema_arrow.empty_table().combine_chunks().to_batches() or [_no_rows(held.schema_arrow)]
        yield names, empty[0]
        for batch in held.iter_batches(ROWS):
            yield names, batch
    except DAMAGE as problem:
        raise BadSettings(f"{path} is damaged or cut off ({problem}); copy it again") from problem


def _no_rows(schema: pa.Schema) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([pa.array([], field.type) for field in schema], schema=schema)
