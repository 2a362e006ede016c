"""Bring a file in: see what its columns seem to mean, correct that, and watch it arrive."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import BinaryIO

from starlette.requests import Request

from heedful.errors import BadSettings, HeedfulError, NotAllowed
from heedful.intake.files import Plan
from heedful.intake.preview import stored
from heedful.records import CHANNELS, INCOMING, PLURAL, plural
from heedful.server import past_imports, plain_fields, words
from heedful.server.addresses import address
from heedful.server.blocks import (
    Block,
    Cell,
    Choice,
    Column,
    Field,
    Figures,
    Form,
    Link,
    Notice,
    Page,
    Table,
    Tile,
)
from heedful.server.imports import Import
from heedful.server.upkeep import Upkeep
from heedful.server.upkeep_pages import Form as Sent

PATH = "/import"
MENU = (21, "Import")
NEEDS = "operate"

RENEW = 2
ABOUT = "CSV, TSV, JSON Lines, Parquet or Excel, or gzip of them. You see what was understood before anything is taken."
USUAL = {
    "message": ("text", "title", "occurred_at", "person", "id", "rating", "language", "brand", "item", "thread"),
    "event": ("name", "person", "occurred_at", "item", "value", "currency", "id"),
    "answer": ("response", "question", "answer", "weight", "occurred_at", "person"),
    "item": ("id", "title", "category", "price", "url"),
    "profile": ("person", "trait", "value", "occurred_at"),
    "consent": ("person", "purpose", "granted", "occurred_at"),
}
"""Fields that the form offers to correct; the others are corrected on the command line with --map."""
NOBODY = "(no column)"
SHOWN = 200
"""So many characters of a value are shown."""


def page(upkeep: Upkeep, request: Request) -> Page:
    """A form for a file, and the files so far; with `file` in the address, one of them."""
    if (id := request.query_params.get("file")) is not None:
        return _file(upkeep, _theirs(upkeep, id))
    if (id := request.query_params.get("undo")) is not None:
        return past_imports.ask(upkeep, id)
    kinds = tuple(Choice(one, many.capitalize(), one == "message") for many, one in PLURAL.items())
    fields = (
        Field("file", "File", kind="file", required=True),
        Field("table", "It holds", kind="select", choices=kinds),
    )
    form = Form("Bring a file in", PATH, fields, "Look at it", ABOUT)
    found = upkeep.imports.all()
    renew = RENEW if any(i.state == "running" for i in found) else None
    return Page("Import", (form, past_imports.table(upkeep, found)), renew=renew)


def receive(upkeep: Upkeep, form: Sent, name: str, content: BinaryIO) -> str:
    """Keep a file that was sent, and show what it seems to hold."""
    table = form.get("table", "message")
    if table not in INCOMING:
        raise BadSettings(f"a file cannot hold {table[:40]!r}; there are: {', '.join(INCOMING)}")
    made = upkeep.imports.keep(name, content, upkeep.viewer.name, upkeep.now, table=table)
    upkeep.note("send file", {"import": made.id})
    return address(PATH, [("file", made.id)])


def act(upkeep: Upkeep, form: Sent) -> str | Page:
    """Look again with corrections, take the file, or drop it."""
    do = form.get("do", "")
    if do == "undo":
        return past_imports.take_back(upkeep, form.get("import", ""))
    if do not in ("look", "take", "drop"):
        raise BadSettings("choose a file first")
    one = _theirs(upkeep, form.get("file", ""))
    if do == "drop":
        upkeep.imports.drop(one.id)
        upkeep.note("drop file", {"import": one.id})
        return PATH
    asked = _asked(upkeep, one, form)
    try:
        upkeep.imports.look(asked)
    except BadSettings as error:
        return _file(upkeep, one, wrong=str(error))
    if do == "look" or asked.table != one.table:  # nothing is taken as what nobody has looked at
        upkeep.imports.change(asked)
        return _file(upkeep, asked)
    upkeep.note("import file", {"import": one.id, "table": asked.table})
    upkeep.imports.begin(asked)
    return address(PATH, [("file", one.id)])


def _theirs(upkeep: Upkeep, id: str) -> Import:
    """A file that the viewer has sent, or may see the identifiers of; the look at it is audited."""
    one = upkeep.imports.get(id)
    if one.by != upkeep.viewer.name and not upkeep.may("identities"):
        raise NotAllowed("somebody else has sent this file, and it may name people")
    if one.state not in ("running", "done"):
        upkeep.note("look at file", {"import": one.id})
    return one


def _asked(upkeep: Upkeep, one: Import, form: Sent) -> Import:
    """The import as the form has it; a guess that was left alone stays a guess."""
    if "table" not in form:
        return one
    same = form["table"] == one.table
    guessed = _columns(upkeep.imports.look(replace(one, mapping={}))) if same else {}
    chosen = (
        {name.removeprefix("map."): value for name, value in form.items() if name.startswith("map.")} if same else {}
    )
    mapping = {
        field: "" if column == NOBODY else column
        for field, column in chosen.items()
        if column != guessed.get(field, NOBODY)
    }
    source = " ".join(form.get("source", "").split())[:200]
    return replace(one, table=form["table"], channel=form.get("channel") or None, source=source, mapping=mapping)


def _columns(plan: Plan) -> dict[str, str]:
    """Each field with its column, as --map would name it."""
    return {field: "+".join(column.columns) for field, column in plan.fields.items() if column.columns}


def _counts(upkeep: Upkeep, one: Import) -> tuple[int, int, int]:
    tallies = upkeep.store.tallies(one.id)
    return (sum(t.taken for t in tallies), sum(t.already for t in tallies), sum(t.quarantined for t in tallies))


def _file(upkeep: Upkeep, one: Import, *, wrong: str | None = None) -> Page:
    back = Link("Import", PATH)
    if one.state in ("running", "done"):
        return _progress(upkeep, one, back)
    stopped: tuple[Block, ...] = ()
    if one.state == "stopped":
        stopped = (
            Notice("The server ended while this file was read. Take it again: nothing is taken twice.", "warning"),
        )
    if one.state == "failed":
        stopped = (Notice(f"It could not be read to its end: {one.problem}", "warning"),)
    try:
        plan = upkeep.imports.look(one)
    except HeedfulError as error:
        return Page(one.name, (*stopped, _unfit(one, str(error)), _drop(one)), back=back)
    notes = tuple(Notice(f"{note.partition('; --')[0].rstrip('.')}.") for note in plan.notes)
    lead = f"{plan.format}, about {words.count(plan.rows, 'row')}. Nothing has been taken yet."
    return Page(
        one.name, (*stopped, _form(one, plan, wrong), *notes, _first(upkeep, plan), _drop(one)), lead, back=back
    )


def _progress(upkeep: Upkeep, one: Import, back: Link) -> Page:
    taken, already, bad = _counts(upkeep, one)
    waiting = upkeep.keeping.drain.journal.backlog().records
    part = f"{round(100 * one.part)}%"
    over = one.state == "done" and not waiting
    tiles = Figures(
        "How far it is",
        (
            Tile("part", "Read", one.part, part, ""),
            Tile("taken", "Taken", taken, words.number(taken), ""),
            Tile("already", "Already there", already, words.number(already), ""),
            Tile(
                "bad",
                "In quarantine",
                bad,
                words.number(bad),
                "",
                href="/quarantine" if bad and upkeep.may("quarantine") else None,
            ),
        ),
    )
    said = "All of it is in." if over else "It goes on if you leave this page."
    notices = [Notice(said)]
    if over and one.table == "message":
        notices = [Notice(said, link=Link("See the messages", "/messages")), Notice(NEXT, link=Link(*TOPICS))]
    return Page(one.name, (tiles, *notices), f"As {plural(one.table)}.", back=back, renew=None if over else RENEW)


NEXT = "Messages are now read, which may take minutes; Topics says how many wait, then what people talk about."
TOPICS = ("Topics", "/topics")


def _unfit(one: Import, problem: str) -> Form:
    kinds = tuple(Choice(table, many.capitalize(), table == one.table) for many, table in PLURAL.items())
    field = Field("table", "It holds", kind="select", choices=kinds)
    hidden = (("do", "look"), ("file", one.id))
    return Form("What does it hold?", PATH, (field,), "Look again", hidden=hidden, wrong=problem)


def _form(one: Import, plan: Plan, wrong: str | None) -> Form:
    chosen = {**_columns(plan), **{field: column or NOBODY for field, column in one.mapping.items()}}
    fields = [_kind(one), Field("source", "Source", value=plan.source, about="A name for where it comes from.")]
    if one.table == "message":
        channels = tuple(Choice(name, words.CHANNEL[name], name == one.channel) for name in CHANNELS)
        found = plan.fields.get("channel")
        seen = words.CHANNEL.get((found and found.constant) or "")
        usual = Choice("", f"As found: {seen}" if seen and not one.channel else "As found", not one.channel)
        fields.append(Field("channel", "Channel", "select", choices=(usual, *channels)))
    fields += [_column(field, plan, chosen) for field in USUAL[one.table] if _fits(field, plan)]
    rest = f"Kept beside each record: {', '.join(plan.extra[:40])}." if plan.extra else ""
    hidden = (("file", one.id), ("do", "take"))
    return Form(
        "What the columns mean",
        PATH,
        tuple(fields),
        "Take it",
        rest,
        hidden,
        wrong,
        wide=True,
        also=("do", "look", "Look again"),
    )


def _kind(one: Import) -> Field:
    kinds = tuple(Choice(table, many.capitalize(), table == one.table) for many, table in PLURAL.items())
    return Field("table", "It holds", "select", choices=kinds, about="With another kind, look again before taking it.")


def _fits(field: str, plan: Plan) -> bool:
    """A wide survey has its questions in columns of their own."""
    return not (plan.survey and plan.survey.form == "wide" and field in ("question", "answer"))


def _column(field: str, plan: Plan, chosen: Mapping[str, str]) -> Field:
    now = chosen.get(field, NOBODY)
    names = dict.fromkeys([NOBODY, *plan.columns, now])
    column = plan.fields.get(field)
    constant = column is not None and column.constant is not None
    guessed = "" if column is None else f"always {column.constant}" if constant else f"{column.how}, {column.why}"
    about = f"{plain_fields.about(field)} Field {field}{f': {guessed}' if guessed else ''}."
    choices = tuple(Choice(n, n, n == now) for n in names)
    return Field(f"map.{field}", plain_fields.label(field), "select", choices=choices, about=about)


def _first(upkeep: Upkeep, plan: Plan) -> Table:
    """The first records as they would be stored, field by field."""
    found = stored(plan, keys=upkeep.place.keys, brands=upkeep.place.brands, now=upkeep.now)
    known = [name for name in INCOMING[plan.table].names if any(row.get(name) not in (None, [], {}) for row in found)]
    columns = (Column("Field"), *(Column(f"Record {n}") for n, _ in enumerate(found, 1)))
    rows = tuple(
        (
            Cell(f"{plain_fields.label(name)} ({name})", name),
            *(Cell(_shown(row.get(name)), tone="long") for row in found),
        )
        for name in known
    )
    note = "People stand as pseudonyms and texts without personal data, as they are stored"
    return Table("The first records, as they would be stored", columns, rows, note)


def _shown(value: object) -> str:
    if value is None or value in ([], {}):
        return ""
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    if isinstance(value, dict):
        return _cut(", ".join(f"{name}: {part}" for name, part in value.items()))
    return _cut(", ".join(map(str, value)) if isinstance(value, list) else str(value))


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN].rstrip()}\u2026"


def _drop(one: Import) -> Form:
    return Form("Not this file?", PATH, (), "Drop it", "", (("do", "drop"), ("file", one.id)))
