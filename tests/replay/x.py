"""X's API v2: recent search, look-up by ids with its partial errors, and the filtered stream with its rules."""

import json
from collections.abc import Iterator
from typing import Any

from replay.origin import Asked, Reply

USER = {"id": "7", "name": "Nora", "username": "nora", "public_metrics": {"followers_count": 90}}
LIMITS = {"x-rate-limit-limit": "450", "x-rate-limit-remaining": "449", "x-rate-limit-reset": "1900000000"}


def post(n: int, **more: Any) -> dict[str, Any]:
    """One post."""
    return {
        "id": str(1_990_000_000_000_000_000 + n),
        "author_id": "7",
        "conversation_id": str(1_990_000_000_000_000_000 + n),
        "created_at": f"2026-11-20T{10 + n // 60:02}:{n % 60:02}:00.000Z",
        "lang": "en",
        "text": f"@acme lamp {n} is cracked #lamps https://t.co/x",
        "entities": {
            "mentions": [{"username": "acme"}],
            "hashtags": [{"tag": "Lamps"}],
            "urls": [{"url": "https://t.co/x", "expanded_url": "https://example.org/lamp"}],
        },
        "public_metrics": {
            "retweet_count": 1,
            "reply_count": 2,
            "like_count": 3,
            "quote_count": 0,
            "impression_count": 40,
        },
        **more,
    }


class Platform:
    """A search with so many posts."""

    def __init__(self) -> None:
        self.count, self.odd, self.page = 3, False, 2
        self.gone: set[int] = set()
        self.rules: list[dict[str, str]] = []
        self.lines: list[str] = []

    def table(self, url: str) -> dict[str, Any]:
        """Settings that lead here."""
        return {"name": "x", "kind": "x", "url": url, "search": "acme lamp", "token": "file:word"}

    def __call__(self, asked: Asked) -> Reply:
        assert asked.headers["authorization"] == "Bearer hunter2"
        if asked.path.endswith("/rules"):
            if asked.method == "POST":
                added = [{**one, "id": str(len(self.rules) + 1)} for one in json.loads(asked.body)["add"]]
                self.rules += added
                return Reply({"data": added, "meta": {"summary": {"created": len(added)}}}, status=201)
            return Reply({"data": self.rules, "meta": {}} if self.rules else {"meta": {"result_count": 0}})
        if asked.path.endswith("/search/stream"):
            return Reply(lines=self._stream())
        there = [post(n) for n in reversed(range(self.count)) if n not in self.gone]
        if asked.path == "/2/tweets":
            return self._known(there, asked.params["ids"].split(","))
        found: list[Any] = [one for one in there if one["id"] > asked.params.get("since_id", "")]
        found = [*found[:1], {"id": "no text"}, *found[1:]] if self.odd else found
        at = int(asked.params.get("next_token", 0))
        shown = found[at : at + self.page]
        more = {"next_token": str(at + self.page)} if at + self.page < len(found) else {}
        body = {"data": shown, "includes": {"users": [USER]}} if shown else {}
        return Reply({**body, "meta": {"result_count": len(shown), **more}}, headers=LIMITS)

    def _known(self, there: list[dict[str, Any]], ids: list[str]) -> Reply:
        found = [one for one in there if one["id"] in ids]
        missing = [id for id in ids if id not in [one["id"] for one in found]]
        errors = [{"resource_id": id, "resource_type": "tweet", "title": "Not Found Error"} for id in missing]
        return Reply({"data": found, "includes": {"users": [USER]}, **({"errors": errors} if errors else {})})

    def _stream(self) -> Iterator[str]:
        yield "\r"
        yield from self.lines


def line(n: int, rule: int = 1) -> str:
    """One line of the stream."""
    return json.dumps({"data": post(n), "includes": {"users": [USER]}, "matching_rules": [{"id": str(rule)}]})
