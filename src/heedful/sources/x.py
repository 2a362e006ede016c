"""X: posts that a search of the last week finds, or with `stream = true` those that match as they are written (API v2).

The bearer token's plan says how much may be read. Known posts are asked for again, a hundred at each look, so that
deleted ones go.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from heedful.errors import NotAllowed, TryLater
from heedful.sources import Batch, Cursor, Fetch
from heedful.sources._declared import Secret, address, flag, number, secret, setting, word
from heedful.sources._each import Made, count, each, moment, told
from heedful.sources._paging import Page, mark, newest_first

EXAMPLE = """
name = "x-acme"
kind = "x"
search = "acme -is:retweet"
token = "env:X_BEARER_TOKEN"
"""
EVERY = "5m"
RECENT, CHECKED = 1_000, 100
ASKED: Mapping[str, str | int] = {
    "tweet.fields": "author_id,conversation_id,created_at,entities,lang,note_tweet,public_metrics,referenced_tweets",
    "expansions": "author_id",
    "user.fields": "username,public_metrics",
}
KINDS = {"retweeted": "repost", "quoted": "quote", "replied_to": "comment"}


@dataclass(frozen=True)
class Settings:
    """What posts must say, and the token that reads them."""

    search: str = setting("what posts must say, in X's own query language", word)
    token: Secret = setting("a bearer token of the API v2", secret)
    stream: bool = setting("take posts as they are written", flag, False)
    url: str = setting("the API's address", address, "https://api.x.com")
    pages: int = setting("the most pages at a look, of 100 posts each", number(1, 1_000), 10)


def read(settings: Settings, since: Cursor, fetch: Fetch) -> Iterator[tuple[Batch, Cursor]]:
    """Posts, newest first; then some known ones again, or the stream."""
    headers = {"authorization": f"Bearer {settings.token.reveal()}"}
    api = settings.url.rstrip("/") + "/2/tweets"
    for batch, moved in _searched(settings, api, since, headers, fetch):
        since = moved
        yield batch, since
    recent: list[str] = list(since.get("recent", []))
    if settings.stream:
        yield from _streamed(settings, api, since, headers, fetch)
    elif recent:
        some, rest = recent[:CHECKED], recent[CHECKED:]
        body = fetch(api, params={**ASKED, "ids": ",".join(some)}, headers=headers).json()
        gone = [str(one.get("resource_id")) for one in body.get("errors", []) if one.get("resource_id") in some]
        made = _batch(body, gone)
        yield made, {**since, "recent": [*rest, *(id for id in some if id not in gone)]}


def _searched(
    settings: Settings, api: str, since: Cursor, headers: Mapping[str, str], fetch: Fetch
) -> Iterator[tuple[Batch, Cursor]]:
    """What the search finds, newest first, down to what is known."""
    recent: list[str] = list(since.get("recent", []))

    def ask(token: Any) -> Page:
        params = {**ASKED, "query": settings.search, "max_results": 100}
        params |= {"next_token": str(token)} if token else {}
        body = _recent(f"{api}/search/recent", params, since.get("until"), headers, fetch)
        made = _batch(body)
        recent.extend(str(message["id"]) for message in made.messages)
        return made, [mark(message["id"]) for message in made.messages], body.get("meta", {}).get("next_token")

    for batch, cursor in newest_first(since, ask, most=settings.pages):
        recent = list(dict.fromkeys(recent))[-RECENT:]
        yield batch, {**cursor, "recent": recent}


def _recent(
    url: str, params: Mapping[str, str | int], until: str | None, headers: Mapping[str, str], fetch: Fetch
) -> Any:
    """Only what is newer than what is known, where X still knows that: it forgets after a week."""
    if until:
        try:
            return fetch(url, params={**params, "since_id": until.lstrip("0")}, headers=headers).json()
        except NotAllowed:
            pass
    return fetch(url, params=params, headers=headers).json()


def _streamed(
    settings: Settings, api: str, since: Cursor, headers: Mapping[str, str], fetch: Fetch
) -> Iterator[tuple[Batch, Cursor]]:
    """The filtered stream, with the search as its rule."""
    rule = _rule(settings.search, f"{api}/search/stream/rules", headers, fetch)
    opened = False
    for line in fetch.lines(f"{api}/search/stream", params=ASKED, headers=headers):
        if not opened:  # what was written after the search, and before the stream was open
            for batch, moved in _searched(settings, api, since, headers, fetch):
                since = moved
                yield batch, since
            opened = True
        if not line.strip():  # it lives
            continue
        try:
            body = json.loads(line)
            if "data" not in body and body.get("errors"):
                raise TryLater("X has ended the stream", after=5)
            if rule not in [str(one["id"]) for one in body.get("matching_rules", [])]:
                continue  # another search's: all of an app's rules share its stream
            batch = _batch({**body, "data": [body["data"]]})
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            batch = Batch(bad=((f"is no post: {type(error).__name__}", line.encode()),), source="x")
        newest = since.get("until") or mark(0)
        if "page" not in since:  # else the search is not done, and goes on from there the next time
            newest = max([newest, *(mark(message["id"]) for message in batch.messages)])
        recent = [*since.get("recent", []), *(str(message["id"]) for message in batch.messages)][-RECENT:]
        since = {**since, "until": newest, "recent": recent}
        yield batch, since


def _rule(search: str, url: str, headers: Mapping[str, str], fetch: Fetch) -> str:
    """The id of the rule that is the search; it is made where it is not there."""
    found = fetch(url, headers=headers).json().get("data", [])
    if search not in [rule.get("value") for rule in found]:
        made = fetch(url, headers=headers, json={"add": [{"value": search}]}).json()
        found = made.get("data", [])
        if not found:
            raise NotAllowed("X takes the search as no rule of its stream: look at `search`")
    return next(str(rule["id"]) for rule in found if rule.get("value") == search)


def _batch(body: Mapping[str, Any], gone: list[str] | None = None) -> Batch:
    people = {str(user.get("id")): user for user in body.get("includes", {}).get("users", [])}
    return each(body.get("data", []), lambda post: _message(post, people), source="x", gone=gone or ())


def _message(post: Mapping[str, Any], people: Mapping[str, Mapping[str, Any]]) -> Made:
    user = people.get(str(post.get("author_id")), {})
    about = {one["type"]: str(one["id"]) for one in post.get("referenced_tweets", [])}
    whole = {**post, **(post.get("note_tweet") or {})}  # a long post: its text and entities are cut off otherwise
    entities, counts = whole.get("entities", {}), post.get("public_metrics", {})
    name = user.get("username")
    kind = next((kind for type, kind in KINDS.items() if type in about), "post")
    return {
        "id": str(post["id"]),
        "channel": "social",
        "kind": kind,
        "thread": post.get("conversation_id"),
        "parent": about.get("replied_to"),
        "about": about.get("retweeted") or about.get("quoted"),
        "person": f"@{name}" if name else None,
        "mentions": [f"@{one['username']}" for one in entities.get("mentions", [])] or None,
        "hashtags": [str(one["tag"]).casefold() for one in entities.get("hashtags", [])] or None,
        "links": [one.get("expanded_url") or one["url"] for one in entities.get("urls", [])] or None,
        "text": str(whole["text"]),
        "language": post["lang"][:2] if post.get("lang", "und") != "und" else None,
        "likes": count(counts.get("like_count")),
        "shares": count(counts.get("retweet_count")),
        "replies": count(counts.get("reply_count")),
        "reach": count(counts.get("impression_count") or user.get("public_metrics", {}).get("followers_count")),
        "url": f"https://x.com/{name or 'i'}/status/{post['id']}",
        "occurred_at": moment(post["created_at"]),
        "attributes": told(quotes=counts.get("quote_count")),
    }
