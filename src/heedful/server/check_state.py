"""How far checking is: how often a reading is right, what that does to figures, and what to check next."""

from collections.abc import Iterator
from dataclasses import replace

from heedful.insight.accuracy import measured_beside
from heedful.insight.ask import Figure, Question, ask
from heedful.insight.checking import FIRST, Task, offered
from heedful.insight.checks import LEAST, every_check
from heedful.insight.named import names
from heedful.insight.prevalence import Sure
from heedful.insight.standing import Sample, Standing, by_group, standing
from heedful.insight.strata import YES_NO
from heedful.server import check_words, words
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
MOST_READINGS = 200
MOST = 12
"""So many groups of a kind are shown, the largest first."""


def pairs(task: Task, **changed: str) -> list[tuple[str, str]]:
    """The task as it stands in an address, without what goes without saying."""
    told = {**{name: value or "" for name, value in task.where}, "turn": task.turn, **changed}
    told |= {"reading": task.reading} if task.reading != Task().reading else {}
    return [(name, value) for name, value in told.items() if (name, value) != ("turn", FIRST)]


def blocks(upkeep: Upkeep, view: View, task: Task, state: Standing) -> Iterator[Block]:
    """How often the reading is right, what that does to the figures, and what to check next."""
    if not state.looked:
        what = "every share of sentiment an honest one" if task.about is None else "its share an honest one"
        yield Notice(f"{GOOD} messages take about five minutes, and make {what}.")
        return
    if warning := weak(state.sample):
        yield Notice(f"{warning}. Check more, and teach from what you check.", "warning")
    yield Figures("How far it is", tuple(_tiles(state)))
    if state.sample.sampled:
        yield _shares(upkeep, view, task, state.sample)
        yield from _groups(upkeep, view, task)


def readings(view: View, *, topics: bool = False) -> Iterator[Table]:
    """How often each reading was found right here, those first that people looked at most, and a link to check it.

    Of topics, which are many, only those that somebody looked at, unless all are asked for.
    """
    said, called = every_check(view, ""), names(view)
    there = [reading for reading in offered(view) if topics or reading in said or not reading.startswith("topic:")]
    rows = []
    for reading in sorted(there, key=lambda one: -len(said.get(one, ())))[:MOST_READINGS]:
        task = Task(reading)
        name = Cell(check_words.chosen(reading, called), reading, address(PATH, pairs(task)))
        if reading in said:
            rows.append((name, *_rightly(standing(view, task))))
        else:
            rows.append((name, Cell("0", 0), Cell("Not checked yet"), Cell(words.DASH)))
    if rows:
        heads = ("Reading", "Looked at", RIGHT, FOUND)
        columns = tuple(Column(label, number=at > 0) for at, label in enumerate(heads))
        yield Table("How often readings are right here", columns, tuple(rows), HERE)


HERE = "As people found in random samples of these very messages, with the 95% interval; each name leads to its check"


def _rightly(state: Standing) -> Iterator[Cell]:
    sample = state.sample
    yield Cell(words.number(state.looked), state.looked)
    yes_no = sample.classes == YES_NO
    rightly = sample.quality.precision[0] if yes_no else sample.accuracy
    yield replace(_cell(rightly), tone="bad" if weak(sample) else "")
    yield _cell(sample.quality.recall[0]) if yes_no else Cell(words.DASH)


def weak(sample: Sample) -> str | None:
    """What is surely too low of a reading, in words."""
    if sample.classes != YES_NO:
        low = sample.accuracy and sample.accuracy[2] < LOW
        return f"{_percent(sample.accuracy[0])} are read rightly" if sample.accuracy and low else None
    precision, recall = sample.quality.precision[0], sample.quality.recall[0]
    if precision and precision[2] < LOW:
        return f"Where it is read so, that is right {_percent(precision[0])} of the time"
    return f"Of what there is, only {_percent(recall[0])} is found" if recall and recall[2] < LOW else None


def _tiles(state: Standing) -> Iterator[Tile]:
    sample = state.sample
    told = f"{words.number(sample.sampled)} with an answer, drawn at random"
    yield Tile("checked", "Looked at", state.looked, words.number(state.looked), "", behind=told)
    if sample.classes == YES_NO:
        yield from _sure("precision", RIGHT, sample.quality.precision[0])
        yield from _sure("recall", FOUND, sample.quality.recall[0])
    else:
        yield from _sure("accuracy", "Read rightly", sample.accuracy)
    if state.both:
        share = state.agreed / state.both
        chance = "" if state.kappa is None else f"Cohen\u2019s kappa {words.number(state.kappa, 2)}"
        behind = f"about {words.count(state.both, 'message')}"
        yield Tile("agreement", "Two people agree", share, _percent(share), "", note=chance or None, behind=behind)
    else:
        yield Tile("agreement", "Two people agree", None, words.DASH, "", note="Nobody gave a second opinion yet")
    if sample.classes != YES_NO:
        yield Tile("unsettled", "To settle", state.unsettled, words.number(state.unsettled), "")


