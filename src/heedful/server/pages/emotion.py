"""What people feel when they write: emotions over time, and by channel, brand and topic."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from starlette.requests import Request

from heedful.insight.answer import Answer
from heedful.insight.dimensions import applicable
from heedful.language.cards import card
from heedful.server import emotions, words
from heedful.server.asker import Asker
from heedful.server.blocks import Block, Chart, Empty, Facts, Field, Form, Link, Page, Table
from heedful.server.charts import Heading
from heedful.server.emotions import MOST, NEUTRAL, Felt
from heedful.server.filters import Asked, asked
from heedful.server.pages import figures
from heedful.server.pages.overview import notices
from heedful.server.periods import period, steps

PATH = "/emotion"
MENU = (3, "Emotions")

TITLE = "What people feel"
IN = ("direction", "in")
GROUPS = ("channel", "brand", "topic")
MOST_STEPS = 100
ENOUGH = 150
"""Messages that a day or week needs on average to be drawn by itself: of fewer most emotions are too few people's."""


def page(asker: Asker, request: Request) -> Page:
    """Shares of the messages that were read, as they were read; neutral stands apart from the emotions."""
    question = asked(asker, request.query_params)
    if not (question.period or question.since or question.until):
        chosen = period(request.query_params, zone=asker.zone, now=asker.now)
        question = asked(asker, {**request.query_params, "period": chosen.name})
    if "direction" not in dict(question.where):
        question = replace(question, where=(*question.where, IN))
    above: tuple[Block, ...] = (*notices(asker), _form(asker, question))
    whole = _felt(asker, question, ())
    found = emotions.frequent(whole)
    if not any(figure.rows for figure in whole.figures if figure.group["emotion"]):
        return Page(TITLE, (*above, _nothing(whole)))
    read = _read(asker, question, whole)
    charts = _over_time(asker, question, found, read)
    tables = tuple(table for name in GROUPS if (table := _by(asker, question, name, found)))
    return Page(TITLE, (*above, *charts, *tables, _meanings(found)), _lead(whole, found, read))


def _form(asker: Asker, question: Asked) -> Form:
    there = [one for one in applicable("message") if one.name not in ("emotion", "sentiment")]
    fields = [
        Field("period", "Period", "select", choices=figures.periods(question)),
        Field("since", "Or from", "date", figures.date_of(None if question.period else question.since)),
        Field("until", "Until before", "date", figures.date_of(question.until)),
        *figures.filters(asker, question, there),
    ]
    kept = tuple(pair for pair in figures.other_filters(question) if pair != IN)
    return Form("", PATH, tuple(fields), "Show", method="get", hidden=kept)


def _felt(asker: Asker, question: Asked, by: tuple[str, ...]) -> Answer:
    return asker.ask("volume", by=(*by, "emotion"), where=question.where, since=question.since, until=question.until)


def _both(asker: Asker, question: Asked, name: str) -> Felt:
    every = asker.ask("volume", by=(name,), where=question.where, since=question.since, until=question.until)
    return Felt(_felt(asker, question, (name,)), every)


def _read(asker: Asker, question: Asked, whole: Answer) -> int:
    """How many messages were read, those with a hidden emotion too."""
    every = asker.ask("volume", where=question.where, since=question.since, until=question.until)
    return (every.figures[0].rows or 0) - sum(f.rows or 0 for f in whole.figures if f.group["emotion"] is None)


def _nothing(whole: Answer) -> Empty:
    """Why there is nothing to see."""
    if any(figure.hidden for figure in whole.figures):
        return Empty("Too few people", "Too few people wrote for an emotion to be shown. Choose a longer period.")
    if whole.figures:
        said = "Messages are here, and none of them is read for emotions: they wait, or are in a language not read so."
        return Empty("Nothing is read yet", said, (Link("Readings", "/readings"),))
    said = "No message is from this period, or none fits these filters. Bring in a file, or choose a longer period."
    commands = ("heedful import reviews.csv --as messages",)
    return Empty("There is nothing to read", said, (Link("All time", f"{PATH}?period=all"),), commands)


