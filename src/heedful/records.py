"""The shapes everything else agrees on: Arrow schemas, and how one becomes another.

`TABLES` is what people and programs see. `INCOMING` is what comes in, with raw identifiers.
`STORED` is what the database holds: the same columns, with people as 64-bit integers and times
as naive UTC, because exact counts of people and cuts by day are several times faster on those.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

import pyarrow as pa

TIME = pa.timestamp("us", tz="UTC")
STORED_TIME = pa.timestamp("us")
WORDS = pa.list_(pa.string())
ATTRIBUTES = pa.map_(pa.string(), pa.string())
SPAN = pa.struct([("kind", pa.string()), ("start", pa.int32()), ("end", pa.int32()), ("score", pa.float32())])
ASPECT = pa.struct(
    [
        ("term", pa.string()),
        ("start", pa.int32()),
        ("end", pa.int32()),
        ("category", pa.string()),
        ("polarity", pa.string()),
        ("score", pa.float32()),
    ]
)
NEAREST = pa.struct([("name", pa.string()), ("best", pa.string()), ("score", pa.float32())])

CHANNELS = ("social", "review", "survey", "chat", "email", "call", "forum", "news", "form")
KINDS = ("post", "comment", "mention", "repost", "quote", "direct", "review", "answer", "turn")
DIRECTIONS = ("in", "out")
PURPOSES = ("service", "insight", "research", "personalisation", "marketing", "security")
BASES = ("consent", "contract", "legitimate interest", "legal duty")
SENTIMENTS = ("negative", "neutral", "positive")
EMOTIONS = ("anger", "joy", "optimism", "sadness")
"""TweetEval's four, of which one holds."""
GOEMOTIONS = (
    "admiration amusement anger annoyance approval caring confusion curiosity desire disappointment disapproval "
    "disgust embarrassment excitement fear gratitude grief joy love nervousness optimism pride realization relief "
    "remorse sadness surprise neutral"
).split()


def _shape(required: str, *fields: tuple[str, pa.DataType]) -> pa.Schema:
    """A schema whose fields named in `required` may not be null."""
    return pa.schema([pa.field(name, kind, nullable=name not in required.split()) for name, kind in fields])


