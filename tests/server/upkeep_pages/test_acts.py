"""What the forms of the pages that look after a workspace do, each through its page."""

import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.testclient import TestClient

import shop
from heedful.intake.drain import Drain
from heedful.privacy.viewer import Viewer
from heedful.server import plain_fields
from heedful.server.imports import Imports
from heedful.server.upkeep_pages import imports
from heedful.settings import FILE

ADMIN = Viewer("user:ada", frozenset({"admin"}))
REVIEWS = "when,who,words\n2026-11-01,ada@example.org,The lamp is lovely.\n2026-11-02,ben@example.org,It broke.\n"


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[shop.Shop]:
    made = shop.open_shop(tmp_path, demo=False)
    made.viewer = ADMIN
    yield made
    made.close()


@pytest.fixture
def browser(opened: shop.Shop) -> TestClient:
    headers = {"accept": "text/html", "sec-fetch-site": "same-origin"}
    return TestClient(opened.app(), headers=headers, follow_redirects=False)


def acts(opened: shop.Shop) -> list[str]:
    return [action for action, _ in opened.audit]


def drain(opened: shop.Shop) -> None:
    journal, identities = opened.place.journal(), opened.place.identities()
    Drain(journal, opened.store, identities, opened.place.keys, opened.place.brands).all()
    journal.close()
    identities.close()


def until(holds: Callable[[], bool]) -> None:
    """Wait for a thread of the server."""
    import time

    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


def send(browser: TestClient, text: str = REVIEWS, name: str = "reviews.csv") -> str:
    """Send a file; the id of its import."""
    sent = browser.post("/import", data={"table": "message"}, files={"file": (name, io.BytesIO(text.encode()))})
    assert sent.status_code == 303, sent.text
    return parse_qs(urlsplit(sent.headers["location"]).query)["file"][0]


def test_a_file_is_looked_at_corrected_and_taken(opened: shop.Shop, browser: TestClient) -> None:
    id = send(browser)
    looked = browser.get(f"/import?file={id}")
    assert "Nothing has been taken yet" in looked.text
    assert "The lamp is lovely." in looked.text
    assert opened.ids() == []
    wrong = browser.post("/import", data={"file": id, "do": "look", "table": "message", "map.text": "nowhere"})
    assert "no column &#39;nowhere&#39;" in wrong.text
    asked = {"file": id, "table": "message", "source": "shop reviews", "channel": "review", "map.person": "(no column)"}
    again = browser.post("/import", data={**asked, "map.text": "words", "map.occurred_at": "when", "do": "look"})
    assert '<td data-label="Field">Who (person)</td>' in looked.text
    assert '<td data-label="Field">Who (person)</td>' not in again.text
    taken = browser.post("/import", data={**asked, "map.text": "words", "map.occurred_at": "when", "do": "take"})
    assert taken.status_code == 303
    until(lambda: opened.imports.get(id).state == "done")
    drain(opened)
    page = browser.get(f"/import.json?file={id}").json()
    assert [tile["shown"] for tile in page["blocks"][0]["tiles"]] == ["100%", "2", "0", "0"]
    assert [block["link"]["href"] for block in page["blocks"][1:]] == ["/messages", "/topics"], "what to do next"
    with opened.store.view(ADMIN) as view:
        rows = view.frame("message").select("source", "channel", "person").collect("pyarrow").to_arrow().to_pylist()
    assert rows == [{"source": "shop reviews", "channel": "review", "person": None}] * 2
    assert {"send file", "import file"} <= set(acts(opened))
    kept = [path.name for path in (opened.place.data / "uploads").glob("*/*")]
    assert kept == ["import.json"], "what is in is not kept twice"


def test_the_preview_shows_people_as_they_will_be_stored(opened: shop.Shop, browser: TestClient) -> None:
    rows = "".join(f"person{i}@example.org,Write to me{i}@example.org about parcel {i} please.\n" for i in range(5))
    page = browser.get(f"/import.json?file={send(browser, f'Wer,c2{chr(10)}{rows}')}")
    assert "@example.org" not in page.text
    (table,) = [block for block in page.json()["blocks"] if block.get("title", "").startswith("The first")]
    shown = {row[0]["value"]: row[1]["shown"] for row in table["rows"]}
    assert re.fullmatch("p_[0-9a-f]{16}", shown["person"])
    assert shown["text"] == "Write to [email] about parcel 0 please."
    assert "Wer holds e-mail addresses" in page.text


