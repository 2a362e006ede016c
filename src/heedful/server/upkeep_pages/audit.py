"""Who asked what and when: every answer, every look at an identity, and every change leaves a row here."""

from collections.abc import Callable
from datetime import datetime

from starlette.requests import Request

from heedful.server import told, words
from heedful.server.addresses import address, number_in
from heedful.server.blocks import Cell, Choice, Column, Empty, Field, Form, Link, Page, Table
from heedful.server.upkeep import Upkeep
from heedful.store.audit import AuditRow

PATH = "/audit"
MENU = (26, "Audit")
NEEDS = "audit"

ON_A_PAGE = 100


def page(upkeep: Upkeep, request: Request) -> Page:
    """The latest rows, of everybody or of one viewer, of everything or of one kind."""
    viewer, action = (request.query_params.get(name) or None for name in ("viewer", "action"))
    below = request.query_params.get("below", "")
    number = number_in("below", below) if below else None
    rows = upkeep.audit.rows(limit=ON_A_PAGE, below=number, viewer=viewer, action=action)
    viewers, actions = upkeep.audit.known()
    fields = (
        Field("viewer", "Who", kind="select", choices=_choices(viewers, viewer, "Everybody", told.who)),
        Field("action", "What", kind="select", choices=_choices(actions, action, "Everything", told.action)),
    )
    form = Form("", PATH, fields, "Show", method="get")
    if not rows:
        return Page("Audit", (form, Empty("No rows", "Nothing of the kind was asked or done.")))
    kept = [("viewer", viewer), ("action", action), ("below", str(rows[-1].id))]
    more = Link("Older ones", address(PATH, kept)) if len(rows) == ON_A_PAGE else None
    columns = tuple(Column(label) for label in ("When", "Who", "Did what", "For"))
    table = Table("", columns, tuple(_row(upkeep, row) for row in rows), None, more)
    return Page("Audit", (form, table), f"Newest first, in {words.place(upkeep.zone)}.")


def _choices(names: list[str], chosen: str | None, everything: str, shown: Callable[[str], str]) -> tuple[Choice, ...]:
    found = sorted({*names, *([chosen] if chosen else [])}, key=shown)
    return (Choice("", everything, not chosen), *(Choice(name, shown(name)[:100], name == chosen) for name in found))


def _row(upkeep: Upkeep, row: AuditRow) -> tuple[Cell, ...]:
    at = datetime.fromisoformat(row.at)
    return (
        Cell(words.moment(at, upkeep.zone, upkeep.now), row.at),
        Cell(told.who(row.viewer), row.viewer),
        Cell(told.deed(row), f"{row.action} {row.details}"[:2_000], tone="long"),
        Cell(row.purpose),
    )
