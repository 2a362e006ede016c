"""Feeds: what is new is taken once, a change is another version, what is gone goes."""

from pathlib import Path

import pytest

from heedful.store.place import Place
from replay.feed import SAID, item, rss, served
from replay.origin import Asked, Reply, origin
from sources.listened import house, messages, pages, source

FEED = 'name = "blog"\nkind = "feed"\n'


def test_an_entry_becomes_a_message_with_all_that_the_feed_tells() -> None:
    with origin(lambda asked: served(asked, rss([item(1)]))) as blog:
        (message,) = messages(pages(source(FEED, url=f"{blog.url}/feed")))
    assert message == {
        "id": "entry-1",
        "channel": "news",
        "kind": "post",
        "title": "Lamp 1",
        "text": SAID.format(n=1),
        "person": "nora1@example.org (Nora 1)",
        "language": "en",
        "hashtags": ["lamps"],
        "url": "https://blog.example.org/1",
        "occurred_at": "2026-11-20T10:01:00+00:00",
    }


def test_a_feed_is_asked_with_its_etag_and_nothing_is_taken_where_nothing_changed(place: Place) -> None:
    with origin(lambda asked: served(asked, rss([item(n) for n in range(5)]))) as blog:
        one = source(FEED, url=f"{blog.url}/feed")
        with house(place, one) as here:
            assert here.look(one) is None
            assert here.look(one) is None
            assert len(here.said()) == 5
            assert "if-none-match" not in blog.asked[0].headers
            assert blog.asked[1].headers["if-none-match"].startswith('"')
            heard = here.running.door.listening.of("blog")
            assert heard is not None
            assert (heard.reads, heard.records, heard.failures) == (1, 5, 0)


