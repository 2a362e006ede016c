"""The pages of topics: what they show, who may change them, and that every change can be undone."""

import pytest

import shop
from heedful.catalogue.renewal import find
from heedful.catalogue.topic import catalogue
from heedful.insight.checking import Task, next_one, verdict
from heedful.privacy.viewer import Viewer
from heedful.server.keeping import Keeping
from planted import planted
from spoken import NOW, read, records

SAME = {"accept": "text/html", "sec-fetch-site": "same-origin"}
FIRST = planted(40, spread=0.4)


@pytest.fixture
def full(tmp_path):
    opened = shop.open_shop(tmp_path / "shop", demo=False)
    opened.take("message", records(FIRST), read=False)
    read(opened.store, FIRST)
    find(opened.store, now=NOW)
    opened.viewer = Viewer("user:ann", frozenset({"analyst"}), smallest=1)
    yield opened
    opened.close()


def test_before_there_are_topics_the_page_says_when_there_will_be(tmp_path):
    opened = shop.open_shop(tmp_path / "shop", demo=False)
    opened.viewer = Viewer("user:ann", frozenset({"analyst"}), smallest=1)
    with opened.client() as browser:
        text = browser.get("/topics").text
    assert "No topics yet" in text
    assert "when 60 messages have been read; so far it is 0." in text
    opened.close()


def test_every_topic_stands_under_its_theme_with_its_messages(full):
    with full.client() as browser:
        data = browser.get("/topics.json").json()
    (table,) = [block for block in data["blocks"] if block.get("title") == "Topics by theme"]
    assert sorted(row[2]["value"] for row in table["rows"]) == [40.0] * 6
    (chart,) = [block for block in data["blocks"] if block.get("name") == "map"]
    drawn = chart["spec"]["data"]["values"]
    assert len({(row["x"], row["y"]) for row in drawn}) == 6
    assert all(-1 <= row["x"] <= 1 and -1 <= row["y"] <= 1 for row in drawn)


def test_a_topic_is_renamed_taught_and_all_is_undone_on_the_page(full):
    id = next(row["topic"] for row in full.store.topics.defined())
    with full.client() as browser:
        browser.headers.update(SAME)
        then = browser.post(
            "/topics", data={"do": "rename", "topic": id, "name": "<b>Late</b>", "back": f"/topics/{id}"}
        )
        assert then.status_code == 200
        assert "&lt;b&gt;Late&lt;/b&gt;" in then.text
        assert "<b>Late" not in then.text
        assert "What people say" in then.text
        assert "Less like this" in then.text
        changes = browser.get("/topics").text
        assert "Renamed" in changes
        undone = browser.post("/topics", data={"do": "undo", "version": "2"})
        assert "Undid: rename" in undone.text
        assert "Late" not in browser.get(f"/topics/{id}").text.partition("<main")[2].partition("Its story")[0]
    assert ("change topics", {"action": "rename", "version": 2}) in full.audit


def test_a_wrong_change_is_said_above_the_page_and_changes_nothing(full):
    version = full.store.topics.version()
    with full.client() as browser:
        browser.headers.update(SAME)
        answer = browser.post("/topics", data={"do": "merge", "topic": "topic-1", "into": "topic-1"})
        assert answer.status_code == 400
        assert "cannot be merged into itself" in answer.text
        assert browser.post("/topics", data={"do": "explode"}).status_code == 400
        assert browser.get("/topics/topic-99").status_code == 404
    assert full.store.topics.version() == version


def test_who_may_only_look_sees_no_forms_and_no_text_without_the_right_to_it(full):
    full.viewer = Viewer("user:vi", frozenset({"viewer"}), smallest=1)
    with full.client() as browser:
        browser.headers.update(SAME)
        text = browser.get("/topics/topic-1").text
        assert "Rename it" not in text
        assert not any(said in text for said in FIRST.texts)
        assert "Find again" not in browser.get("/topics").text
        assert browser.post("/topics", data={"do": "delete", "topic": "topic-1"}).status_code == 403


