"""Pieces of Vega-Lite that charts share: colours, axes, tooltips and the frame around marks.

Colours are those of the light page; the page's script puts the reader's own in their place, so that
a specification also opens elsewhere as it is.
"""

from collections.abc import Mapping, Sequence
from typing import Any

Spec = dict[str, Any]

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
PALETTE = {
    "accent": "#0b6b63",
    "theirs": "#8d97a5",
    "negative": "#c4532d",
    "neutral": "#bcc3cb",
    "positive": "#24889a",
    "rust": "#8a2c10",
    "peach": "#e3a183",
    "plum": "#84527f",
    "mist": "#93c6cf",
    "moss": "#6d9640",
    "ochre": "#a97c1f",
    "sand": "#dcc27f",
    "ink": "#1a2126",
    "muted": "#5a6670",
    "line": "#e3e6e9",
}
"""Colours by their name in static/site.css."""
CONFIG: Spec = {
    "background": "transparent",
    "font": "sans-serif",
    "view": {"stroke": None},
    "axis": {
        "labelColor": PALETTE["muted"],
        "titleColor": PALETTE["muted"],
        "gridColor": PALETTE["line"],
        "domainColor": PALETTE["line"],
        "tickColor": PALETTE["line"],
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "titlePadding": 10,
    },
    "legend": {
        "labelColor": PALETTE["muted"],
        "labelFontSize": 12,
        "orient": "top",
        "title": None,
        "symbolType": "circle",
        "symbolSize": 64,
        "columnPadding": 7,
        "offset": 6,
        "layout": {"top": {"anchor": "end"}},  # so that it may reach over the axis where the chart is narrow
    },
}


def frame(about: str, rows: Sequence[Mapping[str, Any]], *, height: int) -> Spec:
    """Everything but the marks: the rows, the size and the look."""
    return {
        "$schema": SCHEMA,
        "description": about,
        "data": {"values": [dict(row) for row in rows]},
        "width": "container",
        "height": height,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "config": CONFIG,
    }


def time(grain: str, steps: Sequence[str]) -> Spec:
    """The axis of days, weeks or months, each with its place whether anything stands there or not."""
    form = "%b %Y" if grain == "month" else "%-d %b"
    axis = {
        "title": None,
        "labelExpr": f"utcFormat(toDate(datum.value), '{form}')",
        "labelAngle": 0,
        "labelOverlap": "parity",
        "labelPadding": 6,
        "ticks": False,
    }
    scale = {"domain": list(steps), "paddingInner": 0.24 if len(steps) <= 45 else 0.08, "paddingOuter": 0.1}
    return {"field": "day", "type": "ordinal", "scale": scale, "axis": axis}


def quantity(field: str, title: str, *, domain: list[float] | None = None, stack: str | None = None) -> Spec:
    """The axis of a number, with its unit as title and separators between thousands."""
    axis = {
        "title": title,
        "format": ",~f",
        "tickCount": 4,
        "domain": False,
        "ticks": False,
        "labelPadding": 6,
        "labelOverlap": True,
    }
    scale = {"domain": domain} if domain else {"nice": True}
    return {"field": field, "type": "quantitative", "axis": axis, "scale": scale, "stack": stack}


def names() -> Spec:
    """The axis of groups, in the order of the rows."""
    axis = {"title": None, "labelLimit": 132, "labelPadding": 8, "ticks": False, "domain": False}
    return {"field": "name", "type": "nominal", "sort": None, "axis": axis}


def whiskered(encoding: Spec, rows: Sequence[Mapping[str, Any]]) -> list[Spec]:
    """Bars in the colour of their row, and its interval from `low` to `high` over each, where any has one."""
    bar = {"type": "bar", "cursor": "pointer", "cornerRadiusEnd": 3, "height": {"band": 0.6}}
    layers: list[Spec] = [{"mark": bar, "encoding": encoding | {"color": {"field": "colour", "scale": None}}}]
    if any(row["low"] is not None for row in rows):
        rule = {"type": "rule", "color": PALETTE["ink"], "strokeWidth": 1.5, "opacity": 0.7, "cursor": "pointer"}
        ends = {"x": {"field": "low", "type": "quantitative"}, "x2": {"field": "high"}}
        layers.append({"mark": rule, "encoding": encoding | ends})
    return layers


def tip(field: str, title: str) -> Spec:
    """One line of a tooltip, of a field that already holds words."""
    return {"field": field, "type": "nominal", "title": title}


def target(x: Spec, tips: list[Spec]) -> Spec:
    """An unseen column over each step of time, which shows the tooltip and opens the rows behind it."""
    over = {"name": "over", "select": {"type": "point", "on": "pointerover", "clear": "pointerout", "fields": ["day"]}}
    return {
        "params": [over],
        "mark": {"type": "rect", "color": PALETTE["ink"], "cursor": "pointer", "aria": False},
        "encoding": {
            "x": x,
            "opacity": {"condition": {"param": "over", "empty": False, "value": 0.1}, "value": 0},
            "href": {"field": "href"},
            "tooltip": tips,
        },
    }


def sentiment_colour() -> Spec:
    """The three sentiments in their colours."""
    scale = {
        "domain": ["Negative", "Neutral", "Positive"],
        "range": [PALETTE["negative"], PALETTE["neutral"], PALETTE["positive"]],
    }
    return {"field": "sentiment", "type": "nominal", "scale": scale}
