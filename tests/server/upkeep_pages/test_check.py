"""The page Check: one press for one message, the reading unseen until then, and figures that follow."""

import re

import pytest

import shop
from heedful.insight.checking import Task, next_one, verdict
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
