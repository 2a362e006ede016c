"""What people talk about: every topic by theme, a map of them, and what was changed in them."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from starlette.requests import Request

from heedful.catalogue.doing import ACTIONS, do
from heedful.catalogue.doing import NEEDS as MAY_CHANGE
from heedful.catalogue.model import from_bytes
from heedful.catalogue.outcome import FINDER
from heedful.catalogue.renewal import FEWEST
from heedful.catalogue.topic import Catalogue, Topic, catalogue
from heedful.errors import BadSettings
from heedful.insight.accuracy import measured_beside
from heedful.insight.answer import Answer, Figure
from heedful.insight.ask import Question, ask
from heedful.server import marks, topic_words, words
from heedful.server.addresses import address
from heedful.server.blocks import Block, Button, Cell, Chart, Column, Empty, Form, Link, Notice, Page, Table
from heedful.server.marks import PALETTE
from heedful.server.periods import Period, choices, period
from heedful.server.sorter import FIRST
from heedful.server.upkeep import Upkeep
from heedful.server.upkeep_pages import Form as Sent
from heedful.store.topics import Past
from heedful.store.view import View

PATH = "/topics"
MENU = (2, "Topics")
NEEDS = "figures"
ACT_NEEDS = MAY_CHANGE
RENEW = 5
CHANGES = 20
Figured = Mapping[str | None, Figure]
"""A metric's figure of each topic."""
LINE = 19
"""Pixels of height for each topic of the map."""
USUAL = "all"
"""Topics are looked at over all time, unless a period is chosen."""


def page(upkeep: Upkeep, request: Request) -> Page:
    """The topics of a period, by theme, with how people feel about each."""
    known = catalogue(upkeep.store.topics.defined())
    if not list(known):
        return Page("Topics", (_empty(upkeep),), renew=RENEW if upkeep.keeping.searching else None)
    chosen = period(request.query_params, zone=upkeep.zone, now=upkeep.now, usual=USUAL)
    with upkeep.store.view(upkeep.viewer) as view:
        counted, felt, shares = (_asked(upkeep, view, chosen, name) for name in ("volume", "net_sentiment", "share"))
    found = {figure.group["topic"]: figure for figure in counted.figures}
    mood = {figure.group["topic"]: figure for figure in felt.figures}
    share = {figure.group["topic"]: figure for figure in shares.figures}
    upkeep.note("topics", {"period": chosen.name})
    blocks: list[Block] = [_table(known, found, share, mood, chosen), *_nowhere(found, chosen)]
    blocks += [_map(upkeep, known, found, chosen), *_changes(upkeep)]
    if upkeep.may(ACT_NEEDS):
        blocks.append(Form("Find topics again", PATH, (), "Find again", AGAIN, hidden=(("do", "find"),)))
    last = upkeep.store.topics.last("found")
    when = words.moment(last.at, upkeep.zone, upkeep.now) if last else words.DASH
    count = words.count(len(list(known)), "topic")
    lead = (
        f"{count} in {words.count(len(known.themes()), 'theme')}, last looked for {when}. {chosen.shown(upkeep.zone)}."
    )
    searching = (Notice("Topics are being looked for again; this page shows them when they are there."),)
    shown = (*unread(upkeep), *(searching if upkeep.keeping.searching else ()), *blocks)
    return Page(
        "Topics", shown, lead, choices(PATH, chosen, usual=USUAL), renew=RENEW if upkeep.keeping.searching else None
    )


AGAIN = (
    "It happens by itself when a fifth more messages are there. Topics keep their names and addresses; what people "
    "changed stays as they made it."
)


def act(upkeep: Upkeep, form: Sent) -> str:
    """Change a topic, or look for topics again."""
    upkeep.viewer.must(ACT_NEEDS)
    action = form.get("do", "")
    if action == "find":
        upkeep.keeping.find_topics()
        upkeep.note("find topics", {})
        return PATH
    if action not in ACTIONS:
        raise BadSettings("topics can be renamed, merged, split, moved, pinned, deleted and taught")
    fields = dict(form)
    if action == "move" and not fields.get("theme"):
        fields["theme"] = fields.get("new_theme", "")
    version = do(upkeep.store, action, fields, upkeep.viewer, upkeep.now)
    upkeep.note("change topics", {"action": action, "version": version})
    return fields["back"] if fields.get("back", "").startswith(f"{PATH}/") else PATH


