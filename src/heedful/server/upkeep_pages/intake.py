"""Where records come from, how many come, and what waits."""

from starlette.requests import Request

from heedful.records import plural
from heedful.server import words
from heedful.server.blocks import Cell, Column, Empty, Figures, Link, Notice, Page, Table, Tile
from heedful.server.upkeep import Upkeep
from heedful.store.facts import SourceTally

PATH = "/intake"
MENU = (20, "Intake")
NEEDS = "operate"

RENEW = 10


def page(upkeep: Upkeep, _request: Request) -> Page:
    """The backlog, and every source with what it has brought."""
    sources = upkeep.store.sources(upkeep.now)
    quarantined = upkeep.keeping.drain.journal.quarantine_size()
    tiles = Figures("What waits", _tiles(upkeep, sources, quarantined))
    lead = f"Newest source first, in {words.place(upkeep.zone)}."
    if not sources and not quarantined:
        links = (Link("Import a file", "/import"),)
        text = "Import a file here, or let a program send records with a write key."
        nothing = Empty("Nothing has come in yet", text, links, ("heedful import reviews.csv --as messages",))
        return Page("Intake", (nothing,), renew=RENEW)
    return Page("Intake", (*_told(upkeep, quarantined), tiles, _sources(upkeep, sources)), lead, renew=RENEW)


def _tiles(upkeep: Upkeep, sources: list[SourceTally], quarantined: int) -> tuple[Tile, ...]:
    waiting = upkeep.keeping.drain.journal.backlog()
    day = sum(source.day for source in sources)
    may = "/quarantine" if upkeep.may("quarantine") else None
    return (
        Tile("day", "Stored in 24 hours", day, words.number(day), "", note="messages and events"),
        Tile("waiting", "Taken in, not stored yet", waiting.records, words.number(waiting.records), ""),
        Tile(
            "unread",
            "Messages not read yet",
            upkeep.keeping.unread,
            words.number(upkeep.keeping.unread),
            "",
            href="/readings",
        ),
        Tile("quarantined", "In quarantine", quarantined, words.number(quarantined), "", href=may),
    )


def _told(upkeep: Upkeep, quarantined: int) -> tuple[Notice, ...]:
    if not quarantined:
        return ()
    wait = "waits" if quarantined == 1 else "wait"
    said = f"{words.count(quarantined, 'record')} could not be taken and {wait} in quarantine."
    link = Link("See why", "/quarantine") if upkeep.may("quarantine") else None
    return (Notice(said, "warning", link),)


def _sources(upkeep: Upkeep, sources: list[SourceTally]) -> Table:
    named = ("Source", "Records", "Last stored")
    numbers = ("In 24 hours", "Taken", "Already there", "Quarantined")
    columns = (*(Column(label) for label in named), *(Column(label, number=True) for label in numbers))
    return Table("Sources", columns, tuple(_source(upkeep, source) for source in sources))


def _source(upkeep: Upkeep, source: SourceTally) -> tuple[Cell, ...]:
    counts = (source.day, source.taken, source.already, source.quarantined)
    return (
        Cell(source.source, source.source),
        Cell(plural(source.table).capitalize(), source.table),
        Cell(words.moment(source.last_at, upkeep.zone, upkeep.now)),
        *(Cell(f"{count:,}", count) for count in counts),
    )
