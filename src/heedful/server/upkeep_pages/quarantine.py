"""Records that could not be taken: why, what they were, and taking them again."""

import json
from datetime import UTC, datetime

from starlette.requests import Request

from heedful.errors import BadRecord, BadSettings
from heedful.intake.replay import again
from heedful.records import INCOMING, plural
from heedful.server import plain_fields, words
from heedful.server.addresses import address, number_in
from heedful.server.blocks import Button, Cell, Column, Empty, Facts, Field, Form, Link, Page, Table
from heedful.server.upkeep import Upkeep
from heedful.server.upkeep_pages import Form as Sent
from heedful.store.journal import Quarantined

PATH = "/quarantine"
MENU = (23, "Quarantine")
NEEDS = "quarantine"

ON_A_PAGE = 100
MOST_COLUMNS_SHOWN = 60
MOST_SHOWN = 100_000
AT_ONCE = 1_000


def page(upkeep: Upkeep, request: Request) -> Page:
    """The list, newest first; with `record` in the address, one of them, whole."""
    if (asked := request.query_params.get("record")) is not None:
        return _one(upkeep, number_in("record", asked))
    offset = number_in("offset", request.query_params.get("offset", "0"))
    journal = upkeep.keeping.drain.journal
    found, size = journal.quarantined(limit=ON_A_PAGE, offset=offset), journal.quarantine_size()
    upkeep.note("list quarantine", {"rows": len(found)})
    if not found:
        return Page("Quarantine", (Empty("Nothing is in quarantine", "Every record that came could be taken."),))
    more = (
        Link("Older ones", address(PATH, [("offset", str(offset + len(found)))]))
        if offset + len(found) < size
        else None
    )
    columns = tuple(Column(label) for label in ("Came", "Records", "Source", "Where", "Why", ""))
    table = Table("", columns, tuple(_row(upkeep, one) for one in found), words.count(size, "record"), more)
    return Page("Quarantine", (table, *_all(size)), "Records that could not be taken. Nothing of them is lost.")


def act(upkeep: Upkeep, form: Sent) -> str | Page:
    """Take one again, as it was or corrected; drop one; or try all of them again."""
    do, journal = form.get("do", ""), upkeep.keeping.drain.journal
    if do == "all":
        upkeep.note("replay quarantine", {"taken": _replay_all(upkeep)})
        return PATH
    if do not in ("replay", "drop"):
        raise BadSettings("a record in quarantine can be taken again or dropped")
    id = number_in("record", form.get("record", ""))
    if do == "drop":
        journal.drop([id])
    elif "raw" in form:
        try:
            again(journal, id, form["raw"].encode("utf-8", "surrogateescape"))
        except BadRecord as error:
            return _one(upkeep, id, raw=form["raw"], wrong=str(error))
    else:
        again(journal, id)
    upkeep.note(f"{do} quarantine", {"record": id})
    return PATH


def _replay_all(upkeep: Upkeep) -> int:
    """Take what can be taken by now, the newest first; how many."""
    journal, taken = upkeep.keeping.drain.journal, 0
    for one in journal.quarantined(limit=AT_ONCE):
        try:
            again(journal, one.id)
            taken += 1
        except BadRecord:
            continue
    return taken


def _row(upkeep: Upkeep, one: Quarantined) -> tuple[Cell, ...]:
    came = words.moment(datetime.fromtimestamp(one.at, UTC), upkeep.zone, upkeep.now)
    named = (("record", str(one.id)),)
    buttons = (
        Button("Take again", PATH, (("do", "replay"), *named), f"record {one.id}"),
        Button("Drop", PATH, (("do", "drop"), *named), f"record {one.id}", danger=True),
    )
    return (
        Cell(came, one.id, address(PATH, named)),
        Cell(plural(one.table), one.table),
        Cell(one.source),
        Cell(one.place),
        Cell(one.reason, tone="long"),
        Cell("", buttons=buttons),
    )


def _all(size: int) -> tuple[Form, ...]:
    if size < 2:
        return ()
    about = f"For when what was wrong has been mended; what still cannot be taken stays. At most {AT_ONCE:,} at a time."
    return (Form("Try all of them again", PATH, (), "Try again", about, hidden=(("do", "all"),)),)


def _one(upkeep: Upkeep, id: int, *, raw: str | None = None, wrong: str | None = None) -> Page:
    """One record; what was typed and cannot be taken either stays, with the reason."""
    one = upkeep.keeping.drain.journal.quarantined(id=id)[0]
    upkeep.note("look at quarantine", {"record": id})
    raw = one.raw.decode("utf-8", "replace") if raw is None else raw
    known = (("Why", one.reason), ("Where", one.place), ("Source", one.source), ("As", plural(one.table)))
    facts = Facts("What is the matter", known)
    row = _row_in_file(upkeep, one)
    hidden = (("do", "replay"), ("record", str(id)))
    names = ", ".join(INCOMING[one.table].names)
    about = f"One JSON object, with Heedful's own names of fields: {names}."
    field = Field(
        "raw", "The record", kind="long", value=raw[:MOST_SHOWN], about="Raw, as it came, personal data included."
    )
    form = Form("Correct it and take it again", PATH, (field,), "Take it again", about, hidden, wrong)
    if len(raw) > MOST_SHOWN:
        form = Form("Too long to correct here", PATH, (), "Take it again as it is", hidden=hidden)
    drop = Form("Drop it", PATH, (), "Drop", "It is lost then.", (("do", "drop"), ("record", str(id))), danger=True)
    status = 422 if wrong else 200
    return Page(f"Record {id}", (facts, *row, form, drop), back=Link("Quarantine", PATH), status=status)


def _row_in_file(upkeep: Upkeep, one: Quarantined) -> tuple[Table, ...]:
    """The row as it stood in a file, column by column, with the field that each was read as."""
    fields = upkeep.keeping.drain.journal.fields(one)
    try:
        cells = json.loads(one.raw)
    except ValueError:
        cells = {}
    if not fields or not isinstance(cells, dict):
        return ()
    # columns that were joined or multiplied stand as `one + other`; a constant, ='it', comes from no column
    read_as = {part: name for name, column in fields.items() for part in (column, *column.split(" + "))}
    names = dict.fromkeys(
        [*cells, *(c for column in fields.values() if column[:1] != "=" for c in column.split(" + "))]
    )
    columns = tuple(Column(label) for label in ("Column of the file", "What stood in it", "Read as"))
    rows = tuple(
        (Cell(name), Cell(str(cells.get(name, ""))[:200], tone="long"), Cell(_as_field(read_as.get(name))))
        for name in names
    )
    note = "Correct it below in the names of the last column"
    return (Table("The row as it stood in the file", columns, rows[:MOST_COLUMNS_SHOWN], note),)


def _as_field(name: str | None) -> str:
    return f"{name} ({plain_fields.label(name)})" if name else "attributes, or not at all"
