"""Charts from answers: Vega-Lite as plain values, and beneath each the same figures as a table.

Every mark bears the address of the rows behind it; groups that may not be shown are counted.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from heedful.insight.answer import Answer, Figure
from heedful.server import addresses, marks, words
from heedful.server.blocks import Cell, Chart, Column, Link, Table
from heedful.server.marks import PALETTE, Spec
from heedful.server.periods import steps

Row = dict[str, Any]
COUNTS = ("messages", "people")
AXIS = {
    "%": "% of messages",
    "points": "net sentiment, points",
    "of 1": "rating, 0 (worst) to 1 (best)",
    "minutes": "hours",
}
GRAINS = ("day", "week", "month")
LONG_AGO = 120
"""Days without anything after which a chart of all time does not go on to today."""


@dataclass(frozen=True)
class Heading:
    """What stands above a chart: its name in the page, its title and a sentence."""

    name: str
    title: str
    about: str
    wide: bool = False


def over_time(heading: Heading, answer: Answer, *, today: date) -> Chart:
    """An answer by day, week or month: bars for a full count, else a line within its interval."""
    grain = answer.by[0]
    steps = _steps(answer, today)
    rows = [_row(answer, figure) | _when(grain, figure.group[grain]) for figure in _dated(answer, grain)]
    tips = [marks.tip("when", words.dimension(grain)), marks.tip("shown", _title(answer)), *_tips_behind(answer)]
    x, y = marks.time(grain, steps), marks.quantity("value", _axis(answer))
    if answer.unit in COUNTS:
        rows += _zeros(answer, steps)
        columns = {"type": "bar", "color": PALETTE["accent"], "cornerRadiusEnd": 2}
        layers = [{"mark": columns, "encoding": {"x": x, "y": y}}]
    else:
        band = {"type": "area", "color": PALETTE["accent"], "opacity": 0.16}
        line = {"type": "line", "color": PALETTE["accent"], "strokeWidth": 2, "point": {"size": 18}}
        ends = {"y": y | {"field": "low"}, "y2": {"field": "high"}}
        within = [{"mark": band, "encoding": {"x": x, **ends}}] if any(row["low"] is not None for row in rows) else []
        layers = [*within, {"mark": line, "encoding": {"x": x, "y": y}}]
    spec = marks.frame(heading.about, rows, height=230) | {"layer": [*layers, marks.target(x, tips)]}
    return _chart(heading, answer, spec, "The messages of this period have no date")


def sentiment_over_time(heading: Heading, answer: Answer, *, today: date) -> Chart:
    """How the messages read on each day divide into sentiments; the answer is by time and sentiment.

    Days on which one sentiment is hidden are left out, for the others would look greater than they are.
    """
    grain = answer.by[0]
    tips = [marks.tip("when", words.dimension(grain)), marks.tip("sentiment", "Sentiment")]
    encoding = {
        "x": marks.time(grain, _steps(answer, today)),
        "y": marks.quantity("share", "% of messages read", domain=[0, 100], stack="zero"),
        "color": marks.sentiment_colour(),
        "order": {"field": "order", "type": "quantitative"},
        "href": {"field": "href"},
        "tooltip": [*tips, marks.tip("share_shown", "Share"), marks.tip("shown", "Messages"), *_tips_behind(answer)],
    }
    drawing = {"mark": {"type": "bar", "cursor": "pointer"}, "encoding": encoding}
    spec = marks.frame(heading.about, _shares(answer, grain), height=230) | drawing
    chart = _chart(heading, answer, spec, f"On every {grain} one sentiment is hidden, or nothing was read")
    left_out = len(_partly_hidden(answer) & {figure.group[grain] for figure in _dated(answer, grain)})
    if not left_out or chart.nothing:
        return chart
    said = f"{words.count(left_out, grain)} not drawn, since one of their sentiments is hidden"
    return replace(chart, hidden=f"{chart.hidden}; {said}")


def _partly_hidden(answer: Answer) -> set[str | None]:
    """Days of which one sentiment is hidden."""
    return {f.group[answer.by[0]] for f in answer.figures if f.hidden and f.group["sentiment"]}


def _shares(answer: Answer, grain: str) -> list[Row]:
    """A row for each day and sentiment, with its share of the messages read on that day."""
    order = list(words.SENTIMENT)
    partly = _partly_hidden(answer)
    read = [figure for figure in _dated(answer, grain) if figure.group["sentiment"] in order]
    read = [figure for figure in read if figure.group[grain] not in partly]
    totals: dict[str | None, float] = {}
    for figure in read:
        totals[figure.group[grain]] = totals.get(figure.group[grain], 0.0) + (figure.value or 0.0)
    rows = []
    for figure in read:
        sentiment, moment = str(figure.group["sentiment"]), figure.group[grain]
        share = 100 * (figure.value or 0.0) / totals[moment]
        named = {"sentiment": words.SENTIMENT[sentiment], "order": order.index(sentiment)}
        parts = {"share": share, "share_shown": f"{words.number(share, 1)}%"}
        rows.append(_row(answer, figure) | _when(grain, moment) | named | parts)
    return rows


def bars(heading: Heading, answer: Answer, *, ours: Iterable[str] | None = None, most: int | None = None) -> Chart:
    """One bar for each value of the answer's only dimension, the greatest first, with its interval where it has one.

    With `ours`, every other value is drawn in grey, and rows without a value stand in the table only; so do those
    after the `most` greatest.
    """
    dimension = answer.by[0]
    own = None if ours is None else set(ours)
    rows = []
    for figure in sorted(_visible(answer), key=lambda figure: -(figure.value or 0.0)):
        name = figure.group[dimension]
        if own is not None and name is None:
            continue
        colour = PALETTE["accent" if own is None or name in own else "theirs"]
        rows.append(_row(answer, figure) | {"name": words.member(dimension, name, answer.names), "colour": colour})
    rows = rows[:most]
    tips = [marks.tip("name", words.dimension(dimension)), marks.tip("shown", _title(answer))]
    encoding = {
        "y": marks.names(),
        "x": marks.quantity("value", _axis(answer)),
        "href": {"field": "href"},
        "tooltip": [*tips, *_tips_behind(answer)],
    }
    spec = marks.frame(heading.about, rows, height=max(64, (48 if len(rows) < 6 else 31) * len(rows)))
    nothing = f"No {words.dimension(dimension).lower()} is stated for what may be shown"
    return _chart(heading, answer, spec | {"layer": marks.whiskered(encoding, rows)}, nothing)


def table(title: str, answer: Answer) -> Table:
    """An answer's figures as a table, with what stands behind each; groups too small to show are counted beneath."""
    estimated = any(figure.low is not None for figure in answer.figures)
    columns = [Column(words.dimension(name)) for name in answer.by]
    columns += [Column(_title(answer), number=True), *([Column("95% interval", number=True)] if estimated else [])]
    columns += [Column(noun.capitalize(), number=True) for noun in _nouns(answer)]
    rows = tuple(_cells(answer, figure, estimated) for figure in _visible(answer))
    return Table(title, tuple(columns), rows, _hidden(answer))