def _empty(upkeep: Upkeep) -> Empty:
    if upkeep.keeping.searching:
        return Empty("Looking for topics", "This takes from some seconds to a minute or two.")
    there, waiting = upkeep.store.topics.embedded(), upkeep.keeping.unread
    if waiting and there + waiting >= FEWEST:
        first = f"when {words.number(FIRST)} are" if there + waiting > FIRST else "when they are"
        text = f"{words.count(there, 'message')} read, {words.number(waiting)} wait; topics are looked for {first}."
        return Empty("No topics yet", text, _how_far(upkeep))
    text = f"They are found by themselves when {FEWEST} messages have been read; so far it is {words.number(there)}."
    return Empty("No topics yet", text, (Link("Import a file", "/import"),) if upkeep.may("operate") else ())


def unread(upkeep: Upkeep) -> Iterator[Notice]:
    """That messages wait to be read: they count in the whole that shares are of, and are in no topic yet."""
    if upkeep.keeping.unread:
        said = f"{words.count(upkeep.keeping.unread, 'message')} not read yet, and so in no topic: figures still grow."
        yield Notice(said, "warning", next(iter(_how_far(upkeep)), None))


def _how_far(upkeep: Upkeep) -> tuple[Link, ...]:
    return (Link("How far it is", "/readings"),) if upkeep.may("operate") else ()


def _asked(upkeep: Upkeep, view: View, chosen: Period, metric: str) -> Answer:
    accuracy = measured_beside(upkeep.place.settings.models)
    where = (("direction", "in"),) if metric == "volume" else ()
    question = Question(metric, ("topic",), where, chosen.since, None, upkeep.zone)
    return ask(view, question, now=upkeep.now, accuracy=accuracy)


def _table(known: Catalogue, found: Figured, share: Figured, mood: Figured, chosen: Period) -> Table:
    """Every topic, by theme: the largest theme first, and in it the largest topic."""

    def size(topic: Topic) -> float:
        figure = found.get(topic.topic)
        return (figure.value or 0) if figure else 0

    rows = []
    for topics in sorted(known.themes().values(), key=lambda topics: -sum(map(size, topics))):
        for at, topic in enumerate(sorted(topics, key=size, reverse=True)):
            theme = (topic.theme_name or "Without a theme") if at == 0 else ""
            rows.append((Cell(theme, topic.theme), *_row(topic, found, share, mood, chosen)))
    note = "Shares are corrected where people checked a topic; a topic's page says how often it is right"
    return Table("Topics by theme", COLUMNS, tuple(rows), note)


COLUMNS = (
    Column("Theme"),
    Column("Topic"),
    Column("Messages", number=True),
    Column("Share", number=True),
    Column("Net sentiment", number=True),
    Column("Since", number=True),
)


def _row(topic: Topic, found: Figured, share: Figured, mood: Figured, chosen: Period) -> tuple[Cell, ...]:
    figure, felt, part = found.get(topic.topic), mood.get(topic.topic), share.get(topic.topic)
    hidden = figure is not None and figure.hidden
    count = 0 if figure is None else figure.value
    portion = None if part is None or part.hidden else part.value
    feeling = None if felt is None or felt.hidden else felt.value
    pinned = " \u2022 pinned" if topic.held else ""
    return (
        Cell(f"{topic.name}{pinned}", topic.topic, address(f"{PATH}/{topic.topic}", [("period", chosen.name)])),
        Cell("too few people" if hidden else words.number(count or 0), count),
        Cell(words.figure(portion, "%"), portion),
        Cell(words.figure(feeling, "points"), feeling),
        Cell(words.DASH if hidden else words.day(topic.born_at.date())),
    )


def _nowhere(found: Mapping[str | None, Figure], chosen: Period) -> Iterator[Notice]:
    """What belongs nowhere yet is said, and can be read."""
    figure = found.get(None)
    if figure is not None and figure.value:
        text = f"{words.count(int(figure.value), 'message')} in no topic yet. The next topic is born there."
        link = Link("Read them", address("/messages", [("topic", "(none)"), ("direction", "in"), *_when(chosen)]))
        yield Notice(text, link=link)


