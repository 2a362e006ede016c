"""Reddit's OAuth API: an app's token, listings, api/info, and its rate-limit headers."""

from typing import Any

from replay.origin import Asked, Reply

LIMITS = {"x-ratelimit-remaining": "95.0", "x-ratelimit-reset": "300", "x-ratelimit-used": "5"}


def thing(n: int, **more: Any) -> dict[str, Any]:
    """One post."""
    told = {
        "name": f"t3_{n:05}",
        "id": f"{n:05}",
        "title": f"Lamp {n} smells of glue",
        "selftext": "Is that normal, or should I send it back?",
        "author": "nora_lamps",
        "subreddit": "lamps",
        "permalink": f"/r/lamps/comments/{n:05}/lamp/",
        "url": "https://www.reddit.com/r/lamps/",
        "is_self": True,
        "score": 5,
        "num_comments": 2,
        "created_utc": 1_763_600_000.0 + n,
        "edited": False,
        "removed_by_category": None,
        **more,
    }
    return {"kind": "t3", "data": told}


class Platform:
    """A search with so many posts."""

    def __init__(self) -> None:
        self.count, self.odd, self.page = 3, False, 2
        self.removed: dict[int, dict[str, Any]] = {}

    def table(self, url: str) -> dict[str, Any]:
        """Settings that lead here."""
        leads = {"url": url, "login": f"{url}/api/v1/access_token", "client": "AbC", "secret": "file:word"}
        return {"name": "reddit", "kind": "reddit", "search": "lamp", **leads}

    def __call__(self, asked: Asked) -> Reply:
        if asked.path == "/api/v1/access_token":
            assert asked.headers["authorization"] == "Basic QWJDOmh1bnRlcjI="
            return Reply({"access_token": "lamp-token", "token_type": "bearer", "expires_in": 86400})
        assert asked.headers["authorization"] == "Bearer lamp-token"
        found: list[Any] = [thing(n, **self.removed.get(n, {})) for n in reversed(range(self.count))]
        if asked.path == "/api/info":
            wanted = asked.params["id"].split(",")
            return self._listing([one for one in found if one["data"]["name"] in wanted])
        found = [*found[:1], {"kind": "t3", "data": {"name": 7}}, *found[1:]] if self.odd else found
        at = int(asked.params.get("after", "t3_0")[3:])
        return self._listing(
            found[at : at + self.page], f"t3_{at + self.page}" if at + self.page < len(found) else None
        )

    def _listing(self, children: list[Any], after: str | None = None) -> Reply:
        return Reply({"kind": "Listing", "data": {"after": after, "children": children}}, headers=LIMITS)
