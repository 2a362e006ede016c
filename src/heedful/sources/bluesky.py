"""Bluesky: a search, an author's posts, an account on its own data server, or everything as it happens (Jetstream).

`search` and `author` ask an app view; `repo` reads an account's records from its data server; `words` listens to
Jetstream and keeps posts with one of the words. Deletions are honoured: at once by Jetstream and `repo`, and for the
others when known posts are asked for again, a few at each look.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from heedful.errors import NotFound, TryLater
from heedful.sources import Batch, Cursor, Fetch
from heedful.sources._declared import Secret, address, number, secret, setting, socket_address, word, words
from heedful.sources._each import count, each, moment
from heedful.sources._paging import Page, newest_first

EXAMPLE = """
name = "bluesky-acme"
kind = "bluesky"
search = "acme"
"""
EVERY = "2m"
POST = "app.bsky.feed.post"
RECENT, CHECKED = 500, 25
"""So many posts are remembered to be asked for again, so many at a time."""
MOST_PEOPLE = 20_000
"""So many authors are remembered with their handles."""
LEFT = ("deleted", "takendown")
"""What becomes of an account all of whose posts go; one that is only deactivated may come back."""
KEPT_IDS = 20_000
"""Of so many posts that Jetstream brought it is remembered that they are here, for their deletion."""
EVERY_EVENTS = 2_000
"""After so many events without a word of ours Jetstream's place is saved all the same."""


@dataclass(frozen=True)
class Settings:
    """What is read, and from where."""

    search: str | None = setting("what posts must say", word, None)
    author: str | None = setting("whose posts, by handle or DID", word, None)
    repo: str | None = setting("whose records on the data server at url, by handle or DID", word, None)
    words: tuple[str, ...] = setting("words of which a post on Jetstream must have one", words, ())
    url: str = setting("the app view, or the data server", address, "https://api.bsky.app")
    jetstream: str = setting(
        "where events come from", socket_address, "wss://jetstream2.us-east.bsky.network/subscribe"
    )
    handle: str | None = setting("an account to sign in with, where the app view wants one", word, None)
    password: Secret | None = setting("its app password", secret, None)
    login: str = setting("where it signs in", address, "https://bsky.social")
    pages: int = setting("the most pages at a look", number(1, 1_000), 10)

    def mistakes(self) -> list[str]:
        """What does not fit together."""
        asked = [name for name in ("search", "author", "repo", "words") if getattr(self, name)]
        return [] if len(asked) == 1 else ["needs exactly one of search, author, repo and words"]


def read(settings: Settings, since: Cursor, fetch: Fetch) -> Iterator[tuple[Batch, Cursor]]:
    """What is new, newest first; or events for ever."""
    if settings.words:
        yield from _events(settings, since, fetch)
    elif settings.repo:
        yield from _repo(settings, since, fetch)
    else:
        yield from _posts(settings, since, fetch)


# Search and author feeds


def _posts(settings: Settings, since: Cursor, fetch: Fetch) -> Iterator[tuple[Batch, Cursor]]:
    headers = _signed_in(settings, fetch)
    recent: list[str] = list(since.get("recent", []))
    method = "app.bsky.feed.searchPosts" if settings.search else "app.bsky.feed.getAuthorFeed"
    asked = {"q": settings.search, "sort": "latest"} if settings.search else {"actor": settings.author}

    def ask(token: Any) -> Page:
        params = {name: text for name, text in {**asked, "limit": 100, "cursor": token}.items() if text}
        found = _xrpc(settings, method, params, headers, fetch)
        items = found["posts"] if settings.search else found["feed"]
        posts = [one if settings.search else one.get("post") for one in items]
        own = [one for one in items if not one.get("reason")]
        marks = [str(_post_of(one)["indexedAt"]) for one in own if _post_of(one).get("indexedAt")]
        made = _batch([_post_of(one) for one in own] if not settings.search else posts)
        recent.extend(str(message["id"]) for message in made.messages)
        return made, marks, found.get("cursor")

    for batch, cursor in newest_first(since, ask, most=settings.pages):
        recent = list(dict.fromkeys(recent))[-RECENT:]
        since = {**cursor, "recent": recent}
        yield batch, since
    if recent:
        some, rest = recent[:CHECKED], recent[CHECKED:]
        query = urlencode([("uris", uri) for uri in some])
        found = fetch(f"{settings.url.rstrip('/')}/xrpc/app.bsky.feed.getPosts?{query}", headers=headers).json()
        there = [str(post.get("uri")) for post in found["posts"]]
        gone = [uri for uri in some if uri not in there]
        yield _batch(found["posts"], gone), {**since, "recent": [*rest, *there]}


