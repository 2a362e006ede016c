"""What each closed platform's records become: ratings, answers, edits, deletions, streams and limits."""

from pathlib import Path
from typing import Any

import pytest

from heedful.settings import Listened
from heedful.sources import checked
from heedful.store.place import Place
from replay import app_store, facebook, google_play, instagram, reddit, x, youtube
from replay.origin import Asked, Reply, origin
from sources.listened import house, messages, pages


def of(playing: Any, url: str, folder: Path, **more: Any) -> Listened:
    (folder / "word").write_text("hunter2")
    (folder / "key.json").write_text(google_play.key())
    found, mistakes = checked({**playing.table(url), **more}, folder)
    assert mistakes == []
    assert found is not None
    return found


def one_of(playing: Any, folder: Path, **more: Any) -> list[Any]:
    """The messages of a platform with one record."""
    playing.count = 1
    with origin(playing) as there:
        return messages(pages(of(playing, there.url, folder, **more)))


def test_an_app_store_review_has_its_stars_and_country(tmp_path: Path) -> None:
    (review,) = one_of(app_store.Platform(), tmp_path)
    assert review == {
        "id": "11000",
        "channel": "review",
        "kind": "review",
        "item": "42",
        "person": "Nora 0",
        "title": "Lamp app 0",
        "text": "It switches lamp 0 off by itself.",
        "rating": 0.0,
        "likes": 2,
        "country": "GB",
        "occurred_at": "2026-11-20T10:00:00+00:00",
        "attributes": {"rating": "1", "scale": "1..5", "app_version": "4.2"},
    }


def test_each_country_goes_on_by_itself(place: Place) -> None:
    playing = app_store.Platform()
    with origin(playing) as there:
        one = of(playing, there.url, place.folder, countries=["gb", "ie"])
        with house(place, one) as here:
            here.look(one)
            assert {asked.path.split("/")[1] for asked in there.asked} == {"gb", "ie"}
            assert len(here.said()) == 3  # the platform played back tells both countries the same


def test_a_google_play_review_comes_with_its_answer(tmp_path: Path) -> None:
    playing = google_play.Platform()
    playing.answered = True
    review, answer = one_of(playing, tmp_path)
    assert (review["rating"], review["title"], review["language"]) == (0.25, "Lamp app", "en")
    assert review["text"] == "It switches lamp 0 off by itself."
    assert (answer["direction"], answer["parent"], answer["text"]) == ("out", "gp:0", "Mended in 4.3.")


def test_a_youtube_comment_names_its_video_and_replies_their_thread(tmp_path: Path) -> None:
    reply = youtube.comment(9, parentId="Ug000000", updatedAt="2026-11-21T00:00:00Z")
    thread = {
        "snippet": {"topLevelComment": youtube.comment(0), "totalReplyCount": 1},
        "replies": {"comments": [reply]},
    }

    def answer(asked: Asked) -> Reply:
        return Reply({"items": [thread] if "Threads" in asked.path else [youtube.comment(0), reply]})

    with origin(answer) as there:
        first, second = messages(pages(of(youtube.Platform(), there.url, tmp_path)))
    assert (first["item"], first["likes"], first["replies"], first["person"]) == ("dQlamp", 4, 1, "@nora")
    assert (second["parent"], second["thread"]) == ("Ug000000", "Ug000000")
    assert second["attributes"] == {"edited_at": "2026-11-21T00:00:00Z"}
    assert "hunter2" not in str([asked.params for asked in there.asked])


@pytest.mark.parametrize(("made", "source"), [(youtube.Platform, "youtube"), (x.Platform, "x")], ids=["youtube", "x"])
def test_what_is_no_longer_there_goes(made: Any, source: str, place: Place) -> None:
    playing = made()
    with origin(playing) as there:
        one = of(playing, there.url, place.folder)
        with house(place, one) as here:
            here.look(one)
            playing.gone = {1}
            here.look(one)
            assert len(here.said()) == 2
            assert here.store.withdrawn() == {source: 1}


