"""A feed that grows: RSS with ETag, as weblogs serve it."""

import hashlib
from typing import Any
from xml.sax.saxutils import escape

from replay.origin import Asked, Reply

SAID = "The lamp number {n} arrived with a bent shade and nobody answers the phone."


def item(n: int, text: str = SAID) -> str:
    """One entry."""
    return (
        f"<item><guid isPermaLink='false'>entry-{n}</guid><title>Lamp {n}</title><link>https://blog.example.org/{n}</link>"
        f"<author>nora{n}@example.org (Nora {n})</author><pubDate>Fri, 20 Nov 2026 10:{n % 60:02}:00 GMT</pubDate>"
        f"<category>Lamps</category><description>{escape('<p>' + text.format(n=n) + '</p>')}</description></item>"
    )


def rss(items: list[str]) -> str:
    """A whole feed."""
    about = "<title>Lamps</title><language>en-gb</language>"
    return f"<?xml version='1.0'?><rss version='2.0'><channel>{about}{''.join(items)}</channel></rss>"


def served(asked: Asked, body: str) -> Reply:
    """A feed with its ETag; 304 where it is what was sent before."""
    tag = f'"{hashlib.sha256(body.encode()).hexdigest()[:16]}"'
    if asked.headers.get("if-none-match") == tag:
        return Reply(status=304, headers={"etag": tag})
    return Reply(body, headers={"etag": tag, "content-type": "application/rss+xml"})


class Platform:
    """A weblog with so many entries."""

    def __init__(self) -> None:
        self.count, self.odd = 3, False

    def table(self, url: str) -> dict[str, Any]:
        """Settings that lead here."""
        return {"name": "blog", "kind": "feed", "url": f"{url}/feed.json"}

    def __call__(self, asked: Asked) -> Reply:
        items: list[Any] = [
            {"id": f"entry-{n}", "content_text": SAID.format(n=n), "date_published": f"2026-11-20T10:{n % 60:02}:00Z"}
            for n in range(self.count)
        ]
        return Reply({"version": "https://jsonfeed.org/version/1.1", "items": [*items, *([7] if self.odd else [])]})
