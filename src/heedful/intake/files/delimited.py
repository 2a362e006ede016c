"""CSV and TSV in blocks: one broken row is set aside with its line, its neighbours are kept."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv

from heedful.intake.files import encodings
from heedful.intake.files.csv_rows import Split, cells, split, width
from heedful.intake.files.formats import Stream, opened
from heedful.intake.files.header import named
from heedful.intake.files.plan import Bad, Block, Layout

CHUNK = 1 << 21
HEAD = 1 << 18
LONGEST = 1 << 24
"""A row longer than this many bytes is bad: memory stays flat whatever comes."""
ALONE = "\x1f"
"""The delimiter of a file with one column: a sign that no text holds."""
DELIMITERS = (",", "\t", ";", "|")


def find_layout(path: Path, compression: str, head: bytes) -> Layout:
    """Encoding, delimiter, header and columns of a text file."""
    encoding = encodings.find(path, compression, head)
    with opened(path, compression) as stream:
        text = b"".join(_at_most(encodings.as_utf8(stream, encoding, HEAD), HEAD))
    newline = "\r" if b"\n" not in text and b"\r" in text else "\n"
    text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    skip = _leading_remarks(text)
    text = b"\n".join(text.split(b"\n")[skip:])
    delimiter = _delimiter(text)
    rows = [cells(row, delimiter.encode()) for row in _first_rows(text, delimiter)]
    title = _title_rows(rows)
    names, header = named(rows[title:])
    form = "tsv" if delimiter == "\t" else "csv"
    return Layout(form, compression, encoding, delimiter, newline, header, skip + title, columns=names)


def _at_most(chunks: Iterator[bytes], size: int) -> Iterator[bytes]:
    for chunk in chunks:
        yield chunk
        size -= len(chunk)
        if size <= 0:
            return


def _leading_remarks(text: bytes) -> int:
    """How many lines at the top are blank, remarks that begin with #, or Excel's `sep=`."""
    for count, line in enumerate(text.split(b"\n")):
        remark = line[:1] == b"#" and not any(mark.encode() in line for mark in DELIMITERS)
        if line.strip() and not remark and not line.lower().startswith(b"sep="):
            return count
    return 0


def _first_rows(text: bytes, delimiter: str) -> list[bytes]:
    """The first rows; at the end of the sample a row may be cut, so that one counts only where it is alone."""
    found = split(text, delimiter.encode(), 0, final=False).rows
    return (found or split(text, delimiter.encode(), 0, final=True).rows)[:200]


def _delimiter(text: bytes) -> str:
    """The sign that parts most rows into the same number of cells."""
    best, choice = (0.0, 0), ALONE
    for delimiter in DELIMITERS:
        widths = [width(row, delimiter.encode()) for row in _first_rows(text, delimiter)]
        if not widths:
            continue
        common, count = Counter(widths).most_common(1)[0]
        share = count / len(widths)
        fits = common > 1 and (share >= 0.9 or (share >= 0.5 and widths[0] == common))
        if fits and (round(share, 1), common) > best:
            best, choice = (round(share, 1), common), delimiter
    return choice


def _title_rows(rows: Sequence[Sequence[str]]) -> int:
    """How many rows above the header hold a single cell: a report's title."""
    widths = [len(row) for row in rows]
    if not widths or (common := Counter(widths).most_common(1)[0][0]) == 1:
        return 0
    first = next((at for at, count in enumerate(widths) if count == common), 0)
    return first if first <= 5 and all(count == 1 for count in widths[:first]) else 0


def blocks(path: Path, layout: Layout) -> Iterator[Block]:
    """The rows of a file, about two megabytes of text at a time."""
    mark, columns = (layout.delimiter or ALONE).encode(), len(layout.columns)
    with opened(path, layout.compression) as stream:
        line, rest, header = layout.skip + 1, b"", layout.header
        for text, final in _texts(stream, layout):
            rest += text
            cut = split(rest, mark, columns, final=final)
            rest = rest[cut.used :]
            broken = [Bad(line + at, _shown(row), reason) for at, row, reason in cut.broken]
            if len(rest) > LONGEST:
                broken.append(Bad(line + cut.lines, _shown(rest[:2000]), f"the row is longer than {LONGEST:,} bytes"))
                rest = b""
            if header and cut.rows:
                cut = Split(cut.rows[1:], cut.starts[1:], cut.broken, cut.used, cut.lines)
                header = False
            yield _block(cut, line, layout, broken, 1.0 if final else stream.done)
            line += cut.lines


def _texts(stream: Stream, layout: Layout) -> Iterator[tuple[bytes, bool]]:
    """Pieces of text with \\n at line ends, without the lines to skip; the second value marks the end."""
    skip, before = layout.skip, b""
    for chunk in encodings.as_utf8(stream, layout.encoding, CHUNK):
        text = before + chunk
        if layout.newline == "\r":
            text = text.replace(b"\r", b"\n")
        elif b"\r" in text:
            text, before = (text[:-1], b"\r") if text[-1:] == b"\r" else (text, b"")
            text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        else:
            before = b""
        while skip and (cut := text.find(b"\n") + 1):
            text, skip = text[cut:], skip - 1
        yield text, False
    yield b"", True


def _block(cut: Split, line: int, layout: Layout, broken: list[Bad], done: float) -> Block:
    """Parse whole rows; those with wrong bytes or another number of cells are set aside."""
    rows = cut.rows
    lines = np.fromiter(cut.starts, np.int64, len(rows)) + line
    if not _is_utf8(b"\n".join(rows)):
        fine = np.fromiter(map(_is_utf8, rows), bool, len(rows))
        reason = "bytes that are no UTF-8 text"
        broken += [Bad(int(lines[at]), _shown(rows[at]), reason) for at in np.flatnonzero(~fine)]
        rows, lines = [row for row, good in zip(rows, fine, strict=True) if good], lines[fine]
    ragged: list[int] = []
    table = _parse(rows, layout, ragged) if rows else _empty(layout)
    want = len(layout.columns)
    for at in ragged:
        found = width(rows[at], (layout.delimiter or "").encode())
        broken.append(Bad(int(lines[at]), _shown(rows[at]), f"{found} cells where the file has {want} columns"))
    if ragged:
        lines = np.delete(lines, ragged)
    return Block(table, lines.tolist(), tuple(sorted(broken, key=lambda bad: bad.line)), done)


def _parse(rows: list[bytes], layout: Layout, ragged: list[int]) -> pa.RecordBatch:
    def set_aside(row: csv.InvalidRow) -> str:
        ragged.append(row.number - 1)
        return "skip"

    text = b"\n".join(rows) + b"\n"
    table = csv.read_csv(
        pa.py_buffer(text),
        csv.ReadOptions(use_threads=False, block_size=len(text) + 1, column_names=list(layout.columns)),
        csv.ParseOptions(
            delimiter=layout.delimiter, newlines_in_values=True, invalid_row_handler=set_aside, ignore_empty_lines=False
        ),
        csv.ConvertOptions(
            column_types=dict.fromkeys(layout.columns, pa.string()),
            null_values=[""],
            strings_can_be_null=True,
        ),
    ).combine_chunks()
    batches = table.to_batches()
    return batches[0] if batches else _empty(layout)


def _empty(layout: Layout) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist([], pa.schema([(name, pa.string()) for name in layout.columns]))


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def _shown(row: bytes) -> str:
    return row[:100_000].decode("utf-8", "backslashreplace")
