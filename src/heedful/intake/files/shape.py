"""Rows of a file as records: every field read, what is left over as attributes, what fails set aside."""

import json
from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from heedful.intake.files.fields import Fault, attributes, interleave, part_of, read_field
from heedful.intake.files.identity import Seen, row_ids, short_hash
from heedful.intake.files.plan import Bad, Block, Plan
from heedful.intake.files.values import Mask, as_key, as_label, as_number, as_text, flag_of
from heedful.intake.files.words import KIND_OF, purpose_of
from heedful.records import DEFAULTS, INCOMING

DERIVED = ("multiplied", "return below zero", "the title")
"""Ways of reading that leave their columns among the attributes: the figure alone would not tell where it came from."""


def shape(block: Block, plan: Plan, seen: Seen) -> tuple[pa.RecordBatch, list[Bad]]:
    """The records of a block in the shape `INCOMING[table]`, and the rows that became none."""
    rows, schema = block.rows, INCOMING[plan.table]
    values: dict[str, pa.Array] = {}
    faults: list[Fault] = []
    for field in schema:
        if field.name in plan.fields:
            values[field.name], found = read_field(field, plan.fields[field.name], rows, plan.zone)
            faults += found
    values["id"] = identify(rows, values.get("id"), seen)
    _complete(values, plan, rows)
    if "attributes" in schema.names:
        values["attributes"] = attributes(extras(rows, plan), rows.num_rows)
    required = [f.name for f in schema if not f.nullable and f.name not in ("trait", "purpose", *_by_column(plan))]
    faults += _missing(values, required, rows.num_rows)
    bad = set_aside(block, faults)
    kept = np.ones(rows.num_rows, bool)
    for fault in faults:
        kept &= ~fault.rows
    if plan.traits:
        return by_column(values, rows, plan, kept, block, bad), bad
    batch = assemble(values, schema, rows.num_rows)
    return (batch if kept.all() else batch.filter(pa.array(kept))), bad


def _by_column(plan: Plan) -> tuple[str, ...]:
    """Fields that are made for each column of a wide file."""
    return ("value" if plan.table == "profile" else "granted",) if plan.traits else ()


def assemble(values: Mapping[str, pa.Array], schema: pa.Schema, count: int) -> pa.RecordBatch:
    """A batch of the schema; fields without values are null."""
    arrays = [values[f.name] if f.name in values else pa.nulls(count, f.type) for f in schema]
    exact = [a if a.type == f.type else a.cast(f.type) for a, f in zip(arrays, schema, strict=True)]
    return pa.RecordBatch.from_arrays(exact, schema=schema)


def identify(rows: pa.RecordBatch, given: pa.Array | None, seen: Seen) -> pa.Array:
    """The ids of the file; the hash of the row and its ordinal where there is none."""
    if given is not None and not given.null_count:
        return given
    if given is None:
        return row_ids(rows, seen)
    lacking = rows.filter(given.is_null())
    return pc.replace_with_mask(given, given.is_null(), row_ids(lacking, seen))


def _complete(values: dict[str, pa.Array], plan: Plan, rows: pa.RecordBatch) -> None:
    """What follows from other fields, and what is usual where nothing is said."""
    count = rows.num_rows
    if plan.table == "message":
        _message(values, count)
    if plan.table == "event" and plan.fields["name"].how == "return below zero":
        below = pc.less(as_number(part_of(rows, plan.fields["name"].columns[0])), 0.0)
        if "value" in values:
            below = pc.or_kleene(below, pc.less(values["value"], 0.0))
        values["name"] = pc.if_else(pc.fill_null(below, False), "return", values["name"])
    for name, usual in {"source": plan.source, **DEFAULTS.get(plan.table, {})}.items():
        if name in INCOMING[plan.table].names:
            known = values.get(name)
            kind = INCOMING[plan.table].field(name).type
            values[name] = pa.repeat(pa.scalar(usual, kind), count) if known is None else pc.fill_null(known, usual)


def _message(values: dict[str, pa.Array], count: int) -> None:
    """The title where there is no text; the kind from the channel, the parent and the RT at the beginning."""
    nothing = pa.nulls(count, pa.string())
    text, title = values.get("text", nothing), values.get("title", nothing)
    empty = pc.fill_null(pc.equal(pc.utf8_length(pc.utf8_trim_whitespace(text)), 0), True)
    values["text"] = pc.if_else(empty, title, text)
    if "title" in values:
        values["title"] = pc.if_else(empty, nothing, title)
    if "kind" in values:
        return
    channel = values.get("channel", pa.repeat(pa.scalar("social"), count))
    kind = pa.repeat(pa.scalar("post"), count)
    if "parent" in values:
        kind = pc.if_else(pc.is_valid(values["parent"]), "comment", kind)
    again = pc.fill_null(pc.starts_with(values["text"], "RT @"), False)
    kind = pc.if_else(again, "repost", kind)
    for name, usual in KIND_OF.items():
        kind = pc.if_else(pc.fill_null(pc.equal(channel, name), False), usual, kind)
    values["kind"] = kind


