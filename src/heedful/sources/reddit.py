"""Reddit: new posts or comments of a subreddit, or posts that a search finds, by an app of one's own.

What its author deleted or a moderator removed goes: known posts are asked for again, a hundred at each look.
"""

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from heedful.sources import Batch, Cursor, Fetch
from heedful.sources._declared import Secret, address, number, one_of, secret, setting, word
from heedful.sources._each import Made, count, each, moment, told
from heedful.sources._paging import Page, mark, newest_first

EXAMPLE = """
name = "reddit-acme"
kind = "reddit"
search = "acme"
client = "AbCdEf123"
secret = "env:REDDIT_SECRET"
"""
EVERY = "5m"
RECENT, CHECKED = 1_000, 100
TAKEN_DOWN = ("[deleted]", "[removed]", "[ Removed by Reddit ]", "[deleted by user]")


@dataclass(frozen=True)
class Settings:
    """What is read, and the app that reads."""

    client: str = setting("the id of an app of yours at reddit.com/prefs/apps", word)
    secret: Secret = setting("the app's secret", secret)
    subreddit: str | None = setting("whose posts, without r/", word, None)
    search: str | None = setting("what posts must say, in the subreddit if one is given", word, None)
    of: str = setting("posts, or comments of the subreddit", one_of("posts", "comments"), "posts")
    url: str = setting("the API's address", address, "https://oauth.reddit.com")
    login: str = setting("where tokens come from", address, "https://www.reddit.com/api/v1/access_token")
    pages: int = setting("the most pages at a look, of 100 each", number(1, 10), 10)

    def mistakes(self) -> list[str]:
        """What does not fit together."""
        if self.of == "comments" and (self.search or not self.subreddit):
            return ["needs subreddit and no search, for Reddit does not search comments"]
        return [] if self.subreddit or self.search else ["needs subreddit or search"]


def read(settings: Settings, since: Cursor, fetch: Fetch) -> Iterator[tuple[Batch, Cursor]]:
    """Things, newest first; then some known ones again."""
    headers = _signed_in(settings, fetch)
    recent: list[str] = list(since.get("recent", []))

    def ask(token: Any) -> Page:
        params: dict[str, str | int] = {"limit": 100, "raw_json": 1, **({"after": str(token)} if token else {})}
        if settings.search:
            params |= {"q": settings.search, "sort": "new", "type": "link"}
            params |= {"restrict_sr": 1} if settings.subreddit else {}
        found = fetch(settings.url.rstrip("/") + _path(settings), params=params, headers=headers).json()["data"]
        made = _batch(found["children"])
        recent.extend(str(message["id"]) for message in made.messages)
        times = [child["data"]["created_utc"] for child in found["children"] if "created_utc" in child.get("data", {})]
        return made, [mark(int(at)) for at in times], found.get("after")

    for batch, cursor in newest_first(since, ask, most=settings.pages):
        recent = list(dict.fromkeys(recent))[-RECENT:]
        since = {**cursor, "recent": recent}
        yield batch, since
    if recent:
        some, rest = recent[:CHECKED], recent[CHECKED:]
        asked: dict[str, str | int] = {"id": ",".join(some), "raw_json": 1}
        found = fetch(f"{settings.url.rstrip('/')}/api/info", params=asked, headers=headers).json()["data"]["children"]
        made = _batch(found)
        there = {str(child["data"]["name"]) for child in found} - set(made.gone)
        gone = [id for id in some if id not in there]
        left = [*rest, *(id for id in some if id in there)]
        yield Batch(made.messages, gone, made.bad, "reddit"), {**since, "recent": left}


def _path(settings: Settings) -> str:
    within = f"/r/{quote(settings.subreddit, safe='')}" if settings.subreddit else ""
    return f"{within}/{'search' if settings.search else 'comments' if settings.of == 'comments' else 'new'}"


def _signed_in(settings: Settings, fetch: Fetch) -> dict[str, str]:
    both = base64.b64encode(f"{settings.client}:{settings.secret.reveal()}".encode()).decode()
    form = {"grant_type": "client_credentials"}
    found = fetch(settings.login, form=form, headers={"authorization": f"Basic {both}"}).json()
    return {"authorization": f"Bearer {found['access_token']}"}


def _batch(children: list[Any]) -> Batch:
    down = [child["data"] for child in children if isinstance(child.get("data"), dict) and _down(child["data"])]
    kept = [child for child in children if child.get("data") not in down]
    return each(kept, _message, source="reddit", gone=[str(one["name"]) for one in down])


def _down(thing: Mapping[str, Any]) -> bool:
    said = str(thing.get("body") or thing.get("selftext") or "")
    return bool("name" in thing and (thing.get("removed_by_category") or said in TAKEN_DOWN))


def _message(child: Mapping[str, Any]) -> Made:
    thing, comment = child["data"], child["kind"] == "t1"
    edited = thing.get("edited")
    author = thing.get("author")
    return {
        "id": thing["name"],
        "channel": "forum",
        "kind": "comment" if comment else "post",
        "thread": thing.get("link_id") or thing["name"],
        "parent": thing.get("parent_id") if comment else None,
        "person": None if author in (None, "[deleted]") else f"@{author}",
        "title": None if comment else thing["title"],
        "text": str(thing["body"] if comment else thing.get("selftext") or thing["title"]),
        "links": [thing["url"]] if not comment and not thing.get("is_self") and thing.get("url") else None,
        "likes": count(max(0, int(thing["score"]))) if "score" in thing else None,
        "replies": count(thing.get("num_comments")),
        "url": f"https://www.reddit.com{thing['permalink']}" if thing.get("permalink") else None,
        "occurred_at": moment(thing["created_utc"]),
        "attributes": told(subreddit=thing.get("subreddit"), edited_at=moment(edited) if edited else None),
    }
