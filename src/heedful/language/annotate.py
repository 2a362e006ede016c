"""Every annotator over a batch of messages, in the order that what they need and add implies."""

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from types import ModuleType
from typing import cast

import pyarrow as pa

from heedful import folder
from heedful.errors import Bug
from heedful.language import annotators, own_readings
from heedful.language.annotators import Annotator
from heedful.language.own_folders import plans
from heedful.records import MESSAGE, READING
from heedful.settings import OwnModel

MADE = pa.schema([field for field in READING if field.name not in ("message", "version", "read_at")])
"""What `read` returns: every column of a reading but those that say of which message, by what, and when."""

_log = logging.getLogger(__name__)


@cache
def order(package: ModuleType = annotators) -> tuple[str, ...]:
    """Names of the annotators, each after those whose columns it needs; Bug where that cannot be."""
    parts = {name: _load(package, name) for name in folder.names(package)}
    adds: dict[str, str] = {}
    for name, part in parts.items():
        for column in part.ADDS.names:
            if column not in MADE.names or column in adds or column == "unread":
                owner = f"annotator {adds[column]!r} adds it too" if column in adds else "it is no column of a reading"
                raise Bug(f"annotator {name!r} adds {column!r}, but {owner}")
            adds[column] = name
    for name, part in parts.items():
        for column in part.NEEDS:
            if column not in adds and column not in MESSAGE.names:
                raise Bug(f"annotator {name!r} needs {column!r}, which no message has and no annotator adds")
    waits = {name: {adds[column] for column in part.NEEDS if column in adds} for name, part in parts.items()}
    return _sorted(waits)


def _sorted(waits: Mapping[str, set[str]]) -> tuple[str, ...]:
    done: list[str] = []
    while len(done) < len(waits):
        ready = [name for name in sorted(waits) if name not in done and waits[name] <= set(done)]
        if not ready:
            raise Bug(f"annotators need each other in a circle: {', '.join(sorted(set(waits) - set(done)))}")
        done += ready
    return tuple(done)


def version(package: ModuleType = annotators, *, own: Sequence[OwnModel] = ()) -> str:
    """What reads today, such as 'language=1 meaning=2'; when it changes, messages are read again.

    `own` are models of the user's own; BadSettings where their folders are not as they have to be.
    """
    return " ".join([_ours(package), *sorted(map(str, plans(own)))])


@cache
def _ours(package: ModuleType) -> str:
    return " ".join(f"{name}={_load(package, name).VERSION}" for name in folder.names(package))


def added(package: ModuleType = annotators, *, own: Sequence[OwnModel] = ()) -> list[str]:
    """The columns that are made today, in the order of a reading; `unread` is the last."""
    made = {column for name in order(package) for column in _load(package, name).ADDS.names} | own_readings.added(own)
    return [name for name in MADE.names if name in made or name == "unread"]


def read(
    batch: pa.RecordBatch,
    *,
    language: str | None = None,
    default: str = "en",
    own: Sequence[OwnModel] = (),
    package: ModuleType = annotators,
) -> pa.RecordBatch:
    """The readings of messages in the shape MADE, row by row; columns that nobody makes are null.

    `batch` has at least `text`; other columns of a message that it lacks count as null. `language` is taken instead
    of recognising one; `default` is what a short text is taken to be in when unsure. Models of the user's `own`
    read instead of ours in their languages. Where a reading was not made, `unread` says why.
    """
    known = {name: batch.column(name) for name in batch.schema.names if name != "language"}
    made: dict[str, pa.Array] = {}
    whys: list[Callable[[Mapping[str, frozenset[int]]], dict[int, str]]] = []
    reasons: list[list[str]] = [[] for _ in range(batch.num_rows)]
    texts = batch.column("text").to_pylist()
    present = [bool(text and not text.isspace()) for text in texts]
    if language is not None:
        made["language"] = pa.array([language if there else None for there in present], pa.string())
    for name in order(package):
        part = _load(package, name)
        if not set(part.ADDS.names) <= set(made):
            columns = [_needed(column, made, known, batch.num_rows) for column in part.NEEDS]
            given = pa.RecordBatch.from_arrays(columns, schema=_shape(part, default))
            found, failures = _careful(name, part, given)
            made |= {field.name: found.column(field.name) for field in part.ADDS if field.name not in made}
            whys.append(partial(_why, name, part, found, given, present, failures))
    laid = own_readings.lay(made, texts, own)
    made |= laid.columns
    for at, why in [*(told for each in whys for told in each(laid.rows).items()), *laid.failures]:
        reasons[at].append(why)
    unread = ["; ".join(why) or None if there else "no text" for why, there in zip(reasons, present, strict=True)]
    made["unread"] = pa.array(unread, pa.string())
    columns = [made[field.name] if field.name in made else pa.nulls(batch.num_rows, field.type) for field in MADE]
    return pa.RecordBatch.from_arrays(columns, schema=MADE)


