"""The page of metrics weighs figures as it is asked, and says what that costs."""

from dataclasses import replace
from typing import Any

import pytest

import shop
from shop import blocks, data_of


@pytest.fixture(scope="module")
def weighted(larkfield: shop.Shop) -> shop.Shop:
    """The same shop, whose settings know a market where nobody chats and everybody reviews."""
    mix = {"review": 0.9, "*": 0.1}
    settings = replace(larkfield.place.settings, weights={"market": {"channel": mix}})
    return replace(larkfield, place=replace(larkfield.place, settings=settings))


def weights_field(page: Any) -> list[tuple[str, bool]]:
    (form,) = [form for form in blocks(page, "Form") if form["method"] == "get"]
    return [
        (choice["value"], choice["chosen"])
        for field in form["fields"]
        if field["name"] == "weights"
        for choice in field["choices"]
    ]


def test_weights_are_offered_where_there_are_any(larkfield: shop.Shop, weighted: shop.Shop) -> None:
    assert weights_field(data_of(larkfield, "/figures.json?metric=mean_rating")) == []
    asked = "/figures.json?metric=mean_rating&period=all&weights=market"
    assert weights_field(data_of(weighted, asked)) == [("", False), ("market", True)]


def test_a_weighted_figure_says_so_and_keeps_its_weights_in_every_address(weighted: shop.Shop) -> None:
    plain = blocks(data_of(weighted, "/figures.json?metric=mean_rating&period=all"), "Figures")[0]["tiles"][0]
    page = data_of(weighted, "/figures.json?metric=mean_rating&period=all&weights=market")
    tile = blocks(page, "Figures")[0]["tiles"][0]
    assert tile["value"] != pytest.approx(plain["value"])
    assert tile["rows"] == plain["rows"]
    assert plain["note"] is None
    assert tile["note"].startswith("Weighted to market: design effect ")
    (save,) = [form for form in blocks(page, "Form") if form["action"] == "/views"]
    assert "weights=market" in dict(save["hidden"])["address"]
    by_brand = data_of(weighted, "/figures.json?metric=mean_rating&period=all&weights=market&by=brand")
    (chart,) = blocks(by_brand, "Chart")
    assert "Weighted to market" in chart["about"]
    assert all("weights=market" in link["href"] for link in chart["links"])


def test_the_share_of_what_was_read_is_called_an_estimate(larkfield: shop.Shop) -> None:
    def how(by: str) -> str:
        (facts,) = blocks(data_of(larkfield, f"/figures.json?metric=share&period=all&by={by}"), "Facts")
        return str(dict(facts["rows"])["How"])

    assert how("channel") == "a full count; by topic, category, label or sentiment an estimate"
    assert how("sentiment") == "an estimate from sentiment as it was read, corrected where its errors are known"
    (table,) = blocks(data_of(larkfield, "/figures.json"), "Table")
    (row,) = [row for row in table["rows"] if row[0]["value"] == "share"]
    assert row[-1]["shown"] == "full count; by topic, category, label or sentiment an estimate"
