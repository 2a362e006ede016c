"""Make arriving rows safe to keep: identifiers become pseudonyms, personal data leaves the texts.

What comes out has the stored shape; a `Sealed` is made nowhere else, and the store takes nothing else.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from heedful.privacy.pseudonym import Keys, identified, person_number, row_hash, row_hashes
from heedful.privacy.redact import find, redact
from heedful.privacy.sealed import Identity, Sealed
from heedful.records import ATTRIBUTES, DEFAULTS, GIVEN, INCOMING, WORDS

HASHTAG = re.compile(r"#(\w+)")
MENTION = re.compile(r"(?<![\w@.])@(\w(?:[\w.-]*\w)?)")
LINK = re.compile(r"https?://[^\s<>\"']+")
PERSONAL_KEY = re.compile(
    r"(^|[_\W])(e?_?mail|phone|mobile|tel|ip|ssn|iban|card|address|street|"
    r"(user|screen|first|last|full|sur|author|customer|reviewer|display|nick)_?name)([_\W]|$)",
    re.IGNORECASE,
)
TEXTS: Mapping[str, tuple[str, ...]] = {
    "message": ("title", "text", "url"),
    "event": ("name", "path", "referrer", "campaign"),
    "answer": ("question", "text"),
    "item": ("title",),
    "profile": ("value",),
    "consent": ("proof",),
}
"""Columns that are searched for personal data."""
HASHED = ("person", "anonymous", "mentions", "thread", "parent", "about", "links", "choices")
"""Columns that are made safe in a way of their own."""


@dataclass
class Pseudonyms:
    """The pseudonyms of one batch, each worked out once."""

    key: bytes
    brands: frozenset[str]
    known: dict[str, int] = field(default_factory=dict)
    seen: dict[int, Identity] = field(default_factory=dict)

    def number(self, raw: str) -> int:
        """The pseudonym of a raw identifier; it is remembered for the identities."""
        if (number := self.known.get(raw)) is None:
            number, kind = identified(raw, self.key)
            self.known[raw] = number
            self.seen.setdefault(number, Identity(number, kind, raw.strip()))
        return number

    def handle(self, handle: str) -> str | None:
        """The placeholder of a handle in a text; None where it is a declared brand's."""
        return None if self.declared(handle) else f"@p_{self.number(handle):016x}"

    def declared(self, handle: str) -> bool:
        """Whether a handle is a declared brand's."""
        return handle.removeprefix("@").casefold() in self.brands


def seal(table: str, batch: pa.RecordBatch, *, keys: Keys, brands: frozenset[str], now: datetime) -> Sealed:
    """Seal rows in the shape `INCOMING[table]`; `brands` are declared handles, in lower case without @."""
    columns = dict(zip(batch.schema.names, batch.columns, strict=True))
    names = Pseudonyms(keys.person, brands)
    _fill(table, columns)
    ids, columns["key"], columns["version"] = _hashes(table, columns, keys.row)
    if table == "message":
        _find_in_text(columns)
    for name in TEXTS[table]:
        columns[name] = _redacted(columns[name], names)
    _people(table, columns, names)
    if "attributes" in columns:
        columns["attributes"] = _attributes(columns["attributes"], names, keys.row)
    for name in ("parent", "about", "thread"):
        if name in columns:
            columns[name] = _references(columns[name], columns["source"], keys.row)
    columns["id"] = ids if table != "item" else columns["id"]
    for name in (f.name for f in INCOMING[table] if f.type in (pa.string(), WORDS)):
        if name not in TEXTS[table] and name not in HASHED:
            columns[name] = _named(columns[name], keys.row)
    columns["ingested_at"] = pa.repeat(pa.scalar(now.replace(tzinfo=None), pa.timestamp("us")), batch.num_rows)
    arrays = [_as(_each_once(columns[f.name]), f.type) for f in GIVEN[table]]
    return Sealed(table, pa.RecordBatch.from_arrays(arrays, schema=GIVEN[table]), tuple(names.seen.values()))


