"""The page Check: one press for one message, the reading unseen until then, and figures that follow."""

import re

import pyarrow as pa
import pytest

import shop
from heedful.insight.checking import Task, next_one, read_as, verdict
from heedful.language.unread import read_these, unread
from heedful.privacy.viewer import Viewer

SAME = {"accept": "text/html", "sec-fetch-site": "same-origin"}


@pytest.fixture
def full(tmp_path):
    opened = shop.open_shop(tmp_path / "shop", demo=False)
    opened.take("message", shop.messages(120))
    opened.viewer = Viewer("user:ann", frozenset({"agent"}), smallest=1)
    yield opened
    opened.close()


def fields(text):
    form = re.search(r'<form class="card judge".*?</form>', text, re.DOTALL)[0]
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form))


def test_a_press_is_kept_and_the_next_message_comes(full):
    with full.client() as browser:
        browser.headers.update(SAME)
        first = browser.get("/check")
        assert 'data-key="1"' in first.text
        assert "mood" not in first.text.partition("<form")[2].partition("</form>")[0]
        given = fields(first.text)
        then = browser.post("/check", data={**given, "label": "negative"})
        assert then.status_code == 200
        assert "You said: negative" in then.text
        assert fields(then.text)["message"] != given["message"]
        assert ("check", {"message": given["message"], "reading": "sentiment", "label": "negative"}) in full.audit
        again = browser.get("/check", params={"message": given["message"]})
        assert fields(again.text)["message"] == given["message"]
        changed = browser.post("/check", data={**fields(again.text), "label": "cannot tell"})
        assert "You said: cannot tell" in changed.text
    with full.store.view(full.viewer) as view:
        rows = view.frame("verdict").collect("pyarrow").to_arrow().to_pylist()
    assert [(row["message"], row["label"], row["checker"]) for row in rows] == [(given["message"], None, "user:ann")]


def test_from_twenty_on_the_corrected_share_is_shown(full):
    with full.client() as browser:
        browser.headers.update(SAME)
        for _ in range(24):
            with full.store.view(full.viewer) as view:
                id = next_one(view, Task(), "user:ann")
                rows = verdict(view, Task(), id, "neutral", "user:ann", now=shop.NOW, newest=10**6)
            full.store.append_verdicts(rows)
        browser.post("/check", data={**fields(browser.get("/check").text), "label": "neutral"})
        data = browser.get("/check.json").json()
        (shares,) = [block for block in data["blocks"] if block.get("title") == "What it does to the figures"]
        neutral = next(row for row in shares["rows"] if row[0]["value"] == "neutral")
        assert neutral[1]["value"] < neutral[2]["value"] == 100.0
        assert "Corrected by the checked messages" in shares["note"]
        other = browser.get("/check", params={"turn": "second"})
        assert "Nothing waits for a second opinion of yours" in other.text
        only = browser.get("/check", params={"channel": "chat"})
        assert "Only Chat" in only.text


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"message": "nope", "label": "neutral"}, 404),
        ({"label": "neutral"}, 400),
        ({"message": "x"}, 400),
        ({"message": "x", "label": "<b>"}, 400),
        ({"message": "x", "label": "neutral", "reading": "mood"}, 404),
        ({"message": "x", "label": "neutral", "turn": "never"}, 400),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_kept(full, form, status):
    with full.client() as browser:
        assert browser.post("/check", data=form, headers=SAME).status_code == status
    with full.store.view(full.viewer) as view:
        assert not view.frame("verdict").collect("pyarrow").to_arrow().num_rows


@pytest.mark.parametrize("seen", ["-1", "9" * 30, "x", ""])
def test_what_a_browser_says_it_saw_is_bounded_by_what_there_is(full, seen):
    with full.client() as browser:
        browser.headers.update(SAME)
        given = fields(browser.get("/check").text)
        browser.post("/check", data={**given, "seen": seen, "label": "neutral"})
    with full.store.view(full.viewer) as view:
        (row,) = view.frame("verdict").collect("pyarrow").to_arrow().to_pylist()
    assert 0 <= row["seen"] <= int(full.store.clock().partition("-")[0])


PARCELS = "intent: parcels"


def by_words(batch):
    """Parcels are what speaks of one, and joy is what is lovely."""
    made = shop.by_rule(batch)
    texts = [text.lower() for text in batch.column("text").to_pylist()]
    own = {
        "categories": [[PARCELS] if "parcel" in text else [] for text in texts],
        "labels": [["joy"] if "lovely" in text else ["irony"] if "oak" in text else [] for text in texts],
    }
    columns = [pa.array(own[f.name], f.type) if f.name in own else made[f.name] for f in made.schema]
    return pa.RecordBatch.from_arrays(columns, schema=made.schema)