def _post_of(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """A post, which stands bare in a search and one deeper in a feed."""
    found = item.get("post", item)
    return found if isinstance(found, Mapping) else {}


def _signed_in(settings: Settings, fetch: Fetch) -> dict[str, str]:
    if not (settings.handle and settings.password):
        return {}
    url = f"{settings.login.rstrip('/')}/xrpc/com.atproto.server.createSession"
    form = {"identifier": settings.handle, "password": settings.password.reveal()}
    found = fetch(url, json=form).json()
    return {"authorization": f"Bearer {found['accessJwt']}"}


def _xrpc(settings: Settings, method: str, params: Mapping[str, Any], headers: Mapping[str, str], fetch: Fetch) -> Any:
    found = fetch(f"{settings.url.rstrip('/')}/xrpc/{method}", params=params, headers=headers).json()
    if not isinstance(found, Mapping):
        raise TryLater(f"{method} answers something else than an object", after=600)
    return found


def _batch(posts: Sequence[Any], gone: Sequence[str] = ()) -> Batch:
    return each(posts, _viewed, source="bluesky", gone=gone)


def _viewed(post: Mapping[str, Any]) -> dict[str, Any] | None:
    """A post as an app view shows it."""
    author = post["author"]
    made = _message(post["uri"], post["record"], str(author["handle"]))
    counts = {"likes": "likeCount", "shares": "repostCount", "replies": "replyCount"}
    return made and made | {name: count(post.get(field)) for name, field in counts.items()}


def _message(uri: str, record: Mapping[str, Any], handle: str, reach: int | None = None) -> dict[str, Any] | None:
    text = str(record["text"])
    if not text.strip():
        return None
    reply, embed = record.get("reply") or {}, record.get("embed") or {}
    quoted = embed.get("record") or {}
    quoted = quoted.get("record", quoted) if isinstance(quoted, Mapping) else {}
    mentions, tags, links = _facets(text, record.get("facets") or [])
    external = (embed.get("external") or {}).get("uri")
    place = uri.removeprefix("at://").split("/")
    return {
        "id": uri,
        "channel": "social",
        "kind": "quote" if quoted.get("uri") else "comment" if reply else "post",
        "thread": (reply.get("root") or {}).get("uri"),
        "parent": (reply.get("parent") or {}).get("uri"),
        "about": quoted.get("uri"),
        "person": f"@{handle}",
        "mentions": mentions or None,
        "hashtags": tags or None,
        "links": [*links, *([external] if external and external not in links else [])] or None,
        "text": text,
        "language": (str((record.get("langs") or [""])[0]))[:2] or None,
        "reach": reach,
        "url": f"https://bsky.app/profile/{place[0]}/post/{place[-1]}",
        "occurred_at": moment(record.get("createdAt")),
    }


def _facets(text: str, facets: Sequence[Mapping[str, Any]]) -> tuple[list[str], list[str], list[str]]:
    """Mentions by their handles in the text, tags and links; places count bytes of UTF-8."""
    whole = text.encode("utf-8", "replace")
    mentions, tags, links = [], [], []
    for facet in facets:
        span = facet["index"]
        part = whole[int(span["byteStart"]) : int(span["byteEnd"])].decode("utf-8", "ignore")
        for feature in facet.get("features", []):
            kind = str(feature.get("$type", "")).rpartition("#")[2]
            if kind == "mention":
                mentions.append(part if part.startswith("@") else f"@{part}")
            elif kind == "tag":
                tags.append(str(feature["tag"]).casefold())
            elif kind == "link":
                links.append(str(feature["uri"]))
    return mentions, tags, links


# An account's own data server


def _repo(settings: Settings, since: Cursor, fetch: Fetch) -> Iterator[tuple[Batch, Cursor]]:
    """Records newest first; one that is missing between two that are there has been deleted."""
    about = _xrpc(settings, "com.atproto.repo.describeRepo", {"repo": str(settings.repo)}, {}, fetch)
    handle, known = str(about["handle"]), dict.fromkeys(since.get("known", []))
    listed: list[str] = list(since.get("listed", []))

    def ask(token: Any) -> Page:
        params = {"repo": about["did"], "collection": POST, "limit": 100, **({"cursor": token} if token else {})}
        found = _xrpc(settings, "com.atproto.repo.listRecords", params, {}, fetch)
        records = found["records"]
        listed.extend(str(one["uri"]) for one in records)
        made = each(records, lambda one: _message(one["uri"], one["value"], handle), source="bluesky")
        return made, [uri.rpartition("/")[2] for uri in listed[-len(records) :]] if records else [], found.get("cursor")

    for batch, cursor in newest_first(since, ask, most=settings.pages):
        if "page" in cursor:
            yield batch, {**cursor, "known": list(known), "listed": listed}
            continue
        down_to = "" if cursor["until"] is None or not listed else min(listed)
        gone = [uri for uri in known if uri >= down_to and uri not in set(listed)] if listed else list(known)
        left = sorted({*known, *listed} - set(gone), reverse=True)[:RECENT]
        yield Batch(batch.messages, gone, batch.bad, "bluesky"), {**cursor, "known": left}


# Jetstream


def _events(settings: Settings, since: Cursor, fetch: Fetch) -> Iterator[tuple[Batch, Cursor]]:
    """Posts with one of the words, and what becomes of those that were kept."""
    wanted = [word.casefold() for word in settings.words]
    query = {"wantedCollections": POST, **({"cursor": since["at"]} if since.get("at") else {})}
    kept: dict[str, None] = dict.fromkeys(since.get("kept", []))
    people: dict[str, tuple[str, int | None]] = {}
    skipped = 0
    for text in fetch.socket(f"{settings.jetstream}?{urlencode(query)}"):
        try:
            event = json.loads(text)
            batch = _event(event, wanted, kept, people, settings, fetch)
            at = int(event["time_us"])
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            yield (
                Batch(bad=((f"is no event: {type(error).__name__}", text[:100_000].encode()),), source="bluesky"),
                since,
            )
            continue
        skipped += 1
        since = {"at": at, "kept": since.get("kept", [])}
        if batch.messages or batch.gone or batch.bad or skipped >= EVERY_EVENTS:
            since = {"at": at, "kept": list(kept)}
            skipped = 0
            yield batch, since


def _event(
    event: Mapping[str, Any],
    wanted: Sequence[str],
    kept: dict[str, None],
    people: dict[str, tuple[str, int | None]],
    settings: Settings,
    fetch: Fetch,
) -> Batch:
    if event.get("kind") == "account":
        return _left(event, kept)
    commit = event.get("commit") or {}
    if event.get("kind") != "commit" or commit.get("collection") != POST:
        return Batch(source="bluesky")
    uri = f"at://{event['did']}/{POST}/{commit['rkey']}"
    if commit["operation"] == "delete":
        here = uri in kept
        kept.pop(uri, None)
        return Batch(gone=(uri,) if here else (), source="bluesky")
    record = commit["record"]
    if uri not in kept and not any(word in str(record.get("text", "")).casefold() for word in wanted):
        return Batch(source="bluesky")
    who = _profile(event["did"], people, settings, fetch)
    made = each([record], lambda one: _message(uri, one, *who), source="bluesky")
    kept.update(dict.fromkeys(str(message["id"]) for message in made.messages))
    while len(kept) > KEPT_IDS:
        del kept[next(iter(kept))]
    return made


def _left(event: Mapping[str, Any], kept: dict[str, None]) -> Batch:
    """An account that is no more takes its posts along; Jetstream does not name them one by one."""
    account = event["account"]
    if account.get("active") or account.get("status") not in LEFT:
        return Batch(source="bluesky")
    gone = [uri for uri in kept if uri.startswith(f"at://{event['did']}/")]
    for uri in gone:
        del kept[uri]
    return Batch(gone=gone, source="bluesky")


def _profile(
    did: str, people: dict[str, tuple[str, int | None]], settings: Settings, fetch: Fetch
) -> tuple[str, int | None]:
    """The handle and the followers of whom an event names by DID only."""
    if did not in people:
        if len(people) >= MOST_PEOPLE:
            people.clear()
        try:
            found = _xrpc(settings, "app.bsky.actor.getProfile", {"actor": did}, {}, fetch)
            people[did] = str(found["handle"]), count(found.get("followersCount"))
        except NotFound:
            people[did] = did, None
    return people[did]
