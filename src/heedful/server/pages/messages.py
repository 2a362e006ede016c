"""Messages: search their words, narrow them down, and see the rows behind a figure."""

from starlette.requests import Request

from heedful.errors import BadSettings
from heedful.insight.answer import Question
from heedful.insight.dimensions import DERIVED, applicable
from heedful.insight.metrics import metric
from heedful.server import words
from heedful.server.addresses import address, number_in
from heedful.server.asker import Asker
from heedful.server.blocks import Block, Empty, Link, MessageList, Page
from heedful.server.charts import interval
from heedful.server.filters import Asked, asked, form, pairs, values
from heedful.server.messages import message, messages
from heedful.server.pages.overview import EMPTY, notices

PATH = "/messages"
MENU = (2, "Messages")
NEEDS = "text"

ON_A_PAGE = 30
HIGHEST = 2**63 - 1


def page(asker: Asker, request: Request) -> Page:
    """Messages that fit the address, newest first; with `metric`, exactly those behind that figure."""
    question = asked(asker, request.query_params)
    if question.metric and not question.words and _is_of(question.metric, question):
        return _behind(asker, question, _number(request, "offset") or 0)
    return _found(asker, question, _number(request, "next"))


def _is_of(name: str, question: Asked) -> bool:
    """Whether a figure can be narrowed so: one about sentiment has none of negative messages alone."""
    about = metric(name)
    if DERIVED.get(about.of, about.of) != "message":
        raise BadSettings(f"{name} is not made of messages: /evidence?metric={name} shows the rows behind it")
    return {name for name, _ in question.where} <= {d.name for d in applicable(about.of, reading=about.reading)}


def _found(asker: Asker, question: Asked, below: int | None) -> Page:
    found = asker.find(
        question.words,
        where=question.where,
        since=question.since,
        until=question.until,
        below=below,
        limit=ON_A_PAGE,
    )
    shown = messages(found.rows, zone=asker.zone, now=asker.now, looked_for=question.words)
    if not shown and not question.narrowed and below is None:
        return Page("Messages", (*notices(asker), EMPTY))
    more = None
    if found.next is not None:
        more = Link("Older messages", address(PATH, [*pairs(question), ("next", str(found.next))]))
    filters = form(asker, question, values(asker), PATH)
    listed: Block = MessageList(_title(question), shown, _count(asker, question, below), more=more)
    if not shown:
        listed = _nothing_fits(question)
    return Page("Messages", (*notices(asker), filters, listed), _lead(asker))


def _behind(asker: Asker, question: Asked, offset: int) -> Page:
    """The rows behind one figure, as of the moment it was made."""
    whole = Question(question.metric or "", (), question.where, question.since, question.until, asker.zone)
    answer = asker.answer(whole)
    rows = asker.evidence(whole, as_of=question.as_of, offset=offset, limit=ON_A_PAGE)
    readings = asker.readings(rows["id"].to_pylist())
    read = (row | readings.get(row["id"], {}) for row in rows.to_pylist())
    shown = tuple(message(row, zone=asker.zone, now=asker.now) for row in read)
    figure = answer.figures[0] if answer.figures else None
    label = words.metric(answer.metric, answer.title)
    total = figure.rows if figure and not figure.hidden else None
    more = None
    if total is not None and offset + len(shown) < total:
        more = Link("More of them", address(PATH, [*pairs(question), ("offset", str(offset + len(shown)))]))
    title = f"{label}: {words.figure(figure.value, answer.unit)}" if figure and not figure.hidden else label
    count = None if total is None else words.count(total, "message")
    listed: Block = MessageList("Behind this figure", shown, count, more=more)
    if not shown:
        listed = Empty("No messages to show", "The figure stands on no messages, or on too few people to show them.")
    blocks = (*notices(asker), form(asker, question, values(asker), PATH), listed)
    sure = interval(figure, answer.unit) if figure else None
    said = ["The messages that this figure was made of, as they were at that moment.", _lead(asker)]
    lead = " ".join([f"95% sure: {sure}.", *said] if sure else said)
    return Page(title, blocks, lead, back=Link("Overview", "/"))


def _lead(asker: Asker) -> str:
    return f"Newest first, in {words.place(asker.zone)}."


def _title(question: Asked) -> str:
    return "Found" if question.narrowed else "All messages"


def _count(asker: Asker, question: Asked, below: int | None) -> str | None:
    """How many messages fit, on the first page."""
    if below is not None:
        return None
    counted = asker.count(question.words, where=question.where, since=question.since, until=question.until)
    return "more than can be counted quickly" if counted is None else words.count(counted, "message")


def _nothing_fits(question: Asked) -> Empty:
    links = []
    if question.words and question.where:
        links.append(Link("Search everywhere", address(PATH, [("q", question.words)])))
    if question.since or question.until:
        links.append(Link("Any time", address(PATH, pairs(question, without="period"))))
    text = "Every word has to stand in the message. Try fewer words, or another spelling."
    if not question.words:
        text = "No message fits all of these filters. Take one away."
    return Empty("No message fits", text, (*links, Link("Start again", PATH)))


def _number(request: Request, name: str) -> int | None:
    """A number of the address; BadSettings where it is none."""
    given = request.query_params.get(name)
    if given is None:
        return None
    return number_in(name, given, most=HIGHEST)
