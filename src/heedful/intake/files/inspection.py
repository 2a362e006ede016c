"""Looking at a file before anything is taken: its format, its columns, what they seem to mean, three records."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pyarrow as pa

from heedful.errors import BadSettings
from heedful.intake.files import columnar, delimited, formats, json_lines, sheets, surveys
from heedful.intake.files import mapping as maps
from heedful.intake.files.channels import guess_channel
from heedful.intake.files.fit import candidates
from heedful.intake.files.guess import Guess, guess, person, sample_looks
from heedful.intake.files.names import IDENTITY, plain
from heedful.intake.files.plan import MOST_COLUMNS, NOTHING, Layout, Plan
from heedful.intake.files.reading import head, read
from heedful.intake.files.words import purpose_of
from heedful.records import CHANNELS, INCOMING, PLURAL

SAMPLE = 20_000
GENERAL = frozenset(
    "all data train test validation export dump sample file reviews events messages answers items output".split()
)
NEEDED = {
    "message": (("text", "title"), "the text"),
    "item": (("title",), "the title"),
    "profile": (("person",), "whose profile it is"),
    "consent": (("person",), "whose consent it is"),
}


def inspect(
    path: Path,
    table: str,
    *,
    mapping: Mapping[str, str] = NOTHING,
    channel: str | None = None,
    source: str | None = None,
    zone: str = "UTC",
) -> Plan:
    """What a file seems to hold, for the table it shall go to (`messages` or `message`, ...).

    `mapping` is what `--map` said and overrides every guess; times without a zone are in `zone`.
    BadSettings where the file, a field, a column, the channel or the zone is not there, or a column must be named.
    """
    table = PLURAL.get(table, table)
    _check(table, channel, zone)
    layout, rows, path = _layout(path)
    if len(layout.columns) > MOST_COLUMNS:
        raise BadSettings(
            f"{path} has {len(layout.columns):,} columns, and {MOST_COLUMNS:,} can be looked at: keep those that matter"
        )
    stem = _source(path)
    plan = Plan(path, table, layout, {}, source=source or stem, guessed_source=stem, zone=zone, rows=rows)
    sample, bad, done = _sample(plan)
    if not rows:
        plan = replace(plan, rows=round(sample.num_rows / done) if 0 < done < 1 else sample.num_rows)
    plan = _mean(plan, sample, mapping, channel)
    notes = [*_layout_notes(plan, bad), *plan.notes]
    plan = replace(plan, notes=tuple(notes))
    return replace(plan, sample=_first(plan))


def _check(table: str, channel: str | None, zone: str) -> None:
    if table not in INCOMING:
        raise BadSettings(f"there is no table {table!r}; a file can hold: {', '.join(PLURAL)}")
    if channel is not None and channel not in CHANNELS:
        raise BadSettings(f"--channel {channel}: there is no such channel; there are: {', '.join(CHANNELS)}")
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as problem:
        raise BadSettings(f"{zone!r} is no time zone; write one such as UTC or Europe/Berlin") from problem


def _layout(path: Path) -> tuple[Layout, int, Path]:
    """Layout and number of rows (0 where unknown) of a file; `book.xlsx#Sheet` names a sheet."""
    sheet = None
    if "#" in path.name and not path.exists():
        name, _, sheet = path.name.rpartition("#")
        path = path.with_name(name)
    form, compression, first = formats.recognise(path)
    if form == "parquet":
        return *columnar.find_layout(path, compression), path
    if form == "excel":
        return *sheets.find_layout(path, compression, sheet), path
    if form == "jsonl":
        return json_lines.find_layout(path, compression, first), 0, path
    return delimited.find_layout(path, compression, first), 0, path


def _source(path: Path) -> str:
    """The file's name without its endings; with its folder's where it says nothing (all, train, export ...)."""
    stem = path.name
    for _ in range(2):
        left, dot, ending = stem.rpartition(".")
        if (
            dot
            and left
            and ending.lower() in ("gz", "csv", "tsv", "txt", "tab", "jsonl", "ndjson", "json", "parquet", "pq", "xlsx")
        ):
            stem = left
    return f"{path.resolve().parent.name}_{stem}" if plain(stem) in GENERAL else stem


def _sample(plan: Plan) -> tuple[pa.RecordBatch, int, float]:
    """The first rows as one batch, how many bad ones are among them, and the part of the file they are."""
    blocks = head(plan, rows=SAMPLE)
    if not blocks or not sum(block.rows.num_rows for block in blocks):
        reason = f" ({blocks[0].bad[0].reason} on line {blocks[0].bad[0].line})" if blocks and blocks[0].bad else ""
        raise BadSettings(f"{plan.path}: there is no row that can be read{reason}")
    tables = [pa.Table.from_batches([block.rows]) for block in blocks]
    whole = pa.concat_tables(tables, promote_options="default").slice(0, SAMPLE + 3).combine_chunks()
    read_rows = sum(block.rows.num_rows for block in blocks)
    done = blocks[-1].done * (whole.num_rows / read_rows)
    return whole.to_batches()[0], sum(len(block.bad) for block in blocks), done


def _mean(plan: Plan, sample: pa.RecordBatch, given: Mapping[str, str], channel: str | None) -> Plan:
    """The plan with every column's meaning."""
    said = maps.check(given, plan.table, sample.schema.names)
    columns = tuple(sample.schema.names)
    found = Guess(plan.table, sample_looks(sample, answers=plan.table == "answer"), said.fields, said.without)
    if plan.table == "answer":
        return _survey(plan, sample, found, said)
    guess(found)
    if plan.table == "message":
        guess_channel(found, channel, plan.path)
    for needed, what in [NEEDED[plan.table]] if plan.table in NEEDED else []:
        if not any(field in found.fields for field in needed):
            raise BadSettings(
                f"{plan.path}: no column seems to hold {what}; --map {needed[0]}=COLUMN says which. "
                f"There are: {', '.join(columns)}"
            )
    layout = replace(plan.layout, columns=columns)
    plan = replace(plan, layout=layout, fields=found.fields, attributes=said.attributes, notes=tuple(found.notes))
    return _rest(_by_column(plan, found))


