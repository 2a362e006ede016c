"""What customers said in a period: figures, how they moved, where they come from, and the newest messages."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from functools import partial

import pyarrow as pa
from starlette.requests import Request

from heedful.insight.answer import Answer
from heedful.server import charts, words
from heedful.server.asker import Asker
from heedful.server.blocks import Block, Empty, Figures, Link, MessageList, Notice, Page
from heedful.server.charts import Heading
from heedful.server.messages import messages
from heedful.server.periods import Period, choices, period
from heedful.server.stream import NEWEST
from heedful.server.tiles import tile

PATH = "/"
MENU = (1, "Overview")

TILES = (
    "volume",
    "people",
    "net_sentiment",
    "negative_share",
    "mean_rating",
    "reply_time",
    "unanswered_share",
    "reach",
)


def page(asker: Asker, request: Request) -> Page:
    """Figures against the period before, charts over time and by group, and what has just arrived."""
    chosen = period(request.query_params, zone=asker.zone, now=asker.now)
    answers, at = asker.standing(("overview", chosen.name, chosen.since), partial(_answers, chosen=chosen))
    some = any(figure.rows or figure.hidden for figure in answers["volume"].figures)
    if not some and _nothing(asker, chosen):
        links = (Link("Import a file", "/import"),) if asker.may("operate") else ()
        return Page("Overview", (*notices(asker), replace(EMPTY, links=links)))
    against = chosen.before if chosen.days else ""
    figures = Figures("Figures of this period", tuple(tile(answers[name], against=against) for name in TILES))
    newest = asker.find(limit=NEWEST).rows if asker.may("text") else None
    said = (*notices(asker), *unread(answers["net_sentiment"]), *(() if some else _elsewhere(asker, newest)))
    blocks: tuple[Block, ...] = (*said, figures, *_charts(asker, answers, chosen), *_newest(asker, newest))
    compared = f", changes against {against}" if against else ""
    lead = f"{chosen.shown(asker.zone)}{compared}. Figures as of {words.clock(at, asker.zone)}."
    renew = RENEW if asker.now - at < timedelta(seconds=RENEW) else SOON
    return Page("Overview", blocks, lead, choices(PATH, chosen), renew=renew)


def _answers(asker: Asker, *, chosen: Period) -> dict[str, Answer]:
    """Everything the page asks, by a name for each answer."""
    since, compare = chosen.since, chosen.days is not None
    answers = {name: asker.ask(name, since=since, compare=compare) for name in TILES}
    answers["over time"] = volume = _volume(asker, chosen)
    answers["sentiment over time"] = asker.ask("volume", by=(volume.by[0], "sentiment"), since=since)
    answers["by channel"] = asker.ask("volume", by=("channel",), since=since)
    if asker.names():
        answers["by topic"] = asker.ask("volume", by=("topic",), since=since)
    answers["by brand"] = asker.ask("net_sentiment", by=("brand",), since=since)
    if asker.settings.categorised:
        answers["by category"] = asker.ask("volume", by=("category",), since=since)
    return answers


MOST_WEEKS = 130
MANY = 0.05
"""A greater share of messages left out is said louder."""
RENEW, SOON = 30, 4
"""Seconds until an open page shows new figures: usually, and where these were not quite new."""
EMPTY = Empty(
    "Nothing has come in yet",
    "Bring in a file of messages, reviews or survey answers, or look at the simulated company first.",
    commands=("heedful import reviews.csv --as messages", "heedful demo"),
)


def notices(asker: Asker) -> tuple[Notice, ...]:
    """What a reader has to know before anything else."""
    if not asker.settings.demo:
        return ()
    return (Notice("A simulated company: every message and every person here is made up.", "demo"),)


def unread(answer: Answer) -> tuple[Notice, ...]:
    """How many messages the figures of sentiment leave out; louder where they are many."""
    if not answer.unread:
        return ()
    read = sum(figure.rows or 0 for figure in answer.figures)
    many = answer.unread > MANY * (answer.unread + read)
    left_out = f"{words.count(answer.unread, 'message')} not counted in sentiment"
    return (Notice(f"{left_out}: not read yet, or in a language that is not read.", "warning" if many else "quiet"),)


def _nothing(asker: Asker, chosen: Period) -> bool:
    return chosen.since is None or not any(figure.rows or figure.hidden for figure in asker.ask("volume").figures)


def _elsewhere(asker: Asker, newest: pa.Table | None) -> tuple[Notice, ...]:
    """Where the messages are, for somebody who looks at a period without any."""
    at = newest["occurred_at"][0].as_py() if newest is not None and newest.num_rows else None
    when = f"; the newest is from {words.day(words.local(at, asker.zone).date())}" if at else ""
    return (Notice(f"No message is from this period{when}.", link=Link("All time", f"{PATH}?period=all")),)


def _charts(asker: Asker, answers: Mapping[str, Answer], chosen: Period) -> tuple[Block, ...]:
    ours = [brand.name for brand in asker.settings.brands if not brand.competitor]
    grain = answers["over time"].by[0]
    over_time = Heading("volume", "Messages over time", f"Each {grain}, all channels.")
    moods = Heading("sentiment", "Sentiment over time", f"Each {grain}, as the messages were read.")
    by_channel = Heading("channel", "Messages by channel", "Where people wrote.")
    by_brand = Heading("brand", "Net sentiment by brand", "Positive less negative; ours in colour, others in grey.")
    by_topic = Heading("topic", "Messages by topic", "What people wrote about; Topics tells each one's story.")
    by_category = Heading(
        "category", "Messages by category", "As the messages were read, not checked; one may have several."
    )
    return (
        charts.over_time(over_time, answers["over time"], today=chosen.today),
        charts.sentiment_over_time(moods, answers["sentiment over time"], today=chosen.today),
        charts.bars(by_channel, answers["by channel"]),
        charts.bars(by_brand, answers["by brand"], ours=ours),
        *([charts.bars(by_topic, answers["by topic"], most=12)] if "by topic" in answers else []),
        *([charts.bars(by_category, answers["by category"], most=12)] if asker.settings.categorised else []),
    )


def _volume(asker: Asker, chosen: Period) -> Answer:
    """Messages by day; over all time by week, or by month where that would be too many weeks."""
    if chosen.days:
        return asker.ask("volume", by=("day",), since=chosen.since)
    weekly = asker.ask("volume", by=("week",))
    first = min((week for figure in weekly.figures if not figure.hidden and (week := figure.group["week"])), default="")
    if first and (chosen.today - date.fromisoformat(first)).days > 7 * MOST_WEEKS:
        return asker.ask("volume", by=("month",))
    return weekly


def _newest(asker: Asker, newest: pa.Table | None) -> tuple[Block, ...]:
    if newest is None:
        return (Notice("Your role sees figures, not the text of messages."),)
    shown = messages(newest, zone=asker.zone, now=asker.now)
    more = Link("All messages", "/messages")
    return (MessageList("Newest messages", shown, live="/v1/stream", more=more, side=True, empty="None so far."),)