def _cells(answer: Answer, figure: Figure, estimated: bool) -> tuple[Cell, ...]:
    cells = [Cell(words.member(name, figure.group[name], answer.names), figure.group[name]) for name in answer.by]
    cells.append(Cell(words.figure(figure.value, answer.unit), figure.value, addresses.behind(answer, figure.group)))
    if estimated:
        cells.append(Cell(interval(figure, answer.unit) or words.DASH))
    counts = {"messages": figure.rows, "people": figure.people}
    cells += [Cell(_counted(counts[noun]), counts[noun]) for noun in _nouns(answer)]
    return tuple(cells)


def interval(figure: Figure, unit: str) -> str | None:
    """A figure's interval in words, where it has one."""
    if figure.low is None or figure.high is None:
        return None
    low = words.figure(figure.low, unit).removesuffix("%").removesuffix(words.OF_1)
    return f"{low} to {words.figure(figure.high, unit)}"


def _chart(heading: Heading, answer: Answer, spec: Spec, left: str) -> Chart:
    """A chart with its table; `left` says why nothing is drawn where the table has rows all the same."""
    forms = (("JSON", None), ("CSV", "csv"), ("Parquet", "parquet"))
    links = tuple(Link(label, addresses.figures(answer, form=form)) for label, form in forms)
    beneath = table(heading.title, answer)
    nothing = None
    if not beneath.rows:
        nothing = "Every group is of too few people to be shown." if beneath.note else "Nothing to draw in this period."
    elif not any(row["href"] for row in spec["data"]["values"]):
        nothing = f"{left}. The table holds what there is."
    return Chart(heading.name, heading.title, heading.about, spec, beneath, beneath.note, links, heading.wide, nothing)