def _by_column(plan: Plan, found: Guess) -> Plan:
    """Profiles with a column per trait, consents with one per purpose."""
    fields = plan.fields
    if plan.table == "profile" and not ("trait" in fields and "value" in fields):
        free = tuple(look.name for look in found.looks.values() if look.name not in _used(plan, ("trait", "value")))
        kept = {n: c for n, c in fields.items() if n not in ("trait", "value")}
        if not free:
            raise BadSettings(f"{plan.path}: there is no column beside the person's; profiles need at least one trait")
        asked = tuple(plan.attributes.values())
        traits = tuple(name for name in free if name in asked or not IDENTITY.search(plain(name)))
        return replace(plan, fields=kept, traits=traits)
    if plan.table == "consent" and "purpose" not in fields:
        traits = tuple(
            look.name for look in found.looks.values() if purpose_of(look.name) and look.name not in _used(plan, ())
        )
        if not traits:
            raise BadSettings(
                f"{plan.path}: no column says for which purpose; --map purpose=COLUMN or purpose==marketing does"
            )
        return replace(plan, fields={n: c for n, c in fields.items() if n != "granted"}, traits=traits)
    if plan.table == "consent" and "granted" not in fields:
        raise BadSettings(f"{plan.path}: no column says whether consent was given; --map granted=COLUMN does")
    return plan


def _used(plan: Plan, without: tuple[str, ...]) -> set[str]:
    return {name for field, column in plan.fields.items() if field not in without for name in column.columns}


