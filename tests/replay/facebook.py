"""The Graph API of a Facebook page: its feed with comments, paged by cursors."""

from typing import Any

from replay.origin import Asked, Reply


def post(n: int, *, comments: int = 0) -> dict[str, Any]:
    """One post that somebody wrote on the page."""
    return {
        "id": f"42_{n}",
        "message": f"Lamp {n} came without a bulb.",
        "created_time": f"2026-11-20T{10 + n // 60:02}:{n % 60:02}:00+0000",
        "from": {"id": "777", "name": "Nora"},
        "permalink_url": f"https://www.facebook.com/42/posts/{n}",
        "shares": {"count": 1},
        "reactions": {"data": [], "summary": {"total_count": 4}},
        "comments": {
            "data": [
                {
                    "id": f"{n}_{m}",
                    "message": f"Write to us about {n}, please.",
                    "created_time": "2026-11-20T12:00:00+0000",
                    "from": {"id": "42", "name": "Acme"},
                    "like_count": 0,
                }
                for m in range(comments)
            ],
            "summary": {"total_count": comments},
        },
    }


class Platform:
    """A page with so many posts."""

    def __init__(self) -> None:
        self.count, self.odd, self.page, self.comments = 3, False, 2, 0

    def table(self, url: str) -> dict[str, Any]:
        """Settings that lead here."""
        return {"name": "page", "kind": "facebook", "url": url, "page": "42", "token": "file:word"}

    def posts(self) -> list[Any]:
        """Every post, newest first."""
        found: list[Any] = [post(n, comments=self.comments) for n in reversed(range(self.count))]
        return [*found[:1], {"id": "42_x", "message": "no time"}, *found[1:]] if self.odd else found

    def __call__(self, asked: Asked) -> Reply:
        assert asked.headers["authorization"] == "Bearer hunter2"
        at = int(asked.params.get("after", 0))
        found = self.posts()
        more = {"next": "https://graph.facebook.com/next"} if at + self.page < len(found) else {}
        paging = {"cursors": {"before": str(at), "after": str(at + self.page)}, **more}
        return Reply({"data": found[at : at + self.page], "paging": paging})