def extras(rows: pa.RecordBatch, plan: Plan) -> dict[str, pa.Array]:
    """The columns that mean no field, as text by name, and the ratings as they were given."""
    used = {name for column in plan.fields.values() if column.how not in DERIVED for name in column.columns}
    unwanted = used | set(plan.left_out) | set(plan.attributes.values()) | set(plan.traits)
    wide = plan.survey is not None and plan.survey.form == "wide"
    names = [name for name in (plan.extra if wide else rows.schema.names) if name not in unwanted]
    found = {name: as_text(part_of(rows, name)) for name in names}
    found |= {shown: as_text(part_of(rows, name)) for shown, name in plan.attributes.items()}
    if (rating := plan.fields.get("rating")) and rating.columns:
        given = as_label(part_of(rows, rating.columns[0]))
        found["rating_original"] = given
        found["rating_scale"] = pc.if_else(pc.is_valid(given), rating.how, pa.scalar(None, pa.string()))
    return found


def _missing(values: Mapping[str, pa.Array], required: Sequence[str], count: int) -> list[Fault]:
    faults = []
    for name in required:
        given = values.get(name, pa.nulls(count, pa.string()))
        empty: Mask = np.asarray(given.is_null().to_numpy(zero_copy_only=False), dtype=bool)
        if empty.any():
            faults.append(Fault(empty, f"no {name}", given))
    return faults


def set_aside(block: Block, faults: Sequence[Fault]) -> list[Bad]:
    """The rows with a fault, each with its first reason, its line and all its cells."""
    reasons: dict[int, str] = {}
    for fault in faults:
        for at in np.flatnonzero(fault.rows).tolist():
            if at not in reasons:
                reasons[at] = _reason(fault, at)
    bad = []
    for at in sorted(reasons):
        bad.append(Bad(block.lines[at], _cells_of(block.rows, at), reasons[at]))
    return bad


def _cells_of(rows: pa.RecordBatch, at: int) -> str:
    """A row's cells as JSON, without the empty ones."""
    cells = {name: _told(column[at]) for name, column in zip(rows.schema.names, rows.columns, strict=True)}
    cells = {name: value for name, value in cells.items() if value is not None}
    return json.dumps(cells, ensure_ascii=False, default=str)


def _reason(fault: Fault, at: int) -> str:
    if fault.found.null_count == len(fault.found):
        return fault.reason
    value = _told(fault.found[at])
    if "{}" in fault.reason:
        return fault.reason.replace("{}", repr(value if value is None else str(value)[:80]))
    return fault.reason if value is None else f"{fault.reason}: {str(value)[:80]!r}"


def _told(value: pa.Scalar) -> object:
    """A value as Python has it; a time before year 1 or after 9999, which it does not have, as text."""
    try:
        return value.as_py()
    except (OverflowError, ValueError):
        return value.cast(pa.int64()).as_py()


def by_column(
    values: Mapping[str, pa.Array], rows: pa.RecordBatch, plan: Plan, kept: Mask, block: Block, bad: list[Bad]
) -> pa.RecordBatch:
    """A record for each row and column of a wide file: a trait of a person, or a choice about a purpose."""
    schema = INCOMING[plan.table]
    cells = [
        pc.if_else(pa.array(kept), as_key(part_of(rows, name)), pa.scalar(None, pa.string())) for name in plan.traits
    ]
    at, place, found = interleave(cells)
    names = [purpose_of(name) or name if plan.table == "consent" else name for name in plan.traits]
    label, field = ("purpose", "granted") if plan.table == "consent" else ("trait", "value")
    made: dict[str, pa.Array] = {n: v.take(pa.array(at)) for n, v in values.items() if n not in ("id", label, field)}
    made[label] = pa.array(names, pa.string()).take(pa.array(place))
    made[field] = found
    if plan.table == "consent":
        flags = [flag_of(text) for text in found.to_pylist()]
        wrong = [number for number, flag in enumerate(flags) if flag is None]
        for number in wrong:
            row = int(at[number])
            reason = f"granted {found[number].as_py()!r} is neither yes nor no"
            bad.append(Bad(block.lines[row], _cells_of(rows, row), reason))
        made[field] = pa.array(flags, pa.bool_())
    times = made["occurred_at"].cast(pa.int64()).to_pylist() if "occurred_at" in made else [None] * len(at)
    keys = zip(made["person"].to_pylist(), made[label].to_pylist(), times, strict=True)
    made["id"] = pa.array([short_hash((person, name, str(time or ""))) for person, name, time in keys], pa.string())
    batch = assemble(made, schema, len(at))
    return batch.filter(pc.is_valid(batch.column(field)))
