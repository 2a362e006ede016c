"""The names of a table's columns: its first row, or made up where that is already a record."""

import re
from collections.abc import Sequence

from heedful.intake.files.names import known

_NUMBER = re.compile(r"[-+$€£]?\s?\d[\d.,]*\s?%?")
_VALUE = re.compile(r"https?://\S+|\S+@\S+\.\w+|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T].*)?|\d{1,2}:\d\d(:\d\d)?")


def named(rows: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], bool]:
    """Unique names of the columns, and whether the first row holds them."""
    if not rows:
        return (), False
    width = max(map(len, rows)) if not is_header(rows) else len(rows[0])
    if is_header(rows):
        return unique(rows[0]), True
    common = max(set(map(len, rows)), key=[len(row) for row in rows].count)
    return unique([""] * (common or width)), False


def unique(names: Sequence[str]) -> tuple[str, ...]:
    """The same names, stripped; empty ones become column_N, repeated ones get a number."""
    taken: set[str] = set()
    again: dict[str, int] = {}
    result = []
    for place, raw in enumerate(names, 1):
        name = first = raw.strip() or f"column_{place}"
        while name in taken:
            again[first] = again.get(first, 1) + 1
            name = f"{first}_{again[first]}"
        taken.add(name)
        result.append(name)
    return tuple(result)


def is_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row holds names: none of its cells is a number, a time or an address."""
    first, others = [cell.strip() for cell in rows[0]], rows[1:]
    filled = [cell for cell in first if cell]
    if not filled:
        return False
    if any(_VALUE.fullmatch(cell) for cell in filled):
        return False
    numbers = sum(bool(_NUMBER.fullmatch(cell)) for cell in filled)
    if any(known(cell) for cell in filled) and numbers < len(filled) / 2:
        return True
    if numbers and not (numbers < len(filled) / 2 and _text_above_numbers(first, others)):
        return False
    if len(first) == 1:
        return len(first[0].split()) <= 3 and not re.search(r"[.,;!]", first[0])
    repeated = sum(
        cell in {row[at].strip() for row in others if at < len(row)} for at, cell in enumerate(first) if cell
    )
    return repeated <= len(filled) / 3


def _text_above_numbers(first: Sequence[str], others: Sequence[Sequence[str]]) -> bool:
    """Whether somewhere a name stands above a column of numbers."""
    for at, cell in enumerate(first):
        below = [row[at].strip() for row in others if at < len(row) and row[at].strip()]
        if below and not _NUMBER.fullmatch(cell) and all(_NUMBER.fullmatch(value) for value in below):
            return True
    return False
