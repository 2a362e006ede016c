"""Mastodon's API as docs.joinmastodon.org describes it: timelines paged by min_id, limits in headers, streams."""

import json
from collections.abc import Iterator
from typing import Any

from replay.origin import Asked, Reply

SAID = "<p>Lamp number {n} flickers, <a href='https://fedi.example.org/@acme'>@<span>acme</span></a> #lamps</p>"


def status(n: int, content: str = SAID, **more: Any) -> dict[str, Any]:
    """One post."""
    return {
        "id": str(110_000 + n),
        "created_at": f"2026-11-20T10:{n % 60:02}:00.000Z",
        "in_reply_to_id": None,
        "spoiler_text": "",
        "visibility": "public",
        "language": "en",
        "uri": f"https://fedi.example.org/users/nora/statuses/{n}",
        "url": f"https://fedi.example.org/@nora/{n}",
        "replies_count": 1,
        "reblogs_count": 2,
        "favourites_count": 3,
        "edited_at": None,
        "content": content.format(n=n),
        "reblog": None,
        "account": {"id": "7", "username": "nora", "acct": "nora", "bot": False, "followers_count": 250},
        "mentions": [{"id": "1", "username": "acme", "acct": "acme@shop.example.org"}],
        "tags": [{"name": "Lamps", "url": "https://fedi.example.org/tags/lamps"}],
        **more,
    }


class Platform:
    """A server with so many posts; `odd` puts one among them that is of no known shape."""

    STREAM = False

    def __init__(self) -> None:
        self.count, self.odd, self.several = 3, False, True
        self.gone: set[int] = set()
        self.edited: dict[int, str] = {}
        self.lines: list[str] = []

    def table(self, url: str) -> dict[str, Any]:
        """Settings that lead here."""
        return {"name": "fedi", "kind": "mastodon", "url": url, "hashtag": "lamps"}

    def statuses(self) -> list[dict[str, Any]]:
        """Every post, oldest first."""
        found = [
            status(n, self.edited.get(n, SAID), edited_at="2026-11-21T00:00:00Z" if n in self.edited else None)
            for n in range(self.count)
            if n not in self.gone
        ]
        return [*found[:1], {"id": "110000", "content": 7}, *found[1:]] if self.odd else found

    def __call__(self, asked: Asked) -> Reply:
        if asked.path == "/api/v1/statuses":
            wanted = asked.params["id[]"]  # the last of them; the others count as asked for too
            del wanted
            return Reply([one for one in self.statuses() if "account" in one and self.several])
        if asked.path.startswith("/api/v1/statuses/"):
            found = [one for one in self.statuses() if one["id"] == asked.path.rpartition("/")[2]]
            return Reply(found[0]) if found else Reply({"error": "Record not found"}, status=404)
        if "/streaming/" in asked.path:
            return Reply(lines=self._stream(), headers={"content-type": "text/event-stream"})
        newest = int(asked.params.get("min_id", 0))
        limit = int(asked.params["limit"])
        after = [one for one in self.statuses() if int(one["id"]) > newest]
        page = after[:limit] if newest else after[-limit:]
        return Reply(page[::-1], headers={"x-ratelimit-remaining": "299", "x-ratelimit-reset": "2026-11-20T10:05:00Z"})

    def _stream(self) -> Iterator[str]:
        yield ":thump"
        yield from self.lines


def event(name: str, data: Any) -> list[str]:
    """Lines of one server-sent event."""
    return [f"event: {name}", f"data: {data if isinstance(data, str) else json.dumps(data)}", ""]
