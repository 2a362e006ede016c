"""Excel workbooks (.xlsx) in blocks, read from the file as it goes; dates come as dates."""

import warnings
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from pathlib import Path
from typing import IO, Any
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

import pyarrow as pa

from heedful.errors import BadSettings
from heedful.intake.files.formats import seekable
from heedful.intake.files.header import named
from heedful.intake.files.json_lines import text_of
from heedful.intake.files.plan import Bad, Block, Layout

Row = tuple[str | None, ...]

MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384
"""What a sheet can have; a row or cell numbered beyond would be waited for, or filled up to, for hours."""
DAMAGE = (
    ParseError, BadZipFile, zlib.error, LookupError, ValueError, TypeError, AttributeError, OSError, OverflowError,
    NotImplementedError, RuntimeError, AssertionError,
)  # fmt: skip
"""What openpyxl raises on parts that are not what they should be: it looks at few of them before it uses them."""


def find_layout(path: Path, compression: str, sheet: str | None) -> tuple[Layout, int]:
    """Sheet, header, columns and number of rows (0 where the book does not say); the first sheet that holds some."""
    with seekable(path, compression) as file, _book(path, file) as book:
        names = list(book.sheetnames)
        if sheet is not None and sheet not in names:
            raise BadSettings(f"{path} has no sheet {sheet!r}; there are: {', '.join(names)}")
        for name in [sheet] if sheet is not None else names:
            if not hasattr(book[name], "iter_rows"):
                continue
            total = getattr(book[name], "max_row", None) or 0
            head = [row for _, row in _numbered(book[name], limit=300)]
            if not head:
                continue
            skip = _titles(head)
            width = max(at for row in head for at, cell in enumerate(row, 1) if cell)
            columns, header = named([[cell or "" for cell in (*row, *[None] * width)[:width]] for row in head[skip:]])
            layout = Layout("excel", compression, sheet=name, header=header, skip=skip, columns=columns)
            return layout, max(0, total - skip - header)
    raise BadSettings(f"{path}: no sheet holds any rows; there is nothing to import")


def blocks(path: Path, layout: Layout, *, rows: int) -> Iterator[Block]:
    """The rows of the sheet, `rows` at a time."""
    with seekable(path, layout.compression) as file, _book(path, file) as book:
        sheet = book[layout.sheet]
        total = getattr(sheet, "max_row", None) or 0
        size = max(1, file.seek(0, 2))
        width, skip = len(layout.columns), layout.skip + layout.header
        held: list[Row] = []
        lines: list[int] = []
        bad: list[Bad] = []
        for number, row in _numbered(sheet):
            if skip:
                skip -= 1
                continue
            if any(row[width:]):
                raw = " | ".join(cell or "" for cell in row)
                bad.append(Bad(number, raw, f"cells beyond the {width} columns of the sheet"))
                continue
            held.append(row[:width] + (None,) * (width - len(row)))
            lines.append(number)
            if len(held) >= rows:
                done = min(0.99, number / total if total else file.tell() / size)
                yield _block(held, lines, bad, layout, done)
                held, lines, bad = [], [], []
        yield _block(held, lines, bad, layout, 1.0)


def _block(held: Sequence[Row], lines: Sequence[int], bad: Sequence[Bad], layout: Layout, done: float) -> Block:
    columns = zip(*held, strict=True) if held else [()] * len(layout.columns)
    arrays = [pa.array(column, pa.string()) for column in columns]
    return Block(pa.RecordBatch.from_arrays(arrays, list(layout.columns)), lines, tuple(bad), done)


def _numbered(sheet: Any, limit: int | None = None) -> Iterator[tuple[int, Row]]:
    """Rows that hold something, with their number in the sheet."""
    sheet.reset_dimensions()
    rows = sheet.iter_rows(values_only=True, max_row=limit or MOST_ROWS)
    for number, row in enumerate(rows, 1):
        cells = tuple(_text(value) for value in row)
        if any(cells):
            yield number, cells


def _text(value: Any) -> str | None:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d" if value.time() == time() else "%Y-%m-%d %H:%M:%S")
    return value.isoformat() if isinstance(value, date | time) else text_of(value)


def _titles(rows: Sequence[Row]) -> int:
    """How many rows above the header hold a single cell: a report's title."""
    filled = [sum(cell is not None for cell in row) for row in rows]
    if Counter(filled).most_common(1)[0][0] == 1:
        return 0
    first = next((at for at, count in enumerate(filled) if count > 1), 0)
    return first if first <= 5 else 0


@contextmanager
def _book(path: Path, file: IO[bytes]) -> Iterator[Any]:
    from openpyxl import load_workbook

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            book = load_workbook(file, read_only=True, data_only=True)
        except DAMAGE as problem:
            raise BadSettings(f"{path}: the Excel file is damaged; save it again ({problem})") from problem
    try:
        yield book
    except DAMAGE as problem:
        raise BadSettings(f"{path}: the Excel file is damaged; save it again ({problem})") from problem
    finally:
        book.close()
