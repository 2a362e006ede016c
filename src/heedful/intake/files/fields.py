"""One field of a record from the columns that it comes from, and the rows where that fails."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from heedful.intake.files import ratings, times, words
from heedful.intake.files.plan import Column
from heedful.intake.files.values import (
    Mask,
    as_count,
    as_flag,
    as_key,
    as_label,
    as_number,
    as_text,
    as_words,
    by_distinct,
    join_present,
    unread,
)
from heedful.records import BASES, CHANNELS, KINDS, PURPOSES, TIME, WORDS

PROSE = frozenset({"text", "title", "answer"})
CODED: Mapping[str, tuple[Callable[[str], str | None], Sequence[str]]] = {
    "kind": (words.kind_of, KINDS),
    "direction": (words.direction_of, ("in", "out")),
    "purpose": (words.purpose_of, PURPOSES),
    "basis": (words.basis_of, BASES),
}
"""Fields with few known words: how a word is understood, and the words."""
PARTED = {"brand": ";|", "hashtags": ",;| ", "mentions": ",;| ", "links": ",;| "}


@dataclass(frozen=True, slots=True)
class Fault:
    """Rows that a field could not be read from, why, and what stood there."""

    rows: Mask
    reason: str
    found: pa.Array


def read_field(field: pa.Field, column: Column, rows: pa.RecordBatch, zone: str) -> tuple[pa.Array, list[Fault]]:
    """The values of one field for a block of rows, of the field's type."""
    parts = [part_of(rows, name) for name in column.columns]
    if column.constant is not None:
        parts = [pa.repeat(pa.scalar(column.constant, pa.string()), rows.num_rows)]
    given = parts[0]
    if field.name in CODED:
        return _coded(field.name, given)
    if field.name == "rating":
        found = ratings.scaled(given, column.how)
        return found, _wrong(field.name, f"is no rating from {column.how.replace('-', ' to ')}", given, found)
    if field.type == TIME:
        found, faults = times.parse(given, column.how, zone)
        return found, [Fault(mask, f"{field.name}: {reason}", given) for mask, reason in faults]
    if column.how == "multiplied":
        return _product(field.name, parts)
    if len(parts) > 1:
        return joined(parts, column.columns), []
    found = _simple(field, given, column)
    hard = pa.types.is_floating(field.type) or pa.types.is_integer(field.type) or pa.types.is_boolean(field.type)
    what = "is neither yes nor no" if pa.types.is_boolean(field.type) else "is not a number"
    return found, _wrong(field.name, what, given, found) if hard else []


def part_of(rows: pa.RecordBatch, name: str) -> pa.Array:
    """A column of the block; nulls where this block of a JSON file does not have it."""
    at = rows.schema.get_field_index(name)
    return rows.column(at) if at >= 0 else pa.nulls(rows.num_rows, pa.string())


def _simple(field: pa.Field, given: pa.Array, column: Column) -> pa.Array:
    if field.type == WORDS:
        return as_words(given, part=PARTED.get(field.name, ",;|"))
    if pa.types.is_floating(field.type):
        return as_number(given, comma=column.how == "number with decimal comma")
    if pa.types.is_integer(field.type):
        return as_count(given)
    if pa.types.is_boolean(field.type):
        return as_flag(given)
    if field.name == "language":
        return by_distinct(as_label(given), words.language_of, pa.string())
    if field.name == "channel":
        other = column.how if column.how in CHANNELS else None
        return by_distinct(as_label(given), lambda text: words.channel_of(text) or other, pa.string())
    return as_text(given) if field.name in PROSE else as_key(given)


def _coded(name: str, given: pa.Array) -> tuple[pa.Array, list[Fault]]:
    understood, known = CODED[name]
    label = as_label(given)
    found = by_distinct(label, understood, pa.string())
    return found, _wrong(name, f"is not known; there are: {', '.join(known)}", label, found)


def _wrong(name: str, what: str, given: pa.Array, found: pa.Array) -> list[Fault]:
    label = as_label(given)
    missed = unread(label, found)
    return [Fault(missed, f"{name} {{}} {what}", label)] if missed.any() else []


def _product(name: str, parts: Sequence[pa.Array]) -> tuple[pa.Array, list[Fault]]:
    numbers = [as_number(part) for part in parts]
    faults = [
        fault
        for part, number in zip(parts, numbers, strict=True)
        for fault in _wrong(name, "is not a number", part, number)
    ]
    return pc.round(pc.multiply(*numbers), ndigits=6), faults


def joined(parts: Sequence[pa.Array], names: Sequence[str]) -> pa.Array:
    """Several texts as one, each under its column's name as a line of its own."""
    titled = [
        pc.binary_join_element_wise(f"{name.replace('_', ' ').strip().capitalize()}:\n", as_text(part), "")
        for part, name in zip(parts, names, strict=True)
    ]
    text = join_present(titled, "\n\n")
    return pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)


def interleave(columns: Sequence[pa.Array]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], pa.Array]:
    """The values that are there, row by row: the row of each, its column, itself."""
    if not columns:
        nothing = np.zeros(0, np.int64)
        return nothing, nothing, pa.array([], pa.string())
    valid = np.column_stack([np.asarray(column.is_valid().to_numpy(zero_copy_only=False)) for column in columns])
    rows, places = np.nonzero(valid)
    values = pa.concat_arrays(columns).take(pa.array(places * len(columns[0]) + rows))
    return rows, places, values


def attributes(columns: Mapping[str, pa.Array], count: int) -> pa.Array:
    """Maps of the values that are there, by name."""
    arrays = list(columns.values())
    rows, places, values = interleave(arrays)
    sizes = np.bincount(rows, minlength=count)[:count]
    offsets = pa.array(np.concatenate(([0], np.cumsum(sizes))).astype(np.int32))
    names = pa.array(list(columns), pa.string()).take(pa.array(places))
    return pa.MapArray.from_arrays(offsets, names, values)
