"""What fits and what does not, on sentences."""
# ruff: noqa: E501

import time
from typing import Any

import pytest

from heedful.query.many import Many
from heedful.query.match import match
from heedful.query.parse import parse
from heedful.query.said import said

LATE = {
    "title": "Late again",
    "text": "The Courier never rang and my parcel is three days late. #Delays @acme http://x.example/a C++ rocks!",
    "person": 5,
    "links": ["https://shop.example/Offer"],
    "url": "https://www.news.example/1",
    "language": "en-US",
    "country": "GB",
    "channel": "review",
    "brand": ["Blue Door"],
    "rating": 0.25,
    "read_sentiment": "negative",
}


@pytest.mark.parametrize(
    ("query", "fits"),
    [
        ("parcel", True), ("PARCEL", True), ("parcels", False), ("parcel*", True), ("p?rcel", True), ("p?cel", False),
        ("*arce*", True), ('"my parcel"', True), ('"parcel my"', False), ('"my par* is"', True), ("courier -parcel", False),
        ("parcel NEAR/2 late", False), ("parcel NEAR/3 late", True), ("late NEAR/3 parcel", True),
        ("late NEAR/3f parcel", False), ("parcel NEAR/3f late", True), ("(van OR parcel) NEAR/0 is", True),
        ('"three days" NEAR/0 late', True), ("again NEAR/0f the", True), ("rang NEAR/1 rang", True),
        ("raw:Courier", True), ("raw:courier", False), ('raw:"C++"', True), ("raw:C", True), ("raw:Cour", False),
        ("#delays", True), ("#delay", False), ("#delay*", True), ("@acme", True), ("acme", True),
        ("author:p_0000000000000005", True), ("author:p_0000000000000006", False), ("site:news.example", True),
        ("site:example", True), ("site:ews.example", False), ("links:shop.example/offer", True), ("links:x.example", False),
        ("lang:en", True), ("lang:de", False), ("country:gb", True), ("channel:review", True), ("channel:(chat OR form)", False),
        ('brand:"blue door"', True), ("brand:blue", False), ("rating:2", True), ("rating:<2", False), ("rating:<=2", True),
        ("rating:1..2", True), ("rating:>2", False), ("sentiment:negative", True), ("NOT sentiment:positive", True),
    ],
)  # fmt: skip
def test_what_fits(query: str, fits: bool) -> None:
    assert match(parse(query), said(LATE)) is fits
    assert Many([parse(query)]).matching(said(LATE)) == ([0] if fits else [])


@pytest.mark.parametrize(
    "query", ["rating:<3", "author:p_0000000000000005", "lang:en", "brand:x", "#x", "@acme", "links:a"]
)
def test_what_is_not_known_fits_nothing_but_its_negation(query: str) -> None:
    nothing: dict[str, Any] = {"text": ""}
    assert not match(parse(query), said(nothing))
    assert match(parse(f"NOT {query}"), said(nothing))


def test_hostile_texts_take_no_time() -> None:
    searches = ["*a*a*a*a*b", "aaa*b*c", '"a* *aaa"', "aaa NEAR/5 b", "(aaa* OR b) NEAR/1000f (c OR aaa?)", "raw:aaaa"]
    trees = [parse(query.replace('"a* *aaa"', '"aaa* *aaa"')) for query in searches]
    for text in (
        "a" * 1_000_000,
        "a " * 500_000,
        "aaa " * 250_000,
        "é" + "\u0301" * 500_000,
        "a" * 63 + " b" * 400_000,
    ):
        began = time.process_time()
        message = said({"text": text})
        for tree in trees:
            match(tree, message)
        assert time.process_time() - began < 10
