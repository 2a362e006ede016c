"""What is new: what grows beyond what its own history expects, since when, and the messages behind it."""

from functools import partial

import pyarrow as pa
from starlette.requests import Request

from heedful.insight.answer import Question
from heedful.insight.dimensions import DIMENSIONS
from heedful.server import news, words
from heedful.server.addresses import NONE, address
from heedful.server.asker import Asker
from heedful.server.blocks import Block, Choice, Empty, Explained, Field, Form, Link, Notice, Page
from heedful.server.filters import asked, values
from heedful.server.news import News
from heedful.server.pages.overview import EMPTY, notices

PATH = "/new"
MENU = (1, "What is new")

LENGTHS = {"7d": "7 days", "14d": "14 days", "30d": "30 days"}
USUAL = "14d"
FILTERED = ("channel", "brand", "language")
"""Dimensions that the form offers as filters; the address takes every other one too."""
DRAWN = 6
"""So many are drawn."""
MOST = 50
METHOD = (
    "Every value of every dimension, every word and pair of words, and every word of a question is compared with its "
    "own history of twelve weeks: its share of all messages, its weekdays and hours, and how much it varies anyway. "
    "Windows from six hours to the whole time are looked through, and the chance of each is corrected for that and for "
    "the number of things looked at (Benjamini and Hochberg): of what is told here, about one in twenty may be chance. "
    "What grows only together with something stronger is told with it. The order is growth, people and negative share "
    "together."
)


def page(asker: Asker, request: Request) -> Page:
    """What grows, the weightiest first; with `until` in the address as it was then."""
    question = _question(asker, request)
    found = asker.studied("new", question)
    said = {name.decode(): value.decode() for name, value in found.schema.metadata.items()}
    if not int(said["recent"]) + int(said["earlier"]) and not question.where and not question.until:
        return Page("What is new", (*notices(asker), EMPTY))
    until = news.moment(said["until"])
    told = partial(News, until=until, where=question.where, zone=asker.zone, now=asker.now, text=asker.may("text"))
    blocks = _blocks([told(line) for line in found.slice(0, MOST).to_pylist()], question, said)
    ends = words.moment(until, asker.zone, asker.now)
    lead = f"The {_days(said)} up to {ends}, {words.place(asker.zone)}: {_looked(found, said)}."
    form = _form(asker, question)
    return Page("What is new", (*notices(asker), form, *_part(said), *blocks), lead, _lengths(question))


def _question(asker: Asker, request: Request) -> Question:
    given = asked(asker, {**request.query_params, "period": ""})
    return Question("", (), given.where, given.since or USUAL, given.until, asker.zone)


def _days(said: dict[str, str]) -> str:
    return words.count((news.moment(said["until"]) - news.moment(said["since"])).days, "day")


def _looked(found: pa.Table, said: dict[str, str]) -> str:
    grow = words.count(found.num_rows, "thing grows", "things grow") if found.num_rows else "nothing grows"
    return f"{grow} beyond its history, of {words.number(int(said['names']))} looked at"


def _part(said: dict[str, str]) -> tuple[Notice, ...]:
    if said["whole"] == "1":
        return ()
    looked = words.count(int(said["recent"]), "message")
    return (Notice(f"There are more messages than are looked through: {looked} of this time were drawn by lot."),)


def _blocks(told: list[News], question: Question, said: dict[str, str]) -> tuple[Block, ...]:
    if not told:
        return (_nothing(question, said), _method(question))
    forms = tuple(Link(label, _export(question, form)) for label, form in FORMS)
    drawings = tuple(news.drawing(number, one, forms) for number, one in enumerate(told[:DRAWN], 1))
    return (news.table(told, Link("All of it as CSV", _export(question, "csv"))), *drawings, _method(question))


FORMS = (("JSON", "json"), ("CSV", "csv"), ("Parquet", "parquet"))


def _method(question: Question) -> Explained:
    return Explained(
        "How this is found", METHOD, links=tuple(Link(label, _export(question, form)) for label, form in FORMS)
    )


def _nothing(question: Question, said: dict[str, str]) -> Empty:
    """Why nothing is told."""
    recent, earlier, names = (int(said[name]) for name in ("recent", "earlier", "names"))
    links = (Link("Look back 30 days", address(PATH, _pairs(question, since="30d"))),)
    if not recent:
        return Empty("No message is from this time", "Look further back, or at another day.", links)
    if not earlier:
        why = "Nothing was said before this time, so there is no history that anything could go beyond."
        return Empty("There is no history yet", why, ())
    text = (
        f"{words.number(names)} words, questions and slices were looked at, in {words.count(recent, 'message')} of "
        f"this time and {words.number(earlier)} before it, and none is clearly more than its history expects."
    )
    return Empty("Nothing is growing beyond its history", text, links)


def _pairs(question: Question, *, since: str) -> list[tuple[str, str | None]]:
    where = [(name, NONE if value is None else value) for name, value in question.where]
    return [*where, ("since", None if since == USUAL else since), ("until", question.until)]


def _export(question: Question, form: str) -> str:
    where = [("where", f"{name}={value or ''}") for name, value in question.where]
    ends = [("since", question.since), ("until", question.until), ("tz", question.zone)]
    return address("/v1/studies/new", [*where, *ends, ("format", form)])


def _lengths(question: Question) -> tuple[Link, ...]:
    return tuple(
        Link(label, address(PATH, _pairs(question, since=since)), current=since == question.since)
        for since, label in LENGTHS.items()
    )


def _form(asker: Asker, question: Question) -> Form:
    chosen, there = dict(question.where), values(asker)
    fields = [Field("until", "As of", value=question.until or "", about="A day such as 2026-11-20")]
    for name in FILTERED:
        brands = [brand.name for brand in asker.settings.brands] if name == "brand" else []
        offered = [*DIMENSIONS[name].values, *brands, *there.get(name, [])]
        fields.append(Field(name, words.dimension(name), "select", choices=_choices(name, offered, chosen)))
    kept = [(name, NONE if value is None else value) for name, value in question.where if name not in FILTERED]
    kept += [("since", question.since)] if question.since and question.since != USUAL else []
    return Form("", PATH, tuple(fields), "Show", method="get", hidden=tuple(kept))


def _choices(name: str, offered: list[str], chosen: dict[str, str | None]) -> tuple[Choice, ...]:
    now = (NONE if chosen[name] is None else chosen[name]) if name in chosen else ""
    some = dict.fromkeys([*offered, *([now] if now else [])])
    named = [Choice(one, words.member(name, None if one == NONE else one), one == now) for one in some if one]
    return (Choice("", "Any", not now), *named)
