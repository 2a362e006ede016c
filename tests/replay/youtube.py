"""The YouTube Data API's commentThreads.list and comments.list."""

from typing import Any

from replay.origin import Asked, Reply


def comment(n: int, **more: Any) -> dict[str, Any]:
    """One comment."""
    at = f"2026-11-20T{10 + n // 60:02}:{n % 60:02}:00Z"
    said = {
        "videoId": "dQlamp",
        "textDisplay": f"Lamp {n} hums.",
        "textOriginal": f"Lamp {n} hums.",
        "authorDisplayName": "@nora",
        "authorChannelId": {"value": "UCnora"},
        "likeCount": 4,
        "publishedAt": at,
        "updatedAt": at,
        **more,
    }
    return {"kind": "youtube#comment", "id": f"Ug{n:06}", "snippet": said}


class Platform:
    """A channel with so many threads."""

    def __init__(self) -> None:
        self.count, self.odd, self.page, self.strict = 3, False, 2, False
        self.gone: set[int] = set()

    def table(self, url: str) -> dict[str, Any]:
        """Settings that lead here."""
        return {"name": "tube", "kind": "youtube", "url": url, "channel": "UCacme", "key": "file:word"}

    def __call__(self, asked: Asked) -> Reply:
        assert asked.headers["x-goog-api-key"] == "hunter2"
        there = [n for n in reversed(range(self.count)) if n not in self.gone]
        if asked.path.endswith("/comments"):
            wanted = asked.params["id"].split(",")
            assert "maxResults" not in asked.params  # not supported together with id
            if self.strict and {int(id[2:]) for id in wanted} & self.gone:
                return Reply({"error": {"code": 404, "errors": [{"reason": "commentNotFound"}]}}, status=404)
            return Reply({"items": [one for n in there if (one := comment(n))["id"] in wanted]})
        found: list[Any] = [{"snippet": {"topLevelComment": comment(n), "totalReplyCount": 0}} for n in there]
        found = [*found[:1], {"id": 7, "snippet": {}}, *found[1:]] if self.odd else found
        at = int(asked.params.get("pageToken", 0))
        more = {"nextPageToken": str(at + self.page)} if at + self.page < len(found) else {}
        return Reply({"items": found[at : at + self.page], **more})