MESSAGE = _shape(
    "id source channel kind direction text ingested_at",
    ("id", pa.string()),
    ("source", pa.string()),
    ("channel", pa.string()),
    ("kind", pa.string()),
    ("direction", pa.string()),
    ("thread", pa.string()),
    ("parent", pa.string()),
    ("about", pa.string()),
    ("person", pa.string()),
    ("mentions", WORDS),
    ("hashtags", WORDS),
    ("links", WORDS),
    ("title", pa.string()),
    ("text", pa.string()),
    ("language", pa.string()),
    ("brand", WORDS),
    ("item", pa.string()),
    ("rating", pa.float64()),
    ("likes", pa.int64()),
    ("shares", pa.int64()),
    ("replies", pa.int64()),
    ("reach", pa.int64()),
    ("url", pa.string()),
    ("country", pa.string()),
    ("occurred_at", TIME),
    ("ingested_at", TIME),
    ("attributes", ATTRIBUTES),
)
EVENT = _shape(
    "id source name ingested_at",
    ("id", pa.string()),
    ("source", pa.string()),
    ("name", pa.string()),
    ("person", pa.string()),
    ("anonymous", pa.string()),
    ("item", pa.string()),
    ("value", pa.float64()),
    ("currency", pa.string()),
    ("path", pa.string()),
    ("referrer", pa.string()),
    ("campaign", pa.string()),
    ("device", pa.string()),
    ("country", pa.string()),
    ("occurred_at", TIME),
    ("ingested_at", TIME),
    ("attributes", ATTRIBUTES),
)
ANSWER = _shape(
    "id survey response question ingested_at",
    ("id", pa.string()),
    ("survey", pa.string()),
    ("response", pa.string()),
    ("question", pa.string()),
    ("wave", pa.string()),
    ("person", pa.string()),
    ("value", pa.float64()),
    ("choices", WORDS),
    ("text", pa.string()),
    ("weight", pa.float64()),
    ("occurred_at", TIME),
    ("ingested_at", TIME),
    ("attributes", ATTRIBUTES),
)
ITEM = _shape(
    "id title available",
    ("id", pa.string()),
    ("title", pa.string()),
    ("category", pa.string()),
    ("price", pa.float64()),
    ("url", pa.string()),
    ("available", pa.bool_()),
    ("attributes", ATTRIBUTES),
    ("occurred_at", TIME),
)
PROFILE = _shape(
    "id person trait value source",
    ("id", pa.string()),
    ("person", pa.string()),
    ("trait", pa.string()),
    ("value", pa.string()),
    ("source", pa.string()),
    ("occurred_at", TIME),
)
CONSENT = _shape(
    "id person purpose granted basis source",
    ("id", pa.string()),
    ("person", pa.string()),
    ("purpose", pa.string()),
    ("granted", pa.bool_()),
    ("basis", pa.string()),
    ("proof", pa.string()),
    ("source", pa.string()),
    ("occurred_at", TIME),
)
YES_NO = (
    "irony",
    "offensive",
    "hateful",
    "spam",
    "complaint",
    "urgency",
    "question",
    "request",
    "praise",
    "suggestion",
)
READING = _shape(
    "message version read_at",
    ("message", pa.string()),
    ("version", pa.string()),
    ("read_at", TIME),
    ("language", pa.string()),
    ("sentiment", pa.string()),
    *((f"sentiment_{name}", pa.float32()) for name in SENTIMENTS),
    ("emotion", pa.string()),
    *((f"emotion_{name}", pa.float32()) for name in EMOTIONS),
    ("emotions", pa.struct([(name, pa.float32()) for name in GOEMOTIONS])),
    *((name, pa.float32()) for name in YES_NO),
    ("labels", WORDS),
    ("categories", WORDS),
    ("nearest", pa.list_(NEAREST)),
    ("aspects", pa.list_(ASPECT)),
    ("entities", pa.list_(SPAN)),
    ("personal_data", pa.list_(SPAN)),
    ("unread", pa.string()),
)
VERDICT = _shape(
    "message reading checker seen checked_at",
    ("message", pa.string()),
    ("reading", pa.string()),
    ("label", pa.string()),
    ("checker", pa.string()),
    ("settles", pa.bool_()),
    ("seen", pa.int64()),
    ("checked_at", TIME),
)
"""What somebody said a message truly is; no label: it cannot be told. It may settle what others disagree about.

`seen` is the number of the newest row that there was when they looked.
"""
ASSIGNMENT = _shape(
    "message taxonomy version",
    ("message", pa.string()),
    ("taxonomy", pa.string()),
    ("version", pa.string()),
    ("topic", pa.string()),
    ("theme", pa.string()),
    ("score", pa.float32()),
)
"""The topic of a message and the theme above it; no topic: it belongs nowhere yet.

`version` numbers the definitions by which it was sorted, `score` is how like the topic's middle it is (cosine).
"""
TOPIC = _shape(
    "topic name state held theme_held born_at",
    ("topic", pa.string()),
    ("name", pa.string()),
    ("words", WORDS),
    ("theme", pa.string()),
    ("theme_name", pa.string()),
    ("state", pa.string()),
    ("into", pa.string()),
    ("held", pa.bool_()),
    ("theme_held", pa.bool_()),
    ("born_at", TIME),
)
"""One topic as it is defined: its state is open, merged (`into` another), deleted or faded.

What people touched is `held`: no later run splits it, merges it, names it anew or puts it under another theme.
"""

FACTS: dict[str, pa.Schema] = {
    "message": MESSAGE,
    "event": EVENT,
    "answer": ANSWER,
    "item": ITEM,
    "profile": PROFILE,
    "consent": CONSENT,
}
ABOUT = ("reading", "verdict", "assignment")
"""Tables of what is said of messages: later rows take the place of earlier ones, which are kept."""
NUMBERED = (*ABOUT, "topic")
"""Tables whose rows are numbered by changes (`r`) and not by what came in (`n`)."""
TABLES: dict[str, pa.Schema] = {
    **FACTS,
    "reading": READING,
    "verdict": VERDICT,
    "assignment": ASSIGNMENT,
    "topic": TOPIC,
}
PLURAL = {f"{name}s": name for name in FACTS}
COUNTED = ("message", "event", "answer")
"""Tables whose rows, dated things that somebody did or said, are counted by person."""
READ_BESIDE = ("language", "sentiment", "categories", "emotion")
"""Readings that figures are grouped by and counted from: the store keeps them beside the message too."""
SORTED_BESIDE = ("topic", "theme")
"""The same of assignments."""
DEFAULTS: dict[str, dict[str, Any]] = {
    "message": {"channel": "social", "kind": "post", "direction": "in"},
    "item": {"available": True},
    "consent": {"basis": "consent"},
}
"""What a field that must be there holds where it was not given."""