def _when(chosen: Period) -> list[tuple[str, str | None]]:
    return [("since", chosen.since)]


def _map(upkeep: Upkeep, known: Catalogue, found: Mapping[str | None, Figure], chosen: Period) -> Chart:
    """Each topic as a circle, near those that are like it."""
    places: dict[str, list[float]] = {}
    for id, place in from_bytes(upkeep.store.topics.model() or b"").places().items():
        topic = known.resolved(id)
        if topic is not None and (topic.topic == id or topic.topic not in places):
            places[topic.topic] = place
    rows = []
    for topic in known:
        figure = found.get(topic.topic)
        if figure is None or figure.hidden or not figure.value or topic.topic not in places:
            continue
        x, y = places[topic.topic]
        href = address(f"{PATH}/{topic.topic}", [("period", chosen.name)])
        named = {"name": topic.name, "theme": topic.theme_name or "", "href": href}
        rows.append({**named, "x": x, "y": y, "value": figure.value, "shown": words.number(figure.value)})
    return _drawn(rows)


def _drawn(rows: list[dict[str, object]]) -> Chart:
    axis = {"type": "quantitative", "axis": None}
    across, down = ({"scale": {"domain": [-ends, ends]}} for ends in (1.35, 1.1))
    place = {"x": axis | across | {"field": "x"}, "y": axis | down | {"field": "y"}}
    tips = [marks.tip("name", "Topic"), marks.tip("theme", "Theme"), marks.tip("shown", "Messages")]
    circle = {
        "mark": {"type": "circle", "opacity": 0.75, "cursor": "pointer"},
        "encoding": place
        | {
            "size": {"field": "value", "type": "quantitative", "legend": None, "scale": {"range": [60, 2400]}},
            "color": {
                "field": "theme",
                "type": "nominal",
                "title": "Theme",
                "legend": {"orient": "bottom", "columns": 3},
            },
            "href": {"field": "href"},
            "tooltip": tips,
        },
    }
    text = {
        "mark": {"type": "text", "fontSize": 11, "color": PALETTE["ink"], "limit": 190},
        "encoding": place | {"text": {"field": "name"}},
    }
    about = "Each circle is a topic, as large as it has messages; like topics stand near each other."
    spec = marks.frame(about, rows, height=max(260, LINE * len(rows))) | {"layer": [circle, text]}
    columns = (Column("Topic"), Column("Theme"), Column("Messages", number=True))
    cells = tuple(
        (Cell(str(row["name"]), None, str(row["href"])), Cell(str(row["theme"])), Cell(str(row["shown"])))
        for row in rows
    )
    links = (Link("CSV", "/v1/studies/topics?format=csv"), Link("Parquet", "/v1/studies/topics?format=parquet"))
    nothing = None if rows else "No topic has messages in this period."
    return Chart(
        "map", "Map of topics", about, spec, Table("Map of topics", columns, cells), None, links, True, nothing
    )


def _changes(upkeep: Upkeep) -> Iterator[Table]:
    """What was changed, and the way back."""
    rows = tuple(_change(upkeep, past) for past in upkeep.store.topics.changes(CHANGES))
    columns = (Column("What"), Column("Who"), Column("When"), Column("Version"), Column(""))
    yield Table("What was changed", columns, rows, "Reports say which version of the topics they stand on")


def _change(upkeep: Upkeep, past: Past) -> tuple[Cell, ...]:
    said = topic_words.change(past)
    can = upkeep.may(ACT_NEEDS) and not past.undone and past.action not in ("found", "undo")
    fields = (("do", "undo"), ("version", str(past.version)))
    buttons = (Button("Undo", PATH, fields, said),) if can else ()
    return (
        Cell(said, tone="long"),
        Cell(topic_words.person(past.who) if upkeep.may(ACT_NEEDS) or past.who == FINDER else "somebody"),
        Cell(_at(past.at, upkeep)),
        Cell(str(past.version), past.version),
        Cell("undone" if past.undone else "", buttons=buttons),
    )


def _at(at: datetime, upkeep: Upkeep) -> str:
    return words.moment(at, upkeep.zone, upkeep.now)
