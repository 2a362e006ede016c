import re
from datetime import date
from typing import Any

import pytest

from heedful.insight.answer import Answer, Figure
from heedful.insight.certainty import difference
from heedful.server import charts, marks, tiles
from heedful.server.charts import Heading

CSS = marks.__file__.replace("marks.py", "static/site.css")
HEADING = Heading("x", "Title", "About.")


def answer(by: tuple[str, ...], figures: list[Figure], **more: Any) -> Answer:
    told = {
        "metric": "volume",
        "title": "Volume",
        "unit": "messages",
        "zone": "Europe/Berlin",
        "since": "2026-11-01T00:00+01:00",
        "until": None,
        "as_of": "9-4",
        "checked": "full count",
        "unread": None,
    }
    return Answer(by=by, figures=tuple(figures), **(told | more))


def figure(value: float | None, group: dict[str, str | None], **more: Any) -> Figure:
    told = {"low": None, "high": None, "rows": 10, "people": 9, "hidden": value is None}
    return Figure(group, value, **(told | more))


def test_days_without_messages_are_zero_and_hidden_days_are_gaps() -> None:
    told = answer(("day",), [figure(5, {"day": "2026-11-01"}), figure(None, {"day": "2026-11-03"})])
    chart = charts.over_time(HEADING, told, today=date(2026, 11, 4))
    drawn = {row["day"]: row["value"] for row in chart.spec["data"]["values"]}
    assert drawn == {"2026-11-01": 5, "2026-11-02": 0, "2026-11-04": 0}
    assert chart.hidden == "1 group hidden: too few people"
    assert len(chart.table.rows) == 1


def test_a_mark_opens_its_rows_with_the_same_filters_and_moment() -> None:
    told = answer(("day",), [figure(5, {"day": "2026-11-01"})], where=(("channel", "chat"), ("brand", None)))
    (row, *_) = charts.over_time(HEADING, told, today=date(2026, 11, 1)).spec["data"]["values"]
    assert row["href"] == (
        "/messages?metric=volume&channel=chat&brand=%28none%29&day=2026-11-01&since=2026-11-01&as_of=9-4"
    )


def test_shares_of_a_day_add_up_and_days_with_a_hidden_sentiment_are_left_out() -> None:
    told = answer(
        ("day", "sentiment"),
        [
            figure(6, {"day": "2026-11-01", "sentiment": "negative"}),
            figure(14, {"day": "2026-11-01", "sentiment": "neutral"}),
            figure(20, {"day": "2026-11-01", "sentiment": "positive"}),
            figure(7, {"day": "2026-11-01", "sentiment": None}),
            figure(None, {"day": "2026-11-02", "sentiment": "negative"}),
            figure(30, {"day": "2026-11-02", "sentiment": "neutral"}),
        ],
    )
    drawn = charts.sentiment_over_time(HEADING, told, today=date(2026, 11, 2)).spec["data"]["values"]
    assert [(row["sentiment"], row["share"]) for row in drawn] == [("Negative", 15), ("Neutral", 35), ("Positive", 50)]


def test_bars_have_error_bars_where_there_is_an_interval() -> None:
    figures = [
        figure(-6.0, {"brand": "Oakmere"}, low=-9.0, high=-3.0),
        figure(4.0, {"brand": "Larkfield"}, low=1.0, high=7.0),
        figure(2.0, {"brand": None}, low=1.0, high=3.0),
    ]
    told = answer(("brand",), figures, metric="net_sentiment", unit="points", checked="measured")
    chart = charts.bars(HEADING, told, ours=["Larkfield"])
    drawn = chart.spec["data"]["values"]
    assert [(row["name"], row["colour"]) for row in drawn] == [
        ("Larkfield", marks.PALETTE["accent"]),
        ("Oakmere", marks.PALETTE["theirs"]),
    ]
    assert [layer["mark"]["type"] for layer in chart.spec["layer"]] == ["bar", "rule"]
    assert drawn[0]["shown"] == "+4.0 (+1.0 to +7.0)"
    assert [cell.shown for cell in chart.table.rows[2][:3]] == ["Not stated", "+2.0", "+1.0 to +3.0"]


def test_a_line_has_its_interval_as_a_band() -> None:
    told = answer(
        ("day",), [figure(30.0, {"day": "2026-11-01"}, low=27.0, high=33.0)], metric="negative_share", unit="%"
    )
    chart = charts.over_time(HEADING, told, today=date(2026, 11, 1))
    band, line, _ = chart.spec["layer"]
    assert (band["encoding"]["y"]["field"], band["encoding"]["y2"]["field"]) == ("low", "high")
    assert line["mark"]["type"] == "line"


