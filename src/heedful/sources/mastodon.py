"""Mastodon, and every server that speaks its API: a hashtag, a timeline, or who mentions an account.

With `stream = true` posts, edits and deletions come as they happen; what was missed meanwhile is asked for first.
Without it each look takes what is new, and asks again for some known posts: what was edited becomes a new version, and
what is no longer there goes.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import count as count_up
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from heedful.errors import NotFound
from heedful.sources import Batch, Cursor, Fetch
from heedful.sources._declared import Secret, address, flag, one_of, secret, setting, word
from heedful.sources._each import count, each, moment, told
from heedful.sources._plain import plain

EXAMPLE = """
name = "fediverse-acme"
kind = "mastodon"
url = "https://mastodon.social"
hashtag = "acme"
"""
EVERY = "2m"
AT_ONCE = 40
MOST_PAGES = 50
RECENT, CHECKED = 400, 20
"""So many posts are remembered to be asked for again, so many at a time."""
LATE, LATE_DIGITS = 900.0, 16
"""Seconds by which a post may come later than its id tells, and the digits beyond which an id is a time."""
TIMELINES = ("hashtag", "public", "local", "home", "mentions")


@dataclass(frozen=True)
class Settings:
    """Which server, and what of it."""

    url: str = setting("the server's address", address)
    timeline: str = setting("what is read", one_of(*TIMELINES), "hashtag")
    hashtag: str | None = setting("the hashtag, without #", word, None)
    token: Secret | None = setting("an access token with the scope read", secret, None)
    stream: bool = setting("take posts as they come", flag, False)
    stream_url: str | None = setting("where streams come from, where that is another address", address, None)

    def mistakes(self) -> list[str]:
        """What does not fit together."""
        found = []
        if self.timeline == "hashtag" and not self.hashtag:
            found.append('needs hashtag, such as hashtag = "acme", or another timeline')
        if self.timeline in ("home", "mentions") and not self.token:
            found.append(f"needs token: the timeline {self.timeline} belongs to an account")
        return found


def read(settings: Settings, since: Cursor, fetch: Fetch) -> Iterator[tuple[Batch, Cursor]]:
    """What is new since the last look, oldest first; then what was changed, or the stream."""
    cursor: dict[str, Any] = {"newest": since.get("newest"), "recent": list(since.get("recent", []))}
    yield from _missed(settings, cursor, fetch)
    if settings.stream:
        yield from _streamed(settings, cursor, fetch)
    elif cursor["recent"]:
        yield _again(settings, cursor, fetch)


def _missed(settings: Settings, cursor: dict[str, Any], fetch: Fetch) -> Iterator[tuple[Batch, Cursor]]:
    """What has come since the cursor, which moves along; and a little from before it, where ids tell the time.

    A post of another server has its id by when it was written, not by when it came here, which may be minutes later.
    """
    asked = _before(cursor["newest"], settings)
    for _ in count_up() if settings.stream else range(MOST_PAGES):  # a stream begins where nothing is missing
        found = fetch(_timeline(settings), params=_asked(settings, asked), headers=_headers(settings)).json()
        if not found:
            return
        first, asked = cursor["newest"] is None, max((str(one["id"]) for one in found), key=_order)
        newest = _order(cursor["newest"] or "")
        new = [one for one in found if _order(str(one["id"])) > newest]
        late = [one for one in found if one not in new and str(one["id"]) not in cursor["recent"]]
        batch = _batch([one.get("status") if _mentions(settings) else one for one in new], settings)
        batch = replace(batch, messages=[*_batch(late, settings).messages, *batch.messages])
        cursor["newest"] = max(cursor["newest"] or "", asked, key=_order)
        cursor["recent"] = [*cursor["recent"], *(str(message["id"]).rpartition("/")[2] for message in batch.messages)]
        cursor["recent"] = list(dict.fromkeys(cursor["recent"]))[-RECENT:]
        if new or batch.messages:
            yield batch, dict(cursor)
        if first:
            return


def _before(newest: str | None, settings: Settings) -> str | None:
    """An id of some minutes before another, where ids are times as Mastodon makes them: milliseconds, and 16 bits."""
    if newest is None or _mentions(settings) or not (newest.isdecimal() and len(newest) > LATE_DIGITS):
        return newest
    return str(int(newest) - (int(LATE * 1000) << 16))


def _mentions(settings: Settings) -> bool:
    return settings.timeline == "mentions"


def _timeline(settings: Settings) -> str:
    api = settings.url.rstrip("/") + "/api/v1"
    if settings.timeline == "hashtag":
        return f"{api}/timelines/tag/{quote(str(settings.hashtag), safe='')}"
    if _mentions(settings):
        return f"{api}/notifications"
    return f"{api}/timelines/{'home' if settings.timeline == 'home' else 'public'}"


def _asked(settings: Settings, newest: str | None) -> dict[str, str | int]:
    asked: dict[str, str | int] = {"limit": AT_ONCE}
    if newest:
        asked["min_id"] = newest
    if settings.timeline == "local":
        asked["local"] = "true"
    if _mentions(settings):
        asked["types[]"] = "mention"
    return asked


def _headers(settings: Settings) -> dict[str, str]:
    return {"authorization": f"Bearer {settings.token.reveal()}"} if settings.token else {}


def _again(settings: Settings, cursor: Mapping[str, Any], fetch: Fetch) -> tuple[Batch, Cursor]:
    """Ask for some known posts again, those that were not asked for longest."""
    some, rest = cursor["recent"][:CHECKED], cursor["recent"][CHECKED:]
    url = f"{settings.url.rstrip('/')}/api/v1/statuses?{urlencode([('id[]', id) for id in some])}"
    try:
        found = fetch(url, headers=_headers(settings)).json()
    except NotFound:  # servers before 4.3 do not answer this
        return Batch(source="mastodon"), cursor
    there = {str(one["id"]) for one in found}
    missing = [id for id in some if id not in there and _is_gone(settings, id, fetch)]
    left = [*rest, *(id for id in some if id not in missing)]
    return _batch(found, settings, [_id(settings, id) for id in missing]), {**cursor, "recent": left}


def _is_gone(settings: Settings, id: str, fetch: Fetch) -> bool:
    """Whether a post that was left out is gone: some servers understand the question for several otherwise."""
    try:
        fetch(f"{settings.url.rstrip('/')}/api/v1/statuses/{quote(id, safe='')}", headers=_headers(settings))
    except NotFound:
        return True
    return False


def _streamed(settings: Settings, cursor: Mapping[str, Any], fetch: Fetch) -> Iterator[tuple[Batch, Cursor]]:
    """Server-sent events: update, status.update, delete and notification."""
    event, caught, opened = "", dict(cursor), False
    for line in fetch.lines(_stream(settings), headers=_headers(settings)):
        if not opened:  # what came after the last look, and before the stream was open
            yield from _missed(settings, caught, fetch)
            cursor, opened = caught, True
        name, _, rest = line.partition(":")
        if name == "event":
            event = rest.strip()
        elif name == "data":
            batch = _event(event, rest.strip(), settings)
            if batch.messages or batch.gone or batch.bad:
                new = [str(one["id"]).rpartition("/")[2] for one in batch.messages if event == "update"]
                cursor = {**cursor, "newest": max([*new, cursor["newest"] or "0"], key=_order)}
                yield batch, cursor


def _stream(settings: Settings) -> str:
    api = (settings.stream_url or settings.url).rstrip("/") + "/api/v1/streaming"
    if settings.timeline == "hashtag":
        return f"{api}/hashtag?{urlencode({'tag': settings.hashtag})}"
    return {"public": f"{api}/public", "local": f"{api}/public/local"}.get(settings.timeline, f"{api}/user")


def _event(event: str, text: str, settings: Settings) -> Batch:
    if event == "delete":
        return Batch(gone=(_id(settings, text.strip('"')),), source="mastodon")
    if event not in ("update", "status.update", "notification"):
        return Batch(source="mastodon")
    try:
        found = json.loads(text)
    except ValueError:
        return Batch(bad=(("is no JSON", text.encode()),), source="mastodon")
    if _mentions(settings) != (event == "notification"):
        return Batch(source="mastodon")
    return _batch([found.get("status") if event == "notification" else found], settings)


def _batch(found: list[Any], settings: Settings, gone: list[str] | None = None) -> Batch:
    return each(found, lambda one: _message(one, settings), source="mastodon", gone=gone or ())


def _message(status: Mapping[str, Any], settings: Settings) -> dict[str, Any] | None:
    inner = status.get("reblog")
    text = plain((inner or status)["content"])
    spoiler = status.get("spoiler_text") or None
    if not (text or spoiler):
        return None
    quoted = (status.get("quote") or {}).get("quoted_status") or {}
    kind = "repost" if inner else "quote" if quoted else "comment" if status.get("in_reply_to_id") else "post"
    account = status["account"]
    return {
        "id": _id(settings, status["id"]),
        "channel": "social",
        "kind": kind,
        "parent": _id(settings, replied) if (replied := status.get("in_reply_to_id")) else None,
        "about": _id(settings, about) if (about := (inner or quoted).get("id")) else None,
        "person": _who(account, settings),
        "mentions": [_who(one, settings) for one in status.get("mentions", [])] or None,
        "hashtags": [str(tag["name"]).casefold() for tag in (inner or status).get("tags", [])] or None,
        "title": spoiler,
        "text": text,
        "language": (status.get("language") or "")[:2] or None,
        "likes": count(status.get("favourites_count")),
        "shares": count(status.get("reblogs_count")),
        "replies": count(status.get("replies_count")),
        "reach": count(account.get("followers_count")),
        "url": status.get("url") or status.get("uri"),
        "occurred_at": moment(status["created_at"]),
        "attributes": told(edited_at=status.get("edited_at"), bot="true" if account.get("bot") else None),
    }


def _who(account: Mapping[str, Any], settings: Settings) -> str:
    """A handle with its server, which local accounts are told without."""
    acct = str(account["acct"])
    return f"@{acct}" if "@" in acct else f"@{acct}@{urlsplit(settings.url).hostname}"


def _id(settings: Settings, id: Any) -> str:
    """Ids are the server's own."""
    return f"{urlsplit(settings.url).hostname}/{id}"


def _order(id: str) -> tuple[int, str]:
    return len(id), id
