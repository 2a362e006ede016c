"""Hacker News as Algolia's search describes it: pages by number, newest first."""

from typing import Any

from replay.origin import Asked, Reply


class Platform:
    """A search with so many comments."""

    STREAM = False

    def __init__(self) -> None:
        self.count, self.odd, self.page = 3, False, 2

    def table(self, url: str) -> dict[str, Any]:
        """Settings that lead here."""
        fill = {"query": "lamp"}
        return {
            "name": "hn",
            "kind": "json_api",
            "preset": "hacker_news",
            "url": f"{url}/api/v1/search_by_date",
            "fill": fill,
        }

    def hits(self) -> list[Any]:
        """Every comment, newest first."""
        found: list[Any] = [self.hit(n) for n in reversed(range(self.count))]
        return [*found[:1], "odd", *found[1:]] if self.odd else found

    def hit(self, n: int) -> dict[str, Any]:
        """One comment."""
        return {
            "objectID": str(4_000 + n),
            "author": f"lampfan{n}",
            "comment_text": f"<p>The lamp &quot;{n}&quot; is <i>dim</i>.",
            "story_title": "Lamps compared",
            "story_id": 77,
            "parent_id": 77,
            "points": None,
            "created_at": f"2026-11-20T10:{n % 60:02}:00Z",
            "created_at_i": 1_763_600_000 + n,
        }

    def __call__(self, asked: Asked) -> Reply:
        assert asked.params["query"] == "lamp"
        page = int(asked.params["page"])
        return Reply({"hits": self.hits()[page * self.page : (page + 1) * self.page], "nbPages": 9, "page": page})
