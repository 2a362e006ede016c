import re
from pathlib import Path
from typing import Any

import pytest

import shop
from heedful.insight.accuracy import measured
from heedful.insight.ask import Question, ask
from heedful.server.pages.overview import TILES
from shop import blocks, data_of


@pytest.mark.parametrize("name", TILES)
def test_a_tile_holds_what_ask_answers(larkfield: shop.Shop, name: str) -> None:
    with larkfield.store.view(shop.DEMO) as view:
        question = Question(name, since="2026-10-22", zone="Europe/Berlin", compare=True)
        figure = ask(view, question, now=shop.NOW, accuracy=measured).figures[0]
    (figures,) = blocks(data_of(larkfield, "/index.json"), "Figures")
    (tile,) = [tile for tile in figures["tiles"] if tile["metric"] == name]
    assert tile["value"] == pytest.approx(figure.value)
    assert (tile["low"], tile["high"], tile["rows"], tile["people"]) == (
        figure.low,
        figure.high,
        figure.rows,
        figure.people,
    )
    assert tile["change"]


def test_every_figure_opens_as_many_messages_as_it_stands_on(larkfield: shop.Shop) -> None:
    page = data_of(larkfield, "/index.json")
    opened = [(tile["href"], tile["rows"]) for tile in blocks(page, "Figures")[0]["tiles"]]
    for chart in blocks(page, "Chart"):
        rows = chart["spec"]["data"]["values"]
        opened += [(row["href"], int(row["rows"].replace(",", ""))) for row in rows[::9] if row["href"]]
    assert len(opened) > 12
    for href, rows in opened:
        behind = data_of(larkfield, href.replace("/messages?", "/messages.json?"))
        (listed,) = blocks(behind, "MessageList")
        assert listed["count"] == f"{rows:,} message{'' if rows == 1 else 's'}", href
        assert len(listed["messages"]) == min(30, rows)


def test_evidence_stays_as_of_its_moment(tmp_path: Any) -> None:
    opened = shop.open_shop(tmp_path)
    opened.take("message", shop.messages(60))
    (figures,) = blocks(data_of(opened, "/index.json?period=all"), "Figures")
    href = figures["tiles"][0]["href"].replace("/messages?", "/messages.json?")
    before = data_of(opened, href)
    opened.take("message", [{"id": "late", "text": "Too late.", "occurred_at": shop.NOW.isoformat()}])
    assert blocks(data_of(opened, href), "MessageList") == blocks(before, "MessageList")
    assert "Too late." in str(data_of(opened, "/messages.json"))
    opened.close()


def test_a_period_changes_every_figure_and_its_comparison(larkfield: shop.Shop) -> None:
    week, everything = (data_of(larkfield, f"/index.json?period={name}") for name in ("7d", "all"))
    assert [link["label"] for link in week["periods"] if link["current"]] == ["7 days"]
    assert "14 – 20 Nov 2026" in week["lead"]
    tile = blocks(week, "Figures")[0]["tiles"][0]
    assert tile["change"]["against"] == "the 7 days before"
    assert blocks(everything, "Figures")[0]["tiles"][0]["value"] > 3 * tile["value"]
    assert blocks(everything, "Figures")[0]["tiles"][0]["change"] is None


def test_days_are_those_of_the_zone(tmp_path: Any) -> None:
    opened = shop.open_shop(tmp_path)
    late = [
        {"id": f"m{i}", "text": "Late at night.", "person": f"p{i}@example.org", "occurred_at": "2026-11-18T23:30:00Z"}
        for i in range(9)
    ]
    opened.take("message", late)
    (volume,) = [chart for chart in blocks(data_of(opened, "/index.json"), "Chart") if chart["name"] == "volume"]
    counted = {row["day"]: row["value"] for row in volume["spec"]["data"]["values"] if row["value"]}
    assert counted == {"2026-11-19": 9}
    assert len(volume["spec"]["data"]["values"]) == 30
    opened.close()


def test_small_groups_are_counted_not_shown(tmp_path: Any) -> None:
    opened = shop.open_shop(tmp_path)
    opened.take("message", shop.messages(200))
    few = [
        {
            "id": f"f{i}",
            "channel": "news",
            "text": "Rare.",
            "person": "one@example.org",
            "occurred_at": "2026-11-18T09:00:00Z",
        }
        for i in range(40)
    ]
    opened.take("message", few)
    page = data_of(opened, "/index.json")
    (channels,) = [chart for chart in blocks(page, "Chart") if chart["name"] == "channel"]
    assert "News" not in str(channels["spec"]) + str(channels["table"])
    assert re.fullmatch(r"\d groups? hidden: too few people", channels["hidden"])
    opened.close()


def test_unread_messages_are_said(tmp_path: Any) -> None:
    opened = shop.open_shop(tmp_path)
    opened.take("message", shop.messages(60))
    opened.take(
        "message",
        [{"id": f"u{i}", "text": "Fresh.", "occurred_at": "2026-11-20T09:00:00Z"} for i in range(3)],
        read=False,
    )
    said = [notice["text"] for notice in blocks(data_of(opened, "/index.json"), "Notice")]
    assert any(text.startswith("3 messages not counted in sentiment: not read yet") for text in said)
    opened.close()


def test_newest_messages_come_first_and_know_what_was_read(larkfield: shop.Shop) -> None:
    (newest,) = blocks(data_of(larkfield, "/index.json"), "MessageList")
    times = [message["at"] for message in newest["messages"]]
    assert times == sorted(times, reverse=True)
    assert newest["live"] == "/v1/stream"
    for message in newest["messages"]:
        text = "".join(part["text"] for part in message["parts"]).lower()
        expected = next((mood for word, mood in shop.RULE.items() if word in text), "neutral")
        assert message["mood"] == {
            "sentiment": expected,
            "label": expected.capitalize(),
            "probability": pytest.approx(0.9),
            "shown": "90%",
        }


def test_a_period_without_messages_says_where_they_are(tmp_path: Path) -> None:
    opened = shop.open_shop(tmp_path / "old")
    opened.take("message", [{"id": "1", "text": "The lid broke.", "occurred_at": "2026-03-05T20:59:00Z"}])
    (notice,) = [block for block in blocks(data_of(opened, "/index.json"), "Notice") if block["link"]]
    assert notice["text"] == "No message is from this period; the newest is from 5 Mar 2026."
    assert notice["link"]["href"] == "/?period=all"
    assert [b for b in blocks(data_of(opened, "/index.json?period=all"), "Notice") if b["link"]] == []
    opened.close()
