"""One topic's whole story: how much and how people speak of it, what they say, where it came from, and editing it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, time
from functools import cached_property

from starlette.requests import Request

from heedful.catalogue.doing import NEEDS as MAY_CHANGE
from heedful.catalogue.quotes import quotes
from heedful.catalogue.topic import Catalogue, Topic, catalogue
from heedful.insight.accuracy import measured_beside
from heedful.insight.answer import Answer
from heedful.insight.ask import Question, ask
from heedful.insight.checking import Task
from heedful.insight.messages import of_numbers
from heedful.insight.standing import standing
from heedful.insight.strata import YES
from heedful.server import charts, topic_words, words
from heedful.server.addresses import address
from heedful.server.blocks import (
    Block,
    Button,
    Cell,
    Choice,
    Column,
    Empty,
    Facts,
    Field,
    Figures,
    Form,
    Link,
    MessageList,
    Notice,
    Page,
    Table,
    Tile,
)
from heedful.server.charts import Heading
from heedful.server.check_state import LOW, NOT_BOTH, pairs
from heedful.server.messages import messages
from heedful.server.periods import Period, choices, period
from heedful.server.tiles import tile
from heedful.server.upkeep import Upkeep
from heedful.server.upkeep_pages.topics import PATH as TOPICS
from heedful.server.upkeep_pages.topics import USUAL, unread
from heedful.store.topics import Told
from heedful.store.view import View

PATH = "/topics/{id}"
MENU = None
NEEDS = "figures"
QUOTES = 6
DAILY, WEEKLY = 63, 7 * 130
"""Days of all time that are drawn day by day, and week by week."""
TILES = ("volume", "net_sentiment", "negative_share")


@dataclass(frozen=True)
class Look:
    """One viewer's look at a topic in a period."""

    upkeep: Upkeep
    view: View
    known: Catalogue
    topic: Topic
    chosen: Period

    @cached_property
    def path(self) -> str:
        """The address of the page."""
        return f"{TOPICS}/{self.topic.topic}"

    def ask(self, metric: str, *by: str, compare: bool = False) -> Answer:
        """A metric of the topic."""
        accuracy = measured_beside(self.upkeep.place.settings.models)
        where = (("topic", self.topic.topic),)
        question = Question(metric, by, where, self.chosen.since, None, self.upkeep.zone, compare)
        return ask(self.view, question, now=self.upkeep.now, accuracy=accuracy)

    def share(self) -> Answer:
        """The share of every topic."""
        question = Question("share", ("topic",), (), self.chosen.since, None, self.upkeep.zone)
        return ask(self.view, question, now=self.upkeep.now)

    def every(self) -> Answer:
        """How many messages the shares are of."""
        question = Question("volume", (), (("direction", "in"),), self.chosen.since, None, self.upkeep.zone)
        return ask(self.view, question, now=self.upkeep.now)


def page(upkeep: Upkeep, request: Request) -> Page:
    """Figures, how they moved, quotes, the story, and what can be changed."""
    known = catalogue(upkeep.store.topics.defined())
    topic = known[request.path_params["id"]]
    back = Link("Topics", TOPICS)
    if not topic.open:
        return Page(topic.name, (_gone(known, topic), _story(upkeep, known, topic)), back=back)
    chosen = period(request.query_params, zone=upkeep.zone, now=upkeep.now, usual=USUAL)
    with upkeep.store.view(upkeep.viewer) as view:
        look = Look(upkeep, view, known, topic, chosen)
        blocks = (
            *unread(upkeep),
            *_figures(look),
            *_quotes(look),
            _story(upkeep, known, topic),
            *_about(look),
            *_forms(look),
        )
    upkeep.note("topic", {"topic": topic.topic})
    lead = f"Theme: {topic.theme_name or 'none'}. {chosen.shown(upkeep.zone)}."
    return Page(topic.name, blocks, lead, choices(look.path, chosen, usual=USUAL), back=back)