def _visible(answer: Answer) -> list[Figure]:
    return [figure for figure in answer.figures if not figure.hidden and figure.value is not None]


def _dated(answer: Answer, grain: str) -> list[Figure]:
    return [figure for figure in _visible(answer) if figure.group[grain]]


def _hidden(answer: Answer) -> str | None:
    hidden = sum(figure.hidden for figure in answer.figures)
    return f"{words.count(hidden, 'group')} hidden: too few people" if hidden else None


def _row(answer: Answer, figure: Figure) -> Row:
    """One figure as a chart's row: values as they are drawn, words for the tooltip, and the address behind it."""
    scale = 1 / 60 if answer.unit == "minutes" else 1.0
    drawn = {name: getattr(figure, name) for name in ("value", "low", "high")}
    between = interval(figure, answer.unit)
    shown = words.figure(figure.value, answer.unit)
    return {name: None if value is None else value * scale for name, value in drawn.items()} | {
        "shown": f"{shown} ({between})" if between else shown,
        "rows": _counted(figure.rows),
        "people": _counted(figure.people),
        "href": addresses.behind(answer, figure.group),
    }


def _when(grain: str, member: str | None) -> Row:
    return {"day": member, "when": words.member(grain, member)}


def _steps(answer: Answer, today: date) -> list[str]:
    """Every day, week or month from the beginning of the answer's period, or of its figures, to its end or today.

    Of all time it ends with the figures where they ended long ago.
    """
    there = [str(figure.group[answer.by[0]]) for figure in _dated(answer, answer.by[0])]
    first = min([*there, *([answer.since[:10]] if answer.since else [])], default=today.isoformat())
    ended = not answer.since and there and max(there)[:10] < (today - timedelta(days=LONG_AGO)).isoformat()
    last = max([*there, *([] if answer.until or ended else [today.isoformat()])], default=first)
    return steps(answer.by[0], first, last)


def _zeros(answer: Answer, steps: Sequence[str]) -> list[Row]:
    """Steps of time in which nothing was counted; hidden ones are not among them."""
    there = {figure.group[answer.by[0]] for figure in answer.figures}
    none = {"value": 0, "low": None, "high": None, "shown": "0", "rows": "0", "people": "0", "href": None}
    return [none | _when(answer.by[0], step) for step in steps if step not in there]


def _tips_behind(answer: Answer) -> list[Spec]:
    fields = {"messages": "rows", "people": "people"}
    return [marks.tip(fields[noun], noun.capitalize()) for noun in _nouns(answer)]


def _nouns(answer: Answer) -> list[str]:
    """What stands behind a figure and is not itself the figure."""
    return [noun for noun in COUNTS if noun != answer.unit]


def _title(answer: Answer) -> str:
    return words.metric(answer.metric, answer.title)


def _axis(answer: Answer) -> str:
    return AXIS.get(answer.unit, answer.unit)


def _counted(value: int | None) -> str:
    return words.DASH if value is None else f"{value:,}"
