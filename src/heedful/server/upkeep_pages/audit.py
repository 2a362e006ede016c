"""Who asked what and when: every answer, every look at an identity, and every change leaves a row here."""

import json
from datetime import datetime

from starlette.requests import Request

from heedful.server import words
from heedful.server.addresses import address, number_in
from heedful.server.blocks import Cell, Choice, Column, Empty, Field, Form, Link, Page, Table
from heedful.server.upkeep import Upkeep
from heedful.store.audit import AuditRow

PATH = "/audit"
MENU = (26, "Audit")
NEEDS = "audit"

ON_A_PAGE = 100
LONGEST = 300


def page(upkeep: Upkeep, request: Request) -> Page:
    """The latest rows, of everybody or of one viewer, of everything or of one kind."""
    viewer, action = (request.query_params.get(name) or None for name in ("viewer", "action"))
    below = request.query_params.get("below", "")
    number = number_in("below", below) if below else None
    rows = upkeep.audit.rows(limit=ON_A_PAGE, below=number, viewer=viewer, action=action)
    viewers, actions = upkeep.audit.known()
    fields = (
        Field("viewer", "Who", kind="select", choices=_choices(viewers, viewer, "Everybody")),
        Field("action", "What", kind="select", choices=_choices(actions, action, "Everything")),
    )
    form = Form("", PATH, fields, "Show", method="get")
    if not rows:
        return Page("Audit", (form, Empty("No rows", "Nothing of the kind was asked or done.")))
    kept = [("viewer", viewer), ("action", action), ("below", str(rows[-1].id))]
    more = Link("Older ones", address(PATH, kept)) if len(rows) == ON_A_PAGE else None
    columns = tuple(Column(label) for label in ("When", "Who", "What", "For", "Particulars"))
    table = Table("", columns, tuple(_row(upkeep, row) for row in rows), None, more)
    return Page("Audit", (form, table), f"Newest first, in {words.place(upkeep.zone)}.")


def _choices(names: list[str], chosen: str | None, everything: str) -> tuple[Choice, ...]:
    found = dict.fromkeys([*names, *([chosen] if chosen else [])])
    return (Choice("", everything, not chosen), *(Choice(name, name[:100], name == chosen) for name in found))


def _row(upkeep: Upkeep, row: AuditRow) -> tuple[Cell, ...]:
    at = datetime.fromisoformat(row.at)
    return (
        Cell(words.moment(at, upkeep.zone, upkeep.now), row.at),
        Cell(row.viewer),
        Cell(row.action),
        Cell(row.purpose),
        Cell(_particulars(row.details), row.details[:2_000], tone="long"),
    )


def _particulars(details: str) -> str:
    """The particulars that say something, in words."""
    try:
        known = json.loads(details)
    except ValueError:
        return details[:LONGEST]
    if not isinstance(known, dict):
        return str(known)[:LONGEST]
    told = (
        f"{name.replace('_', ' ')}: {_shown(value)}" for name, value in known.items() if value not in (None, "", [], {})
    )
    return ", ".join(told)[:LONGEST]


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return " and ".join(f"{name} {part}" for name, part in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
