"""Messages and searches at random that meet each other: every nullable thing null sometimes, hard letters, long texts."""
# ruff: noqa: E501

from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
from hypothesis import strategies as st

from random_rows import shape

START = datetime(2026, 3, 1, 12)
PEOPLE = (5, 2**63 + 7, 2**64 - 1)
WORDS = (
    *(
        "late later lately LATE Later parcel Parcels ok été Été ete e\u0301te\u0301 straße STRASSE ﬁne fine don't C++ wi-fi".split()
    ),
    *(
        "配送 送 遅い เสีย ধন্যবাদ 😀 👍🏽 ❤ ™ №5 x_y 10:30 ... & of of of the #late #LATE #refund_now @acme @acme_help".split()
    ),
    *(
        "@p_0000000000000005 [email] [phone] Apple apple APPLE a\u05b0b ab foo\u200bbar foobar ① 1 ⅓ İ i̇ K k \u1100\u1161".split()
    ),
)
TEXTS = st.one_of(
    st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=5).map(lambda some: " ".join(some * 400)),
    st.sampled_from(["", " ", "late", "\n", "a" * 70, "late" + " x" * 3000 + " parcel"]),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20),
)
LINKS = (
    "https://www.Example.com/Offer?x=1",
    "http://blog.example.com",
    "example.com/offer",
    "https://u:p@shop.example:80/a",
    "https://éxample.de/Ü",
)


def some(values: Any) -> Any:
    return st.none() | st.lists(st.sampled_from(values), max_size=3, unique=True)


ROWS = st.fixed_dictionaries(
    {
        "title": st.none() | TEXTS,
        "text": TEXTS,
        "person": st.none() | st.sampled_from(PEOPLE),
        "mentions": some(PEOPLE),
        "hashtags": some(("late", "Refund_Now", "❤", "ÉTÉ", "#odd", "wi-fi")),
        "links": some(LINKS),
        "url": st.none() | st.sampled_from((*LINKS, "", "nonsense", "https://EXAMPLE.com")),
        "language": st.none() | st.sampled_from(("en", "de", "pt-BR", "")),
        "read_language": st.none() | st.sampled_from(("en", "de")),
        "country": st.none() | st.sampled_from(("DE", "us", "Österreich")),
        "channel": st.sampled_from(("social", "review", "chat")),
        "brand": some(("Acme", "Blue Door", "Été", "ACME")),
        "rating": st.none() | st.sampled_from((0.0, 0.1, 0.25, 0.375, 0.5, 0.625, 0.75, 1.0)),
        "read_sentiment": st.none() | st.sampled_from(("negative", "neutral", "positive")),
    }
)


def table(rows: list[dict[str, Any]]) -> pa.Table:
    """Rows in the stored shape, numbered from 1."""
    made = []
    for n, row in enumerate(rows, 1):
        common = {"n": n, "id": f"{n:032x}", "key": n, "version": n, "source": "s", "kind": "post", "direction": "in"}
        at = {"ingested_at": START, "occurred_at": None if n % 5 == 0 else START + timedelta(minutes=n % 3)}
        made.append({**common, **at, **row})
    return pa.Table.from_pylist(made, shape("message"))


# Searches

BARE = ("late", "LATE", "parcel", "ete", "Été", "strasse", "fine", "don't", "wi-fi", "配送", "送", "เสีย", "ধন্যবাদ", "😀", "👍", "x_y", "10:30", "of", "the", "apple", "ab", "foobar", "5", "1", "k", "e\u0301te\u0301", "absent", "i\u0307", "가", "aaaa*")  # fmt: skip
OPEN = ("late*", "lat?", "l?te", "*ate*", "*ter", "par*s", "p?rcel?", "app*", "配送*", "??ner", "l*t*r*", "abs*")
QUOTED = ('"late parcel"', '"of the"', '"of of"', '"parcel late"', '"late lat*"', '"lat* parcel"', '"the par* ok"', '"apple c"', '"later late"', '"parcel [email]"')  # fmt: skip
TAGS = ("#late", "#LATE", "#refund_now", "#ref*", "#❤", "#été", "#odd", "@acme", "@acme*", "@p_0000000000000005", "@p_000*", "[email]", "@p_8000000000000007")  # fmt: skip
RAWS = ("raw:Apple", "raw:apple", 'raw:"C++"', "raw:Late", 'raw:"late parcel"', "raw:été", 'raw:"&"', "raw:ab", "raw:foobar", "raw:™", "raw:1", "raw:①", 'raw:"LATE Parcels"', "raw:(Apple OR Later)")  # fmt: skip
FIELDS = (
    "author:p_0000000000000005", "author:p_8000000000000007", "author:@jane", "site:example.com", "site:blog.example.com",
    "site:www.example.com", "site:shop.example", "links:example.com/offer", "links:EXAMPLE", "links:ü", "lang:en", "lang:DE",
    "lang:pt", "lang:(en OR de)", "country:de", "country:US", "country:österreich", "channel:review",
    "channel:(chat OR social)", "brand:acme", 'brand:"blue door"', "brand:ete", "rating:1", "rating:<3", "rating:<=2",
    "rating:>2", "rating:>=3.5", "rating:2..4", "rating:=4", "rating:2.5", "sentiment:negative", "sentiment:Positive",
)  # fmt: skip
SIDES = st.one_of(
    st.sampled_from((*BARE[:20], *OPEN, *QUOTED[:8])),
    st.lists(st.sampled_from((*BARE, *OPEN[:4], *QUOTED[:3])), min_size=2, max_size=3).map(
        lambda s: f"({' OR '.join(s)})"
    ),
)
NEARS = st.tuples(SIDES, st.integers(0, 6), st.sampled_from(("", "f")), SIDES).map(
    lambda p: f"{p[0]} NEAR/{p[1]}{p[2]} {p[3]}"
)
TERMS = st.one_of(
    st.sampled_from(BARE), st.sampled_from(OPEN), st.sampled_from(QUOTED), st.sampled_from(TAGS), st.sampled_from(RAWS),
    st.sampled_from(FIELDS), NEARS,
)  # fmt: skip


def _within(inner: Any) -> Any:
    joined = st.tuples(st.lists(inner, min_size=2, max_size=4), st.sampled_from((" ", " AND ", " OR ")))
    return st.one_of(
        joined.map(lambda pair: f"({pair[1].join(pair[0])})"),
        inner.map(lambda one: f"NOT {one}"),
        inner.map(lambda one: f"-{one}"),
    )


SEARCHES = st.recursive(TERMS, _within, max_leaves=7)
