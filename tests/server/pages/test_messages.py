import html
import re
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyarrow as pa
import pytest
from starlette.testclient import TestClient

import shop
from heedful.language.unread import read_these, unread
from heedful.settings import OwnModel


def look(opened: shop.Shop, address: str) -> Any:
    with TestClient(opened.app()) as browser:
        answer = browser.get(address)
    assert answer.status_code == 200, answer.text
    return answer.json()


def listed(page: Any) -> list[Any]:
    return [message for block in page["blocks"] if block["kind"] == "MessageList" for message in block["messages"]]


def text(message: Any) -> str:
    return "".join(part["text"] for part in message["parts"])


def test_words_found_stand_out(larkfield: shop.Shop) -> None:
    page = look(larkfield, "/messages.json?q=lovely")
    assert listed(page)
    for message in listed(page):
        assert [p["text"].lower() for p in message["parts"] if p["kind"] == "match"] == ["lovely"]
    with TestClient(larkfield.app()) as browser:
        assert "<mark>lovely</mark>" in browser.get("/messages?q=lovely", headers={"accept": "text/html"}).text


@pytest.mark.parametrize(
    ("query", "fits"),
    [
        ("channel=chat", lambda m: m["channel"] == "chat"),
        ("brand=Oakmere", lambda m: m["brands"] == ["Oakmere"]),
        ("sentiment=negative", lambda m: m["mood"]["sentiment"] == "negative"),
        ("direction=out&channel=email", lambda m: (m["direction"], m["channel"]) == ("out", "email")),
        ("brand=(none)", lambda m: m["brands"] == []),
        ("day=2026-11-18", lambda m: m["at"].startswith("2026-11-18")),
        ("since=2026-11-10&until=2026-11-12", lambda m: m["at"][:10] in ("2026-11-10", "2026-11-11")),
        ("q=lamp+lovely&sentiment=positive", lambda m: "lamp" in text(m)),
    ],
)
def test_a_filter_in_the_address_keeps_only_what_fits(larkfield: shop.Shop, query: str, fits: Any) -> None:
    page = look(larkfield, f"/messages.json?{query}")
    assert listed(page)
    assert all(fits(message) for message in listed(page))
    (filters,) = [block for block in page["blocks"] if block["kind"] == "Filters"]
    assert filters["active"]


def test_pages_follow_each_other_without_gap_or_repeat(larkfield: shop.Shop) -> None:
    seen: list[str] = []
    address: str | None = "/messages.json?channel=chat"
    while address:
        page = look(larkfield, address)
        (block,) = [block for block in page["blocks"] if block["kind"] == "MessageList"]
        seen += [message["id"] for message in block["messages"]]
        address = block["more"] and block["more"]["href"].replace("/messages?", "/messages.json?")
    assert len(seen) == len(set(seen))
    (first,) = [b for b in look(larkfield, "/messages.json?channel=chat")["blocks"] if b["kind"] == "MessageList"]
    assert first["count"] == f"{len(seen)} messages"


def test_each_active_filter_can_be_taken_away(larkfield: shop.Shop) -> None:
    page = look(larkfield, "/messages.json?q=lovely&channel=chat&period=30d&hashtag=x")
    (filters,) = [block for block in page["blocks"] if block["kind"] == "Filters"]
    left = [set(parse_qs(urlsplit(link["href"]).query)) for link in filters["active"]]
    assert left == [
        {"channel", "hashtag", "period"},
        {"q", "hashtag", "period"},
        {"q", "channel", "period"},
        {"q", "channel", "hashtag"},
    ]
    assert filters["clear"] == "/messages"


def test_nothing_found_says_what_else_to_try(larkfield: shop.Shop) -> None:
    page = look(larkfield, "/messages.json?q=zebra&channel=chat&period=7d")
    (empty,) = [block for block in page["blocks"] if block["kind"] == "Empty"]
    assert [link["label"] for link in empty["links"]] == ["Search everywhere", "Any time", "Start again"]


def test_one_message_shows_all_of_it_its_conversation_and_readings(larkfield: shop.Shop) -> None:
    reply = listed(look(larkfield, "/messages.json?direction=out&channel=chat"))[0]
    page = look(larkfield, f"/messages/{reply['id']}.json")
    whole, talk = [block for block in page["blocks"] if block["kind"] == "MessageList"]
    assert text(whole["messages"][0]) == "Thank you, we look into it."
    assert [message["direction"] for message in talk["messages"]] == ["in"]
    readings, about = [block for block in page["blocks"] if block["kind"] == "Facts"]
    assert ["Neutral", "90%"] in readings["rows"]
    assert ["Source", "shop"] in about["rows"]


