"""A Facebook page: its posts, what others write on it, and comments, by the Graph API and by Meta's webhook.

Each look reads new posts, and the comments under the latest 50. With `app_secret` and `verify` Meta may send to
/v1/hooks/NAME what is written, changed and removed, at once.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from heedful.sources import Batch, Cursor, Fetch, Sent
from heedful.sources._declared import Secret, address, number, secret, setting, word
from heedful.sources._each import Made, count, each, moment
from heedful.sources._graph import VERSION, greeting, listed, proved
from heedful.sources._paging import Page, newest_first

EXAMPLE = """
name = "acme-page"
kind = "facebook"
page = "104958162837"
token = "env:FACEBOOK_PAGE_TOKEN"
"""
EVERY = "10m"
COMMENT = "id,message,created_time,from,parent{id},like_count,comment_count,permalink_url"
FIELDS = (
    "id,message,created_time,updated_time,from,permalink_url,shares,reactions.summary(total_count).limit(0),"
    f"comments.summary(total_count).filter(stream).limit(100){{{COMMENT}}}"
)


@dataclass(frozen=True)
class Settings:
    """Which page, and the secrets of the app that reads it."""

    page: str = setting("the page's id", word)
    token: Secret = setting("a page access token", secret)
    app_secret: Secret | None = setting("the app's secret, which webhooks are signed with", secret, None)
    verify: Secret | None = setting("the word that Meta shows when the webhook is set up", secret, None)
    url: str = setting("the API's address", address, f"https://graph.facebook.com/{VERSION}")
    pages: int = setting("the most pages at a look, of 50 posts each", number(1, 1_000), 10)


def read(settings: Settings, since: Cursor, fetch: Fetch) -> Iterator[tuple[Batch, Cursor]]:
    """Posts with their comments, newest first."""

    def ask(token: Any) -> Page:
        url = f"{settings.url.rstrip('/')}/{settings.page}/feed"
        posts, more = listed(url, FIELDS, token, settings.token.reveal(), fetch)
        said = [one for post in posts for one in _said(post)]
        made = each(said, lambda one: _message(one, settings.page), source="facebook")
        return made, [str(post["created_time"]) for post in posts if "created_time" in post], more

    yield from newest_first(since, ask, most=settings.pages)


def take(settings: Settings, sent: Sent) -> Batch:
    """What Meta says was written, changed or removed on the page."""
    changes = [one["value"] for one in proved(sent, settings.app_secret) if one.get("field") == "feed"]
    gone = [str(_id(one)) for one in changes if one.get("verb") == "remove" and _id(one)]
    written = [one for one in changes if one.get("verb") in ("add", "edited", "edit") and one.get("message")]
    return each(written, lambda one: _sent(one, settings.page), source="facebook", gone=gone)


def greet(settings: Settings, params: Mapping[str, str]) -> str:
    """Meta's challenge back."""
    return greeting(settings.verify, params)


def _said(post: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    comments = (post.get("comments") or {}).get("data", [])
    return [post, *({**comment, "post": post["id"]} for comment in comments)]


def _message(said: Mapping[str, Any], page: str) -> Made:
    comment, text = "post" in said, str(said.get("message") or "")
    made = _record(said["id"], text, said.get("from") or {}, page, comment=comment)
    if not text.strip():
        return None
    total = ((said.get("comments") or {}).get("summary") or {}).get("total_count")
    liked = ((said.get("reactions") or {}).get("summary") or {}).get("total_count")
    return made | {
        "thread": said.get("post", said["id"]),
        "parent": (said.get("parent") or {}).get("id", said["post"]) if comment else None,
        "likes": count(said.get("like_count", liked)),
        "shares": count((said.get("shares") or {}).get("count")),
        "replies": count(said.get("comment_count", total)),
        "url": said.get("permalink_url"),
        "occurred_at": moment(said["created_time"].replace("+0000", "+00:00")),
    }


def _sent(change: Mapping[str, Any], page: str) -> Made:
    comment = change.get("item") == "comment"
    made = _record(_id(change), str(change["message"]), change.get("from") or {}, page, comment=comment)
    return made | {
        "thread": change.get("post_id"),
        "parent": change.get("parent_id") if comment else None,
        "occurred_at": moment(change.get("created_time")),
    }


def _id(change: Mapping[str, Any]) -> Any:
    return change.get("comment_id") or change.get("post_id")


def _record(id: Any, text: str, who: Mapping[str, Any], page: str, *, comment: bool) -> dict[str, Any]:
    own = str(who.get("id")) == page
    return {
        "id": str(id),
        "channel": "social",
        "kind": "comment" if comment else "post",
        "direction": "out" if own else "in",
        "person": f"facebook:{who['id']}" if who.get("id") and not own else None,
        "text": text,
    }