def test_colours_are_those_of_the_light_page() -> None:
    with open(CSS, encoding="utf-8") as file:
        found = dict(re.findall(r"--(\w+): light-dark\((#\w{6}),", file.read()))
    assert {name: found[name] for name in marks.PALETTE} == marks.PALETTE


@pytest.mark.parametrize(
    ("now", "before", "checked", "said", "tone"),
    [
        ((30, 28, 32), (40, 38, 42), "measured", "10.0 points less", "good"),
        ((30, 28, 32), (31, 29, 33), "measured", "No clear change", "even"),
        ((42, 40, 44), (30, 28, 32), "measured", "12.0 points more", "bad"),
        ((42, None, None), (30, None, None), "not checked", "12.0 points more", "even"),
        ((30, None, None), (30, None, None), "full count", "No change", "even"),
        ((30.01, None, None), (30, None, None), "full count", "No change", "even"),
    ],
)
def test_a_change_is_clear_where_its_interval_leaves_out_none(
    now: Any, before: Any, checked: str, said: str, tone: str
) -> None:
    then = figure(before[0], {}, low=before[1], high=before[2])
    low, high = difference(now, before)
    told = answer(
        (),
        [figure(now[0], {}, low=now[1], high=now[2], before=then, change_low=low, change_high=high)],
        metric="negative_share",
        unit="%",
        better="less",
        checked=checked,
    )
    change = tiles.tile(told, against="the 30 days before").change
    assert change
    assert (change.text, change.tone) == (said, tone)


def test_a_hidden_figure_has_no_way_to_its_rows() -> None:
    shown = tiles.tile(answer((), [figure(None, {})]))
    assert (shown.value, shown.shown, shown.href, shown.hidden) == (None, "Hidden: too few people", None, True)


def test_a_rating_says_of_what() -> None:
    told = answer((), [figure(0.483, {}, low=0.46, high=0.5)], metric="mean_rating", unit="of 1")
    tile = tiles.tile(told)
    assert (tile.value, tile.shown, tile.unit) == (0.483, "0.48", "of 1")
    assert tile.behind == "0 is the worst, 1 the best; from 10 messages"
    assert tile.interval == "95% sure: 0.46 to 0.50 of 1"
    table = charts.table("Title", answer(("channel",), [figure(0.5, {"channel": "chat"})], unit="of 1"))
    assert table.rows[0][1].shown == "0.50 of 1"


def test_where_every_group_is_hidden_words_stand_in_place_of_a_plot() -> None:
    hidden = [figure(None, {"day": "2026-11-01"}), figure(None, {"day": "2026-11-02"})]
    for unit in ("messages", "of 1"):
        chart = charts.over_time(HEADING, answer(("day",), hidden, unit=unit), today=date(2026, 11, 4))
        assert chart.nothing == "Every group is of too few people to be shown."
    chart = charts.bars(HEADING, answer(("channel",), [figure(None, {"channel": "chat"})]))
    assert chart.nothing == "Every group is of too few people to be shown."
    assert charts.bars(HEADING, answer(("channel",), [])).nothing == "Nothing to draw in this period."


def test_where_nothing_of_the_table_can_be_drawn_words_say_why() -> None:
    days = ["2026-11-01", "2026-11-02"]
    partly = [
        one
        for day in days
        for one in (
            figure(9, {"day": day, "sentiment": "positive"}),
            figure(None, {"day": day, "sentiment": "negative"}),
        )
    ]
    by = ("day", "sentiment")
    chart = charts.sentiment_over_time(HEADING, answer(by, partly), today=date(2026, 11, 2))
    assert chart.nothing == (
        "On every day one sentiment is hidden, or nothing was read. The table holds what there is."
    )
    whole = [figure(7, {"day": "2026-11-03", "sentiment": "positive"})]
    chart = charts.sentiment_over_time(HEADING, answer(by, [*partly, *whole]), today=date(2026, 11, 3))
    assert chart.nothing is None
    assert chart.hidden == "2 groups hidden: too few people; 2 days not drawn, since one of their sentiments is hidden"
    undated = answer(("day",), [figure(0.5, {"day": None})], unit="of 1")
    assert "have no date" in str(charts.over_time(HEADING, undated, today=date(2026, 11, 2)).nothing)
    nobody = answer(("brand",), [figure(9, {"brand": None})])
    assert "No brand is stated" in str(charts.bars(HEADING, nobody, ours=["Acme"]).nothing)


def test_a_line_without_intervals_has_no_band() -> None:
    told = answer(("day",), [figure(0.5, {"day": "2026-11-01"})], unit="of 1")
    spec = charts.over_time(HEADING, told, today=date(2026, 11, 1)).spec
    assert not any(layer["mark"]["type"] == "area" for layer in spec["layer"])
