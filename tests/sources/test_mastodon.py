"""Mastodon: what a post becomes, edits and deletions, by looks and by the stream."""

import pytest

from heedful.schedule.gates import Gates
from heedful.store.place import Place
from replay.mastodon import Platform, event, status
from replay.origin import Asked, Reply, origin
from sources.listened import checked, house, messages, pages, source

TABLE = 'name = "fedi"\nkind = "mastodon"\n'


def test_a_post_becomes_a_message_with_all_that_is_known() -> None:
    playing = Platform()
    playing.count = 1
    with origin(playing) as there:
        (message, *_) = messages(pages(source(TABLE, url=there.url, hashtag="lamps")))
    assert message == {
        "id": "127.0.0.1/110000",
        "channel": "social",
        "kind": "post",
        "person": "@nora@127.0.0.1",
        "mentions": ["@acme@shop.example.org"],
        "hashtags": ["lamps"],
        "text": "Lamp number 0 flickers, @acme #lamps",
        "language": "en",
        "likes": 3,
        "shares": 2,
        "replies": 1,
        "reach": 250,
        "url": "https://fedi.example.org/@nora/0",
        "occurred_at": "2026-11-20T10:00:00+00:00",
    }


@pytest.mark.parametrize(
    ("more", "kind", "reference"),
    [
        ({"in_reply_to_id": "5"}, "comment", "parent"),
        ({"reblog": status(9)}, "repost", "about"),
        ({"quote": {"state": "accepted", "quoted_status": status(8)}}, "quote", "about"),
    ],
)
def test_replies_boosts_and_quotes_name_what_they_are_about(more: dict[str, object], kind: str, reference: str) -> None:
    with origin(lambda asked: Reply([status(1, **more)] if "timelines" in asked.path else [])) as there:
        (message,) = messages(pages(source(TABLE, url=there.url, hashtag="lamps")))
    assert message["kind"] == kind
    assert message[reference].startswith("127.0.0.1/")


def test_it_reads_on_oldest_first_and_looks_again_for_edits_and_deletions(place: Place) -> None:
    playing = Platform()
    with origin(playing) as there:
        one = source(TABLE, url=there.url, hashtag="lamps")
        with house(place, one) as here:
            here.look(one)
            playing.count = 100
            here.look(one)
            assert len(here.said()) == 100
            playing.gone, playing.edited = {1}, {2: "<p>It was the bulb, sorry.</p>"}
            for _ in range(6):  # some known posts each time
                here.look(one)
            texts = here.texts()
            assert len(texts) == 99
            assert "It was the bulb, sorry." in texts
            assert here.store.withdrawn() == {"mastodon": 1}
            asked = [one.params["min_id"] for one in there.asked if "min_id" in one.params]
            assert asked[:3] == ["110002", "110042", "110082"]


def test_a_server_that_does_not_know_the_question_for_several_posts_loses_none(place: Place) -> None:
    playing = Platform()
    playing.several = False
    with origin(playing) as there:
        one = source(TABLE, url=there.url, hashtag="lamps")
        with house(place, one) as here:
            assert here.look(one) is None
            playing.gone = {1}
            assert here.look(one) is None
            assert len(here.said()) == 2
            assert here.store.withdrawn() == {"mastodon": 1}


BASE = 115_000_000_000_000_000


def test_a_post_that_comes_late_from_another_server_is_not_missed(place: Place) -> None:
    """Its id is by when it was written there: below that of posts which are known already."""
    minute = 60_000 << 16
    ids = [BASE, BASE + 5 * minute]

    def answer(asked: Asked) -> Reply:
        if "timelines" not in asked.path:
            return Reply([status(0, id=str(id)) for id in ids])
        after = int(asked.params.get("min_id", 0))
        return Reply([status(n, id=str(id)) for n, id in enumerate(sorted(ids, reverse=True)) if id > after])

    with origin(answer) as there:
        one = source(TABLE, url=there.url, hashtag="lamps")
        first = pages(one)
        ids.append(BASE + minute)
        second = pages(one, first[-1][1])
        new = [message["id"] for message in messages(second[:-1])]
        assert new == [f"127.0.0.1/{BASE + minute}"]
        assert messages(pages(one, second[-1][1])[:-1]) == []  # known by now


def test_what_comes_before_the_stream_is_open_is_asked_for(place: Place) -> None:
    playing = Platform()

    def answer(asked: Asked) -> Reply:
        if "/streaming/" in asked.path:
            playing.count = 5  # two more came after the look
        return playing(asked)

    playing.lines = event("update", status(50))
    with origin(answer) as there:
        one = source(TABLE, url=there.url, hashtag="lamps", stream=True)
        with house(place, one) as here:
            here.look(one)
            assert len(here.said()) == 6


def test_the_stream_brings_posts_edits_and_deletions_as_they_happen(place: Place) -> None:
    playing = Platform()
    playing.lines = [
        *event("update", status(50)),
        *event("update", "{broken"),
        *event("filters_changed", ""),
        *event("status.update", status(0, "<p>Edited.</p>", edited_at="2026-11-20T12:00:00Z")),
        *event("delete", "110001"),
    ]
    with origin(playing) as there:
        one = source(TABLE, url=there.url, hashtag="lamps", stream=True)
        with house(place, one) as here:
            here.look(one)
            assert [text[:14] for text in here.texts()] == ["Edited.", "Lamp number 2 ", "Lamp number 50"]
            assert "/api/v1/streaming/hashtag" in there.paths()
            assert here.running.door.journal.quarantine_size() == 1
            playing.lines = []
            here.look(one)
            assert [one for one in there.asked if "timelines" in one.path][-1].params["min_id"] == "110050"


def test_a_stream_that_ends_is_opened_again_and_what_was_missed_is_asked_for(place: Place) -> None:
    playing = Platform()
    with origin(playing) as there:
        one = source(TABLE, url=there.url, hashtag="lamps", stream=True)
        with house(place, one) as here:
            assert "ended the stream" in (here.running.look(one) or "")
            playing.count = 6
            here.running.gates = Gates()
            assert "ended the stream" in (here.running.look(one) or "")
            here.drain.all()
            assert len(here.said()) == 6


def test_mentions_are_notifications_of_an_account(tmp_path) -> None:
    (tmp_path / "word").write_text("hunter2")
    note = {"id": "9", "type": "mention", "status": status(3)}

    def answer(asked):
        return Reply([note] if "min_id" not in asked.params and "notifications" in asked.path else [])

    with origin(answer) as there:
        one = source(TABLE, tmp_path, url=there.url, timeline="mentions", token="file:word")
        (message,) = messages(pages(one))
    assert message["id"] == "127.0.0.1/110003"
    assert there.asked[0].params["types[]"] == "mention"
    assert {asked.headers["authorization"] for asked in there.asked} == {"Bearer hunter2"}


@pytest.mark.parametrize(
    ("more", "why"),
    [({}, "needs hashtag"), ({"timeline": "home"}, "needs token"), ({"timeline": "mine"}, "one of: hashtag, public")],
)
def test_settings_that_do_not_fit_together_are_told(more: dict[str, str], why: str, tmp_path) -> None:
    table = {"name": "fedi", "kind": "mastodon", "url": "https://fedi.example.org", **more}
    found, mistakes = checked(table, tmp_path)
    assert found is None
    assert why in str(mistakes)
