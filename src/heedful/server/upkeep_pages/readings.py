"""What is read in messages, by which models, how far that is, and reading everything again."""

from starlette.requests import Request

from heedful import folder
from heedful.errors import BadSettings
from heedful.language import annotators
from heedful.server import check_state, words
from heedful.server.blocks import Block, Cell, Column, Empty, Figures, Form, Link, Page, Table, Tile
from heedful.server.upkeep import Upkeep
from heedful.server.upkeep_pages import Form as Sent

PATH = "/readings"
MENU = (22, "Readings")
NEEDS = "operate"

RENEW = 5


def page(upkeep: Upkeep, _request: Request) -> Page:
    """How many messages were read by what reads today, and by what before."""
    today, made = upkeep.keeping.version, upkeep.store.readers()
    read, waiting = sum(count for version, count, _ in made if version == today), upkeep.keeping.unread
    progress = _progress(read, sum(count for _, count, _ in made), waiting)
    with upkeep.store.view(upkeep.viewer) as view:
        rightly = tuple(check_state.readings(view))
    blocks: tuple[Block, ...] = (progress, *rightly, *_versions(upkeep, today), _models(upkeep))
    again = Form("Read every message again", PATH, (), "Read again", AGAIN, hidden=(("do", "again"),))
    if not made and not waiting:
        text = "Messages are read by themselves as they come in."
        blocks = (Empty("Nothing has been read yet", text, (Link("Import a file", "/import"),)), _models(upkeep))
        return Page("Readings", blocks, renew=RENEW)
    lead = "Messages are read as they come, and again when a model changes."
    return Page("Readings", (*blocks, again), lead, renew=RENEW if waiting else None)


AGAIN = (
    "The newest first; figures change as it goes on, and answers with an earlier “as of” stay as they were. Needed "
    "only where a model of your own was replaced without its version changing."
)


def act(upkeep: Upkeep, form: Sent) -> str:
    """Have everything read again."""
    if form.get("do") != "again":
        raise BadSettings("messages can be read again; there is nothing else to do here")
    upkeep.note("read again", {"messages": upkeep.keeping.read_again()})
    return PATH


def _progress(read: int, all_read: int, waiting: int) -> Figures:
    share = 100 * read / (read + waiting) if read + waiting else 100.0
    done = f"{words.number(share, 0 if share in (0, 100) else 1)}%"
    return Figures(
        "How far it is",
        (
            Tile("read", "Read by today's models", read, words.number(read), ""),
            Tile("waiting", "Waiting", waiting, words.number(waiting), ""),
            Tile("share", "Done", share, done, ""),
            Tile("earlier", "Read by earlier models only", all_read - read, words.number(all_read - read), ""),
        ),
    )


def _versions(upkeep: Upkeep, today: str) -> tuple[Table, ...]:
    rows = []
    for version, count, last in upkeep.store.readers():
        name = ", ".join(part.replace("_", " ").replace("=", " ") for part in version.split())
        when = words.moment(last, upkeep.zone, upkeep.now)
        mark = "reads today" if version == today else "earlier"
        rows.append((Cell(name, version, tone="long"), Cell(mark), Cell(when), Cell(f"{count:,}", count)))
    if not rows:
        return ()
    columns = (Column("Models and versions"), Column("Now"), Column("Last read"), Column("Messages", number=True))
    return (Table("Read by", columns, tuple(rows)),)


def _models(upkeep: Upkeep) -> Table:
    rows = [_ours(name) for name in folder.names(annotators)]
    for own in upkeep.place.settings.models:
        languages = (
            "every language" if own.languages == ("*",) else ", ".join(map(str, map(words.language, own.languages)))
        )
        about = f"Your own, from {own.folder.name}, for {languages}."
        rows.append((Cell(own.folder.name), Cell(about, tone="long"), Cell(words.reading(own.reading)), Cell("")))
    columns = tuple(Column(label) for label in ("Reader", "What it does", "Readings", "Version"))
    return Table("What reads", columns, tuple(rows))


def _ours(name: str) -> tuple[Cell, ...]:
    part = folder.load(annotators, name)
    added = ", ".join(
        words.reading(column).lower().replace("_", " ") for column in part.ADDS.names if "_" not in column
    )
    return (
        Cell(name.replace("_", " ").capitalize(), name),
        Cell(folder.first_line(part), tone="long"),
        Cell(added, tone="long"),
        Cell(str(part.VERSION)),
    )