def _gone(known: Catalogue, topic: Topic) -> Empty:
    into = known.resolved(topic.topic)
    text = {
        "merged": "Its messages went into another topic.",
        "deleted": "It was deleted: its messages belong nowhere. Undoing that on the page Topics brings it back.",
    }.get(topic.state, "No message is about it any more.")
    links = (Link(into.name, f"{TOPICS}/{into.topic}"),) if into else ()
    return Empty(f"This topic is {topic.state}", text, links)


def _figures(look: Look) -> Iterator[Block]:
    compare = look.chosen.days is not None
    against = look.chosen.before if compare else ""
    tiles = [tile(look.ask(name, compare=compare), against=against) for name in TILES]
    tiles[0] = replace(tiles[0], note=AS_READ)
    yield Figures("Figures of this topic", (*tiles, _share(look)))
    yield _checked(look)
    volume = _over_time(look)
    grain, today = volume.by[0], look.chosen.today
    yield charts.over_time(Heading("volume", "Messages over time", f"Each {grain}."), volume, today=today)
    mood = look.ask("volume", grain, "sentiment")
    heading = Heading("sentiment", "Sentiment over time", f"Each {grain}, as the messages were read.")
    yield charts.sentiment_over_time(heading, mood, today=today)
    for name, title in (("channel", "By channel"), ("brand", "By brand")):
        answer = look.ask("volume", name)
        if any(figure.group[name] and not figure.hidden for figure in answer.figures):
            yield charts.bars(Heading(name, title, "Where people speak of it."), answer, most=12)


AS_READ = "As sorted, not corrected"


def _share(look: Look) -> Tile:
    """Its share of all messages: corrected for what is sorted wrongly, once people checked enough."""
    answer = look.share()
    mine = tuple(figure for figure in answer.figures if figure.group["topic"] == look.topic.topic)
    if not mine or mine[0].hidden or not mine[0].checked:
        return replace(tile(replace(answer, figures=mine)), note=AS_READ)
    whole = look.every().figures[0].value
    read = words.figure(100 * (mine[0].rows or 0) / whole, "%") if whole else words.DASH
    return replace(tile(replace(answer, figures=mine, checked="checked")), note=f"As sorted: {read}")


def _checked(look: Look) -> Notice:
    """How often messages that are called so are truly about it."""
    task = Task(f"topic:{look.topic.topic}")
    sample = standing(look.view, task).sample
    link = Link("Check it", address("/check", pairs(task))) if look.upkeep.may("check") else None
    precise = sample.quality.precision[task.classes.index(YES)]
    if precise is None:
        return Notice("Nobody has checked yet whether its messages are truly about it.", link=link)
    value, low, high = (f"{words.number(100 * one)}%" for one in precise)
    said = f"{value} of its messages are truly about it (95% sure: {low} to {high}), by {sample.sampled} checked."
    if sample.share is None:
        said = f"{said} {NOT_BOTH}."
    return Notice(said, "warning" if precise[2] < LOW else "quiet", link)


def _over_time(look: Look) -> Answer:
    """Messages by day; over all time by week, by day where it was short, and by month where it was long."""
    if look.chosen.days:
        return look.ask("volume", "day")
    weekly = look.ask("volume", "week")
    weeks = sorted(str(figure.group["week"]) for figure in weekly.figures if figure.group["week"])
    length = (date.fromisoformat(weeks[-1]) - date.fromisoformat(weeks[0])).days if weeks else 0
    return look.ask("volume", "day") if length < DAILY else look.ask("volume", "month") if length > WEEKLY else weekly