def _survey(plan: Plan, sample: pa.RecordBatch, found: Guess, said: maps.Said) -> Plan:
    """A survey's plan: its form, its questions, who answered and with which weight."""
    long = surveys.is_long(found)
    labels = 0
    if not long:
        guess_only(found, "response")
        response = found.fields.get("response")
        labels = surveys.label_rows(sample, response.columns[0] if response and response.columns else None)
        named = surveys.labels_of(sample, labels)
        if labels:
            found = Guess("answer", sample_looks(sample.slice(labels), answers=True), said.fields, said.without)
    if long:
        guess(found)
        survey, meta = surveys.plan_long(found), tuple(look.name for look in found.free)
    else:
        guess_only(found, "response weight person occurred_at wave")
        person(found)
        hidden = [look for look in found.free if IDENTITY.search(look.plain)]
        found.looks = {name: look for name, look in found.looks.items() if look not in hidden}
        survey, meta = surveys.plan_wide(found, named)
        if not survey.questions:
            raise BadSettings(f"{plan.path}: there is no column of answers. There are: {', '.join(plan.columns)}")
    if "response" not in found.fields:
        if long:
            raise BadSettings(
                f"{plan.path}: no column says which form an answer belongs to; --map response=COLUMN does"
            )
        found.notes.append("No column names the filled-in form: each row is one; --map response=COLUMN changes it.")
    layout = replace(plan.layout, labels=labels, columns=tuple(sample.schema.names))
    plan = replace(
        plan, layout=layout, fields=found.fields, survey=survey, attributes=said.attributes, notes=tuple(found.notes)
    )
    return _rest(plan, meta)


def guess_only(found: Guess, fields: str) -> None:
    """Fill in some fields of a wide survey by whole names only: a question may begin with any word."""
    for field in fields.split():
        if found.wants(field):
            named = [look for score, look in candidates(field, "answer", found.free) if score < 1000]
            if field == "response":
                named = [look for look in named if look.distinct >= 0.9 * max(1, look.filled)]
            if named:
                found.take(field, named[0].name)


def _rest(plan: Plan, meta: tuple[str, ...] | None = None) -> Plan:
    """What becomes of the other columns: attributes, except those that tell who somebody is."""
    used = _used(plan, ()) | set(plan.attributes.values()) | set(plan.traits)
    if plan.survey and plan.survey.form == "wide":
        used |= {name for columns in plan.survey.sources.values() for name in columns}
    others = [name for name in plan.columns if name not in used]
    hidden = tuple(n for n in others if plan.table not in ("item",) and IDENTITY.search(plain(n)))
    extra = tuple(n for n in (others if meta is None else meta) if n not in hidden and n not in used)
    notes = list(plan.notes)
    if hidden:
        keep = f"attributes.{plain(hidden[0])}={hidden[0]}"
        notes.append(f"Left out, because they tell who somebody is: {', '.join(hidden)}; --map {keep} keeps one.")
    if "id" not in plan.fields and plan.table in ("message", "event"):
        notes.append("No column names each row: its id is the hash of the row; --map id=COLUMN changes it.")
    zoned = plan.fields.get("occurred_at")
    if zoned is None and plan.table in ("message", "event"):
        notes.append("No column says when: the records are undated; --map occurred_at=COLUMN changes it.")
    return replace(plan, extra=extra, left_out=hidden, notes=tuple(notes))


def _layout_notes(plan: Plan, bad: int) -> list[str]:
    layout, notes = plan.layout, []
    if not layout.header and plan.format in ("csv", "tsv", "excel"):
        notes.append("The first row is a record already: the columns are named column_1, column_2 and so on.")
    if layout.skip:
        notes.append(f"{layout.skip} line{'s' * (layout.skip > 1)} above the table left out.")
    if layout.labels:
        notes.append(f"{layout.labels} row{'s' * (layout.labels > 1)} below the header hold labels, not answers.")
    if layout.sheet:
        notes.append(f"Sheet {layout.sheet!r}; FILE.xlsx#SHEET takes another one.")
    if bad:
        notes.append(f"{bad} of the first rows cannot be read and will go to quarantine.")
    return notes


def _first(plan: Plan) -> tuple[Mapping[str, Any], ...]:
    """The first three records."""
    rows: list[Mapping[str, Any]] = []
    found = read(plan, rows=100)
    for shaped in found:
        rows += shaped.batch.slice(0, 3 - len(rows)).to_pylist(maps_as_pydicts="lossy")
        if len(rows) >= 3 or shaped.done >= 0.5:
            break
    found.close()  # type: ignore[attr-defined]
    return tuple(rows)
