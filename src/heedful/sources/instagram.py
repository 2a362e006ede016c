"""An Instagram account: comments under its posts, and posts that tag it, by the Graph API and by Meta's webhook.

Each look reads the latest posts with their comments, and with `tagged = true` who tags the account. With `app_secret`
and `verify` Meta may send comments to /v1/hooks/NAME at once.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from heedful.sources import Batch, Cursor, Fetch, Sent
from heedful.sources._declared import Secret, address, flag, number, secret, setting, word
from heedful.sources._each import Made, count, each, moment
from heedful.sources._graph import VERSION, greeting, listed, proved
from heedful.sources._paging import Page, newest_first

EXAMPLE = """
name = "acme-instagram"
kind = "instagram"
account = "17841405822304914"
token = "env:INSTAGRAM_TOKEN"
"""
EVERY = "10m"
COMMENT = "id,text,timestamp,username,like_count"
MEDIA = f"id,caption,timestamp,permalink,username,like_count,comments_count,comments{{{COMMENT},replies{{{COMMENT}}}}}"
TAGGED = "id,caption,timestamp,permalink,username,like_count,comments_count"


@dataclass(frozen=True)
class Settings:
    """Which account, and the secrets of the app that reads it."""

    account: str = setting("the id of the professional account", word)
    token: Secret = setting("an access token of it", secret)
    tagged: bool = setting("read posts that tag the account instead of its own", flag, False)
    app_secret: Secret | None = setting("the app's secret, which webhooks are signed with", secret, None)
    verify: Secret | None = setting("the word that Meta shows when the webhook is set up", secret, None)
    url: str = setting("the API's address", address, f"https://graph.facebook.com/{VERSION}")
    pages: int = setting("the most pages at a look, of 50 posts each", number(1, 1_000), 10)


def read(settings: Settings, since: Cursor, fetch: Fetch) -> Iterator[tuple[Batch, Cursor]]:
    """Posts with their comments, newest first."""

    def ask(token: Any) -> Page:
        url = f"{settings.url.rstrip('/')}/{settings.account}/{'tags' if settings.tagged else 'media'}"
        posts, more = listed(url, TAGGED if settings.tagged else MEDIA, token, settings.token.reveal(), fetch)
        said = [one for post in posts for one in _said(post, settings.tagged)]
        made = each(said, _message, source="instagram")
        return made, [str(post["timestamp"]) for post in posts if "timestamp" in post], more

    yield from newest_first(since, ask, most=settings.pages)


def take(settings: Settings, sent: Sent) -> Batch:
    """Comments that Meta sends as they are written."""
    found = [one for one in proved(sent, settings.app_secret) if one.get("field") in ("comments", "live_comments")]
    return each(found, _sent, source="instagram")


def greet(settings: Settings, params: Mapping[str, str]) -> str:
    """Meta's challenge back."""
    return greeting(settings.verify, params)


def _said(post: Mapping[str, Any], tagged: bool) -> list[Mapping[str, Any]]:
    """A post and everything under it, each with what it stands under."""
    own = {**post, "text": post.get("caption"), "direction": "in" if tagged else "out"}
    found: list[Mapping[str, Any]] = [own]
    for comment in (post.get("comments") or {}).get("data", []):
        found.append({**comment, "post": post["id"], "under": post["id"], "link": post.get("permalink")})
        replies = (comment.get("replies") or {}).get("data", [])
        found += [{**one, "post": post["id"], "under": comment["id"], "link": post.get("permalink")} for one in replies]
    return found


def _message(said: Mapping[str, Any]) -> Made:
    text = str(said["text"] or "")
    if not text.strip():
        return None
    direction = said.get("direction", "in")
    return {
        "id": str(said["id"]),
        "channel": "social",
        "kind": "comment" if "under" in said else "mention" if direction == "in" else "post",
        "direction": direction,
        "thread": said.get("post", said["id"]),
        "parent": said.get("under"),
        "person": f"@{said['username']}" if said.get("username") and direction == "in" else None,
        "text": text,
        "likes": count(said.get("like_count")),
        "replies": count(said.get("comments_count")),
        "url": said.get("permalink") or said.get("link"),
        "occurred_at": moment(str(said["timestamp"]).replace("+0000", "+00:00")),
    }


def _sent(change: Mapping[str, Any]) -> Made:
    said = change["value"]
    media = (said.get("media") or {}).get("id")
    name = (said.get("from") or {}).get("username")
    return {
        "id": str(said["id"]),
        "channel": "social",
        "kind": "comment",
        "thread": media,
        "parent": said.get("parent_id") or media,
        "person": f"@{name}" if name else None,
        "text": str(said["text"]),
        "occurred_at": moment(change.get("time")),
    }
