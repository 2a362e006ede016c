"""A metric's change as a chart of its parts with whiskers, and as a table; each part opens its rows in both periods."""

from dataclasses import replace
from typing import Any

from heedful.server import addresses, marks, words
from heedful.server.blocks import Cell, Chart, Column, Link, Table
from heedful.server.changes import NOUNS, UNITS, Change, Row, between, part, seen, signed
from heedful.server.marks import PALETTE

MOST = 12
"""So many parts are drawn at most."""


def chart(change: Change, title: str, about: str) -> Chart:
    """The parts as bars with their intervals as whiskers; all of them with what stands behind them in the table."""
    rows = _bars(change)
    tips = [
        marks.tip("name", "Part"),
        marks.tip("shown", "Change"),
        marks.tip("now", "Now"),
        marks.tip("then", "Before"),
    ]
    unit = UNITS.get(change.answer.unit, change.answer.unit)
    names = marks.names()
    encoding = {
        "y": names | {"axis": names["axis"] | {"labelLimit": 165}},
        "x": marks.quantity("change", f"change in {unit}" if unit else "change"),
        "href": {"field": "href"},
        "tooltip": tips,
    }
    spec = marks.frame(about, rows, height=max(64, 34 * len(rows))) | {"layer": marks.whiskered(encoding, rows)}
    forms = (("JSON", None), ("CSV", "csv"), ("Parquet", "parquet"))
    links = tuple(Link(label, addresses.study("changed", change.answer, change.by, form=form)) for label, form in forms)
    return Chart("parts", title, about, spec, table(change, title), _told(change), links, wide=True)


def _bars(change: Change) -> list[dict[str, Any]]:
    """The parts that are drawn, and one bar for everything else, so that all bars add up to the whole change."""
    unit = change.answer.unit
    drawn = [row for row in change.parts if seen(row["change"], unit)][:MOST]
    bars = []
    for row in drawn:
        now, then = _behind(change, row)
        said = part(change, row)
        bars.append(
            {name: row[name] for name in ("change", "low", "high")}
            | {"name": said[:1].upper() + said[1:], "shown": _shown(row, unit), "colour": _colour(change, row)}
            | {"now": words.figure(row["value"], unit), "then": words.figure(row["before"], unit), "href": now or then}
        )
    left = change.total["change"] - sum(row["change"] for row in drawn)
    if seen(left, unit):
        told = {"name": "Everything else", "change": left, "low": None, "high": None, "shown": signed(left, unit)}
        bars.append(told | {"colour": PALETTE["neutral"], "now": words.DASH, "then": words.DASH, "href": None})
    return bars


def _colour(change: Change, row: Row) -> str:
    """What made it better and worse in the colours of positive and negative, noise in grey."""
    if row["clear"] is False or not row["change"]:
        return PALETTE["neutral"]
    better = change.metric.better
    if better == "neither":
        return PALETTE["accent"]
    return PALETTE["positive" if (row["change"] > 0) == (better == "more") else "negative"]


def _shown(row: Row, unit: str) -> str:
    told = signed(row["change"], unit)
    if row["low"] is None:
        return told
    noise = ", within noise" if row["clear"] is False else ""
    return f"{told} ({between(row['low'], row['high'], unit)}{noise})"


def table(change: Change, title: str) -> Table:
    """Every part with its interval, the group's figures in both periods, and how many rows they stand on."""
    noun = NOUNS[change.metric.of].capitalize()
    named = ("Part", "Change", "95% interval", "Clear", "Now", "Before", f"{noun} now", "before")
    columns = tuple(Column(label, number=label not in ("Part", "Clear")) for label in named)
    return Table(
        title, columns, tuple(_cells(change, row) for row in change.rows if row["part"] != "rest" or row["change"])
    )


def _cells(change: Change, row: Row) -> tuple[Cell, ...]:
    unit = change.answer.unit
    said = {"total": "The whole change", "rest": "In no part"}.get(row["part"]) or part(change, row)
    sure = words.DASH if row["low"] is None else between(row["low"], row["high"], unit)
    clear = {True: "clear", False: "within noise", None: words.DASH}[row["clear"]]
    now, then = (None, None) if row["part"] == "rest" else _behind(change, row)
    return (
        Cell(said[:1].upper() + said[1:], row[change.by]),
        Cell(signed(row["change"], unit), row["change"]),
        Cell(sure),
        Cell(clear),
        Cell(words.figure(row["value"], unit), row["value"], now),
        Cell(words.figure(row["before"], unit), row["before"], then),
        Cell(_counted(row["rows"]), row["rows"]),
        Cell(_counted(row["rows_before"]), row["rows_before"]),
    )


def _behind(change: Change, row: Row) -> tuple[str | None, str | None]:
    """The addresses of a part's rows in both periods, as far as it has any."""
    path = "/messages" if NOUNS[change.metric.of] == "messages" else "/evidence"
    earlier = replace(change.answer, since=change.before[0], until=change.before[1])
    held = {} if row["part"] == "total" else {change.by: row[change.by]}
    pairs = ((change.answer, row["rows"]), (earlier, row["rows_before"]))
    now, then = (addresses.behind(answer, held, path=path) if rows else None for answer, rows in pairs)
    return now, then


def _told(change: Change) -> str | None:
    """What is in no part, where that can be seen."""
    left, unit = change.rows[-1]["change"], change.answer.unit
    if not seen(left, unit):
        return None
    why = "groups of too few people, rows that are in several groups, or estimates that do not add up"
    return f"{signed(left, unit)} is in no part: {why}"


def _counted(value: int | None) -> str:
    return words.DASH if value is None else f"{value:,}"