def _each_once(column: pa.Array) -> pa.Array:
    """Lists of words without repetition, so that a message counts once in each group of words."""
    if column.type != WORDS or (pc.max(pc.list_value_length(column)).as_py() or 0) < 2:
        return column
    return pa.array([words and list(dict.fromkeys(words)) for words in column.to_pylist()], WORDS)


def _as(column: pa.Array, kind: pa.DataType) -> pa.Array:
    return column if column.type == kind else column.cast(kind)


def _fill(table: str, columns: dict[str, pa.Array]) -> None:
    """Put in what has to be there: the defaults, and a source."""
    rows = len(next(iter(columns.values())))
    defaults = {**DEFAULTS.get(table, {}), **({"source": "unknown"} if "source" in columns else {})}
    for name, value in defaults.items():
        columns[name] = pc.fill_null(columns[name], value) if rows else columns[name]


def _hashes(table: str, columns: Mapping[str, pa.Array], key: bytes) -> tuple[pa.Array, pa.Array, pa.Array]:
    """Ids (32 hexadecimal digits), their first halves as numbers, and content hashes (64 bits) of the rows as they
    came, all keyed.
    """
    scope = next((columns[name] for name in ("source", "survey") if name in columns), None)
    names = [] if scope is None else [scope]
    ids = row_hashes(_joined([*names, columns["id"]]), key)
    versions = row_hashes(_joined([columns[field.name] for field in INCOMING[table]]), key)
    numbers, hashed = (pa.array(np.frombuffer(halves, ">u8")[::2].astype("u8")) for halves in (ids, versions))
    return _hexadecimal(ids), numbers, hashed


def keys_of(source: str, ids: Iterable[str], key: bytes) -> list[int]:
    """The keys that a source's records have here: the first halves of their ids as numbers."""
    return [int.from_bytes(row_hash(f"{source}\x1f{id}", key)[:8], "big") for id in ids]


def _hexadecimal(ids: bytes) -> pa.Array:
    """16 bytes each as 32 digits each."""
    ends = np.arange(0, 2 * len(ids) + 1, 32, dtype=np.int32)
    return pa.StringArray.from_buffers(len(ends) - 1, pa.py_buffer(ends), pa.py_buffer(ids.hex().encode()))


def _joined(columns: Iterable[pa.Array]) -> list[bytes]:
    """Each row as one text (UTF-8); a null differs from an empty text."""
    texts = [pc.fill_null(_text(column), "\x1e") for column in columns]
    joined: list[bytes] = pc.binary_join_element_wise(*texts, "\x1f").cast(pa.binary()).to_pylist()
    return joined


def _text(column: pa.Array) -> pa.Array:
    if pa.types.is_map(column.type):
        keys = pc.binary_join(pa.ListArray.from_arrays(column.offsets, column.keys), "\x1d")
        items = pc.binary_join(pa.ListArray.from_arrays(column.offsets, pc.fill_null(column.items, "\x1e")), "\x1d")
        return pc.if_else(column.is_valid(), pc.binary_join_element_wise(keys, items, "\x1c"), None)
    if pa.types.is_list(column.type):
        return pc.binary_join(column, "\x1d")
    return column.cast(pa.string())


def _references(column: pa.Array, source: pa.Array, key: bytes) -> pa.Array:
    """References to other records of the same source, as the ids that those have."""
    if column.null_count == len(column):
        return column
    contents = pc.if_else(column.is_valid(), pc.binary_join_element_wise(source, column, "\x1f"), None).to_pylist()
    return pa.array([None if c is None else row_hash(c, key).hex() for c in contents], pa.string())


def _named(column: pa.Array, key: bytes) -> pa.Array:
    """Names and codes as they are, for an item's number may look like a phone's; one with an e-mail address in it
    becomes a stand-in, the same everywhere.
    """
    flat = column.flatten() if pa.types.is_list(column.type) else column
    if not pc.any(pc.match_substring(flat, "@")).as_py():
        return column
    values = column.to_pylist()
    if flat is not column:
        return pa.array([v and [_stand_in(one, key) for one in v] for v in values], column.type)
    return pa.array([_stand_in(v, key) for v in values], column.type)