def test_a_changed_entry_is_a_new_version_of_the_same_message(place: Place) -> None:
    texts = [SAID, "The lamp was replaced at once, very kind."]
    with origin(lambda asked: served(asked, rss([item(1, texts[0]), item(2)]))) as blog:
        one = source(FEED, url=f"{blog.url}/feed")
        with house(place, one) as here:
            here.look(one)
            texts[0] = texts[1]
            here.look(one)
            assert here.texts() == [SAID.format(n=2), texts[1]]
            assert here.running.door.listening.of("blog").records == 3


ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0">
<title>Lamps</title>{deleted}{entries}</feed>"""
ENTRY = """<entry><id>tag:{n}</id><title>T{n}</title><updated>2026-11-20T10:00:00Z</updated>
<author><name>Nora</name></author><content type="html">&lt;p&gt;Said {n}.&lt;/p&gt;</content></entry>"""


def test_an_atom_tombstone_takes_a_message_away(place: Place) -> None:
    body = [ATOM.format(deleted="", entries=ENTRY.format(n=1) + ENTRY.format(n=2))]
    with origin(lambda asked: Reply(body[0], headers={"content-type": "application/atom+xml"})) as blog:
        one = source(FEED, url=blog.url)
        with house(place, one) as here:
            here.look(one)
            assert here.texts() == ["Said 1.", "Said 2."]
            gone = '<at:deleted-entry ref="tag:1" when="2026-11-21T00:00:00Z"/>'
            body[0] = ATOM.format(deleted=gone, entries=ENTRY.format(n=2))
            here.look(one)
            assert here.texts() == ["Said 2."]
            assert here.store.withdrawn() == {"blog": 1}
            body[0] = ATOM.format(deleted="", entries=ENTRY.format(n=1))  # a late copy
            here.look(one)
            assert here.texts() == ["Said 2."]


def test_a_page_that_is_gone_takes_its_entry_along_where_that_is_asked_for(place: Place) -> None:
    missing: set[str] = set()

    def answer(asked: Asked) -> Reply:
        if asked.path == "/feed":
            return served(asked, rss([item(n).replace("https://blog.example.org", blog.url) for n in (1, 2)]))
        return Reply("there", status=410 if asked.path in missing else 200)

    with origin(answer) as blog:
        one = source(FEED, url=f"{blog.url}/feed", recheck=True)
        with house(place, one) as here:
            here.look(one)
            missing.add("/2")
            here.look(one)
            assert here.texts() == [SAID.format(n=1)]


def test_a_page_that_is_only_for_some_is_there(place: Place) -> None:
    def answer(asked: Asked) -> Reply:
        if asked.path == "/feed":
            return served(asked, rss([item(n).replace("https://blog.example.org", blog.url) for n in (1, 2, 3)]))
        return Reply("no", status={"/1": 403, "/2": 500}.get(asked.path, 404))

    with origin(answer) as blog:
        one = source(FEED, url=f"{blog.url}/feed", recheck=True)
        with house(place, one) as here:
            assert here.look(one) is None
            assert here.texts() == [SAID.format(n=1), SAID.format(n=2)]


def test_an_id_that_stands_twice_in_a_feed_is_its_first_entry_and_stays_so(place: Place) -> None:
    with origin(lambda asked: Reply(rss([item(1, "The latest."), item(1, "Before."), item(2)]))) as blog:
        one = source(FEED, url=blog.url)
        with house(place, one) as here:
            here.look(one)
            here.look(one)
            assert here.texts() == [SAID.format(n=2), "The latest."]
            assert here.running.door.listening.of("blog").records == 2


BOMB = """<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "ha">{entities}<!ENTITY f SYSTEM "file:///etc/passwd">]>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0"><title>x</title>
<at:deleted-entry ref="tag:9"/><entry><id>tag:1</id><title>T</title><content>&a30; &f; said</content></entry></feed>"""


def test_entities_of_a_feed_blow_nothing_up_and_read_no_file(place: Place) -> None:
    body = BOMB.format(entities="".join(f'<!ENTITY a{n} "&a{n - 1};&a{n - 1};">' for n in range(1, 31)))
    with origin(lambda _: Reply(body, headers={"content-type": "application/atom+xml"})) as blog:
        found = messages(pages(source(FEED, url=blog.url)))
    assert "root:" not in str(found)
    assert len(str(found)) < 10_000


def test_a_json_feed_is_read_and_an_odd_entry_stops_no_other(place: Place) -> None:
    items = [
        {"id": "1", "content_html": "<p>A &amp; B</p><script>x()</script>", "authors": [{"name": "Nora"}]},
        "not an entry",
        {"id": "3", "content_text": "C", "date_published": "no time"},
        {"id": "4", "content_text": "D <script> tag", "date_published": "2026-11-20T10:00:00+02:00"},
    ]
    body = {"version": "https://jsonfeed.org/version/1.1", "title": "Lamps", "items": items}
    with origin(lambda _: Reply(body)) as blog:
        one = source(FEED, url=blog.url, channel="forum")
        with house(place, one) as here:
            assert here.look(one) is None
            assert here.texts() == ["A & B", "D <script> tag"]
            assert {row["channel"] for row in here.said()} == {"forum"}
            assert here.running.door.journal.quarantine_size() == 2


@pytest.mark.parametrize("body", ["<html><body>Sign in</body></html>", "", '{"a": 1}'])
def test_what_is_no_feed_is_said_and_tried_later(place: Place, body: str) -> None:
    with origin(lambda _: Reply(body)) as blog:
        one = source(FEED, url=blog.url)
        with house(place, one) as here:
            assert "feed" in (here.look(one) or "").lower()
            assert here.said() == []


def test_only_what_differs_makes_another_reading_necessary(place: Place, tmp_path: Path) -> None:
    feed = [rss([item(n) for n in range(3)])]
    with origin(lambda asked: Reply(feed[0])) as blog:  # a server without ETags
        one = source(FEED, url=blog.url)
        first = pages(one)
        feed[0] = rss([item(n) for n in range(2, 5)])
        assert [m["id"] for m in messages(pages(one, first[-1][1]))] == ["entry-3", "entry-4"]