def test_one_comment_that_is_missing_takes_no_other_along(place: Place) -> None:
    playing = youtube.Platform()
    playing.count, playing.strict = 5, True
    with origin(playing) as there:
        one = of(playing, there.url, place.folder)
        with house(place, one) as here:
            here.look(one)
            playing.gone = {1}
            assert here.look(one) is None
            assert len(here.said()) == 4
            assert here.store.withdrawn() == {"youtube": 1}


@pytest.mark.parametrize(
    "removed",
    [{"selftext": "[deleted]", "author": "[deleted]"}, {"selftext": "[removed]"}, {"removed_by_category": "moderator"}],
    ids=str,
)
def test_what_reddit_or_its_author_took_down_goes(removed: dict[str, Any], place: Place) -> None:
    playing = reddit.Platform()
    with origin(playing) as there:
        one = of(playing, there.url, place.folder)
        with house(place, one) as here:
            here.look(one)
            playing.removed = {0: removed, 2: {"selftext": "Solved: it was the glue.", "edited": 1_763_700_000.0}}
            here.look(one)
            assert [row["title"] for row in here.said()] == ["Lamp 1 smells of glue", "Lamp 2 smells of glue"]
            assert "Solved: it was the glue." in here.texts()
            assert here.store.withdrawn() == {"reddit": 1}


def test_comments_on_reddit_name_post_and_parent(tmp_path: Path) -> None:
    comment = reddit.thing(1, name="t1_1", body="Mine too!", link_id="t3_9", parent_id="t1_8")
    comment["kind"] = "t1"
    playing = reddit.Platform()

    def answer(asked: Asked) -> Reply:
        if "access_token" in asked.path:
            return playing(asked)
        return Reply({"data": {"children": [comment] if "comments" in asked.path else [], "after": None}})

    with origin(answer) as there:
        table = {"search": None, "subreddit": "lamps", "of": "comments"}
        keys = {name: value for name, value in {**playing.table(there.url), **table}.items() if value}
        (tmp_path / "word").write_text("hunter2")
        found, mistakes = checked(keys, tmp_path)
        assert mistakes == []
        (message,) = messages(pages(found))
    assert (message["kind"], message["thread"], message["parent"]) == ("comment", "t3_9", "t1_8")
    assert (message["text"], message["person"]) == ("Mine too!", "@nora_lamps")
    assert "title" not in message


def test_a_post_on_x_has_its_author_mentions_links_and_counts(tmp_path: Path) -> None:
    (post, *_) = one_of(x.Platform(), tmp_path)
    assert (post["person"], post["mentions"], post["hashtags"]) == ("@nora", ["@acme"], ["lamps"])
    assert (post["links"], post["likes"], post["shares"], post["reach"]) == (["https://example.org/lamp"], 3, 1, 40)


@pytest.mark.parametrize(("type", "kind"), [("retweeted", "repost"), ("quoted", "quote"), ("replied_to", "comment")])
def test_posts_on_x_name_what_they_are_about(type: str, kind: str, tmp_path: Path) -> None:
    body = {
        "data": [x.post(1, referenced_tweets=[{"type": type, "id": "5"}])],
        "includes": {"users": [x.USER]},
        "meta": {},
    }
    with origin(lambda _: Reply(body)) as there:
        post = messages(pages(of(x.Platform(), there.url, tmp_path)))[0]
    assert post["kind"] == kind
    assert post["parent" if kind == "comment" else "about"] == "5"


def test_the_filtered_stream_of_x_sets_its_rule_once(place: Place) -> None:
    playing = x.Platform()
    playing.lines = [x.line(20), "", "{broken", x.line(30, rule=7), x.line(21)]
    with origin(playing) as there:
        one = of(playing, there.url, place.folder, stream=True)
        with house(place, one) as here:
            here.look(one)
            assert len(here.said()) == 5
            assert playing.rules == [{"value": "acme lamp", "id": "1"}]
            playing.lines = []
            here.look(one)
            assert len(playing.rules) == 1
            since = [asked.params["since_id"] for asked in there.asked if "since_id" in asked.params]
            assert since == [x.post(2)["id"], x.post(21)["id"], x.post(21)["id"]]


