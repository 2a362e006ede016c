"""The values that describe a file: how it is laid out, which column means what, and what comes out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pyarrow as pa

MOST_COLUMNS = 2_000
"""Columns that a file may have: each takes time to look at, and room in every row."""


@dataclass(frozen=True, slots=True)
class Bad:
    """A row that cannot be taken: its line (first is 1; sheet row in Excel, row number in Parquet), itself, and why."""

    line: int
    raw: str
    reason: str


@dataclass(frozen=True, slots=True)
class Layout:
    """How the bytes of a file become rows."""

    format: str
    """csv, tsv, jsonl, parquet or excel."""
    compression: str = "none"
    """gzip or none."""
    encoding: str = "utf-8"
    delimiter: str | None = None
    newline: str = "\n"
    header: bool = True
    skip: int = 0
    """Lines before the header (or before the first row where there is no header)."""
    sheet: str | None = None
    columns: tuple[str, ...] = ()
    labels: int = 0
    """Rows after the header that hold labels and not records (survey exports)."""


@dataclass(frozen=True, slots=True)
class Block:
    """Some rows of a file with all their columns, as text or as the file types them."""

    rows: pa.RecordBatch
    lines: Sequence[int]
    """The line of each row."""
    bad: tuple[Bad, ...]
    done: float
    """The part of the file that has been read, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Column:
    """Where a field comes from and how it is read."""

    columns: tuple[str, ...]
    how: str = "as it is"
    why: str = "by its name"
    constant: str | None = None

    @property
    def name(self) -> str:
        """The column's name as it is shown: several are joined by +, a constant is ='it'."""
        return f"={self.constant}" if self.constant is not None else " + ".join(self.columns)


@dataclass(frozen=True, slots=True)
class Survey:
    """How a file holds answers: `wide` has a column per question, `long` a row per answer."""

    form: str
    questions: Mapping[str, str] = field(default_factory=dict)
    """Question to kind: number, choice, choices (several in a cell, parted by `parted`), text."""
    sources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Wide only: question to its columns; several are one question where everything that applies is chosen."""
    options: Mapping[str, str] = field(default_factory=dict)
    """Wide only: column of a question with several columns, to the option it stands for."""
    parted: Mapping[str, str] = field(default_factory=dict)
    """Question to what parts the choices in its cells."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What was found in a file, what was guessed, and what to override; `read` follows it."""

    path: Path
    table: str
    layout: Layout
    fields: Mapping[str, Column]
    extra: tuple[str, ...] = ()
    """Columns kept as attributes."""
    left_out: tuple[str, ...] = ()
    """Columns that seem to hold identities and are not kept, because nothing says what they are for."""
    traits: tuple[str, ...] = ()
    """Columns of a profiles or consents file that each become a record: a trait, or a purpose."""
    attributes: Mapping[str, str] = field(default_factory=dict)
    """Attribute to column, as `--map attributes.NAME=column` gave it."""
    survey: Survey | None = None
    source: str = ""
    guessed_source: str = ""
    zone: str = "UTC"
    rows: int = 0
    """How many rows the file has, estimated where counting would mean reading it."""
    notes: tuple[str, ...] = ()
    sample: tuple[Mapping[str, Any], ...] = ()
    """The first three records."""

    @property
    def format(self) -> str:
        """The file's format: csv, tsv, jsonl, parquet or excel."""
        return self.layout.format

    @property
    def compression(self) -> str:
        """Gzip or none."""
        return self.layout.compression

    @property
    def encoding(self) -> str:
        """The name of the text encoding; utf-8 where the format knows its own."""
        return self.layout.encoding

    @property
    def delimiter(self) -> str | None:
        """What parts the columns of a text file; None in other formats."""
        return self.layout.delimiter

    @property
    def read_as(self) -> dict[str, str]:
        """Each field with its column, as it is shown."""
        return {field: column.name for field, column in self.fields.items()}

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column of the file, in order."""
        return self.layout.columns


@dataclass(frozen=True, slots=True)
class Shaped:
    """Records of the shape `INCOMING[table]`, the rows that became none, and how far the reading is (0 to 1)."""

    batch: pa.RecordBatch
    bad: list[Bad]
    done: float


NOTHING: Mapping[str, str] = MappingProxyType({})
