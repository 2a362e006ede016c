"""Bluesky: what a post becomes, search and author feeds, an account's own server, and Jetstream."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from heedful.sources import checked
from heedful.store.place import Place
from replay.bluesky import Platform, post, uri
from replay.origin import Asked, Reply, origin
from sources.listened import house, messages, pages, source

TABLE = 'name = "sky"\nkind = "bluesky"\n'


def test_a_post_becomes_a_message_with_all_that_is_known() -> None:
    playing = Platform()
    playing.count = 1
    with origin(playing) as there:
        (message, *_) = messages(pages(source(TABLE, url=there.url, search="lamp")))
    assert message == {
        "id": "at://did:plc:nora/app.bsky.feed.post/3k000000",
        "channel": "social",
        "kind": "post",
        "person": "@nora.example.org",
        "mentions": ["@acme.example.org"],
        "text": "Lamp 0 came in pieces, @acme.example.org please help #lamps",
        "language": "en",
        "likes": 3,
        "shares": 2,
        "replies": 1,
        "url": "https://bsky.app/profile/did:plc:nora/post/3k000000",
        "occurred_at": "2026-11-20T10:00:00+00:00",
    }


def test_replies_and_quotes_name_their_posts_and_places_count_bytes() -> None:
    one = post(1)
    one["record"] |= {
        "text": "Für Ewiges → @acme.example.org",
        "facets": [
            {
                "index": {"byteStart": 16, "byteEnd": 33},
                "features": [{"$type": "app.bsky.richtext.facet#mention", "did": "did:plc:acme"}],
            }
        ],
        "reply": {"root": {"uri": uri(5)}, "parent": {"uri": uri(6)}},
        "embed": {"$type": "app.bsky.embed.record", "record": {"uri": uri(7), "cid": "b"}},
    }
    with origin(lambda asked: Reply({"posts": [one]})) as there:
        message = messages(pages(source(TABLE, url=there.url, search="x")))[0]
    assert (message["kind"], message["thread"], message["parent"], message["about"]) == (
        "quote",
        uri(5),
        uri(6),
        uri(7),
    )
    assert message["mentions"] == ["@acme.example.org"]


def test_a_search_reads_down_to_what_it_knows_and_notices_what_is_gone(place: Place) -> None:
    playing = Platform()
    with origin(playing) as there:
        one = source(TABLE, url=there.url, search="lamp")
        with house(place, one) as here:
            here.look(one)
            playing.count = 11
            here.look(one)
            assert len(here.said()) == 11
            playing.gone = {4}
            here.look(one)
            assert len(here.said()) == 10
            assert here.store.withdrawn() == {"bluesky": 1}


def test_an_author_feed_leaves_out_what_is_only_passed_on() -> None:
    feed = [{"post": post(2)}, {"post": post(1), "reason": {"$type": "app.bsky.feed.defs#reasonRepost"}}]

    def answer(asked: Asked) -> Reply:
        return Reply({"feed": feed} if "getAuthorFeed" in asked.path else {"posts": [post(2)]})

    with origin(answer) as there:
        found = pages(source(TABLE, url=there.url, author="nora.example.org"))
    assert {message["id"] for message in messages(found)} == {uri(2)}
    assert there.asked[0].params["actor"] == "nora.example.org"


def repo(records: dict[int, str]) -> Callable[[Asked], Reply]:
    """An account's data server."""

    def answer(asked: Asked) -> Reply:
        if asked.path.endswith("describeRepo"):
            return Reply({"handle": "nora.example.org", "did": "did:plc:nora"})
        listed = [
            {"uri": uri(n), "cid": "c", "value": {"text": text, "createdAt": f"2026-11-20T10:{n:02}:00Z"}}
            for n, text in sorted(records.items(), reverse=True)
            if uri(n).rpartition("/")[2] < asked.params.get("cursor", "z")
        ][:2]
        more = {"cursor": listed[-1]["uri"].rpartition("/")[2]} if listed else {}
        return Reply({"records": listed, **more})

    return answer


def test_a_record_that_is_missing_from_a_repo_has_been_deleted(place: Place) -> None:
    records = {n: f"Said {n}" for n in range(5)}
    with origin(repo(records)) as there:
        one = source(TABLE, url=there.url, repo="nora.example.org")
        with house(place, one) as here:
            here.look(one)
            assert here.texts() == [f"Said {n}" for n in range(5)]
            del records[4]
            records[7] = "Said 7"
            here.look(one)
            assert here.texts() == ["Said 0", "Said 1", "Said 2", "Said 3", "Said 7"]


# Jetstream


@contextmanager
def jetstream(events: list[dict[str, Any]]) -> Iterator[tuple[str, list[str]]]:
    """A websocket that tells events from the time that is asked for, then is silent."""
    from websockets.sync.server import serve

    asked: list[str] = []

    def tell(opened: Any) -> None:
        asked.append(opened.request.path)
        since = int(opened.request.path.partition("cursor=")[2].partition("&")[0] or 0)
        for event in events:
            if event.get("time_us", 0) >= since:
                opened.send(json.dumps(event))
        for _ in opened:
            pass

    with serve(tell, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}/subscribe", asked
        server.shutdown()
        thread.join()


def commit(at: int, n: int, text: str = "", operation: str = "create") -> dict[str, Any]:
    """One event."""
    told: dict[str, Any] = {"operation": operation, "collection": "app.bsky.feed.post", "rkey": f"3k{n:06}"}
    if operation != "delete":
        told["record"] = {"text": text, "createdAt": "2026-11-20T10:00:00Z", "langs": ["en"]}
    return {"did": "did:plc:nora", "time_us": at, "kind": "commit", "commit": told}


def test_jetstream_brings_posts_with_the_words_their_edits_and_deletions(place: Place) -> None:
    events = [
        commit(1, 1, "My LAMP is dark"),
        commit(2, 2, "Nothing of interest"),
        commit(3, 3, "A lamp that shines"),
        {"did": "did:plc:nora", "time_us": 4, "kind": "identity", "identity": {}},
        commit(5, 1, "It is fine now", "update"),
        commit(6, 9, operation="delete"),
        commit(7, 3, operation="delete"),
    ]
    profile = Reply({"did": "did:plc:nora", "handle": "nora.example.org", "followersCount": 12})
    with origin(lambda _: profile) as there, jetstream(events) as (url, asked):
        one = source(TABLE, url=there.url, words=["lamp"], jetstream=url)
        with house(place, one) as here:
            assert here.look(one) is None
            (only,) = here.said()
            assert (only["text"], only["reach"]) == ("It is fine now", 12)
            assert here.store.withdrawn() == {"bluesky": 1}
            assert there.paths() == ["/xrpc/app.bsky.actor.getProfile"]
            account = {"did": "did:plc:nora", "time_us": 8, "kind": "account"}
            events.append({**account, "account": {"active": False, "status": "deactivated"}})
            assert here.look(one) is None
            assert len(here.said()) == 1  # it may come back
            events.append({**account, "time_us": 9, "account": {"active": False, "status": "deleted"}})
            assert here.look(one) is None
            assert here.said() == []
            assert "cursor" not in asked[0]
            assert "cursor=7" in asked[1]


@pytest.mark.parametrize("more", [{}, {"search": "a", "author": "b"}])
def test_exactly_one_thing_is_read(more: dict[str, str], tmp_path: Path) -> None:
    found, mistakes = checked({"name": "sky", "kind": "bluesky", **more}, tmp_path)
    assert found is None
    assert "exactly one of" in str(mistakes)
