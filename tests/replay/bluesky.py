"""Bluesky's app view as docs.bsky.app describes it: searchPosts and getPosts, newest first by a cursor."""

from typing import Any

from replay.origin import Asked, Reply

SAID = "Lamp {n} came in pieces, @acme.example.org please help #lamps"


def mention(text: str) -> list[dict[str, Any]]:
    """The facet of the handle in a text; places count bytes."""
    if "@" not in text:
        return []
    start = len(text[: text.index("@")].encode())
    features = [{"$type": "app.bsky.richtext.facet#mention", "did": "did:plc:acme"}]
    return [{"index": {"byteStart": start, "byteEnd": start + 17}, "features": features}]


def uri(n: int) -> str:
    """A post's address."""
    return f"at://did:plc:nora/app.bsky.feed.post/3k{n:06}"


def post(n: int, text: str = SAID) -> dict[str, Any]:
    """One post as an app view shows it."""
    return {
        "uri": uri(n),
        "cid": f"bafy{n}",
        "author": {"did": "did:plc:nora", "handle": "nora.example.org", "displayName": "Nora"},
        "record": {
            "$type": "app.bsky.feed.post",
            "createdAt": f"2026-11-20T{10 + n // 60:02}:{n % 60:02}:00.000Z",
            "text": text.format(n=n),
            "langs": ["en"],
            "facets": mention(text.format(n=n)),
        },
        "replyCount": 1,
        "repostCount": 2,
        "likeCount": 3,
        "quoteCount": 0,
        "indexedAt": f"2026-11-20T{10 + n // 60:02}:{n % 60:02}:05.000Z",
    }


class Platform:
    """An app view with so many posts."""

    STREAM = False

    def __init__(self) -> None:
        self.count, self.odd, self.page = 3, False, 2
        self.gone: set[int] = set()

    def table(self, url: str) -> dict[str, Any]:
        """Settings that lead here."""
        return {"name": "sky", "kind": "bluesky", "url": url, "search": "lamp"}

    def posts(self) -> list[dict[str, Any]]:
        """Every post, newest first."""
        found = [post(n) for n in reversed(range(self.count)) if n not in self.gone]
        return [*found[:1], {"uri": 9, "record": None}, *found[1:]] if self.odd else found

    def __call__(self, asked: Asked) -> Reply:
        if asked.path == "/xrpc/app.bsky.feed.getPosts":
            return Reply({"posts": [one for one in self.posts() if "author" in one]})
        at = int(asked.params.get("cursor", 0))
        found = self.posts()[at : at + self.page]
        more = {"cursor": str(at + self.page)} if at + self.page < len(self.posts()) else {}
        return Reply({"posts": found, **more}, headers={"ratelimit-remaining": "2999", "ratelimit-reset": "1900000000"})