def test_what_is_written_before_the_stream_of_x_is_open_is_asked_for(place: Place) -> None:
    playing = x.Platform()

    def answer(asked: Asked) -> Reply:
        if asked.path.endswith("/search/stream"):
            playing.count = 5  # two more came after the search
        return playing(asked)

    playing.lines = [x.line(20)]
    with origin(answer) as there:
        one = of(playing, there.url, place.folder, stream=True)
        with house(place, one) as here:
            here.look(one)
            assert len(here.said()) == 6


def test_a_search_that_is_not_done_when_the_stream_begins_is_gone_on_with(place: Place) -> None:
    """What was missed in a long absence is more than one look reads; the stream must not hide what is left."""
    playing = x.Platform()
    with origin(playing) as there:
        one = of(playing, there.url, place.folder, stream=True, pages=2)
        with house(place, one) as here:
            here.look(one)
            playing.count, playing.lines = 19, [x.line(19)]
            for _ in range(4):
                here.look(one)
            assert len(here.said()) == 20


def test_a_long_post_on_x_is_read_whole(tmp_path: Path) -> None:
    long = {"text": "The lamp " + "flickers and " * 40, "entities": {"hashtags": [{"tag": "Long"}]}}
    body = {"data": [x.post(1, note_tweet=long)], "includes": {"users": [x.USER]}, "meta": {}}
    with origin(lambda _: Reply(body)) as there:
        post = messages(pages(of(x.Platform(), there.url, tmp_path)))[0]
        assert "note_tweet" in there.asked[0].params["tweet.fields"]
    assert (post["text"], post["hashtags"]) == (long["text"], ["long"])


def test_a_stream_that_x_ends_is_opened_later_and_nothing_is_bad(place: Place) -> None:
    playing = x.Platform()
    playing.lines = ['{"errors": [{"title": "operational-disconnect", "disconnect_type": "UpstreamOperational"}]}']
    with origin(playing) as there:
        one = of(playing, there.url, place.folder, stream=True)
        with house(place, one) as here:
            assert here.look(one) == "X has ended the stream"
            assert here.running.door.journal.quarantine_size() == 0


def test_x_forgets_after_a_week_and_is_then_asked_without_since(place: Place) -> None:
    playing = x.Platform()
    with origin(playing) as there:
        one = of(playing, there.url, place.folder)
        with house(place, one) as here:
            here.look(one)
            playing.count = 4

            def forgets(asked: Asked) -> Reply:
                return Reply({"title": "Invalid Request"}, status=400) if "since_id" in asked.params else playing(asked)

            there.answering = forgets
            assert here.look(one) is None
            assert len(here.said()) == 4


def test_a_facebook_post_brings_comments_and_the_pages_own_answers_go_out(tmp_path: Path) -> None:
    playing = facebook.Platform()
    playing.comments = 1
    post, comment = one_of(playing, tmp_path)
    assert (post["person"], post["likes"], post["shares"], post["replies"]) == ("facebook:777", 4, 1, 1)
    assert (comment["direction"], comment["thread"], comment["parent"]) == ("out", "42_0", "42_0")
    assert "person" not in comment


def test_instagram_comments_stand_under_their_posts(tmp_path: Path) -> None:
    playing = instagram.Platform()
    playing.comments = 1
    post, comment, reply = one_of(playing, tmp_path)
    assert (post["direction"], post["kind"]) == ("out", "post")
    assert (comment["parent"], comment["person"], comment["kind"]) == ("900", "@nora", "comment")
    assert (reply["parent"], reply["thread"]) == (comment["id"], "900")


def test_an_answer_of_another_shape_is_said_without_its_content(place: Place) -> None:
    playing = reddit.Platform()
    with origin(lambda asked: playing(asked) if "token" in asked.path else Reply({"secret": "text"})) as there:
        one = of(playing, there.url, place.folder)
        with house(place, one) as here:
            assert here.look(one) == "the answer is of another shape than documented (KeyError): has reddit changed?"