def _quotes(look: Look) -> Iterator[Block]:
    """What people say, and teaching by it."""
    if not look.upkeep.may("text"):
        yield Notice("Your role sees figures, not the text of messages.")
        return
    rows = of_numbers(look.view, quotes(look.view, look.topic.topic, QUOTES))
    shown = messages(rows, zone=look.upkeep.zone, now=look.upkeep.now)
    every = Link("All its messages", address("/messages", [("topic", look.topic.topic), ("since", look.chosen.since)]))
    if not look.upkeep.may(MAY_CHANGE):
        yield MessageList("What people say", shown, "messages that stand for it", more=every)
        return
    lines = []
    for one in shown:
        text = "".join(part.text for part in one.parts)
        fields = (("do", "teach"), ("topic", look.topic.topic), ("message", one.id), ("back", look.path))
        buttons = tuple(
            Button(label, TOPICS, (*fields, ("like", like)), text[:60])
            for like, label in (("more", "More like this"), ("less", "Less like this"))
        )
        lines.append((Cell(text, None, one.href, tone="long"), Cell(one.shown_at), Cell("", buttons=buttons)))
    columns = (Column("Message"), Column("When"), Column(""))
    note = "Messages near its middle, different from each other"
    yield Table("What people say", columns, tuple(lines), note, every)


def _story(upkeep: Upkeep, known: Catalogue, topic: Topic) -> Table:
    """What happened to it, the first thing first."""
    called = known.names()
    rows = []
    for told in upkeep.store.topics.story(topic.topic):
        born = told.kind == "born" and told.topic == topic.topic
        when = replace(told, at=topic.born_at) if born else told  # an older message may have been found since
        rows.append((Cell(_when(when, upkeep)), Cell(topic_words.event(told, topic.topic, called))))
    return Table("Its story", (Column("When"), Column("What")), tuple(rows))


def _when(told: Told, upkeep: Upkeep) -> str:
    """Of the first message the day alone is kept."""
    midnight = told.at.time() == time()
    return words.day(told.at.date()) if midnight else words.moment(told.at, upkeep.zone, upkeep.now)


def _about(look: Look) -> Iterator[Facts]:
    topic = look.topic
    hidden = any(figure.hidden for figure in look.ask("volume").figures)
    told = [("Words", ", ".join(topic.words)), ("Since", words.day(topic.born_at.date()))]
    rows = [] if hidden else told
    rows.append(("Changed by people", "yes: later searches for topics leave it as it is" if topic.held else "no"))
    rows.append(("Version of the topics", str(look.upkeep.store.topics.version())))
    rows.append(("Id", topic.topic))
    yield Facts("About this topic", tuple(rows))


def _forms(look: Look) -> Iterator[Form]:
    if not look.upkeep.may(MAY_CHANGE):
        return
    topic = look.topic

    def form(title: str, action: str, button: str, about: str, *fields: Field, danger: bool = False) -> Form:
        hidden = (("do", action), ("topic", topic.topic), ("back", look.path))
        return Form(title, TOPICS, fields, button, about, hidden=hidden, danger=danger, half=True)

    name = Field("name", "Name", value=topic.name, required=True)
    yield form("Rename it", "rename", "Rename", "Its address stays, and so does everything that was asked of it.", name)
    near = sorted((one for one in look.known if one.topic != topic.topic), key=lambda one: one.theme != topic.theme)
    others = tuple(Choice(one.topic, one.name) for one in near)
    if others:
        into = Field("into", "Into", "select", choices=others)
        yield form("Merge it", "merge", "Merge", "Its messages, and later ones like them, go into the other one.", into)
    themes = look.known.themes()
    places = tuple(Choice(id, topics[0].theme_name or id) for id, topics in themes.items() if id and id != topic.theme)
    chosen = Field("theme", "Theme", "select", choices=(Choice("", "A new one", True), *places))
    new = Field("new_theme", "Name of the new one")
    yield form("Move it", "move", "Move", "Under another theme.", chosen, new)
    yield form("Split it", "split", "Split", "In two; the larger half keeps the name. Undo brings them together.")
    pin, held = ("Unpin it", "unpin") if topic.held else ("Pin it", "pin")
    yield form(pin, held, pin.partition(" ")[0], PINS[held])
    yield form(
        "Delete it",
        "delete",
        "Delete",
        "It is no topic: its messages belong nowhere, and later ones like them too. It can be undone.",
        danger=True,
    )


PINS = {
    "pin": "Later searches for topics neither split nor merge nor rename it.",
    "unpin": "Later searches for topics may split, merge or rename it again.",
}