def test_the_preview_says_which_channel_was_found_and_where_a_text_goes_on(
    opened: shop.Shop, browser: TestClient
) -> None:
    rows = "".join(f"{'a long story ' * 20}{i},2026-11-0{i}\n" for i in range(1, 6))
    page = browser.get(f"/import.json?file={send(browser, f'review,date{chr(10)}{rows}')}").json()
    (form,) = [block for block in page["blocks"] if block.get("title") == "What the columns mean"]
    (channel,) = [field for field in form["fields"] if field["name"] == "channel"]
    assert channel["choices"][0]["label"] == "As found: Reviews"
    (table,) = [block for block in page["blocks"] if block.get("title", "").startswith("The first")]
    (text,) = [row[1]["shown"] for row in table["rows"] if row[0]["value"] == "text"]
    assert text.endswith("\u2026")
    assert len(text) <= 201


def test_fields_have_plain_labels_and_a_line_of_help(opened: shop.Shop, browser: TestClient) -> None:
    page = browser.get(f"/import.json?file={send(browser)}").json()
    (form,) = [block for block in page["blocks"] if block.get("title") == "What the columns mean"]
    told = {field["name"]: (field["label"], field["about"]) for field in form["fields"]}
    assert told["map.occurred_at"] == (
        "When",
        "When it was written or happened; without it the record is undated. Field occurred_at: iso, by its name.",
    )
    for table, fields in imports.USUAL.items():
        for name in fields:
            assert plain_fields.label(name) not in ("", name), (table, name)
            assert plain_fields.about(name).endswith("."), (table, name)


def test_somebody_else_s_file_is_not_shown(opened: shop.Shop, browser: TestClient) -> None:
    id = send(browser)
    opened.viewer = Viewer("user:ben", frozenset({"analyst"}))
    assert browser.get(f"/import?file={id}").status_code == 403
    assert "ada@example.org" not in browser.get(f"/import.json?file={id}").text
    assert browser.post("/import", data={"file": id, "do": "take"}).status_code == 403
    assert browser.get("/import").status_code == 200


def test_what_a_crash_left_of_a_file_goes_at_the_next_start(opened: shop.Shop, browser: TestClient) -> None:
    id = send(browser)
    uploads = opened.place.data / "uploads"
    (uploads / "half").mkdir()
    (uploads / "half" / "content.csv").write_text("who")
    (uploads / "torn").mkdir()
    (uploads / "torn" / "import.json").write_text("")
    assert [one.id for one in Imports(opened.place).all()] == [id]
    assert {path.name for path in uploads.iterdir()} == {id}


def test_the_same_file_again_is_already_there(opened: shop.Shop, browser: TestClient) -> None:
    for _ in range(2):
        id = send(browser)
        browser.post("/import", data={"file": id, "do": "take"})
        until(lambda id=id: opened.imports.get(id).state == "done")
        drain(opened)
    tiles = browser.get(f"/import.json?file={id}").json()["blocks"][0]["tiles"]
    assert [tile["shown"] for tile in tiles] == ["100%", "0", "2", "0"]


def test_an_import_is_taken_back_once_that_is_confirmed(opened: shop.Shop, browser: TestClient) -> None:
    id = send(browser)
    browser.post("/import", data={"file": id, "do": "take"})
    until(lambda: opened.imports.get(id).state == "done")
    drain(opened)
    listed = browser.get("/import")
    assert f'<a href="/import?undo={id}">Take back reviews.csv</a>' in listed.text
    asked = browser.get(f"/import?undo={id}")
    assert "Take back reviews.csv?" in asked.text
    assert opened.store.rows()["message"] == 2
    done = browser.post("/import", data={"do": "undo", "import": id})
    assert "reviews.csv is taken back" in done.text
    assert opened.store.rows()["message"] == 0
    assert "Take back" not in browser.get("/import").text
    assert "taken back by ada" in browser.get("/import").text
    assert "nothing of this import" in browser.get(f"/import?undo={id}").text
    assert browser.post("/import", data={"do": "undo", "import": id}).status_code == 400
    assert browser.get("/import?undo=unknown").status_code == 404
    again = send(browser)
    browser.post("/import", data={"file": again, "do": "take"})
    until(lambda: opened.imports.get(again).state == "done")
    drain(opened)
    assert opened.store.rows()["message"] == 2


def test_an_import_that_a_crash_cut_short_is_taken_again(opened: shop.Shop, browser: TestClient) -> None:
    id = send(browser)
    one = opened.imports.get(id)
    opened.imports._note(type(one)(**{**vars(one), "state": "running"}))
    opened.imports = Imports(opened.place)
    assert "Take it again" in browser.get(f"/import?file={id}").text
    browser.post("/import", data={"file": id, "do": "take"})
    until(lambda: opened.imports.get(id).state == "done")


