"""Every metric with its meaning and formula, and charts of any of them by any dimension."""

from starlette.requests import Request

from heedful.insight import metrics
from heedful.insight.answer import Answer, Question
from heedful.insight.dimensions import DIMENSIONS, Dimension, applicable, dimension
from heedful.insight.metrics import Metric, metric
from heedful.insight.named import NAMED
from heedful.server import charts, words
from heedful.server.addresses import NONE, address
from heedful.server.asker import Asker
from heedful.server.blocks import Block, Cell, Choice, Column, Empty, Facts, Field, Figures, Form, Link, Page, Table
from heedful.server.charts import GRAINS, Heading
from heedful.server.filters import OPTIONAL, Asked, asked, pairs, values
from heedful.server.pages.overview import notices
from heedful.server.periods import LABELS, period
from heedful.server.tiles import tile

PATH = "/figures"
MENU = (3, "Metrics")

FILTERED = ("channel", "brand", "sentiment", "language", "source", "theme", "topic", "category")
"""Dimensions that the form offers as filters; the address takes every other one too."""
KIND = {"message": "messages", "contact": "messages", "event": "events", "answer": "survey answers"}


def page(asker: Asker, request: Request) -> Page:
    """The list of metrics; with `metric` in the address, one of them, drawn as the address asks."""
    name = request.query_params.get("metric")
    if not name:
        said = "Each is one number's definition, the same on pages, in the API and on the command line."
        return Page("Metrics", (*notices(asker), _list(asker)), said)
    known = metric(name)
    question = asked(asker, request.query_params, table=known.of)
    if not (question.period or question.since or question.until):
        chosen = period(request.query_params, zone=asker.zone, now=asker.now)
        question = asked(asker, {**request.query_params, "period": chosen.name}, table=known.of)
    by = _by(request, known)
    blocks = (*notices(asker), _form(asker, question, known, by), *_drawn(asker, question, known, by))
    here = address(PATH, [*pairs(question), ("by", ",".join(by))])
    title = words.metric(name, known.title)
    return Page(title, (*blocks, _about(known, by), _save(here, title, by)), known.help, back=Link("Metrics", PATH))


def _list(asker: Asker) -> Table | Empty:
    counted = {row: asker.ask(row).figures for row in ("volume", "events", "answers")}
    if not any(figure.rows or figure.hidden for figures in counted.values() for figure in figures):
        commands = ("heedful import reviews.csv --as messages",)
        return Empty("There is nothing to measure yet", "Bring in messages, events or survey answers.", (), commands)
    columns = tuple(Column(label) for label in ("Metric", "What it says", "Formula", "Of", "Better", "How"))
    rows = []
    for known in sorted(map(metric, metrics.names()), key=lambda m: (list(KIND).index(m.of), m.title)):
        label = words.metric(known.name, known.title)
        link = Cell(label, known.name, address(PATH, [("metric", known.name)]))
        how = BY_READING if known.shared else f"estimate from {known.reading}" if known.reading else "full count"
        texts = (Cell(known.help, tone="long"), Cell(f"{known.formula} ({known.unit})", tone="long"))
        rows.append((link, *texts, Cell(KIND[known.of]), Cell(known.better), Cell(how)))
    return Table("All metrics", columns, tuple(rows))


def _by(request: Request, known: Metric) -> tuple[str, ...]:
    """At most two dimensions, as `by=a,b` or as the form's two fields."""
    given = [*request.query_params.get("by", "").split(","), request.query_params.get("then", "")]
    found = tuple(dict.fromkeys(name for name in given if name))[:2]
    for name in found:
        dimension(name, known.of, reading=known.reading)
    return found


def _form(asker: Asker, question: Asked, known: Metric, by: tuple[str, ...]) -> Form:
    there = applicable(known.of, reading=known.reading)
    names = [Choice(m.name, words.metric(m.name, m.title), m is known) for m in map(metric, metrics.names())]
    first, second = (*by, "", "")[:2]
    fields = [
        Field("metric", "Metric", "select", choices=tuple(names)),
        Field("by", "By", "select", choices=_dimensions(there, first)),
        Field("then", "And by", "select", choices=_dimensions(there, second)),
        Field("period", "Period", "select", choices=periods(question)),
        *filters(asker, question, there),
    ]
    if asker.settings.weights:
        fields.append(Field("weights", "Weights", "select", choices=_weights(asker, question)))
    return Form("", PATH, tuple(fields), "Show", method="get", hidden=other_filters(question))


def _weights(asker: Asker, question: Asked) -> tuple[Choice, ...]:
    named = [Choice(name, name, name == question.weights) for name in asker.settings.weights]
    return (Choice("", "None", not question.weights), *named)


def filters(asker: Asker, question: Asked, there: list[Dimension]) -> list[Field]:
    """Fields for the filters that a metric with these dimensions is offered."""
    chosen, found = dict(question.where), values(asker)
    return [
        Field(one.name, words.dimension(one.name), "select", choices=_values(one, chosen, asker, found))
        for one in there
        if one.name in FILTERED and (one.name not in OPTIONAL or found.get(one.name) or one.name in chosen)
    ]


