"""Any JSON API: paths, presets, pages, and what does not fit together."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from heedful.errors import NotAllowed
from heedful.sources import checked
from heedful.sources._mapped import at
from heedful.sources.json_api import presets
from replay.origin import Asked, Reply, origin
from sources.listened import messages, pages, source

TABLE = 'name = "api"\nkind = "json_api"\n'


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("a.b.1", "two"),
        ("a.b", ["one", "two"]),
        ("a.x|c", 0),
        ("a.x|=fixed", "fixed"),
        ("a.b.9", None),
        ("c.d", None),
        ("empty|c", 0),
    ],
)
def test_a_path_leads_inwards_or_to_the_next(path: str, found: Any) -> None:
    assert at({"a": {"b": ["one", "two"]}, "c": 0, "empty": ""}, path) == found


FILLS = {
    "hacker_news": {"query": "lamp"},
    "discourse": {"site": "https://forum.example.org"},
    "stack_exchange": {"query": "lamp", "site": "diy"},
    "trustpilot": {"business": "46d6a890000064000500e0c3"},
}
ANSWERS: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "discourse": (
        "latest_posts",
        {"id": 7, "raw": "My lamp hums.", "username": "nora", "topic_id": 3, "created_at": "2026-11-20T10:00:00.000Z"},
        {"text": "My lamp hums.", "person": "nora", "thread": "3", "kind": "comment", "channel": "forum"},
    ),
    "stack_exchange": (
        "items",
        {
            "question_id": 9,
            "title": "Why does my lamp &quot;hum&quot;?",
            "body": "<p>It hums.</p>",
            "owner": {"display_name": "nora"},
            "tags": ["lamps"],
            "creation_date": 1_763_600_000,
            "view_count": 12,
        },
        {"title": 'Why does my lamp "hum"?', "text": "It hums.", "hashtags": ["lamps"], "reach": 12},
    ),
    "trustpilot": (
        "reviews",
        {"id": "r1", "stars": 4, "title": "Bright", "text": "Good light.", "createdAt": "2026-11-20T10:00:00Z"},
        {"rating": 0.75, "kind": "review", "attributes": {"rating": "4", "scale": "1..5"}},
    ),
}


def test_every_preset_is_told_and_filled(tmp_path: Path) -> None:
    assert set(FILLS) == set(presets())
    for name, fill in FILLS.items():
        found, mistakes = checked({"name": "x", "kind": "json_api", "preset": name, "fill": fill}, tmp_path)
        assert mistakes == []
        assert found is not None
        _, missing = checked({"name": "x", "kind": "json_api", "preset": name}, tmp_path)
        assert "needs fill: { " in str(missing)


@pytest.mark.parametrize("preset", sorted(ANSWERS))
def test_a_preset_reads_the_documented_answer(preset: str) -> None:
    items, item, wanted = ANSWERS[preset]

    def answer(asked: Asked) -> Reply:
        first = asked.params.get("page", "1") == "1" and "before" not in asked.params
        return Reply({items: [item] if first else [], "has_more": False})

    with origin(answer) as there:
        (message,) = messages(pages(source(TABLE, preset=preset, fill=FILLS[preset], url=f"{there.url}/x")))
    assert message | wanted == message


def test_pages_are_asked_for_by_what_the_answer_says() -> None:
    def answer(asked: Asked) -> Reply:
        at = int(asked.params.get("after", 0))
        return Reply({"list": [{"n": 10 - at, "said": f"text {at}"}], "meta": {"next": at + 1 if at < 4 else None}})

    mapped = {"id": "n", "text": "said"}
    keys = {"items": "list", "next": "meta.next", "next_param": "after", "newest": "n", "map": mapped}
    with origin(answer) as there:
        found = pages(source(TABLE, url=there.url, **keys))
    assert [message["id"] for message in messages(found)] == ["10", "9", "8", "7", "6"]


def test_a_forum_is_read_back_to_the_post_it_knows() -> None:
    """Discourse tells the latest posts, and those before one where it is named."""
    newest = [0]

    def answer(asked: Asked) -> Reply:
        before = int(asked.params.get("before", newest[0] + 1))
        ids = range(before - 1, max(0, before - 4), -1)
        return Reply(
            {"latest_posts": [{"id": n, "raw": f"post {n}", "created_at": "2026-11-20T10:00:00Z"} for n in ids]}
        )

    with origin(answer) as there:
        newest[0] = 2
        one = source(TABLE, preset="discourse", fill={"site": there.url})
        first = pages(one)
        newest[0] = 12
        found = messages(pages(one, first[-1][1]))
    assert {int(message["id"]) for message in found} >= set(range(3, 13))


def test_a_secret_goes_where_it_is_said(tmp_path: Path) -> None:
    (tmp_path / "word").write_text("hunter2")
    keys = {"token": "file:word", "map": {"id": "n", "text": "said"}}
    with origin(lambda _: Reply([])) as there:
        for where in ({}, {"token_in": "x-api-key"}, {"token_in": "?key"}, {"bare": True}):
            pages(source(TABLE, tmp_path, url=there.url, **keys, **where))
        first, second, third, fourth = there.asked
    assert first.headers["authorization"] == "Bearer hunter2"
    assert second.headers["x-api-key"] == "hunter2"
    assert third.params == {"key": "hunter2"}
    assert fourth.headers["authorization"] == "hunter2"


def test_a_secret_is_not_for_another_host_that_an_answer_names(tmp_path: Path) -> None:
    (tmp_path / "word").write_text("hunter2")
    keys = {"token": "file:word", "items": "list", "next": "next", "map": {"id": "n", "text": "said"}, "newest": "n"}
    with origin(lambda _: Reply({"list": []})) as other, origin(lambda _: Reply()) as there:
        private = f"{other.url.replace('.1:', '.2:')}/c"
        items = [{"n": 1, "said": "x"}]
        there.answering = lambda asked: Reply({"list": items, "next": "/b" if asked.path == "/a" else private})
        for where in ({}, {"token_in": "apikey"}, {"token_in": "?key"}):
            with pytest.raises(NotAllowed, match="private address"):  # it may not even be asked
                pages(source(TABLE, tmp_path, url=f"{there.url}/a", **keys, **where))
            assert "hunter2" in str(there.asked[-1])  # /b is at home
        there.answering = lambda _: Reply({"list": [{"n": 1, "said": "x"}], "next": f"{other.url}/c"})
        for where in ({}, {"token_in": "apikey"}, {"token_in": "?key"}):
            pages(source(TABLE, tmp_path, url=f"{there.url}/a", **keys, **where))
        assert len(other.asked) == 3
        assert "hunter2" not in str(other.asked)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "needs url or preset: there are hacker_news, discourse"),
        ('url = "https://a.example/{x}"\nmap = { id = "a", text = "b" }', "needs fill: { x = ... }"),
        ('url = "https://a.example"', "needs map with id and text"),
        ('url = "https://a.example"\nmap = { id = "a", text = "b", mood = "c" }', "map has mood: there are id"),
        ('preset = "hackernews"', "must be one of: "),
        ("scale = [5, 1]", "lowest and the highest"),
    ],
)
def test_what_does_not_fit_together_is_told(text: str, why: str, tmp_path: Path) -> None:
    found, mistakes = checked(tomllib.loads(TABLE + text), tmp_path)
    assert found is None
    assert why in str(mistakes)
