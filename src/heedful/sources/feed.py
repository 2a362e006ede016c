"""A feed: RSS, Atom or JSON Feed of a blog, a news site, a forum or a shop.

Entries carry what feeds tell: title, text, author, time, link, categories. It is asked with the ETag and time of the
last answer, so that nothing is sent where nothing changed. A changed entry is a new version of the same one; Atom's
`deleted-entry` takes one away, and with `recheck = true` so does a page that is gone (404, 410).
"""

import hashlib
import io
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from heedful.errors import NotAllowed, NotFound, TryLater
from heedful.records import CHANNELS
from heedful.sources import Answer, Batch, Cursor, Fetch
from heedful.sources._declared import address, flag, one_of, setting
from heedful.sources._each import each, moment
from heedful.sources._plain import plain

EXAMPLE = """
name = "acme-blog"
kind = "feed"
url = "https://blog.example.org/feed.xml"
"""
EVERY = "15m"
ACCEPT = {"accept": "application/feed+json, application/atom+xml, application/rss+xml, application/xml;q=0.9"}
MOST_KNOWN = 2_000
"""So many entries are remembered with what they said, so that only what is new or changed is taken."""
CHECKED = 20
"""So many links are asked for again at a time."""
GONE = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"


@dataclass(frozen=True)
class Settings:
    """Which feed, and what it is."""

    url: str = setting("the feed's address", address)
    channel: str = setting("what its entries are", one_of(*CHANNELS), "news")
    recheck: bool = setting("look whether known entries' pages are gone, a few at each look", flag, False)


def read(settings: Settings, since: Cursor, fetch: Fetch) -> Iterator[tuple[Batch, Cursor]]:
    """What is new in the feed, in one page, and what is gone."""
    asked = {"if-none-match": since.get("etag"), "if-modified-since": since.get("modified")}
    answer = fetch(settings.url, headers=ACCEPT | {name: value for name, value in asked.items() if value})
    known: dict[str, list[str]] = dict(since.get("known", {}))
    if answer.status != 304:
        batch, known = _fresh(answer, settings, known)
        since = {"etag": answer.headers.get("etag"), "modified": answer.headers.get("last-modified"), "known": known}
        yield batch, since
    if settings.recheck and known:
        gone = [id for id, (_, link) in list(known.items())[:CHECKED] if link and _is_gone(link, fetch)]
        turned = [*list(known.items())[CHECKED:], *list(known.items())[:CHECKED]]
        yield Batch(gone=gone), {**since, "known": {id: one for id, one in turned if id not in gone}}


def _fresh(answer: Answer, settings: Settings, known: Mapping[str, list[str]]) -> tuple[Batch, dict[str, list[str]]]:
    """New and changed entries, and everything that is known then."""
    items = _json_feed(answer) if _is_json(answer) else _xml_feed(answer)
    made = each(items, lambda item: _message(item, settings.channel))
    fresh, now = [], dict(known)
    once: dict[str, Mapping[str, Any]] = {}
    for message in made.messages:
        once.setdefault(message["id"], message)  # the latest, where a feed gives one id to several entries
    for message in once.values():
        told = [hashlib.blake2b(repr(sorted(message.items())).encode(), digest_size=8).hexdigest()]
        told.append(str(message.get("url", "")))
        if now.pop(message["id"], None) != told:
            fresh.append(message)
        now[message["id"]] = told  # the latest last
    gone = _tombstones(answer.body)
    kept = {id: one for id, one in list(now.items())[-MOST_KNOWN:] if id not in gone}
    return Batch(fresh, gone, made.bad), kept


def _is_json(answer: Answer) -> bool:
    return "json" in answer.headers.get("content-type", "") or answer.body.lstrip()[:1] == b"{"


def _json_feed(answer: Answer) -> list[Any]:
    """Entries of a JSON Feed (jsonfeed.org, 1.0 and 1.1) in the names that feedparser gives."""
    found = answer.json()
    if not isinstance(found, dict) or not isinstance(found.get("items"), list):
        raise TryLater("the answer is JSON and no JSON Feed: it has no items", after=3600)
    return [_json_item(item) if isinstance(item, dict) else item for item in found["items"]]


def _json_item(item: Mapping[str, Any]) -> dict[str, Any]:
    authors = item.get("authors") or [item.get("author") or {}]
    return {
        "id": item.get("id"),
        "link": item.get("url") or item.get("external_url"),
        "title": item.get("title"),
        "text": item.get("content_html") or escape(str(item.get("content_text") or item.get("summary") or "")),
        "author": authors[0].get("name") if authors else None,
        "at": item.get("date_published") or item.get("date_modified"),
        "tags": item.get("tags"),
        "language": item.get("language"),
    }


def _xml_feed(answer: Answer) -> list[dict[str, Any]]:
    import feedparser

    headers = {"content-type": answer.headers.get("content-type", ""), "content-location": answer.url}
    found = feedparser.parse(io.BytesIO(answer.body), response_headers=headers, sanitize_html=False)
    if not found.version and not found.entries:
        raise TryLater("the answer is no feed: give the address of RSS, Atom or a JSON Feed", after=3600)
    language = found.feed.get("language")
    return [_xml_item(entry, language) for entry in found.entries]


def _xml_item(entry: Any, language: str | None) -> dict[str, Any]:
    texts = [part.get("value", "") for part in entry.get("content", [])] + [entry.get("summary", "")]
    at = entry.get("published_parsed") or entry.get("updated_parsed")
    return {
        "id": entry.get("id"),
        "link": entry.get("link"),
        "title": entry.get("title"),
        "text": max(texts, key=len),
        "author": entry.get("author"),
        "at": None if at is None else "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}+00:00".format(*at[:6]),
        "tags": [tag.get("term") for tag in entry.get("tags", []) if tag.get("term")],
        "language": language,
        "replies": entry.get("slash_comments"),
    }


def _message(item: Mapping[str, Any], channel: str) -> dict[str, Any] | None:
    title, text = plain(item["title"]), plain(item["text"])
    if not (title or text):
        return None
    id = item["id"] or item["link"] or hashlib.blake2b(f"{title}\n{text}".encode(), digest_size=16).hexdigest()
    return {
        "id": str(id),
        "channel": channel,
        "kind": "review" if channel == "review" else "post",
        "title": title or None,
        "text": text,
        "person": item["author"] or None,
        "language": (item["language"] or "")[:2].lower() or None,
        "hashtags": [str(tag).lower() for tag in item["tags"] or ()] or None,
        "url": item["link"],
        "replies": int(item["replies"]) if str(item.get("replies") or "").isdigit() else None,
        "occurred_at": moment(item["at"]),
    }


def _tombstones(body: bytes) -> tuple[str, ...]:
    """Entries that an Atom feed says are deleted (RFC 6721)."""
    if b"deleted-entry" not in body:
        return ()
    try:
        found = ET.fromstring(body).iter(GONE)
    except ET.ParseError:
        return ()
    return tuple(ref for one in found if (ref := one.get("ref")))


def _is_gone(link: str, fetch: Fetch) -> bool:
    try:
        fetch(link)
    except NotFound:
        return True
    except (TryLater, NotAllowed):  # such as a page that is only for some: it is there
        return False
    return False
