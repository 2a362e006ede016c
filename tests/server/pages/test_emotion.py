"""Emotions: shares of what was read, hidden groups left out, and messages behind each."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pyarrow as pa
import pytest

import shop
from heedful.language.unread import read_these, unread
from heedful.records import GIVEN, GOEMOTIONS
from heedful.server import marks, words
from heedful.server.emotions import COLOURS, OPEN, UNPLEASANT, colours, tone
from heedful.server.pages.emotion import _grain
from shop import blocks, data_of

FELT = {
    "late": "annoyance",
    "thanks": "gratitude",
    "why": "curiosity",
    "closes": "neutral",
    "alas": "grief",
    "dear": "love",
}


def felt(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The emotion of one word; none of a text without any."""
    shape = [field for field in GIVEN["reading"] if field.name not in ("n", "message", "version", "read_at")]
    texts = batch.column("text").to_pylist()
    rows = [{"language": "en", "emotion": next((FELT[w] for w in FELT if w in text), None)} for text in texts]
    return pa.RecordBatch.from_pylist(rows, pa.schema(shape))


def written(channel: str, days: int, **said: int) -> list[dict[str, Any]]:
    """Messages with a word each, on one day, each by somebody else."""
    at = (shop.NOW - timedelta(days=days)).isoformat()
    words_of = [word for word, count in said.items() for _ in range(count)]
    return [
        {"id": f"{channel}{days}-{n}", "channel": channel, "text": f"Parcel, {word}.", "occurred_at": at}
        | {"person": f"{channel}{days}{n}@example.org", "brand": ["Larkfield" if n % 2 else "Oakmere"]}
        for n, word in enumerate(words_of)
    ]


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[shop.Shop]:
    """More is late by e-mail; three people grieve, six love, and ten messages were not read."""
    opened = shop.open_shop(tmp_path_factory.mktemp("moved"))
    for days in (2, 9):
        opened.take("message", written("email", days, late=40, thanks=20, closes=140), read=False)
        opened.take("message", written("chat", days, late=10, thanks=50, why=40, closes=100), read=False)
    opened.take("message", written("review", 2, alas=3, dear=6, closes=40, unreadable=10), read=False)
    answer = {
        "id": "out",
        "channel": "email",
        "direction": "out",
        "text": "Thanks, thanks.",
        "occurred_at": "2026-11-19",
    }
    opened.take("message", [answer], read=False)
    read_these(opened.store, unread(opened.store, "felt=1"), "felt=1", felt)
    yield opened
    opened.close()


def test_the_lead_counts_what_was_read_and_what_was_not(moved: shop.Shop) -> None:
    """What a company writes back is no customer's emotion."""
    lead = data_of(moved, "/emotion.json?period=30d")["lead"]
    assert lead.startswith("Of 849 messages read, 38.8% show an emotion, most often gratitude 16.5%, annoyance 11.8%")
    assert "10 messages are not read for emotions." in lead


def test_shares_stand_side_by_side_and_open_their_messages(moved: shop.Shop) -> None:
    tables = {table["title"]: table for table in blocks(data_of(moved, "/emotion.json"), "Table")}
    table = tables["Emotions by channel"]
    assert [column["label"] for column in table["columns"]] == [
        *("Channel", "Read", "Gratitude", "Annoyance", "Curiosity", "No emotion")
    ]
    rows = {row[0]["value"]: row for row in table["rows"]}
    assert [cell["shown"] for cell in rows["email"][1:]] == ["400", "10.0% (40)", "20.0% (80)", "0%", "70.0% (280)"]
    assert [cell["shown"] for cell in rows["chat"][1:]] == [
        "400",
        "25.0% (100)",
        "5.0% (20)",
        "20.0% (80)",
        "50.0% (200)",
    ]
    assert [cell["shown"] for cell in rows["review"][1:]] == ["49", "0%", "0%", "0%", "81.6% (40)"]
    assert rows["email"][3]["tone"] == "shade-5"
    assert rows["email"][5]["tone"] == "shade-0", "what is neutral does not drown the rest"
    for cell in (*rows["email"][2:], *rows["chat"][2:]):
        if cell["href"]:
            (listed,) = blocks(data_of(moved, cell["href"].replace("/messages?", "/messages.json?")), "MessageList")
            assert listed["count"] == f"{cell['shown'].partition('(')[2].rstrip(')')} messages"
    assert "Emotions by brand" in tables
    assert "Emotions by topic" not in tables, "there are none"


def test_shares_over_time_are_of_all_that_was_read(moved: shop.Shop) -> None:
    stacked, calm = blocks(data_of(moved, "/emotion.json?channel=email&since=2026-11-10&until=2026-11-20"), "Chart")
    drawn = {(row["day"], row["emotion"]): row["share"] for row in stacked["spec"]["data"]["values"]}
    assert drawn == {
        (day, emotion): share
        for day in ("2026-11-09", "2026-11-16")
        for emotion, share in (("Annoyance", 20.0), ("Gratitude", 10.0))
    }
    assert {row["share"] for row in calm["spec"]["data"]["values"]} == {70.0}
    assert stacked["spec"]["encoding"]["x"]["scale"]["domain"] == ["2026-11-09", "2026-11-16"]


def test_emotions_of_few_people_are_hidden(moved: shop.Shop) -> None:
    page = data_of(moved, "/emotion.json")
    assert "Grief" not in str(page)
    assert any(chart["hidden"] for chart in blocks(page, "Chart"))


def test_where_nothing_was_read_words_say_so(tmp_path: Any) -> None:
    opened = shop.open_shop(tmp_path)
    opened.take("message", written("chat", 2, late=20), read=False)
    assert [block["title"] for block in blocks(data_of(opened, "/emotion.json"), "Empty")] == ["Nothing is read yet"]
    elsewhere = data_of(opened, "/emotion.json?channel=news")
    assert [block["title"] for block in blocks(elsewhere, "Empty")] == ["There is nothing to read"]
    opened.close()


def test_every_emotion_has_a_name_a_meaning_a_tone_and_a_colour() -> None:
    assert set(words.FEELING) == set(GOEMOTIONS)
    assert {tone(name) for name in GOEMOTIONS} == set(COLOURS)
    assert set(UNPLEASANT) | set(OPEN) < set(GOEMOTIONS)
    shades = [shade for several in COLOURS.values() for shade in several]
    assert len(set(shades)) == len(shades)
    assert set(shades) <= set(marks.PALETTE)
    made = colours(["anger", "joy", "grief", "sadness", "fear", "disgust"])
    assert len(set(made.values())) == 6, "a fifth unpleasant one is grey"


@pytest.mark.parametrize(
    ("days", "read", "grain"),
    [(30, 9_000, "day"), (30, 900, "week"), (30, 20, "month"), (400, 1_000_000, "week"), (3_000, 10**7, "month")],
)
def test_time_is_drawn_in_steps_that_hold_enough(days: int, read: int, grain: str) -> None:
    assert _grain(days, read) == grain