def test_topics_of_too_few_people_show_no_numbers(full):
    full.viewer = Viewer("user:ann", frozenset({"analyst"}), smallest=30)
    with full.client() as browser:
        data = browser.get("/topics.json").json()
    (table,) = [block for block in data["blocks"] if block.get("title") == "Topics by theme"]
    assert {row[2]["shown"] for row in table["rows"]} == {"too few people"}
    assert {row[2]["value"] for row in table["rows"]} == {None}


def test_a_topic_that_is_gone_leads_to_where_it_went(full):
    with full.client() as browser:
        browser.headers.update(SAME)
        browser.post("/topics", data={"do": "merge", "topic": "topic-1", "into": "topic-2"})
        gone = browser.get("/topics/topic-1").text
    assert "This topic is merged" in gone
    assert 'href="/topics/topic-2"' in gone


def test_figures_by_topic_bear_names_and_lead_to_the_messages(full):
    with full.client() as browser:
        data = browser.get("/figures.json?metric=volume&by=topic&period=all").json()
        names = {row["topic"]: row["name"] for row in full.store.topics.defined()}
        (chart,) = [block for block in data["blocks"] if block.get("name") == "figure"]
        assert {row[0]["shown"] for row in chart["table"]["rows"]} >= set(names.values())
        found = browser.get("/messages.json?topic=topic-1").json()
    (shown,) = [block for block in found["blocks"] if "messages" in block]
    with full.store.view(full.viewer) as view:
        rows = view.frame("message", ("id", "read_topic")).select("id", "read_topic").collect("pyarrow").iter_rows()
        belongs = dict(rows)
    assert {belongs[message["id"]] for message in shown["messages"]} == {"topic-1"}


def test_while_messages_wait_the_pages_of_topics_say_so(full, monkeypatch):
    with full.client() as browser:
        assert "not read yet" not in browser.get("/topics").text
        monkeypatch.setattr(Keeping, "unread", 7)
        for path in ("/topics", "/topics/topic-1"):
            assert "7 messages not read yet, and so in no topic: figures still grow." in browser.get(path).text


def test_before_there_are_topics_the_page_says_what_they_wait_for(tmp_path, monkeypatch):
    opened = shop.open_shop(tmp_path / "shop", demo=False)
    opened.viewer = Viewer("user:ann", frozenset({"analyst"}), smallest=1)
    with opened.client() as browser:
        for waiting, when in ((9_000, "when 4,000 are"), (300, "when they are")):
            monkeypatch.setattr(Keeping, "unread", waiting)
            text = browser.get("/topics").text
            assert f"0 messages read, {waiting:,} wait; topics are looked for {when}." in text
            assert "Import a file" not in text
    opened.close()


def test_a_checked_topic_shows_its_share_as_it_was_sorted_beside_the_corrected_one(full):
    reading = "topic:topic-1"

    def shown():
        with full.client() as browser:
            blocks = browser.get("/topics/topic-1.json").json()["blocks"]
        (figures,) = [block for block in blocks if "tiles" in block]
        (told,) = [block["text"] for block in blocks if "truly about it" in block.get("text", "")]
        return figures["tiles"][-1], told

    for at in range(42):
        if at == 10:
            share, told = shown()
            assert share["note"] == "As sorted, not corrected"
            assert "From 20 checked messages on that were read so and 20 that were not" in told
        with full.store.view(full.viewer) as view:
            id = next_one(view, Task(reading), "user:ann")
            newest = int(view.as_of.partition("-")[0])
            said = "yes" if at % 4 else "no"
            rows = verdict(view, Task(reading), id, said, "user:ann", now=NOW, newest=newest)
        full.store.append_verdicts(rows)
    share, told = shown()
    assert "From 20 checked" not in told
    assert (share["note"], share["checked"]) == ("As sorted: 16.7%", "checked")
    assert "42 of them checked" in share["behind"]
    assert share["interval"]


def test_a_topic_is_first_offered_to_be_merged_into_one_of_its_theme(full):
    themes = {one.topic: one.theme for one in catalogue(full.store.topics.defined())}
    with full.client() as browser:
        for topic, theme in themes.items():
            blocks = browser.get(f"/topics/{topic}.json").json()["blocks"]
            (form,) = [block for block in blocks if block.get("title") == "Merge it"]
            offered = [themes[choice["value"]] == theme for choice in form["fields"][0]["choices"]]
            assert offered == sorted(offered, reverse=True)
