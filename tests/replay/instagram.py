"""The Graph API of an Instagram account: its media with comments and their replies, paged by cursors."""

from typing import Any

from replay.facebook import Platform as Paged


def media(n: int, *, comments: int = 0) -> dict[str, Any]:
    """One post of the account."""
    said: dict[str, Any] = {"timestamp": "2026-11-20T12:00:00+0000", "username": "nora", "like_count": 1}
    return {
        "id": str(900 + n),
        "caption": f"Lamp {n}, new in our shop.",
        "timestamp": f"2026-11-20T{10 + n // 60:02}:{n % 60:02}:00+0000",
        "permalink": f"https://www.instagram.com/p/{n}/",
        "username": "acme",
        "like_count": 12,
        "comments_count": comments,
        "comments": {
            "data": [
                {
                    "id": f"{n}-{m}",
                    "text": f"Mine broke, number {m}.",
                    **said,
                    "replies": {"data": [{"id": f"{n}-{m}-r", "text": "Oh!", **said}]},
                }
                for m in range(comments)
            ]
        },
    }


class Platform(Paged):
    """An account with so many posts."""

    def table(self, url: str) -> dict[str, Any]:
        """Settings that lead here."""
        return {"name": "insta", "kind": "instagram", "url": url, "account": "42", "token": "file:word"}

    def posts(self) -> list[Any]:
        """Every post, newest first."""
        found: list[Any] = [media(n, comments=self.comments) for n in reversed(range(self.count))]
        return [*found[:1], {"id": "x", "caption": "no time"}, *found[1:]] if self.odd else found
