"""A study of a file: nothing is stored, and no workspace is needed."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import pyarrow as pa

from heedful.errors import BadSettings
from heedful.insight.studies import Cells, Choices, OfFile, of_file
from heedful.language.table import blocks_of, existing, kept_names, kind_out, named_like, texts_in
from heedful.language.written import writer

GUESSED = ("id", "text", "occurred_at")
"""Fields that a column may be guessed for by its name; the others are found under their own name only."""


def study_file(name: str, source: Path, *, mapping: Mapping[str, str], choices: Choices, out: Path | None) -> pa.Table:
    """Answer a study for the rows of a file, and write the answer to `out` (None: standard output).

    `mapping` says which column is which field. The format follows the name of `out`, or else is that of the input;
    new columns come after those of the input, whose rows keep their order, and an input column that bears a new
    column's name is kept as `input_NAME`. NotFound: no such study. BadSettings: what is wrong with the file or a field.
    """
    asked = of_file(name)
    if out and out.exists() and out.samefile(source):
        raise BadSettings(f"{out} is the file that is being read; name another one with --out")
    with ExitStack() as stack:
        blocks, found = blocks_of(source, stack)
        columns: dict[str, list[str | None]] = {field: [] for field in (*asked.NEEDS, *asked.TAKES)}
        places: dict[str, str | None] = {}
        kind = kind_out(out, found)
        for names, rows in blocks:
            late = _places(asked, names, mapping, source, name)  # JSON may name a column in a later row first
            places = {field: places.get(field) or late[field] for field in late}
            for field, column in places.items():
                columns[field] += _cells(texts_in(names, rows, column)) if column else [None] * _size(rows)
    made = asked.of_file(columns, choices)
    with writer(out, kind) as write:
        if not asked.BESIDE:
            write({}, [{}] * made.num_rows, _batch(made))
            return made
        with ExitStack() as stack:
            at = 0
            for names, rows in blocks_of(source, stack)[0]:
                write(kept_names(names, made.schema.names), rows, _batch(made.slice(at, _size(rows))))
                at += _size(rows)
    return made


def _places(
    asked: OfFile, names: Sequence[str], mapping: Mapping[str, str], source: Path, study: str
) -> dict[str, str | None]:
    """The column of each field; None where a field that need not be there has none."""
    fields = (*asked.NEEDS, *asked.TAKES)
    if unknown := [field for field in mapping if field not in fields]:
        raise BadSettings(f"--map {unknown[0]}=: the study {study} has no such field; it has: {', '.join(fields)}")
    places: dict[str, str | None] = {}
    for field in fields:
        if field in mapping:
            places[field] = existing(names, mapping[field], source)
        else:
            places[field] = _found(names, field)
    if lacking := [field for field in asked.NEEDS if places[field] is None]:
        raise BadSettings(
            f"which column of {source} is the {lacking[0]}? "
            f"Say --map {lacking[0]}=COLUMN with one of: {', '.join(names)}"
        )
    return places


def _found(names: Sequence[str], field: str) -> str | None:
    """The column that bears a field's name, blanks at its ends aside, or one that is named like it."""
    found = field if field in names else next((name for name in names if name.strip() == field), None)
    return found or (named_like(names, field) if field in GUESSED else None)


def _cells(texts: Cells) -> Iterator[str | None]:
    """Cells of nothing but blanks are empty."""
    return (text if text and text.strip() else None for text in texts)


def _size(rows: pa.RecordBatch | Sequence[object]) -> int:
    return rows.num_rows if isinstance(rows, pa.RecordBatch) else len(rows)


def _batch(table: pa.Table) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([column.combine_chunks() for column in table.columns], schema=table.schema)