def _lead(whole: Answer, found: list[str], read: int) -> str:
    """The most frequent emotions, and how many messages nobody read."""
    rows = {figure.group["emotion"]: figure.rows or 0 for figure in whole.figures if not figure.hidden}
    told = [f"{words.emotion(name).lower()} {_percent(rows[name], read)}" for name in found[:3]]
    feel = f", most often {', '.join(told)}" if told else ""
    some = _percent(read - rows[NEUTRAL], read) if NEUTRAL in rows else "all"
    said = f"Of {words.count(read, 'message')} read, {some} show an emotion{feel}."
    if waiting := rows.get(None):
        said += f" {words.count(waiting, 'message')} {'is' if waiting == 1 else 'are'} not read for emotions."
    elif any(figure.hidden and figure.group["emotion"] is None for figure in whole.figures):
        said += " A few more are not read for emotions, too few to say how many."
    return f"{said} As they were read; what the reading gets wrong is not taken out."


def _percent(rows: int, of: int) -> str:
    return f"{words.number(100 * rows / of, 1)}%"


def _over_time(asker: Asker, question: Asked, found: list[str], read: int) -> tuple[Chart, Chart]:
    first, last = _ends(asker, question)
    grain = _grain((last - first).days + 1, read)
    felt = _both(asker, question, grain)
    shown = steps(grain, first.isoformat(), last.isoformat())
    each = f"{'on' if grain == 'day' else 'in'} each {grain}"
    about = f"Share of the messages read {each}, the most frequent emotions: unpleasant below, pleasant above."
    stacked = Heading("emotions", "Emotions over time", about, wide=True)
    calm = Heading("neutral", "Without emotion", f"Share of the messages read {each} that show none.", wide=True)
    return emotions.over_time(stacked, felt, found[:MOST], shown), emotions.neutral(calm, felt, shown)


def _grain(days: int, read: int) -> str:
    """Days, weeks or months: the shortest that are not too many, and hold enough messages."""
    for name, length in (("day", 1), ("week", 7)):
        if days <= MOST_STEPS * length and read * length >= ENOUGH * days:
            return name
    return "month"


def _ends(asker: Asker, question: Asked) -> tuple[date, date]:
    """The first and last day that is drawn: those of the address, or else those of the messages."""
    months = asker.ask("volume", by=("month",), where=question.where, since=question.since, until=question.until)
    there = sorted(f"{figure.group['month']}-01" for figure in months.figures if figure.group["month"])
    today = words.local(asker.now, asker.zone).date()
    first = date.fromisoformat(months.since[:10] if months.since else there[0] if there else today.isoformat())
    last = _last_day(months.until) if months.until else today
    return min(first, last), last


def _last_day(until: str) -> date:
    """The day of the last moment before an end."""
    return (datetime.fromisoformat(until) - timedelta(microseconds=1)).date()


def _by(asker: Asker, question: Asked, name: str, found: list[str]) -> Table | None:
    """The emotions of each group, where there is more than one."""
    felt = _both(asker, question, name)
    if len(felt.read()) < 2:
        return None
    return emotions.side_by_side(f"Emotions by {words.dimension(name).lower()}", felt, found)


def _meanings(found: list[str]) -> Facts:
    """What the names mean, and how well each is told from the others."""
    told = card("encoder")["readings"]["emotions"]
    right = told["by_label"]
    rows = tuple(
        (words.emotion(name), f"{words.FEELING[name].capitalize()}; F1 {right[name]:.0f} of 100")
        for name in (*found[:MOST], NEUTRAL)
        if name in right
    )
    about = f"Who writes so, and how well the reading tells it, on {told['validated_on']}"
    return Facts(about, rows)
