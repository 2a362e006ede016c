"""Past imports as blocks of the Import page: what became of each, and taking one back."""

from datetime import UTC, datetime

from heedful.intake import undo
from heedful.records import plural
from heedful.server import words
from heedful.server.addresses import address
from heedful.server.blocks import Cell, Column, Empty, Facts, Form, Link, Notice, Page, Table
from heedful.server.imports import Import
from heedful.server.undoing import take_back as taken_back
from heedful.server.upkeep import Upkeep
from heedful.store.undo import Brought, Past

PATH = "/import"
BACK = Link("Import", PATH)
STATE = {"waiting": "look at it", "running": "being read", "stopped": "stopped", "failed": "failed", "done": "done"}
ABOUT = (
    "Its rows leave every figure, page and search at once; earlier versions that it replaced come back. Rows that "
    "another import brought too go as well, where this one brought them first: bring that file in again. "
    "The same file can then be brought in anew. Nothing about people is erased for good: Erase a person does that."
)


def table(upkeep: Upkeep, files: list[Import]) -> Table | Empty:
    """Files that were sent here, and imports from the command line, the latest first."""
    past = {one.import_id: one for one in undo.past(upkeep.store, upkeep.viewer)}
    known = {one.id for one in files}
    rows = [(one.at, _file(upkeep, one, past.get(one.id))) for one in files]
    rows += [(_iso(one), _other(upkeep, one)) for one in past.values() if one.import_id not in known]
    if not rows:
        return Empty("No file yet", "Files that you bring in stand here, with what became of them.")
    columns = (
        *(Column(label) for label in ("File or source", "As", "By", "When", "State")),
        *(Column(label, number=True) for label in ("Taken", "Already there", "Quarantined")),
        Column(""),
    )
    ordered = sorted(rows, key=lambda row: row[0], reverse=True)
    return Table("Past imports", columns, tuple(row for _, row in ordered))


def ask(upkeep: Upkeep, import_id: str) -> Page:
    """What would go and come back, and the question whether it shall."""
    found = undo.preview(upkeep.keeping.drain, import_id, upkeep.viewer)
    bad = len(upkeep.keeping.drain.journal.quarantined_of(import_id))
    title = f"Take back {_name(upkeep, import_id)}?"
    if not found.rows and not bad:
        return Page(title, (Notice("There is nothing of this import any more."),), back=BACK)
    hidden = (("do", "undo"), ("import", import_id))
    form = Form("Take it back", PATH, (), "Take it all back", ABOUT, hidden, danger=True)
    return Page(title, (_counts("What would go", found, bad), form), "Nothing has changed yet.", back=BACK)


def take_back(upkeep: Upkeep, import_id: str) -> Page:
    """Take it back, and say what went."""
    name = _name(upkeep, import_id)
    bad = len(upkeep.keeping.drain.journal.quarantined_of(import_id))
    found = taken_back(upkeep.imports, upkeep.keeping, import_id, upkeep.viewer, upkeep.now)
    said = Notice("It is taken back. The same file can be brought in again.", "demo", BACK)
    return Page(f"{name} is taken back", (said, _counts("What went", found, bad)), back=BACK)


def _counts(title: str, found: Brought, bad: int) -> Facts:
    rows = [(plural(name).capitalize(), f"{count:,}") for name, count in found.rows.items()]
    rows += [("Earlier versions that come back", f"{found.returning:,}")] if found.returning else []
    rows += [("Records in quarantine", f"{bad:,}")] if bad else []
    return Facts(title, tuple(rows))


def _name(upkeep: Upkeep, import_id: str) -> str:
    """The file's name, or the sources of what came in from the command line."""
    if file := next((one for one in upkeep.imports.all() if one.id == import_id), None):
        return file.name
    found = next((one for one in upkeep.store.imports() if one.import_id == import_id), None)
    return ", ".join(found.sources[:3]) if found else import_id


def _file(upkeep: Upkeep, one: Import, past: Past | None) -> tuple[Cell, ...]:
    tone = "bad" if one.state in ("failed", "stopped") else ""
    return (
        Cell(one.name, one.id, address(PATH, [("file", one.id)])),
        Cell(plural(one.table)),
        Cell(_who(one.by)),
        Cell(_when(upkeep, datetime.fromisoformat(one.at))),
        _state(upkeep, past) or Cell(STATE[one.state], one.state, tone=tone),
        *_tallies(past),
        _undo(one.name, past) if one.state != "running" else Cell(""),
    )


def _other(upkeep: Upkeep, one: Past) -> tuple[Cell, ...]:
    name = ", ".join(one.sources[:3])
    return (
        Cell(name, one.import_id),
        Cell(", ".join(plural(table) for table in one.tables)),
        Cell("command line"),
        Cell(_when(upkeep, one.last_at.replace(tzinfo=UTC))),
        _state(upkeep, one) or Cell("done", "done"),
        *_tallies(one),
        _undo(name, one),
    )


def _state(upkeep: Upkeep, past: Past | None) -> Cell | None:
    if past is None or past.undone_at is None or past.taken:
        return None
    when = _when(upkeep, past.undone_at.replace(tzinfo=UTC))
    rows = words.count(past.undone, "row")
    return Cell(f"taken back by {_who(past.undone_by or '')}, {when}: {rows}", "taken back")


def _tallies(past: Past | None) -> tuple[Cell, ...]:
    counts = (past.taken, past.already, past.quarantined) if past else (0, 0, 0)
    return tuple(Cell(f"{count:,}", count) for count in counts)


def _undo(name: str, past: Past | None) -> Cell:
    """A way to take it back, where there is something of it."""
    if past is None or not (past.taken or past.quarantined):
        return Cell("")
    return Cell(f"Take back {name}", None, address(PATH, [("undo", past.import_id)]))


def _who(name: str) -> str:
    return name.partition(":")[2] or name


def _when(upkeep: Upkeep, at: datetime) -> str:
    return words.moment(at, upkeep.zone, upkeep.now)


def _iso(past: Past) -> str:
    return past.last_at.replace(tzinfo=UTC).isoformat(timespec="seconds")