def date_of(moment: str | None) -> str:
    """The day of a moment in the address, for a field."""
    return moment[:10] if moment else ""


def other_filters(question: Asked) -> tuple[tuple[str, str], ...]:
    """Filters that have no field, to be kept as they are."""
    return tuple((name, NONE if value is None else value) for name, value in question.where if name not in FILTERED)


def _dimensions(there: list[Dimension], chosen: str) -> tuple[Choice, ...]:
    found = [Choice(d.name, d.title, d.name == chosen) for d in there]
    return (Choice("", "Nothing", not chosen), *found)


def periods(question: Asked) -> tuple[Choice, ...]:
    """The periods there are, the one asked for chosen; one that has no name is that of the address."""
    now = question.period.name if question.period else ""
    found = [Choice(name, label, name == now) for name, label in LABELS.items()]
    return tuple(found) if now else (Choice("", "As in the address", True), *found)


def _values(
    one: Dimension, chosen: dict[str, str | None], asker: Asker, found: dict[str, list[str]]
) -> tuple[Choice, ...]:
    now = (NONE if chosen[one.name] is None else chosen[one.name]) if one.name in chosen else ""
    offered = dict.fromkeys(
        [*(one.values or _declared(one.name, asker) or found.get(one.name, [])), *([now] if now else [])]
    )
    called = asker.names() if one.name in NAMED else {}
    named = [
        Choice(value, words.member(one.name, None if value == NONE else value, called), value == now)
        for value in offered
        if value
    ]
    return (Choice("", "Any", not now), *named)


def _declared(name: str, asker: Asker) -> list[str]:
    return [brand.name for brand in asker.settings.brands] if name == "brand" else []


def _drawn(asker: Asker, question: Asked, known: Metric, by: tuple[str, ...]) -> tuple[Block, ...]:
    """A tile, a chart or a table, as fits what is asked; the address can be given to anybody who may open it."""
    answer = asker.answer(
        Question(known.name, by, question.where, question.since, question.until, asker.zone, weights=question.weights)
    )
    if not by:
        return (Figures("The figure", (tile(answer),)),)
    if not any(figure.value is not None and not figure.hidden for figure in answer.figures):
        hidden = any(figure.hidden for figure in answer.figures)
        why = (
            "Every group is of too few people to be shown." if hidden else "There is nothing to measure in this period."
        )
        return (Empty("Nothing to show", why, (Link("All time", _longer(question, by)),)),)
    return (_chart(asker, known, answer, by),)


def _longer(question: Asked, by: tuple[str, ...]) -> str:
    return address(PATH, [*pairs(question, without="period"), ("period", "all"), ("by", ",".join(by))])


def _chart(asker: Asker, known: Metric, answer: Answer, by: tuple[str, ...]) -> Block:
    label = words.metric(known.name, known.title)
    grouped = " and ".join(words.dimension(name).lower() for name in by)
    weighted = f" {words.weighted(answer)}." if answer.weighted else ""
    heading = Heading("figure", f"{label} by {grouped}", f"{known.formula}.{weighted}", wide=True)
    today = words.local(asker.now, asker.zone).date()
    if by == ("day",) or by == ("week",) or by == ("month",):
        return charts.over_time(heading, answer, today=today)
    if known.name == "volume" and len(by) == 2 and by[0] in GRAINS and by[1] == "sentiment":
        return charts.sentiment_over_time(heading, answer, today=today)
    if len(by) == 1 and by[0] != "hour":
        return charts.bars(heading, answer, most=40)
    return charts.table(heading.title, answer)


BY_READING = "full count; by topic, category, label or sentiment an estimate"


def _about(known: Metric, by: tuple[str, ...]) -> Facts:
    how = (
        f"an estimate from the reading of {known.reading}, corrected for its errors"
        if known.reading
        else f"an estimate from {words.dimension(by[-1]).lower()} as it was read, corrected where its errors are known"
        if known.shared and by and DIMENSIONS[by[-1]].corrected
        else f"a {BY_READING}"
        if known.shared
        else "a full count"
    )
    better = {"more": "More is better", "less": "Less is better", "neither": "Neither is better"}[known.better]
    rows = [
        ("What it says", known.help),
        ("Formula", known.formula),
        ("Unit", known.unit),
        ("How", how),
        ("Better", better),
    ]
    rows.append(("Command line", f"heedful ask {known.name}"))
    rows.append(("API", f"/v1/metrics/{known.name}"))
    return Facts("About this metric", tuple(rows))


def _save(here: str, title: str, by: tuple[str, ...]) -> Form:
    grouped = f" by {' and '.join(by)}" if by else ""
    name = Field("name", "Name", value=f"{title}{grouped}", required=True)
    about = f"Everybody who may see it finds it under Saved views. Its address can be given on as it stands: {here}"
    return Form("Save this view", "/views", (name,), "Save", about, hidden=(("do", "save"), ("address", here)))
