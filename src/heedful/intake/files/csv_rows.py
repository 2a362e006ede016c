"""Where one row of a text table ends and the next begins, also where some rows are broken."""

import re
from dataclasses import dataclass
from functools import cache

MOST_LINES = 300
"""A row with quoted line breaks has at most this many lines; beyond, its quote was never closed."""


@dataclass(frozen=True, slots=True)
class Split:
    """Whole rows, the line each begins on (from 0), broken lines (line, text, reason), bytes and lines used up."""

    rows: list[bytes]
    starts: range | list[int]
    broken: list[tuple[int, bytes, str]]
    used: int
    lines: int


@cache
def _patterns(mark: bytes) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    """A whole row, and one field of it with what parts it from the one before. Possessive: no backtracking."""
    part = re.escape(mark)
    cell = rb'(?:"[^"]*+(?:""[^"]*+)*+"[^%b]*+|(?!")[^%b]*+)' % (part, part)
    loose = rb'(?:"[^"]*+(?:""[^"]*+)*+"[^%b]*+|[^%b]*+)' % (part, part)
    return re.compile(rb"%b(?:%b%b)*+" % (cell, part, cell)), re.compile(rb"(?:^|%b)(%b)" % (part, loose))


def cells(row: bytes, mark: bytes) -> list[str]:
    """The cells of one row, without their quotes."""
    found = [cell.decode("utf-8", "replace") for cell in _patterns(mark)[1].findall(row)]
    return [_plain(cell.removesuffix("\r") if last else cell) for last, cell in _last_known(found)]


def _last_known(found: list[str]) -> list[tuple[bool, str]]:
    return [(at == len(found) - 1, cell) for at, cell in enumerate(found)]


def _plain(cell: str) -> str:
    if len(cell) > 1 and cell[0] == '"' and (end := cell.rfind('"')) > 0:
        return cell[1:end].replace('""', '"') + cell[end + 1 :]
    return cell


def width(row: bytes, mark: bytes) -> int:
    """How many cells a row has."""
    return len(_patterns(mark)[1].findall(row))


def split(text: bytes, mark: bytes, columns: int, *, final: bool) -> Split:
    """Cut text into rows; what is not whole yet is left over unless this is the end of the file.

    A quote that is opened and never closed costs its own line only: `columns` (0 where unknown) tells a row
    that swallowed its neighbours from one that really holds line breaks.
    """
    end = len(text) if final else text.rfind(b"\n") + 1
    lines = text[:end].split(b"\n")
    if not lines[-1]:
        lines.pop()
    if b'"' not in text:
        return _without_blank(Split(lines, range(len(lines)), [], end, len(lines)))
    whole = _patterns(mark)[0]
    rows, starts, broken, at = [], [], [], 0
    while at < len(lines):
        line = lines[at]
        if b'"' not in line or whole.fullmatch(line):
            rows.append(line)
            starts.append(at)
            at += 1
            continue
        length = _length(lines, at, mark, columns)
        if length < 0 and not final:
            break
        if length <= 0:
            broken.append((at, line, "a quote is opened and never closed"))
            at += 1
            continue
        rows.append(b"\n".join(lines[at : at + length]))
        starts.append(at)
        at += length
    used = min(end, sum(map(len, lines[:at])) + at)
    return _without_blank(Split(rows, starts, broken, used, at))


def _length(lines: list[bytes], at: int, mark: bytes, columns: int) -> int:
    """How many lines the row that begins here has; 0 where its quote is never closed, -1 where more text is needed."""
    whole = _patterns(mark)[0]
    parts = [lines[at]]
    for line in lines[at + 1 : at + MOST_LINES]:
        parts.append(line)
        if b'"' not in line or not whole.fullmatch(row := b"\n".join(parts)):
            continue
        swallowed = columns and width(row, mark) != columns and width(lines[at + 1], mark) == columns
        return 0 if swallowed else len(parts)
    return 0 if len(parts) == MOST_LINES else -1


def _without_blank(cut: Split) -> Split:
    if all(row.strip() for row in cut.rows):
        return cut
    kept = [(start, row) for start, row in zip(cut.starts, cut.rows, strict=True) if row.strip()]
    return Split([row for _, row in kept], [start for start, _ in kept], cut.broken, cut.used, cut.lines)
