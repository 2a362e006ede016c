"""Incoming JSON records: decoding types made from the Arrow shapes, and columns made from records."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any, Literal

import msgspec
import pyarrow as pa

from heedful.errors import BadRecord
from heedful.records import ATTRIBUTES, BASES, CHANNELS, DIRECTIONS, INCOMING, KINDS, PURPOSES, TIME, WORDS

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)

_TEXT = Annotated[str, msgspec.Meta(max_length=1_000_000)]
_WORD = Annotated[str, msgspec.Meta(max_length=10_000)]
_REQUIRED = Annotated[str, msgspec.Meta(min_length=1, max_length=10_000)]
_COUNT = Annotated[int, msgspec.Meta(ge=0, le=2**62)]
_SCALAR = str | int | float | bool | None
_TYPES: dict[pa.DataType, Any] = {
    pa.string(): _WORD,
    pa.float64(): float,
    pa.int64(): _COUNT,
    pa.bool_(): bool,
    TIME: Annotated[datetime, msgspec.Meta(tz=True)],
    WORDS: Annotated[list[_WORD], msgspec.Meta(max_length=1_000)],
    ATTRIBUTES: Annotated[dict[_WORD, _SCALAR], msgspec.Meta(max_length=1_000)],
}
_SPECIAL: dict[str, Any] = {
    "text": _TEXT,
    "channel": Literal[CHANNELS],
    "kind": Literal[KINDS],
    "direction": Literal[DIRECTIONS],
    "purpose": Literal[PURPOSES],
    "basis": Literal[BASES],
    "rating": Annotated[float, msgspec.Meta(ge=0, le=1)],
}


@cache
def record_type(table: str) -> type[msgspec.Struct]:
    """The decoding type of one incoming record; unknown fields are refused, extra ones belong in `attributes`."""
    fields: list[Any] = []
    for field in INCOMING[table]:
        kind = _SPECIAL.get(field.name, _TYPES[field.type])
        if field.nullable:
            fields.append((field.name, kind | None, None))
        else:
            fields.append((field.name, _REQUIRED if kind is _WORD else kind))
    return msgspec.defstruct(f"Incoming{table.title()}", fields, forbid_unknown_fields=True, kw_only=True, gc=False)


@cache
def _decoder(table: str, many: bool) -> msgspec.json.Decoder[Any]:
    one = record_type(table)
    return msgspec.json.Decoder(list[one] if many else one)  # type: ignore[valid-type]


def decode_many(table: str, body: bytes) -> list[Any]:
    """All records of a JSON array; BadRecord where any of them, or the whole, is wrong."""
    try:
        records: list[Any] = _decoder(table, True).decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadRecord(str(error)) from None
    for record in records:
        _check(record, table)
    return records


def decode_one(table: str, body: bytes) -> Any:
    """One record; BadRecord says which field is wrong and how."""
    try:
        record = _decoder(table, False).decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadRecord(str(error)) from None
    _check(record, table)
    return record


def _check(record: Any, table: str) -> None:
    at = record.occurred_at
    if at is not None and not EARLIEST <= at < LATEST:
        raise BadRecord(f"occurred_at is {at:%Y-%m-%d}: must lie between 1970 and 2100")
    if table == "message" and not (record.text.strip() or (record.title or "").strip()):
        raise BadRecord("text is empty: a message says something in text or title")


def to_arrow(table: str, records: Sequence[Any]) -> pa.RecordBatch:
    """Decoded records as one batch in the incoming shape; ids are filled where they were not given."""
    shape = INCOMING[table]
    columns = [pa.array(_values(records, field), field.type) for field in shape]
    batch = pa.RecordBatch.from_arrays(columns, schema=shape)
    return with_ids(batch)


def _values(records: Sequence[Any], field: pa.Field) -> list[Any]:
    name = field.name
    values = [getattr(record, name) for record in records]
    if field.type == ATTRIBUTES:
        return [v and [(k, _as_text(x)) for k, x in v.items()] for v in values]
    return values


def _as_text(value: _SCALAR) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)


def with_ids(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Fill ids that are missing: the hash of the row and its ordinal among equal rows of the batch."""
    at = batch.schema.get_field_index("id")
    if batch.column(at).null_count == 0:
        return batch
    seen: dict[bytes, int] = {}

    def count(content: bytes) -> int:
        seen[content] = seen.get(content, -1) + 1
        return seen[content]

    ids = []
    for row in batch.to_pylist():
        if row["id"] is not None:
            ids.append(row["id"])
            continue
        content = hashlib.blake2b(msgspec.msgpack.encode(row), digest_size=16).digest()
        ids.append(f"{content.hex()}-{count(content)}")
    return batch.set_column(at, batch.schema.field(at), pa.array(ids, pa.string()))
