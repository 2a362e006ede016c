"""The page Intake tells what is listened to, how far, and what failed."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

import shop
from heedful.privacy.viewer import Viewer
from heedful.settings import parse
from shop import blocks, data_of

TOML = """
[[sources]]
name = "press"
kind = "feed"
url = "https://news.example/feed"
[[sources]]
name = "fediverse"
kind = "mastodon"
url = "https://social.example"
hashtag = "lamps"
[[sources]]
name = "forum"
kind = "feed"
url = "https://forum.example/new"
"""


@pytest.fixture
def listening(tmp_path: Path) -> Iterator[shop.Shop]:
    """A shop that listens to three sources: one went well, one fails, one was not asked yet."""
    opened = shop.open_shop(tmp_path, demo=False)
    place = opened.place
    sources = parse(TOML, place.folder / "heedful.toml").sources
    opened.place = replace(place, settings=replace(place.settings, sources=sources))
    opened.viewer = Viewer("user:ada", frozenset({"admin"}))
    with closing(place.listening()) as heard:
        at = shop.NOW.timestamp()
        heard.begin("press", "feed", "a")
        heard.heard("press", {"etag": "x"}, {"reads": 1, "records": 1234, "gone": 2}, at - 3600)
        heard.begin("fediverse", "mastodon", "b")
        heard.failed("fediverse", "https://social.example answered 503", at + 60, at - 120)
        heard.failed("fediverse", "https://social.example answered <b>503</b>", at + 60, at - 60)
    yield opened
    opened.close()


def test_each_source_tells_how_far_it_was_heard(listening: shop.Shop) -> None:
    page = data_of(listening, "/intake.json")
    (table,) = [one for one in blocks(page, "Table") if one["title"] == "Listening to"]
    shown = [[cell["shown"] for cell in row] for row in table["rows"]]
    assert shown[0] == ["press", "feed", "well", "today 13:30", "1,234", "0", "2"]
    assert shown[1][2] == ("failed 2 times in a row; again today 14:31: https://social.example answered <b>503</b>")
    assert [row[2] for row in table["rows"]][1]["tone"] == "bad long"
    assert shown[2][1:4] == ["feed", "not asked yet", "never"]
    with listening.client() as browser:
        assert "<b>503" not in browser.get("/intake").text


def test_without_sources_nothing_is_said_of_listening(tmp_path: Path) -> None:
    opened = shop.open_shop(tmp_path, demo=False)
    opened.viewer = Viewer("user:ada", frozenset({"admin"}))
    page = data_of(opened, "/intake.json")
    assert not blocks(page, "Table")
    assert "[[sources]] in heedful.toml" in blocks(page, "Empty")[0]["text"]
    opened.close()
