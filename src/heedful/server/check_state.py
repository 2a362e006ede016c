"""How far checking is: how often a reading is right, what that does to figures, and what to check next."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from heedful.insight.accuracy import measured_beside
from heedful.insight.ask import Question, ask
from heedful.insight.checking import FIRST, METRICS, Standing, Task, by_group, right
from heedful.insight.checks import LEAST
from heedful.server import words
from heedful.server.addresses import address
from heedful.server.blocks import Block, Cell, Column, Figures, Notice, Table, Tile
from heedful.server.charts import interval
from heedful.server.upkeep import Upkeep
from heedful.store.view import View

PATH = "/check"
GOOD = 50
"""So many checked messages make an interval that one can work with."""
LOW = 0.8
"""A reading that is surely right less often than this is warned of."""
SLICES = ("channel", "language", "brand")
MOST = 12
"""So many groups of a kind are shown, the largest first."""


def pairs(task: Task, **changed: str) -> list[tuple[str, str]]:
    """The task as it stands in an address, without what goes without saying."""
    told = {**{name: value or "" for name, value in task.where}, "turn": task.turn, **changed}
    told |= {"reading": task.reading} if task.reading != next(iter(METRICS)) else {}
    return [(name, value) for name, value in told.items() if (name, value) != ("turn", FIRST)]


def blocks(upkeep: Upkeep, view: View, task: Task, state: Standing) -> Iterator[Block]:
    """How often the reading is right, what that does to the figures, and what to check next."""
    if not state.looked:
        yield Notice(f"{GOOD} messages take about five minutes, and make every share of sentiment an honest one.")
        return
    if (sure := state.accuracy) and sure[2] < LOW:
        yield Notice(f"{_percent(sure[0])} are read rightly. Check more, and teach from what you check.", "warning")
    yield Figures("How far it is", tuple(_tiles(state)))
    if state.sampled:
        yield _shares(upkeep, view, task, state)
        yield from _groups(upkeep, view, task)


def _tiles(state: Standing) -> Iterator[Tile]:
    told = f"{words.number(state.sampled)} with an answer, drawn at random"
    yield Tile("checked", "Looked at", state.looked, words.number(state.looked), "", behind=told)
    if sure := state.accuracy:
        value, low, high = sure
        between = f"95% sure: {_percent(low)} to {_percent(high)}"
        yield Tile("accuracy", "Read rightly", value, _percent(value), "", low, high, between)
    if state.both:
        share = state.agreed / state.both
        chance = "" if state.kappa is None else f"Cohen\u2019s kappa {words.number(state.kappa, 2)}"
        behind = f"about {words.count(state.both, 'message')}"
        yield Tile("agreement", "Two people agree", share, _percent(share), "", note=chance or None, behind=behind)
    else:
        yield Tile("agreement", "Two people agree", None, words.DASH, "", note="Nobody gave a second opinion yet")
    yield Tile("unsettled", "To settle", state.unsettled, words.number(state.unsettled), "")


def _shares(upkeep: Upkeep, view: View, task: Task, state: Standing) -> Table:
    """Each class's share as it was read and corrected, and how often it is right where it was read."""
    accuracy = measured_beside(upkeep.place.settings.models)
    whole = Question("volume", ("sentiment",), (*task.where, ("direction", "in")))
    read = {figure.group["sentiment"]: figure.value or 0 for figure in ask(view, whole, now=upkeep.now).figures}
    total = sum(read.get(label, 0) for label in task.classes)
    rows = []
    for at, label in enumerate(task.classes):
        figure = ask(view, Question(f"{label}_share", where=task.where), now=upkeep.now, accuracy=accuracy).figures[0]
        naive = 100 * read.get(label, 0) / total if total else None
        called = int(state.counts[at].sum())
        rightly = float(state.counts[at, at] / called) if called else None
        rows.append(
            (
                Cell(words.SENTIMENT[label], label),
                Cell(words.figure(naive, "%"), naive),
                Cell(words.figure(figure.value, "%"), figure.value),
                Cell(interval(figure, "%") or words.DASH),
                Cell(words.DASH if rightly is None else _percent(rightly), rightly),
            )
        )
    heads = ("Sentiment", "As read", "Corrected", "95% sure", "Right where read so")
    columns = tuple(Column(label, number=place > 0) for place, label in enumerate(heads))
    return Table("What it does to the figures", columns, tuple(rows), BY_THEM if state.sampled >= LEAST else NOT_YET)


BY_THEM = "Corrected by the checked messages themselves, on every page, in every export and answer"
NOT_YET = f"From {LEAST} checked messages on, figures are corrected by them; until then by errors measured elsewhere"


def _groups(upkeep: Upkeep, view: View, task: Task) -> Iterator[Table]:
    """How often the reading is right in each channel and language, and where to check next."""
    for name in SLICES:
        if name in dict(task.where):
            continue
        counts = by_group(view, task, name, now=upkeep.now)
        question = Question("volume", (name,), (*task.where, ("direction", "in")))
        found = [(figure.group[name], int(figure.value or 0)) for figure in ask(view, question, now=upkeep.now).figures]
        largest = sorted((one for one in found if one[0] in counts and one[1]), key=lambda one: -one[1])[:MOST]
        rows = [_group(task, name, value, size, counts[value]) for value, size in largest if value is not None]
        if len(rows) > 1:
            title = words.dimension(name)
            heads = tuple(Column(label, number=place > 0) for place, label in enumerate(GROUP_COLUMNS))
            yield Table(f"By {title.lower()}", (Column(title), *heads[1:]), tuple(rows))


GROUP_COLUMNS = ("", "Messages", "Checked", "Read rightly", "")


def _group(task: Task, name: str, value: str, size: int, counts: NDArray[np.int64]) -> tuple[Cell, ...]:
    sure, sampled = right(counts), int(counts.sum())
    shown = words.DASH if sure is None else f"{_percent(sure[0])} ({_percent(sure[1])} to {_percent(sure[2])})"
    more = "" if sampled >= min(GOOD, size) else f"Check {min(GOOD, size) - sampled} more"
    href = address(PATH, pairs(replace(task, where=(*task.where, (name, value)), turn=FIRST))) if more else None
    low = sure is not None and sure[2] < LOW
    return (
        Cell(words.member(name, value), value),
        Cell(words.number(size), size),
        Cell(words.number(sampled), sampled),
        Cell(shown, sure[0] if sure else None, tone="bad" if low else ""),
        Cell(more, href=href),
    )


def _percent(share: float) -> str:
    return f"{words.number(100 * share)}%"