@pytest.mark.parametrize(
    "name", ["../../heedful.toml", "a/b/..", "import.json", "x" * 300 + ".csv", "\x00\n.csv", "C:\\x\\r.csv"]
)
def test_a_file_s_name_leads_nowhere(opened: shop.Shop, browser: TestClient, name: str) -> None:
    before = (opened.place.folder / FILE).read_text()
    browser.post("/import", data={"table": "message"}, files={"file": (name, io.BytesIO(REVIEWS.encode()))})
    inside = opened.place.data / "uploads"
    assert all(len(path.relative_to(inside).parts) == 2 for path in inside.glob("**/*") if path.is_file())
    assert (opened.place.folder / FILE).read_text() == before


def test_what_is_no_table_is_told_and_can_be_dropped(opened: shop.Shop, browser: TestClient) -> None:
    id = send(browser, "\x00\x01\x02", "noise.csv")
    shown = browser.get(f"/import?file={id}")
    assert shown.status_code == 200
    assert 'role="alert"' in shown.text
    assert browser.post("/import", data={"file": id, "do": "drop"}).status_code == 303
    assert browser.get(f"/import?file={id}").status_code == 404


def test_quarantine_is_shown_corrected_and_dropped(opened: shop.Shop, browser: TestClient) -> None:
    opened.take_raw("message", b'[{"id": "a", "text": 7}, {"id": "b", "text": 8}, {"id": "c", "text": "fine"}]')
    journal = opened.place.journal()
    first, second = sorted(one.id for one in journal.quarantined())
    assert "3 Nov" not in browser.get("/quarantine").text
    shown = browser.get(f"/quarantine?record={first}")
    assert "&#34;text&#34;: 7" in shown.text or "&#34;text&#34;:7" in shown.text
    still = browser.post("/quarantine", data={"do": "replay", "record": first})
    assert still.status_code == 422
    fixed = browser.post("/quarantine", data={"do": "replay", "record": first, "raw": '{"id": "a", "text": "seven"}'})
    assert fixed.status_code == 303
    drain(opened)
    assert len(opened.ids()) == 2
    assert browser.post("/quarantine", data={"do": "drop", "record": second}).status_code == 303
    assert journal.quarantine_size() == 0
    assert {"look at quarantine", "replay quarantine", "drop quarantine"} <= set(acts(opened))
    journal.close()


def test_a_bad_row_stands_with_its_file_s_columns_and_what_they_were_read_as(
    opened: shop.Shop, browser: TestClient
) -> None:
    id = send(browser, "Datum,Wer,Worte\n2026-11-01,ada@example.org,It came late again.\n2026-11-02,ben@example.org,\n")
    browser.post("/import", data={"file": id, "do": "take"})
    until(lambda: opened.imports.get(id).state == "done")
    page = browser.get("/quarantine.json?record=1").json()
    (table,) = [block for block in page["blocks"] if block.get("title") == "The row as it stood in the file"]
    assert [[cell["shown"] for cell in row] for row in table["rows"]] == [
        ["Datum", "2026-11-02", "occurred_at (When)"],
        ["Wer", "ben@example.org", "person (Who)"],
        ["Worte", "", "text (What was said)"],
    ]
    assert b"Worte" not in (opened.place.data / "journal.db").read_bytes(), "a column may name somebody"
    journal = opened.place.journal()
    journal.drop_fields(lambda told: told.replace("Worte", ""))
    assert journal.fields(journal.quarantined(id=1)[0]) == {}
    journal.close()
    assert "The row as it stood" not in browser.get("/quarantine?record=1").text


def test_a_view_is_an_address_under_a_name(opened: shop.Shop, browser: TestClient) -> None:
    opened.take("message", shop.messages(60))
    address = "/figures?metric=volume&by=channel&period=all"
    shown = browser.get(address)
    assert "Messages by channel" in shown.text
    here = re.search(r'name="address" value="([^"]+)"', shown.text)
    assert here
    saved = browser.post("/views", data={"do": "save", "name": "By channel", "address": here[1].replace("&amp;", "&")})
    assert saved.status_code == 303
    listed = browser.get("/views.json").json()["blocks"][0]["rows"][0]
    assert browser.get(listed[0]["href"]).text.count("Messages by channel") == shown.text.count("Messages by channel")
    opened.viewer = Viewer("user:ben", frozenset({"viewer"}))
    assert browser.post("/views", data={"do": "remove", "name": "By channel"}).status_code == 403
    opened.viewer = ADMIN
    assert browser.post("/views", data={"do": "remove", "name": "By channel"}).status_code == 303
    for bad in ("https://evil.example", "//evil.example", "javascript:alert(1)", "/\\evil.example"):
        assert browser.post("/views", data={"do": "save", "name": "x", "address": bad}).status_code == 400


