"""Emotions as shares of the messages that were read, over time and side by side for groups; each opens its messages.

The emotions of small groups are hidden, and then missing from what is drawn; a share is always one of all messages
that were read, so that it does not grow by what is hidden.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from heedful.insight.answer import Answer, Figure
from heedful.server import addresses, marks, words
from heedful.server.blocks import Cell, Chart, Column, Link, Table
from heedful.server.charts import Heading, table
from heedful.server.marks import PALETTE

NEUTRAL = "neutral"
MOST = 7
"""So many emotions are drawn each by itself."""
BESIDE, GROUPS = 5, 10
"""So many emotions and groups a table sets side by side."""
SHADES = 5
"""Steps of the colour behind a share, finer among small ones."""
FEW = "few"
UNPLEASANT = (
    *("anger", "annoyance", "disappointment", "disapproval", "disgust", "embarrassment"),
    *("fear", "grief", "nervousness", "remorse", "sadness"),
)
OPEN = ("confusion", "curiosity", "realization", "surprise")
COLOURS = {
    "unpleasant": ("negative", "rust", "peach", "plum"),
    "open": ("ochre", "sand"),
    "pleasant": ("positive", "accent", "mist", "moss"),
}
"""Colours of PALETTE by tone, the most frequent emotion first."""


@dataclass(frozen=True)
class Felt:
    """Messages by emotion and by something else: both answers, and that of all messages by the same."""

    felt: Answer
    every: Answer

    @property
    def by(self) -> str:
        """What they are grouped by beside the emotion."""
        return self.every.by[0]

    def read(self) -> dict[str | None, int]:
        """How many messages of each group were read: all of it, less those that are shown to wait."""
        waiting = {figure.group[self.by]: figure.rows or 0 for figure in self.felt.figures if _unread(figure)}
        sizes = {figure.group[self.by]: figure.rows or 0 for figure in self.every.figures if not figure.hidden}
        return {group: size - waiting.get(group, 0) for group, size in sizes.items() if size > waiting.get(group, 0)}

    def shown(self) -> list[Figure]:
        """The figures of emotions that may be shown, neutral among them."""
        return [figure for figure in self.felt.figures if not figure.hidden and figure.group["emotion"]]


def _unread(figure: Figure) -> bool:
    return not figure.hidden and figure.group["emotion"] is None


def tone(emotion: str) -> str:
    """Whether an emotion is pleasant, unpleasant, or either."""
    return "unpleasant" if emotion in UNPLEASANT else "open" if emotion in OPEN else "pleasant"


def frequent(answer: Answer) -> list[str]:
    """The emotions of an answer by emotion, the most frequent first, without neutral."""
    told = [figure for figure in answer.figures if not figure.hidden and figure.group["emotion"] not in (None, NEUTRAL)]
    return [str(figure.group["emotion"]) for figure in sorted(told, key=lambda figure: -(figure.rows or 0))]


def colours(emotions: Sequence[str]) -> dict[str, str]:
    """A colour for each emotion by its tone, as far as there are enough; grey for the others."""
    left = {name: list(shades) for name, shades in COLOURS.items()}
    return {one: PALETTE[left[tone(one)].pop(0)] if left[tone(one)] else PALETTE["theirs"] for one in emotions}


def over_time(heading: Heading, felt: Felt, emotions: Sequence[str], steps: Sequence[str]) -> Chart:
    """The most frequent emotions stacked for each day, week or month, the unpleasant ones at the foot."""
    grain, read = felt.by, felt.read()
    drawn = sorted(emotions[:MOST], key=lambda one: list(COLOURS).index(tone(one)))
    named = colours(drawn) | {"": PALETTE["neutral"]}
    rows = list(_stacked(felt, read, drawn))
    scale = {"domain": [words.emotion(one) for one in named], "range": list(named.values())}
    tips = [marks.tip("when", words.dimension(grain)), marks.tip("emotion", "Emotion"), marks.tip("shown", "Share")]
    encoding = {
        "x": marks.time(grain, steps),
        "y": marks.quantity("share", "% of messages read", stack="zero"),
        "color": {"field": "emotion", "type": "nominal", "scale": scale, "legend": {"columns": 3, "title": None}},
        "order": {"field": "order", "type": "quantitative"},
        "href": {"field": "href"},
        "tooltip": [*tips, marks.tip("rows", "Messages"), marks.tip("read", "Messages read")],
    }
    drawing = {"mark": {"type": "bar", "cursor": "pointer"}, "encoding": encoding}
    spec = marks.frame(heading.about, rows, height=280) | drawing
    return _chart(heading, felt.felt, spec, rows)


def _stacked(felt: Felt, read: Mapping[str | None, int], emotions: Sequence[str]) -> Any:
    """A row for each step of time and emotion; those that are not drawn by themselves are one row together."""
    others: dict[str | None, int] = {}
    for figure in felt.shown():
        when, emotion = figure.group[felt.by], str(figure.group["emotion"])
        if when not in read or when is None or emotion == NEUTRAL:
            continue
        if emotion not in emotions:
            others[when] = others.get(when, 0) + (figure.rows or 0)
            continue
        href = addresses.behind(felt.felt, figure.group)
        yield _row(felt, when, emotion, figure.rows or 0, read[when], emotions.index(emotion)) | {"href": href}
    for when, rows in others.items():
        yield _row(felt, when, "", rows, read[when], len(emotions)) | {"href": None}


def _row(felt: Felt, when: str | None, emotion: str, rows: int, read: int, order: int) -> dict[str, Any]:
    share = 100 * rows / read
    counts = {"rows": f"{rows:,}", "read": f"{read:,}", "share": share, "shown": f"{words.number(share, 1)}%"}
    return {
        "day": when,
        "when": words.member(felt.by, when),
        "emotion": words.emotion(emotion),
        "order": order,
        **counts,
    }


def neutral(heading: Heading, felt: Felt, steps: Sequence[str]) -> Chart:
    """The share of messages without any emotion, as a line."""
    read, rows = felt.read(), []
    for figure in felt.shown():
        when = figure.group[felt.by]
        if figure.group["emotion"] == NEUTRAL and when in read and when is not None:
            href = addresses.behind(felt.felt, figure.group)
            rows.append(_row(felt, when, NEUTRAL, figure.rows or 0, read[when], 0) | {"href": href})
    x = marks.time(felt.by, steps)
    line = {"type": "line", "color": PALETTE["theirs"], "strokeWidth": 2, "point": {"size": 18}}
    y = marks.quantity("share", "% of messages read", domain=[0, 100])
    tips = [marks.tip("when", words.dimension(felt.by)), marks.tip("shown", "Neutral"), marks.tip("rows", "Messages")]
    layers = [{"mark": line, "encoding": {"x": x, "y": y}}, marks.target(x, tips)]
    spec = marks.frame(heading.about, rows, height=150) | {"layer": layers}
    return _chart(heading, felt.felt, spec, rows)


def _chart(heading: Heading, answer: Answer, spec: marks.Spec, rows: Sequence[Mapping[str, Any]]) -> Chart:
    forms = (("JSON", None), ("CSV", "csv"), ("Parquet", "parquet"))
    links = tuple(Link(label, addresses.figures(answer, form=form)) for label, form in forms)
    beneath = table(heading.title, answer)
    nothing = None if rows else "In no part of this period enough people wrote for an emotion to be shown."
    about = heading.about
    return Chart(heading.name, heading.title, about, spec, beneath, beneath.note, links, heading.wide, nothing)


def side_by_side(title: str, felt: Felt, emotions: Sequence[str]) -> Table:
    """Groups with the share and count of each emotion, the shade by the share; neutral stands apart from the rest."""
    read = felt.read()
    shown = {(figure.group[felt.by], figure.group["emotion"]): figure for figure in felt.shown()}
    hidden = {(f.group[felt.by], f.group["emotion"]) for f in felt.felt.figures if f.hidden}
    largest = sorted(read, key=lambda group: -read[group])[:GROUPS]
    named = emotions[:BESIDE]
    drawn = ((f.rows or 0) / read[g] for (g, e), f in shown.items() if g in largest and e in named)
    most = max(drawn, default=0.0)
    labels = [words.dimension(felt.by), "Read", *map(words.emotion, named), words.emotion(NEUTRAL)]
    rows = []
    for group in largest:
        name = words.member(felt.by, group, felt.felt.names)
        cells = [Cell(name, group), Cell(f"{read[group]:,}", read[group])]
        for emotion in (*named, NEUTRAL):
            figure, kept = shown.get((group, emotion)), (group, emotion) in hidden
            cells.append(_share(felt, figure, read[group], 0.0 if emotion == NEUTRAL else most, hidden=kept))
        rows.append(tuple(cells))
    more = Link("As CSV", addresses.figures(felt.felt, form="csv"))
    told = [f"The {GROUPS} largest of {len(read)}"] if len(read) > GROUPS else []
    if any(cell.shown == FEW for row in rows for cell in row):
        told.append(f"{FEW}: of too few people to be shown")
    return Table(title, tuple(Column(label) for label in labels), tuple(rows), "; ".join(told) or None, more)


def _share(felt: Felt, figure: Figure | None, read: int, most: float, *, hidden: bool) -> Cell:
    """A share with its count; too few people are told from none at all."""
    if figure is None:
        return Cell(FEW if hidden else "0%", None if hidden else 0.0, tone="shade-0")
    share = (figure.rows or 0) / read
    shade = f"shade-{min(SHADES, 1 + int(SHADES * math.sqrt(share / most))) if most else 0}"
    shown = f"{words.number(100 * share, 1)}% ({figure.rows or 0:,})"
    return Cell(shown, share, addresses.behind(felt.felt, figure.group), tone=shade)
