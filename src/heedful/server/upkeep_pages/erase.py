"""Erase a person: see what there is of them, erase it for good, and keep a receipt that tells of nobody."""

from collections.abc import Mapping
from datetime import datetime

from starlette.requests import Request

from heedful.errors import BadSettings
from heedful.server import words
from heedful.server.blocks import Block, Cell, Column, Facts, Field, Form, Link, Notice, Page, Table
from heedful.server.upkeep import Upkeep
from heedful.server.upkeep_pages import Form as Sent
from heedful.store.erasures import Receipt

PATH = "/erase"
MENU = (24, "Erase a person")
NEEDS = "forget"

RENEW = 5
SURE = "erase"
SURE_ABOUT = f"write the word {SURE} to confirm"
LABELS = {
    "messages": "Messages",
    "events": "Events",
    "answers": "Survey answers",
    "profiles": "Profile facts",
    "consents": "Choices",
    "past_versions": "Earlier versions of these",
    "readings": "Readings",
    "mentions": "Mentions by others, which become nobody's",
    "identities": "Identifiers",
    "search_entries": "Entries of the search index",
    "waiting": "Records not stored yet",
    "quarantined": "Records in quarantine",
    "audit": "Rows of the audit that name them, which then name nobody",
    "views": "Saved views that name them",
    "searches": "Saved searches that name them",
    "uploads": "Files sent and not taken yet, whoever they name",
}
WHO = Field(
    "person",
    "Who",
    required=True,
    about="An e-mail address, a handle, a phone or customer number as it came in, or a pseudonym. Several: one a line.",
    kind="lines",
)


def page(upkeep: Upkeep, _request: Request) -> Page:
    """The question whom, and the receipts so far."""
    about = "First you see how much there is. Nothing is erased by looking."
    ask = Form("Whom?", PATH, (WHO,), "See what there is", about, hidden=(("do", "look"),))
    receipts = upkeep.erasing.receipts(upkeep.viewer)
    under_way = any(receipt.done_at is None for receipt in receipts)
    said = (
        (Notice("An erasure is under way: nobody can see it any more, and the files are being rewritten."),)
        if under_way
        else ()
    )
    table = (_receipts(upkeep, receipts),) if receipts else ()
    return Page("Erase a person", (*said, ask, *table), renew=RENEW if under_way else None)


def act(upkeep: Upkeep, form: Sent) -> Page:
    """Say how much there is of people, or erase them once that is confirmed."""
    people = [line.strip() for line in form.get("person", "").splitlines() if line.strip()]
    if not people:
        raise BadSettings("name at least one person")
    back = Link("Erase a person", PATH)
    if form.get("do") != SURE:
        found = upkeep.erasing.preview(people, upkeep.viewer, upkeep.now)
        return Page("What there is", _found(found, people), _of(people), back=back)
    if form.get("sure", "").strip().lower() != SURE:
        found = upkeep.erasing.preview(people, upkeep.viewer, upkeep.now)
        return Page("What there is", _found(found, people, wrong=SURE_ABOUT), _of(people), back=back)
    receipt = upkeep.erasing.forget(people, upkeep.viewer, upkeep.now)
    said = "Nobody can see them any more. The files are now rewritten; the receipt is complete when that is done."
    return Page("Erased", (Notice(said, "demo"), _counts("What went", receipt.counts)), back=back)


def _of(people: list[str]) -> str:
    return f"Of {', '.join(people)[:300]}."


def _found(found: dict[str, int], people: list[str], *, wrong: str | None = None) -> tuple[Block, ...]:
    """What there is, and the question whether it shall go."""
    theirs = {name: count for name, count in found.items() if name not in ("audit", "uploads", "views", "searches")}
    if not any(theirs.values()):
        said = "There is nothing of this person here, under this name. People may have come in under several names."
        return (Notice(said, "warning"), Form("Whom?", PATH, (WHO,), "See what there is", hidden=(("do", "look"),)))
    fields = (Field("sure", f"Write {SURE} to confirm", required=True),)
    hidden = (("do", SURE), ("person", "\n".join(people)))
    about = (
        "It cannot be undone. Backups made before still hold them until they are gone or restored with this erasure."
    )
    form = Form("Erase all of it", PATH, fields, "Erase for good", about, hidden, wrong, danger=True)
    nobody = "Rows that came in without a person belong to nobody and stay: search for their words too."
    return (_counts("What would go", found), Notice(nobody, link=Link("Search", "/messages")), form)


def _counts(title: str, counts: Mapping[str, int]) -> Facts:
    rows = tuple((LABELS.get(name, name), f"{count:,}") for name, count in counts.items() if count)
    return Facts(title, rows or (("Nothing", "0"),))


def _receipts(upkeep: Upkeep, receipts: list[Receipt]) -> Table:
    columns = (
        *(Column(label) for label in ("Receipt", "Asked by", "Asked", "State")),
        Column("People", number=True),
        Column("Rows", number=True),
    )
    return Table("Receipts", columns, tuple(_receipt(upkeep, receipt) for receipt in receipts), "They tell of nobody")


def _receipt(upkeep: Upkeep, receipt: Receipt) -> tuple[Cell, ...]:
    done = receipt.done_at is not None
    asked = words.moment(datetime.fromisoformat(str(receipt.asked_at)), upkeep.zone, upkeep.now)
    rows = sum(receipt.counts.values())
    state = "done: off the disk" if done else "out of sight; files being rewritten"
    return (
        Cell(receipt.id[:12], receipt.id),
        Cell(receipt.asked_by.partition(":")[2] or receipt.asked_by),
        Cell(asked),
        Cell(state, tone="" if done else "bad"),
        Cell(f"{receipt.people:,}", receipt.people),
        Cell(f"{rows:,}", rows),
    )
