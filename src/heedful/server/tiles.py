"""Figures as tiles: the value in words, its interval, how it moved and whether that is clear."""

from heedful.insight.answer import Answer, Figure
from heedful.server import addresses, words
from heedful.server.blocks import Change, Tile
from heedful.server.charts import COUNTS, interval

UNIT = {"of 1": "of 1", "points": "points", "views": "views"}
"""Units that are written behind the value; the others go without saying."""
TOO_FEW = 10
"""So many times the rows of the period before, a figure is not compared with it: records mostly begin later."""


def tile(answer: Answer, *, against: str = "") -> Tile:
    """The only figure of an answer as a tile; `against` names the period before, where it was asked."""
    figure = answer.figures[0] if answer.figures else None
    label = words.metric(answer.metric, answer.title)
    if figure is None or figure.hidden or figure.value is None:
        why = "Hidden: too few people" if figure is not None and figure.hidden else "Nothing to measure"
        return Tile(answer.metric, label, None, why, "", hidden=bool(figure and figure.hidden), checked=answer.checked)
    between = interval(figure, answer.unit)
    return Tile(
        metric=answer.metric,
        label=label,
        value=figure.value,
        shown=words.figure(figure.value, answer.unit).removesuffix(words.OF_1),
        unit=UNIT.get(answer.unit, ""),
        low=figure.low,
        high=figure.high,
        interval=f"95% sure: {between}" if between else None,
        checked=answer.checked,
        note=_note(answer),
        rows=figure.rows,
        people=figure.people,
        behind=_behind(answer, figure),
        change=_change(answer, figure, against) if against else None,
        href=addresses.behind(answer, figure.group),
    )


def _note(answer: Answer) -> str | None:
    notes = ["Accuracy not checked"] if answer.checked == "not checked" else []
    notes += [words.weighted(answer)] if answer.weighted else []
    return "; ".join(notes) or None


def _behind(answer: Answer, figure: Figure) -> str | None:
    if answer.unit in COUNTS or figure.rows is None:
        return None
    scale = "0 is the worst, 1 the best; " if answer.unit == "of 1" else ""
    checked = f", {words.number(figure.checked)} of them checked" if figure.checked else ""
    return f"{scale}from {words.count(figure.rows, 'message')}{checked}"


def _change(answer: Answer, figure: Figure, against: str) -> Change | None:
    """How the figure moved; one that its interval does not bear out is called unclear."""
    before = figure.before
    if before is None or before.hidden or before.value is None or figure.value is None:
        return Change("Nothing before to compare", "", "even", against)
    if (before.rows or 0) * TOO_FEW < (figure.rows or 0):
        return Change("Too little before to compare", "", "even", against)
    moved = words.difference(figure.value, before.value, answer.unit)
    if not any(digit in moved for digit in "123456789"):
        return Change("No change", "", "even", against)
    if not _clear(figure, before):
        return Change("No clear change", "", "even", against)
    up = figure.value > before.value
    arrow, direction = ("\u2191", "more") if up else ("\u2193", "less")
    unsure = answer.better == "neither" or answer.checked == "not checked"
    tone = "even" if unsure else "good" if answer.better == direction else "bad"
    return Change(f"{moved} {'more' if up else 'less'}", arrow, tone, against)


def _clear(figure: Figure, before: Figure) -> bool:
    """Whether a change is more than its interval allows for; full counts have none and always differ."""
    if figure.change_low is None or figure.change_high is None:
        return figure.value != before.value
    return figure.change_low > 0 or figure.change_high < 0