@pytest.fixture
def labelled(tmp_path):
    opened = shop.open_shop(tmp_path / "shop", demo=False)
    opened.take("message", shop.messages(240), read=False)
    read_these(opened.store, unread(opened.store, "words=1"), "words=1", by_words)
    opened.viewer = Viewer("user:ann", frozenset({"admin"}), smallest=1)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("reading", "asked"),
    [
        (f"category:{PARCELS}", "Is this about parcels?"),
        ("label:joy", "Does this show joy?"),
        ("label:irony", "Is this irony?"),
    ],
)
def test_yes_and_no_are_asked_with_two_keys_and_what_was_read_stays_unseen(labelled, reading, asked):
    with labelled.client() as browser:
        browser.headers.update(SAME)
        first = browser.get("/check", params={"reading": reading})
        assert asked in first.text
        assert re.findall(r'value="([^"]*)" data-key="(\d)"', first.text) == [
            ("yes", "1"),
            ("no", "2"),
            ("cannot tell", "0"),
        ]
        given = fields(first.text)
        assert given["reading"] == reading
        then = browser.post("/check", data={**given, "label": "no"})
        assert re.search(r"You said: no. It was read as (no, rightly|yes, wrongly)\.", then.text)
        assert asked in then.text
        assert fields(then.text)["message"] != given["message"]
    with labelled.store.view(labelled.viewer) as view:
        (row,) = view.frame("verdict").collect("pyarrow").to_arrow().to_pylist()
    assert (row["reading"], row["label"]) == (reading, "no")


def test_everything_that_messages_were_read_as_can_be_chosen(labelled):
    with labelled.client() as browser:
        assert "choose=yes" in browser.get("/check", headers=SAME).text
        data = browser.get("/check.json", params={"choose": "yes"}, headers=SAME).json()
    (there,) = data["blocks"]
    assert [(row[0]["value"], row[0]["href"]) for row in there["rows"]] == [
        ("sentiment", "/check"),
        (f"category:{PARCELS}", "/check?reading=category%3Aintent%3A+parcels"),
        ("label:joy", "/check?reading=label%3Ajoy"),
        ("label:irony", "/check?reading=label%3Airony"),
    ]


def checked(of, reading, count, label):
    for _ in range(count):
        with of.store.view(of.viewer) as view:
            id = next_one(view, Task(reading), "user:ann")
            said = label(read_as(view, Task(reading), id))
            rows = verdict(view, Task(reading), id, said, "user:ann", now=shop.NOW, newest=10**6)
        of.store.append_verdicts(rows)


def block(data, title):
    return next(block for block in data["blocks"] if block.get("title") == title)


def test_precision_and_recall_and_the_share_stand_below_with_a_warning_where_they_are_low(labelled):
    reading = f"category:{PARCELS}"
    checked(labelled, reading, 50, lambda read: "no")
    with labelled.client() as browser:
        data = browser.get("/check.json", params={"reading": reading}, headers=SAME).json()
        (row,) = block(data, "What it does to the figures")["rows"]
        assert row[1]["value"] > 10
        assert row[2]["value"] == 0.0
        assert row[4]["value"] == 0.0
        assert any("that is right 0% of the time" in str(block) for block in data["blocks"])
        tiles = {tile["metric"]: tile for tile in block(data, "How far it is")["tiles"]}
        assert tiles["precision"]["value"] == 0.0
        assert tiles["precision"]["high"] < 0.3
        slices = block(data, "By channel")["rows"]
        assert sum(row[2]["value"] for row in slices) == 50
        assert any("Check" in row[4]["shown"] and "reading=category%3A" in row[4]["href"] for row in slices)
        share = browser.get("/figures", params={"metric": "share", "by": "category", "period": "all"}, headers=SAME)
        assert share.status_code == 200


def test_beside_each_reading_stands_how_often_it_was_right_here(labelled):
    checked(labelled, "label:joy", 40, lambda read: read)
    checked(labelled, "sentiment", 30, lambda read: read)
    with labelled.client() as browser:
        rows = block(browser.get("/readings.json", headers=SAME).json(), "How often readings are right here")["rows"]
    found = {row[0]["value"]: row for row in rows}
    assert list(found) == ["label:joy", "sentiment", f"category:{PARCELS}", "label:irony"]
    assert found["label:joy"][1]["value"] == 40
    assert found["label:joy"][2]["value"] == found["label:joy"][3]["value"] == 1.0
    assert "to 100%" in found["sentiment"][2]["shown"]
    assert (found["label:irony"][2]["value"], found["label:irony"][2]["shown"]) == (None, "Not checked yet")
    assert found["label:irony"][0]["href"] == "/check?reading=label%3Airony"


@pytest.mark.parametrize(("asked", "word"), [({"label": "joy"}, "lovely"), ({"label": "irony", "q": "table"}, "oak")])
def test_messages_of_a_label_can_be_listed(labelled, asked, word):
    with labelled.client() as browser:
        every = browser.get("/messages.json", params=asked, headers=SAME).json()
    (listed,) = [block for block in every["blocks"] if block["kind"] == "MessageList"]
    texts = ["".join(part["text"] for part in message["parts"]).lower() for message in listed["messages"]]
    assert len(texts) > 20
    assert all(word in text for text in texts)
