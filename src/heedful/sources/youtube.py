"""Comments on YouTube: under a video, or under everything of a channel, with the first replies to each.

Every look costs the API key one unit of its day's quota for each 100 threads. YouTube tells only some replies along
with a thread, and none that come once the thread is no longer among the latest 100.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from heedful.errors import NotFound
from heedful.sources import Batch, Cursor, Fetch
from heedful.sources._declared import Secret, address, number, secret, setting, word
from heedful.sources._each import Made, count, each, moment, told
from heedful.sources._paging import Page, newest_first

EXAMPLE = """
name = "acme-youtube"
kind = "youtube"
channel = "UC_x5XG1OV2P6uZZ5FSM9Ttw"
key = "env:YOUTUBE_API_KEY"
"""
EVERY = "15m"
RECENT, CHECKED = 500, 50


@dataclass(frozen=True)
class Settings:
    """Which videos, and the key of the API."""

    key: Secret = setting("an API key of the YouTube Data API v3", secret)
    channel: str | None = setting("the channel's id, which begins with UC", word, None)
    video: str | None = setting("a video's id", word, None)
    url: str = setting("the API's address", address, "https://www.googleapis.com")
    pages: int = setting("the most pages at a look, of 100 threads each", number(1, 1_000), 10)

    def mistakes(self) -> list[str]:
        """What does not fit together."""
        return [] if bool(self.channel) != bool(self.video) else ["needs either channel or video"]


def read(settings: Settings, since: Cursor, fetch: Fetch) -> Iterator[tuple[Batch, Cursor]]:
    """Threads, newest first; then some known comments again, for those that are gone."""
    headers = {"x-goog-api-key": settings.key.reveal()}
    api = settings.url.rstrip("/") + "/youtube/v3"
    which = {"allThreadsRelatedToChannelId": settings.channel, "videoId": settings.video}
    asked = {name: id for name, id in which.items() if id}
    recent: list[str] = list(since.get("recent", []))

    def ask(token: Any) -> Page:
        params: dict[str, str | int] = {"part": "snippet,replies", "order": "time", "maxResults": 100, **asked}
        params |= {"textFormat": "plainText", **({"pageToken": str(token)} if token else {})}
        body = fetch(f"{api}/commentThreads", params=params, headers=headers).json()
        threads = body.get("items", [])
        made = each([one for thread in threads for one in _comments(thread)], _message, source="youtube")
        recent.extend(str(message["id"]) for message in made.messages)
        marks = [str(message["occurred_at"]) for message in made.messages if "parent" not in message]
        return made, marks, body.get("nextPageToken")

    for batch, cursor in newest_first(since, ask, most=settings.pages):
        recent = list(dict.fromkeys(recent))[-RECENT:]
        since = {**cursor, "recent": recent}
        yield batch, since
    if recent:
        yield _again(api, headers, since, recent, fetch)


def _again(
    api: str, headers: Mapping[str, str], since: Cursor, recent: list[str], fetch: Fetch
) -> tuple[Batch, Cursor]:
    some, rest = recent[:CHECKED], recent[CHECKED:]
    there = _there(api, headers, some, fetch)
    gone = [id for id in some if id not in there]
    return Batch(gone=gone, source="youtube"), {**since, "recent": [*rest, *(id for id in some if id in there)]}


def _there(api: str, headers: Mapping[str, str], some: list[str], fetch: Fetch) -> set[str]:
    """Which of some comments there are: YouTube may say 404 where any one is missing, then each half is asked for."""
    try:
        found = fetch(f"{api}/comments", params={"part": "id", "id": ",".join(some)}, headers=headers).json()
    except NotFound:
        if len(some) < 2:
            return set()
        half = len(some) // 2
        return _there(api, headers, some[:half], fetch) | _there(api, headers, some[half:], fetch)
    return {str(one.get("id")) for one in found.get("items", [])}


def _comments(thread: Any) -> list[Any]:
    """The comment that began a thread, with the count of its replies, and the replies that came along."""
    if not isinstance(thread, dict) or "topLevelComment" not in thread.get("snippet", {}):
        return [thread]
    first = {**thread["snippet"]["topLevelComment"], "replies": thread["snippet"].get("totalReplyCount")}
    return [first, *(thread.get("replies") or {}).get("comments", [])]


def _message(comment: Mapping[str, Any]) -> Made:
    said = comment["snippet"]
    text = str(said.get("textOriginal") or said["textDisplay"])
    if not text.strip():
        return None
    video, parent = said.get("videoId"), said.get("parentId")
    return {
        "id": comment["id"],
        "channel": "social",
        "kind": "comment",
        "thread": parent or comment["id"],
        "parent": parent,
        "item": video,
        "person": said.get("authorDisplayName") or None,
        "text": text,
        "likes": count(said.get("likeCount")),
        "replies": count(comment.get("replies")),
        "url": f"https://www.youtube.com/watch?v={video}&lc={comment['id']}" if video else None,
        "occurred_at": moment(said["publishedAt"]),
        "attributes": told(edited_at=said["updatedAt"] if said.get("updatedAt") != said["publishedAt"] else None),
    }