def _changed(schema: pa.Schema, changes: Mapping[str, pa.DataType], *, loose: tuple[str, ...] = ()) -> pa.Schema:
    """The same schema with some types changed and the fields in `loose` nullable."""
    return pa.schema(
        [pa.field(f.name, changes.get(f.name, f.type), f.nullable or f.name in loose) for f in schema if f.name]
    )


def _incoming(name: str) -> pa.Schema:
    schema = FACTS[name]
    kept = pa.schema([field for field in schema if field.name != "ingested_at"])
    return _changed(kept, {}, loose=("id", "source", *DEFAULTS.get(name, {})))


def _stored(name: str) -> pa.Schema:
    schema = TABLES[name]
    changes = {f.name: STORED_TIME for f in schema if f.type == TIME}
    changes |= {"person": pa.uint64(), "mentions": pa.list_(pa.uint64())}
    changed = _changed(schema, changes)
    if name not in FACTS:
        about = [pa.field("n", pa.int64(), False)] if name in ABOUT else []
        return pa.schema([*about, *changed, pa.field("r", pa.int64(), False), *_beside(name)])
    late = [] if "ingested_at" in schema.names else [pa.field("ingested_at", STORED_TIME, False)]
    hashes = [pa.field("key", pa.uint64(), False), pa.field("version", pa.uint64(), False)]
    return pa.schema([pa.field("n", pa.int64(), False), *changed, *late, *hashes, *_beside(name)])


def _beside(name: str) -> list[pa.Field]:
    """What the store keeps beside a row so that questions and consent need no join."""
    if name in ABOUT:
        return [pa.field("person", pa.uint64()), pa.field("occurred_at", STORED_TIME)]
    who = [pa.field("who", pa.uint32())] if name in COUNTED else []
    if name != "message":
        return who
    return [
        *who,
        pa.field("parent_key", pa.uint64()),
        *(READING.field(name).with_name(f"read_{name}") for name in READ_BESIDE),
        *(ASSIGNMENT.field(name).with_name(f"read_{name}") for name in SORTED_BESIDE),
    ]


INCOMING: dict[str, pa.Schema] = {name: _incoming(name) for name in FACTS}
"""What comes in: `person`, `anonymous`, `mentions` are raw identifiers; `id`, `parent`, `about` the source's own."""

STORED: dict[str, pa.Schema] = {name: _stored(name) for name in TABLES}
"""What the database holds.

`n` numbers the rows in the order of their commit, `key` is the first half of `id`, `version` a hash of the content.
What is said of messages bears the `n` of its message and a number `r` of its own. `who` numbers the people from 0, so
that exact counts of people are quick; `parent_key` is the `key` of the parent; `read_language` and its
like are the message's readings, `read_topic` and `read_theme` its assignment. `person` and `occurred_at` of a reading,
verdict or assignment are its message's: whoever may not read the one may not read the other.
"""


def _given(name: str) -> pa.Schema:
    added = ("n" if name in FACTS else "r", *(field.name for field in _beside(name)))
    return pa.schema([field for field in STORED[name] if field.name not in added])


GIVEN: dict[str, pa.Schema] = {name: _given(name) for name in STORED}
"""What is given to the store: what it holds, less what it adds itself."""


@cache
def plural(table: str) -> str:
    """The name of a fact table in commands and addresses."""
    return next(many for many, one in PLURAL.items() if one == table)


def pseudonym(person: int) -> str:
    """A stored person as users see it."""
    return f"p_{person:016x}"


def person_number(shown: str) -> int:
    """The stored form of a pseudonym; ValueError where it is not one."""
    if not shown.startswith("p_") or len(shown) != 18:
        raise ValueError(f"{shown!r} is not a pseudonym: p_ and 16 hexadecimal digits")
    return int(shown[2:], 16)


def outward(table: pa.Table, name: str) -> pa.Table:
    """Stored rows in the shape of `TABLES[name]`; columns that the rows do not have are left out."""
    shown = [field for field in TABLES[name] if field.name in table.column_names]
    return pa.table([_outward_column(table[f.name], f) for f in shown], schema=pa.schema(shown))


def _outward_column(column: pa.ChunkedArray, field: pa.Field) -> pa.ChunkedArray | pa.Array:
    if field.name == "person":
        return pa.array([None if p is None else pseudonym(p) for p in column.to_pylist()], pa.string())
    if field.name == "mentions":
        many = column.to_pylist()
        return pa.array([None if m is None else [pseudonym(p) for p in m] for m in many], WORDS)
    return column.cast(field.type)
