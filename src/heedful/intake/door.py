"""The door: look at arriving JSON records one by one, keep the good, set the bad aside with their reasons."""

import re
from dataclasses import dataclass
from functools import cache

import msgspec

from heedful.errors import BadRecord
from heedful.intake.shapes import decode_many, decode_one
from heedful.store.journal import Bad, Entry

PIECES = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|["\[\]{},]', re.DOTALL)
DEEPEST = 500


@dataclass(frozen=True)
class Looked:
    """What to journal, and for each record in its order None (accepted) or why not."""

    entry: Entry
    reasons: tuple[str | None, ...]


def look(table: str, body: bytes, *, source: str, most: int, import_id: str = "") -> Looked:
    """Look at a JSON array of records, or at one record; BadRecord where it is neither."""
    whole = look_whole(table, body, source=source, most=most, import_id=import_id)
    return whole or _one_by_one(table, _raw(_array(body), most), source, import_id)


def look_whole(table: str, body: bytes, *, source: str, most: int, import_id: str = "") -> Looked | None:
    """Look at a body all of whose records are good, in one fast pass; None where any is not."""
    body = _array(body)
    try:
        records = decode_many(table, body)
    except BadRecord:
        return None
    _few_enough(len(records), most)
    entry = Entry(table, source, "json", len(records), body, import_id)
    return Looked(entry, (None,) * len(records))


def _array(body: bytes) -> bytes:
    body = body.strip()
    return b"[" + body + b"]" if body[:1] == b"{" else body


def _one_by_one(table: str, raw: list[bytes], source: str, import_id: str) -> Looked:
    good: list[bytes] = []
    bad: list[Bad] = []
    reasons: list[str | None] = []
    for number, one in enumerate(raw):
        try:
            decode_one(table, one)
        except BadRecord as error:
            bad.append(Bad(f"record {number}", str(error), one))
            reasons.append(str(error))
        else:
            good.append(one)
            reasons.append(None)
    body = b"[" + b",".join(good) + b"]"
    return Looked(Entry(table, source, "json", len(good), body, import_id, tuple(bad)), tuple(reasons))


@cache
def _splitter() -> msgspec.json.Decoder[list[msgspec.Raw]]:
    return msgspec.json.Decoder(list[msgspec.Raw])


def _raw(body: bytes, most: int) -> list[bytes]:
    try:
        raw = [bytes(one) for one in _splitter().decode(body)]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raw = _split(body)
        if not raw:
            raise BadRecord(f"the body must be a JSON array of records, or one record: {error}") from None
    _few_enough(len(raw), most)
    return raw


def _split(body: bytes) -> list[bytes]:
    """The records of an array whose brackets and quotes match, whatever else is wrong inside them; else none."""
    if body[:1] != b"[":
        return []
    pieces: list[bytes] = []
    depth, start = 0, 1
    for found in PIECES.finditer(body):
        sign = found[0]
        if sign == b'"' or (depth == 0 and found.start()) or depth > DEEPEST:
            return []
        depth += (sign in b"[{") - (sign in b"]}")
        if (sign == b"," and depth == 1) or depth == 0:
            pieces.append(body[start : found.start()].strip())
            start = found.end()
    return pieces if depth == 0 and start == len(body) and all(pieces) else []


def _few_enough(count: int, most: int) -> None:
    if count > most:
        raise BadRecord(f"a batch may hold {most:,} records, this one has {count:,}: send it in parts")