def test_settings_are_checked_whole_and_saved(opened: shop.Shop, browser: TestClient) -> None:
    path = opened.place.folder / FILE
    text = path.read_text()
    wrong = text.replace("smallest_group = 5", "smallest_group = 0").replace('time_zone = "UTC"', 'time_zone = "Mars"')
    shown = re.search(r'name="of" value="(\w+)"', browser.get("/settings").text)
    assert shown
    of = shown[1]
    refused = browser.post("/settings", data={"do": "save", "text": wrong, "of": of})
    assert "2 mistake(s)" in refused.text
    assert "line 4" in refused.text
    assert path.read_text() == text
    better = text.replace("smallest_group = 5", "smallest_group = 9")
    assert "not saved yet" in browser.post("/settings", data={"do": "check", "text": better, "of": of}).text
    assert path.read_text() == text
    asked = {"do": "save", "text": better.replace("\n", "\r\n"), "of": of}
    assert "Saved" in browser.post("/settings", data=asked).text
    again = browser.post("/settings", data={"do": "save", "text": text, "of": of})
    assert "changed meanwhile" in again.text, "somebody else's change is not undone"
    assert path.read_text() == better
    assert path.with_suffix(".toml.before").read_text() == text


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"file:secret.key"', '"file:/etc/hostname"'),
        ('host = "127.0.0.1"', 'host = "0.0.0.0"'),
        (
            "[local]",
            '[sign_in]\nissuer = "https://evil.example"\nclient_id = "x"\nclient_secret = "file:/etc/passwd"\n[local]',
        ),
        ("port = 8400", "port = 8400\ndemo = true"),
    ],
)
def test_a_browser_does_not_change_what_the_server_may_read(
    opened: shop.Shop, browser: TestClient, old: str, new: str
) -> None:
    path = opened.place.folder / FILE
    text = path.read_text()
    assert old in text
    refused = browser.post("/settings", data={"do": "save", "text": text.replace(old, new)})
    assert "only in the file itself" in refused.text
    assert path.read_text() == text


def test_every_message_is_read_again(opened: shop.Shop, browser: TestClient) -> None:
    opened.take("message", shop.messages(20))
    assert browser.post("/readings", data={"do": "again"}).status_code == 303
    assert ("read again", {"messages": len(opened.ids())}) in opened.audit


def test_the_audit_can_be_narrowed(opened: shop.Shop, browser: TestClient) -> None:
    audit = opened.place.audit()
    for name in ("user:ada", "user:ben"):
        audit.write(
            Viewer(name, frozenset({"viewer"})), [("ask", {"metric": "volume"}), ("find", {"words": "late"})], shop.NOW
        )
    audit.close()
    rows = browser.get("/audit.json?viewer=user:ben&action=find").json()["blocks"][1]["rows"]
    shown = [[cell["shown"] for cell in row[1:]] for row in rows]
    assert shown == [["ben (account)", "searched messages, for late", "insight"]]
    page = browser.get("/audit?viewer=user:ben").text
    assert "asked for Messages" in page
    assert '<option value="user:ben" selected>ben (account)</option>' in page
    assert '<option value="find">searched messages</option>' in page


def test_a_person_is_erased_once_that_is_confirmed(opened: shop.Shop, browser: TestClient) -> None:
    said = {"id": "1", "channel": "email", "text": "Marmalade everywhere.", "person": "ada@example.org"}
    opened.take("message", [said, *shop.messages(20)])
    before = len(opened.ids())
    nobody = browser.post("/erase", data={"do": "look", "person": "nobody@example.org"})
    assert "nothing of this person" in nobody.text
    looked = browser.post("/erase", data={"do": "look", "person": "ada@example.org\n"})
    assert "Of ada@example.org." in looked.text
    assert "<dt>Messages</dt><dd>1</dd>" in looked.text
    unsure = browser.post("/erase", data={"do": "erase", "person": "ada@example.org", "sure": "yes"})
    assert "Write the word erase to confirm" in unsure.text
    assert len(opened.ids()) == before
    done = browser.post("/erase", data={"do": "erase", "person": "ada@example.org", "sure": " Erase"})
    assert "Nobody can see them any more" in done.text
    assert len(opened.ids()) == before - 1
    receipts = browser.get("/erase.json").json()["blocks"][-1]["rows"]
    assert [row[4]["value"] for row in receipts] == [1]
    assert "ada@example.org" not in browser.get("/erase").text