def _load(package: ModuleType, name: str) -> Annotator:
    return cast(Annotator, folder.load(package, name))


def _shape(part: Annotator, default: str) -> pa.Schema:
    fields = [(MADE if name in MADE.names else MESSAGE).field(name).with_nullable(True) for name in part.NEEDS]
    return pa.schema(fields, metadata={"default_language": default})


def _needed(column: str, made: Mapping[str, pa.Array], known: Mapping[str, pa.Array], rows: int) -> pa.Array:
    if column in made:
        return made[column]
    kind = MESSAGE.field(column).type
    return known[column].cast(kind) if column in known else pa.nulls(rows, kind)


def _careful(name: str, part: Annotator, given: pa.RecordBatch) -> tuple[pa.RecordBatch, dict[int, str]]:
    """What an annotator makes; where it breaks, row by row, so that one text costs no other its reading."""
    try:
        return _checked(name, part, given), {}
    except Exception as problem:  # noqa: BLE001  an annotator that breaks is reported, and must not stop the reading
        if given.num_rows == 1:
            # Only the kind of error is told: its message may hold the text.
            _log.warning("annotator %s broke on one message: %s; please tell us", name, type(problem).__name__)
            empty = [pa.nulls(1, field.type) for field in part.ADDS]
            return pa.RecordBatch.from_arrays(empty, schema=part.ADDS), {0: f"{name} broke ({type(problem).__name__})"}
    pieces = [_careful(name, part, given.slice(at, 1)) for at in range(given.num_rows)]
    whole = pa.Table.from_batches([piece for piece, _ in pieces], part.ADDS).combine_chunks()
    return _one(whole), {at: failed[0] for at, (_, failed) in enumerate(pieces) if failed}


def _one(table: pa.Table) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([column.combine_chunks() for column in table.columns], schema=table.schema)


def _checked(name: str, part: Annotator, given: pa.RecordBatch) -> pa.RecordBatch:
    found = part.annotate(given)
    if found.schema != part.ADDS or found.num_rows != given.num_rows:
        raise Bug(f"annotator {name!r} made {found.num_rows} rows of {found.schema.names} from {given.num_rows}")
    return found


def _why(
    name: str,
    part: Annotator,
    found: pa.RecordBatch,
    given: pa.RecordBatch,
    present: Sequence[bool],
    failures: Mapping[int, str],
    elsewhere: Mapping[str, frozenset[int]],
) -> dict[int, str]:
    """Why rows that have a text got nothing from an annotator, nor from `elsewhere`: the rows of each column there."""
    why = dict(failures)
    if not found.num_rows or not all(column.null_count for column in found.columns):
        return why
    spoken = given.column("language").to_pylist() if "language" in part.NEEDS else [None] * given.num_rows
    others = frozenset[int]().union(*(elsewhere.get(column, ()) for column in part.ADDS.names))
    for at, language in enumerate(spoken):
        if at in why or at in others or not present[at]:
            continue
        if not any(column[at].is_valid for column in found.columns):
            why[at] = f"language {language} is not read" if language else f"no words to read {name} from"
    return why