def test_categories_of_ones_own_stand_in_filters_charts_and_on_the_page(tmp_path: Any) -> None:
    opened = shop.open_shop(tmp_path)
    opened.take("message", [{"id": str(at), "text": f"refund {at}", "person": f"p{at}"} for at in range(7)], read=False)
    near = [{"name": "intent", "best": "refund", "score": 0.93}]
    held = {"categories": ["intent: refund"], "nearest": near}
    none = {"categories": [], "nearest": [{**near[0], "score": 0.21}]}
    waiting = unread(opened.store, "rule=1")
    read_these(opened.store, waiting[1:], "rule=1", lambda batch: with_more(shop.by_rule(batch), held))
    read_these(opened.store, waiting[:1], "rule=1", lambda batch: with_more(shop.by_rule(batch), none))
    assert "category" not in {select["name"] for select in look(opened, "/messages.json")["blocks"][1]["selects"]}
    models = (OwnModel("categories", tmp_path, ("*",)),)
    opened.place = replace(opened.place, settings=replace(opened.place.settings, models=models))
    page = look(opened, "/messages.json?category=intent%3A+refund&period=all")
    (filters,) = [block for block in page["blocks"] if block["kind"] == "Filters"]
    (select,) = [select for select in filters["selects"] if select["name"] == "category"]
    assert [choice["value"] for choice in select["choices"] if choice["chosen"]] == ["intent: refund"]
    assert [link["label"] for link in filters["active"]] == ["Category: intent: refund"]
    assert len(listed(page)) == 6
    (row,) = listed(look(opened, "/messages.json?category=(none)&period=all"))
    for id, said in ((listed(page)[0]["id"], "refund (93%)"), (row["id"], "none (nearest: refund, 21%)")):
        shown = look(opened, f"/messages/{id}.json")
        assert ["Intent", said] in next(block for block in shown["blocks"] if block["kind"] == "Facts")["rows"]
    charts = [block for block in look(opened, "/index.json?period=all")["blocks"] if block["kind"] == "Chart"]
    assert "Messages by category" in [chart["title"] for chart in charts]
    opened.close()


def with_more(read: pa.RecordBatch, more: dict[str, Any]) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist([{**row, **more} for row in read.to_pylist()], read.schema)


def test_a_long_text_is_cut_in_lists_and_whole_on_its_page(tmp_path: Any) -> None:
    opened = shop.open_shop(tmp_path)
    long = "The drawer sticks. " * 200
    opened.take("message", [{"id": "long", "text": long, "occurred_at": "2026-11-20T09:00:00Z"}])
    (message,) = listed(look(opened, "/messages.json"))
    assert message["cut"]
    assert 600 < len(text(message)) <= 701
    (whole,) = listed(look(opened, f"/messages/{message['id']}.json"))
    assert text(whole).strip() == long.strip()
    assert not whole["cut"]
    opened.close()


def test_removed_personal_data_shows_as_a_mark(tmp_path: Any) -> None:
    opened = shop.open_shop(tmp_path)
    opened.take(
        "message", [{"id": "a", "text": "Write to zoe.lamb@example.org, thanks", "occurred_at": "2026-11-20T09:00:00Z"}]
    )
    (message,) = listed(look(opened, "/messages.json"))
    assert [(p["kind"], p["text"]) for p in message["parts"]] == [
        ("text", "Write to "),
        ("removed", "email"),
        ("text", ", thanks"),
    ]
    with TestClient(opened.app()) as browser:
        shown = browser.get("/messages", headers={"accept": "text/html"}).text
    assert re.search(r'<span class="removed" title="[^"]+">email</span>', shown)
    opened.close()


def test_a_formula_and_markup_are_shown_as_they_are(tmp_path: Any) -> None:
    opened = shop.open_shop(tmp_path)
    said = "=cmd|' /C calc'!A0 <b>bold</b> {{ 7 * 7 }} \u202eolleh"
    opened.take("message", [{"id": "a", "text": said, "occurred_at": "2026-11-20T09:00:00Z"}])
    with TestClient(opened.app()) as browser:
        shown = browser.get("/messages", headers={"accept": "text/html"}).text
    assert html.escape(said, quote=False).replace("'", "&#39;") in shown
    assert 'class="text" dir="auto"' in shown
    opened.close()


def test_behind_a_figure_a_filter_narrows_the_figure_too(larkfield: shop.Shop) -> None:
    page = look(larkfield, "/messages.json?metric=negative_share&channel=chat&sentiment=")
    assert page["title"].startswith("Negative: ")
    assert all(message["channel"] == "chat" for message in listed(page))


def test_a_filter_that_the_figure_is_itself_about_leads_to_plain_messages(larkfield: shop.Shop) -> None:
    page = look(larkfield, "/messages.json?metric=negative_share&sentiment=negative")
    assert page["title"] == "Messages"
    assert {message["mood"]["sentiment"] for message in listed(page)} == {"negative"}