RIGHT, FOUND = "Right where read so", "Found of what there is"


def _sure(name: str, label: str, sure: Sure | None) -> Iterator[Tile]:
    if sure:
        value, low, high = sure
        between = f"95% sure: {_percent(low)} to {_percent(high)}"
        yield Tile(name, label, value, _percent(value), "", low, high, between)


def _shares(upkeep: Upkeep, view: View, task: Task, sample: Sample) -> Table:
    """Each class's share as it was read and corrected, and how often it is right and found."""
    total, told = int(sample.called.sum()), sample.quality
    corrected = _corrected(upkeep, view, task) if task.about is None else [_of_yes(sample)]
    rows = []
    for at, (label, figure) in enumerate(zip(task.classes, corrected, strict=False)):
        naive = 100 * int(sample.called[at]) / total if total else None
        name = words.SENTIMENT[label] if task.about is None else check_words.named(task.reading, names(view))
        cells = (Cell(words.figure(figure.value, "%"), figure.value), Cell(interval(figure, "%") or words.DASH))
        rightly = (_cell(told.precision[at]), _cell(told.recall[at]))
        rows.append((Cell(name, label), Cell(words.figure(naive, "%"), naive), *cells, *rightly))
    first = words.dimension(task.reading.partition(":")[0])
    heads = (first, "As read", "Corrected", "95% sure", RIGHT, FOUND)
    columns = tuple(Column(label, number=place > 0) for place, label in enumerate(heads))
    enough = sample.sampled >= LEAST if task.about is None else sample.share is not None
    return Table(
        "What it does to the figures", columns, tuple(rows), BY_THEM if enough else NOT_YET[task.about is None]
    )


def _corrected(upkeep: Upkeep, view: View, task: Task) -> list[Figure]:
    accuracy = measured_beside(upkeep.place.settings.models)
    asked = [Question(f"{label}_share", where=task.where) for label in task.classes]
    return [ask(view, question, now=upkeep.now, accuracy=accuracy).figures[0] for question in asked]


def _of_yes(sample: Sample) -> Figure:
    """The share of a yes/no reading as its own checks correct it."""
    rows, checked = int(sample.called[0]), sample.sampled
    if sample.share is None:
        return Figure({}, None, None, None, rows, None)
    share = sample.share
    value, low, high = (None if end is None else float(end[0]) for end in (share.value, share.low, share.high))
    return Figure({}, value, low, high, rows, None, checked)


def _cell(sure: Sure | None) -> Cell:
    if sure is None:
        return Cell(words.DASH)
    return Cell(f"{_percent(sure[0])} ({_percent(sure[1])} to {_percent(sure[2])})", sure[0])


BY_THEM = "Corrected by the checked messages themselves, on every page, in every export and answer"
NOT_YET = f"From {LEAST} checked messages on, figures are corrected by them; until then by errors measured elsewhere"
NOT_BOTH = (
    f"From {LEAST} checked messages on that were read so and {LEAST} that were not, its share is corrected by them"
)


def _groups(upkeep: Upkeep, view: View, task: Task) -> Iterator[Table]:
    """How often the reading is right in each channel and language, and where to check next."""
    for name in SLICES:
        if name in dict(task.where):
            continue
        samples = by_group(view, task, name)
        question = Question("volume", (name,), (*task.where, ("direction", "in")))
        found = [(figure.group[name], int(figure.value or 0)) for figure in ask(view, question, now=upkeep.now).figures]
        largest = sorted((one for one in found if one[0] in samples and one[1]), key=lambda one: -one[1])[:MOST]
        rows = [_group(task, name, value, size, samples[value]) for value, size in largest if value is not None]
        if len(rows) > 1:
            title = words.dimension(name)
            rightly = "Read rightly" if task.about is None else RIGHT
            heads = (title, "Messages", "Checked", rightly, "")
            columns = tuple(Column(label, number=place > 0) for place, label in enumerate(heads))
            yield Table(f"By {title.lower()}", columns, tuple(rows))


def _group(task: Task, name: str, value: str, size: int, sample: Sample) -> tuple[Cell, ...]:
    sure = sample.accuracy if task.about is None else sample.quality.precision[0]
    more = "" if sample.sampled >= min(GOOD, size) else f"Check {min(GOOD, size) - sample.sampled} more"
    href = address(PATH, pairs(replace(task, where=(*task.where, (name, value)), turn=FIRST))) if more else None
    return (
        Cell(words.member(name, value), value),
        Cell(words.number(size), size),
        Cell(words.number(sample.sampled), sample.sampled),
        replace(_cell(sure), tone="bad" if sure and sure[2] < LOW else ""),
        Cell(more, href=href),
    )


def _percent(share: float) -> str:
    return f"{words.number(100 * share)}%"
