"""Where records come from, how many come, and what waits."""

from contextlib import closing
from datetime import UTC, datetime

from starlette.requests import Request

from heedful.records import plural
from heedful.server import words
from heedful.server.blocks import Cell, Column, Empty, Figures, Link, Notice, Page, Table, Tile
from heedful.server.upkeep import Upkeep
from heedful.settings import Listened
from heedful.store.facts import SourceTally
from heedful.store.listening import Heard

PATH = "/intake"
MENU = (20, "Intake")
NEEDS = "operate"

RENEW = 10


def page(upkeep: Upkeep, _request: Request) -> Page:
    """The backlog, what is listened to, and every source with what it has brought."""
    sources = upkeep.store.sources(upkeep.now)
    quarantined = upkeep.keeping.drain.journal.quarantine_size()
    tiles = Figures("What waits", _tiles(upkeep, sources, quarantined))
    lead = f"Newest source first, in {words.place(upkeep.zone)}."
    listened = _listened(upkeep)
    if not sources and not quarantined and not listened:
        links = (Link("Import a file", "/import"),)
        text = (
            "Import a file here, let a program send records with a write key, or name feeds and platforms to listen to "
            "as [[sources]] in heedful.toml."
        )
        nothing = Empty("Nothing has come in yet", text, links, ("heedful import reviews.csv --as messages",))
        return Page("Intake", (nothing,), renew=RENEW)
    brought = (_sources(upkeep, sources),) if sources else ()
    return Page("Intake", (*_told(upkeep, quarantined), tiles, *listened, *brought), lead, renew=RENEW)


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


def _listened(upkeep: Upkeep) -> tuple[Table, ...]:
    """How far each source of the settings has been heard."""
    if not (named := upkeep.place.settings.sources):
        return ()
    with closing(upkeep.place.listening()) as listening:
        heard = {one.name: one for one in listening.all()}
    columns = (*(Column(label) for label in ("Source", "Kind", "State", "Last heard")), *_COUNTED)
    return (Table("Listening to", columns, tuple(_heard(upkeep, one, heard.get(one.name)) for one in named)),)


_COUNTED = tuple(Column(label, number=True) for label in ("Records", "Not taken", "Deleted at the origin"))


def _heard(upkeep: Upkeep, one: Listened, heard: Heard | None) -> tuple[Cell, ...]:
    counts = (heard.records, heard.bad, heard.gone) if heard else (0, 0, 0)
    failing = heard is not None and heard.failures > 0
    return (
        Cell(one.name, one.name),
        Cell(one.kind.replace("_", " ")),
        Cell(_state(upkeep, heard), tone="bad long" if failing else ""),
        Cell("never" if heard is None else _when(upkeep, heard.well_at)),
        *(Cell(f"{count:,}", count) for count in counts),
    )


def _state(upkeep: Upkeep, heard: Heard | None) -> str:
    if heard is None or heard.tried_at is None:
        return "not asked yet"
    if not heard.failures:
        return "well"
    times = "" if heard.failures == 1 else f" {heard.failures} times in a row"
    return f"failed{times}; again {_when(upkeep, heard.next_at)}: {heard.error}"


def _when(upkeep: Upkeep, at: float | None) -> str:
    return "never" if at is None else words.moment(datetime.fromtimestamp(at, UTC), upkeep.zone, upkeep.now)