def _stand_in(value: str | None, key: bytes) -> str | None:
    addressed = value and "@" in value and any(span.kind == "email" for span in find([value])[0])
    return f"x_{row_hash(value, key)[:8].hex()}" if value and addressed else value


def _redacted(column: pa.Array, names: Pseudonyms) -> pa.Array:
    """Texts without personal data; each distinct text is searched once."""
    if column.null_count == len(column):
        return column
    coded = column.dictionary_encode()
    clean = redact(coded.dictionary.to_pylist(), handle=names.handle)
    return pa.array(clean, pa.string()).take(coded.indices)


def _find_in_text(columns: dict[str, pa.Array]) -> None:
    """Hashtags, mentions and links of texts whose source did not list them."""
    texts = columns["text"].to_pylist()
    found: tuple[tuple[str, str, re.Pattern[str], Callable[[str], str]], ...] = (
        ("hashtags", "#", HASHTAG, str.casefold),
        ("mentions", "@", MENTION, str),
        ("links", "http", LINK, str),
    )
    for name, sign, pattern, form in found:
        given = columns[name].to_pylist()
        columns[name] = pa.array(
            [
                listed if listed is not None else _listed(text, sign, pattern, form)
                for listed, text in zip(given, texts, strict=True)
            ],
            pa.list_(pa.string()),
        )


def _listed(text: str | None, sign: str, pattern: re.Pattern[str], form: Callable[[str], str]) -> list[str] | None:
    if not text or sign not in text:
        return None
    return list(dict.fromkeys(form(word) for word in pattern.findall(text))) or None


def _people(table: str, columns: dict[str, pa.Array], names: Pseudonyms) -> None:
    """Replace identifiers by pseudonyms, and texts in lists by what is left of them."""
    if "person" in columns:
        raw = columns["person"].dictionary_encode()
        people = [names.number(p) if p and p.strip() else None for p in raw.dictionary.to_pylist()]
        columns["person"] = pa.array(people, pa.uint64()).take(raw.indices)
    if "anonymous" in columns:
        raw = columns["anonymous"].dictionary_encode()
        visitors = [f"a_{person_number(a, names.key):016x}" for a in raw.dictionary.to_pylist()]
        columns["anonymous"] = pa.array(visitors, pa.string()).take(raw.indices)
    if table == "message":
        mentioned = [m and [names.number(h) for h in m if not names.declared(h)] for m in _lists(columns["mentions"])]
        columns["mentions"] = pa.array(mentioned, pa.list_(pa.uint64()))
        links = [m and redact(m, handle=names.handle) for m in _lists(columns["links"])]
        columns["links"] = pa.array(links, pa.list_(pa.string()))
    if "choices" in columns:
        choices = [m and redact(m, handle=names.handle) for m in _lists(columns["choices"])]
        columns["choices"] = pa.array(choices, pa.list_(pa.string()))


def _lists(column: pa.Array) -> list[Any]:
    found: list[Any] = column.to_pylist()
    return found


def _attributes(column: pa.Array, names: Pseudonyms, key: bytes) -> pa.Array:
    """Attributes without personal data: what a name gives away as personal is removed whole."""
    if column.null_count == len(column):
        return column
    keys, values = column.keys.dictionary_encode(), column.items.dictionary_encode()
    told = pa.array([bool(PERSONAL_KEY.search(key)) for key in keys.dictionary.to_pylist()], pa.bool_())
    personal = told.take(keys.indices)
    clean = pa.array(redact(values.dictionary.to_pylist(), handle=names.handle), pa.string()).take(values.indices)
    safe = pc.if_else(pc.and_(personal, clean.is_valid()), "[removed]", clean)
    named = _named(keys.dictionary, key).take(keys.indices)
    return pa.MapArray.from_arrays(_offsets(column), named, safe, ATTRIBUTES)


def _offsets(column: pa.Array) -> pa.Array:
    """Offsets of a map array, null where a row has no map."""
    missing = np.append(column.is_null().to_numpy(zero_copy_only=False), False)
    return pa.array(column.offsets.to_numpy(), pa.int32(), mask=missing)
