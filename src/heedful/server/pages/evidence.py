"""The events or answers behind one figure, as of the moment it was made."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from starlette.requests import Request

from heedful.errors import BadSettings
from heedful.insight.answer import Question
from heedful.insight.metrics import metric
from heedful.server import words
from heedful.server.addresses import address, behind, number_in
from heedful.server.asker import Asker
from heedful.server.blocks import Cell, Column, Empty, Link, Page, Table
from heedful.server.filters import asked, pairs
from heedful.server.messages import parts

PATH = "/evidence"
MENU = None

ON_A_PAGE = 50
FARTHEST = 10**12
COLUMNS = {
    "event": ("occurred_at", "name", "person", "item", "value", "currency", "path", "campaign", "device", "country"),
    "answer": ("occurred_at", "survey", "question", "value", "choices", "text", "weight", "person"),
}
LABELS = {"occurred_at": "When", "name": "Event"}
NUMBERS = ("value", "weight")


def page(asker: Asker, request: Request) -> Page:
    """The rows as a table, a page of them; a figure of messages points to the messages instead."""
    name = request.query_params.get("metric")
    if not name:
        raise BadSettings("an address of evidence names a figure: /evidence?metric=events")
    known = metric(name)
    question = asked(asker, request.query_params, table=known.of)
    whole = Question(name, (), question.where, question.since, question.until, asker.zone)
    answer = asker.answer(whole)
    label = words.metric(name, answer.title)
    if known.of not in COLUMNS:
        links = (Link("See the messages", behind(answer, {})),)
        return Page(label, (Empty("This figure stands on messages", "They have a page of their own.", links),))
    offset = _offset(request)
    rows = asker.evidence(whole, as_of=question.as_of, offset=offset, limit=ON_A_PAGE).to_pylist()
    if not rows:
        nothing = Empty("No rows to show", "The figure stands on no rows, or on too few people to show them.")
        return Page(label, (nothing,))
    figure = answer.figures[0]
    more = None
    if offset + len(rows) < (figure.rows or 0):
        more = Link("More of them", address(PATH, [*pairs(question), ("offset", str(offset + len(rows)))]))
    table = _table(label, rows, known.of, asker, figure.rows, more)
    lead = "The rows that this figure was made of, as they were at that moment. Newest first"
    return Page(
        f"{label}: {words.figure(figure.value, answer.unit)}",
        (table,),
        f"{lead}, in {words.place(asker.zone)}.",
        back=Link("Overview", "/"),
    )


def _table(
    label: str, rows: list[dict[str, Any]], of: str, asker: Asker, total: int | None, more: Link | None
) -> Table:
    shown = [name for name in COLUMNS[of] if any(row.get(name) is not None for row in rows)]
    columns = tuple(Column(LABELS.get(name) or words.dimension(name).capitalize(), name in NUMBERS) for name in shown)
    cells = tuple(tuple(_cell(name, row, asker) for name in shown) for row in rows)
    return Table(label, columns, cells, words.count(total, "row") if total is not None else None, more)


def _cell(name: str, row: Mapping[str, Any], asker: Asker) -> Cell:
    value = row.get(name)
    if isinstance(value, datetime):
        return Cell(words.moment(value, asker.zone, asker.now), words.local(value, asker.zone).isoformat())
    if value is None:
        return Cell("")
    if isinstance(value, float):
        return Cell(words.number(value, 0 if value == int(value) else 2), value)
    if isinstance(value, list):
        value = ", ".join(map(str, value))
    if name == "person":
        return Cell(words.person(value) or "", value)
    return Cell("".join(part.text for part in parts(str(value)[:300])), str(value)[:2000])


def _offset(request: Request) -> int:
    return number_in("offset", request.query_params.get("offset", "0"), most=FARTHEST)
