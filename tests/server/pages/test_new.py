"""What is new on its page: sentences, evidence behind each finding, exports, and nothing that should not be told."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.testclient import TestClient

import shop
from heedful.privacy.viewer import Viewer

ODD = '<img src=x onerror="alert(1)">'


def burst(text: str = "The escalator is broken, level", count: int = 24, **more: Any) -> list[dict[str, Any]]:
    """Messages of different people in the day before NOW."""
    return [
        {
            "id": f"b{n}{text}",
            "channel": "review",
            "text": f"{text} {n}.",
            "person": f"new{n}@example.org",
            "occurred_at": (shop.NOW - timedelta(minutes=50 * n + 1)).isoformat(),
        }
        | more
        for n in range(count)
    ]


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[shop.Shop]:
    opened = shop.open_shop(tmp_path_factory.mktemp("new"))
    opened.take("message", shop.messages(1_500, days=98))
    opened.take("message", burst())
    opened.take("message", burst("Cannot pay, the till", 12, hashtags=[ODD], item=ODD))
    yield opened
    opened.close()


def page(opened: shop.Shop, address: str = "/new.json") -> dict[str, Any]:
    with opened.client() as browser:
        return browser.get(address).json()


def blocks(shown: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [block for block in shown["blocks"] if block["kind"] == kind]


def test_each_finding_is_told_in_words_and_opens_its_messages(full: shop.Shop) -> None:
    shown = page(full)
    table = blocks(shown, "Table")[0]
    rows = {row[0]["value"]: row for row in table["rows"]}
    row = next(row for name, row in rows.items() if "escalator" in (name, *row[4]["shown"].split(", ")))
    assert row[5]["value"] == 24
    with full.client() as browser:
        found = browser.get(row[0]["href"].replace("/messages", "/messages.json")).json()
        (listed,) = blocks(found, "MessageList")
        assert listed["count"] == "24 messages"
        assert {"escalator"} <= set("".join(p["text"] for p in listed["messages"][0]["parts"]).lower().split())
        first = browser.get(row[2]["href"])
        assert first.status_code == 200
        assert "level 23." in first.text
    chart = next(chart for chart in blocks(shown, "Chart") if row[0]["shown"] in chart["title"])
    assert "24 people in" in chart["about"]
    assert "expected; began yesterday" in chart["about"]
    assert "in reviews" in chart["about"]
    assert sum(cell[1]["value"] or 0 for cell in chart["table"]["rows"]) == 24
    assert "grow beyond its history, of" in shown["lead"] or "grows beyond its history, of" in shown["lead"]


def test_its_figures_leave_as_they_are(full: shop.Shop) -> None:
    (explained,) = blocks(page(full), "Explained")
    assert [link["label"] for link in explained["links"]] == ["JSON", "CSV", "Parquet"]
    for link in explained["links"]:
        parts = urlsplit(link["href"])
        assert parts.path == "/v1/studies/new"
        assert parse_qs(parts.query)["tz"] == ["Europe/Berlin"]


def test_words_are_never_markup(full: shop.Shop) -> None:
    with full.client() as browser:
        shown = browser.get("/new", headers={"accept": "text/html"}).text
    told = json.dumps(page(full))
    assert json.dumps(ODD)[1:-1].lower() in told.lower()
    assert "<img src=x" not in shown
    assert "&lt;img src=x" in shown or "\\u003cimg src=x" in shown


def test_the_past_is_told_as_it_was(full: shop.Shop) -> None:
    day = (shop.NOW - timedelta(days=3)).date().isoformat()
    shown = page(full, f"/new.json?until={day}")
    assert "escalator" not in json.dumps(shown)
    (empty,) = blocks(shown, "Empty")
    assert empty["title"] == "Nothing is growing beyond its history"
    assert "were looked at" in empty["text"]
    assert day in json.dumps(blocks(shown, "Form"))


def test_filters_stand_in_the_address_and_in_what_it_leads_to(full: shop.Shop) -> None:
    shown = page(full, "/new.json?channel=review&since=7d")
    assert [link["current"] for link in shown["periods"]] == [True, False, False]
    (table,) = blocks(shown, "Table")[:1]
    assert all("channel=review" in row[0]["href"] for row in table["rows"])
    assert "where=channel%3Dreview" in table["more"]["href"]
    assert "since=7d" in table["more"]["href"]


def test_without_history_nothing_is_new(tmp_path: Path) -> None:
    opened = shop.open_shop(tmp_path)
    opened.take("message", burst())
    (empty,) = blocks(page(opened), "Empty")
    assert empty["title"] == "There is no history yet"
    opened.close()


def test_who_reads_no_text_gets_slices_and_their_figures(full: shop.Shop) -> None:
    full.viewer = Viewer("figures only", frozenset({"viewer"}))
    try:
        shown = page(full)
    finally:
        full.viewer = shop.DEMO
    assert "escalator" not in json.dumps(shown)
    (table,) = blocks(shown, "Table")[:1]
    for row in table["rows"]:
        assert row[0]["href"].startswith("/figures?metric=volume&by=day&direction=in&")
        assert row[2]["href"] is None


def test_it_is_in_the_menu(full: shop.Shop) -> None:
    with TestClient(full.app(), headers={"accept": "text/html"}) as browser:
        shown = browser.get("/").text
    assert 'href="/new"' in shown
