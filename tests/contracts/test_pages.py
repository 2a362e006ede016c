"""What every page in server/pages keeps, whatever it shows: both forms, its viewer's rows only, and harmless output."""

import html
import json
import re
from collections.abc import Iterator
from itertools import product
from types import ModuleType
from typing import Any

import pytest
from starlette.testclient import TestClient

import shop
from heedful import folder
from heedful.privacy.viewer import Viewer
from heedful.server import pages, site
from heedful.server.headers import POLICY
from heedful.server.problem import SignInNeeded
from hostile import SECRET
from hostile import good as hostile_records
from in_turn import in_turn

NAMES = folder.names(pages)
EXTRA = {"evidence": "?metric=events"}
"""What an address needs beside its path, where it needs something."""


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[shop.Shop]:
    opened = shop.open_shop(tmp_path_factory.mktemp("full"))
    opened.take("message", shop.messages(300))
    opened.take("event", shop.events(40))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[shop.Shop]:
    opened = shop.open_shop(tmp_path_factory.mktemp("empty"))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[shop.Shop]:
    opened = shop.open_shop(tmp_path_factory.mktemp("hostile"))
    for record in hostile_records():
        opened.take_raw(record.table, record.body)
    opened.viewer = Viewer("analyst", frozenset({"analyst"}), smallest=1)
    yield opened
    opened.close()


def module_of(name: str) -> ModuleType:
    return folder.load(pages, name)


def addresses(opened: shop.Shop, name: str) -> list[str]:
    """Every address of a page that the shop's own content makes."""
    path = module_of(name).PATH
    if "{id}" not in path:
        return [path + EXTRA.get(name, "")]
    return [path.replace("{id}", id) for id in opened.ids()] or [path.replace("{id}", "0" * 32)]


def twin(address: str) -> str:
    path, mark, query = address.partition("?")
    return f"{site.twin(path)}{mark}{query}"


def client(opened: shop.Shop) -> TestClient:
    return TestClient(opened.app(), headers={"accept": "text/html"})


@pytest.mark.parametrize("name", NAMES)
def test_a_page_says_what_it_is(name: str) -> None:
    page = module_of(name)
    assert folder.first_line(page).endswith((".", "?"))
    assert page.PATH.startswith("/")
    assert page.MENU is None or isinstance(page.MENU[1], str)


@pytest.mark.parametrize("name", NAMES)
def test_html_and_json_come_from_one_value(full: shop.Shop, name: str) -> None:
    address = addresses(full, name)[0]
    with client(full) as browser:
        shown, data = browser.get(address), browser.get(twin(address))
    assert shown.status_code == data.status_code == 200
    assert shown.headers["content-type"].startswith("text/html")
    page = data.json()
    assert page["blocks"]
    assert f"<h1>{html.escape(page['title'])}</h1>" in shown.text
    assert f"<title>{html.escape(page['title'])} " in shown.text
    assert html.escape(twin(address)) in shown.text
    plain = html.unescape(re.sub(r"<[^>]+>", "", shown.text))
    for said in spoken(page["blocks"]):
        assert said in plain


def spoken(value: Any, key: str = "") -> Iterator[str]:
    """Every text of a page's value that people are meant to read."""
    if isinstance(value, dict):
        for name, part in value.items():
            if name not in ("spec", "parts"):
                yield from spoken(part, name)
        if "parts" in value:
            yield "".join(part["text"] for part in value["parts"])
    elif isinstance(value, list):
        for part in value:
            yield from spoken(part, key)
    elif value and key in (
        "shown",
        "label",
        "text",
        "interval",
        "behind",
        "shown_at",
        "channel_label",
        "person",
        "note",
    ):
        yield str(value)


@pytest.mark.parametrize("name", NAMES)
def test_every_answer_keeps_to_itself(full: shop.Shop, name: str) -> None:
    with client(full) as browser:
        shown = browser.get(addresses(full, name)[0])
    assert shown.headers["content-security-policy"] == POLICY
    assert shown.headers["cache-control"] == "private, no-store"
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert not re.search(r"<script(?![^>]*(src=\"/static/|type=\"application/json\"))", shown.text)
    assert not re.search(r"""\s(style|on\w+)=["']""", shown.text)
    assert not re.search(r"""(src|href)="(https?:)?//""", shown.text)


@pytest.mark.parametrize("name", NAMES)
def test_every_answer_leaves_an_audit_row(full: shop.Shop, name: str) -> None:
    full.audit.clear()
    with client(full) as browser:
        browser.get(addresses(full, name)[0])
    assert full.audit


@pytest.mark.parametrize("name", NAMES)
def test_a_page_has_landmarks_and_names(full: shop.Shop, name: str) -> None:
    with client(full) as browser:
        text = browser.get(addresses(full, name)[0]).text
    assert text.count("<main") == text.count("<h1>") == 1
    assert '<html lang="en">' in text
    assert 'class="skip" href="#content"' in text
    ids = re.findall(r'\sid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    for field in re.findall(r"<(?:input|select)\b[^>]*>", text):
        assert "hidden" in field or f'for="{attribute(field, "id")}"' in text or field in inside_labels(text)


def attribute(tag: str, name: str) -> str:
    found = re.search(rf'\b{name}="([^"]*)"', tag)
    return found[1] if found else "none"


def inside_labels(text: str) -> str:
    return "".join(re.findall(r"<label\b[^>]*>.*?</label>", text, re.DOTALL))


@pytest.mark.parametrize("name", NAMES)
def test_nobody_signed_in_sees_nothing(full: shop.Shop, name: str) -> None:
    full.refuse = SignInNeeded("nobody is signed in")
    try:
        with client(full) as browser:
            shown, data = (browser.get(a) for a in (addresses(full, name)[0], twin(addresses(full, name)[0])))
    finally:
        full.refuse = None
    (sent,) = shown.history
    assert (sent.status_code, sent.headers["location"].partition("?")[0]) == (303, "/sign-in")
    assert data.status_code == 401
    assert data.headers["content-type"] == "application/problem+json"
    assert not any(said in shown.text + data.text for said in shop.SAID)


@pytest.mark.parametrize("name", NAMES)
def test_a_viewer_without_the_right_reads_no_text(full: shop.Shop, name: str) -> None:
    address = addresses(full, name)[0]
    full.viewer = Viewer("figures only", frozenset({"viewer"}))
    try:
        with client(full) as browser:
            answers = [browser.get(address), browser.get(twin(address))]
    finally:
        full.viewer = shop.DEMO
    for answer in answers:
        assert answer.status_code in (200, 403)
        assert not any(said in answer.text for said in shop.SAID)


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[shop.Shop, str]]:
    """A shop with one message of somebody who then refused, and that message's id."""
    opened = shop.open_shop(tmp_path_factory.mktemp("refused"))
    mine = {"person": "quiet@example.org", "text": "Unspeakable zebra affair.", "occurred_at": shop.NOW.isoformat()}
    opened.take("message", [*shop.messages(30), {"id": "quiet", "channel": "email", **mine}])
    (hidden,) = opened.ids_with("zebra")
    choice = {"id": "c1", "person": "quiet@example.org", "purpose": "insight", "granted": False, "proof": "asked"}
    opened.take("consent", [{**choice, "occurred_at": shop.NOW.isoformat()}])
    yield opened, hidden
    opened.close()


@pytest.mark.parametrize("name", NAMES)
def test_people_who_refuse_are_nowhere(refused: tuple[shop.Shop, str], name: str) -> None:
    opened, hidden = refused
    path = module_of(name).PATH
    asked = [path.replace("{id}", hidden)] if "{id}" in path else [path + EXTRA.get(name, ""), f"{path}?q=zebra"]
    with client(opened) as browser:
        for address in asked:
            for answer in (browser.get(address), browser.get(twin(address))):
                assert "Unspeakable" not in answer.text


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_workspace_says_what_to_do(empty: shop.Shop, name: str) -> None:
    address = addresses(empty, name)[0]
    with client(empty) as browser:
        shown, data = browser.get(address), browser.get(twin(address))
    if "{id}" in module_of(name).PATH:
        assert shown.status_code == data.status_code == 404
        return
    assert shown.status_code == 200
    assert [block for block in data.json()["blocks"] if block["kind"] == "Empty"]


@pytest.mark.parametrize("name", NAMES)
def test_hostile_texts_stay_text(hostile: shop.Shop, name: str) -> None:
    with client(hostile) as browser:
        for address in addresses(hostile, name):
            shown, data = browser.get(address), browser.get(twin(address))
            assert shown.status_code == data.status_code == 200, address
            assert len(shown.text) < 600_000
            assert "<script>alert" not in shown.text
            assert "<img" not in shown.text.replace('<img src="/static/mark.svg', "")
            assert SECRET not in shown.text + data.text
            json.loads(data.text)


WRONG = (
    "?period=x",
    "?since=yesterday",
    "?metric=nothing",
    "?q=%22%00%27%3Cscript%3Ealert(1)%3C/script%3E",
    "?next=-1",
    "?next=x&offset=x",
    "?channel=%3Cscript%3Ealert(1)%3C/script%3E",
    "?as_of=x",
    "?day=x",
    "?metric=volume&offset=99999999999",
    "?period=7d&period=30d&since=2026-02-31",
)


@pytest.mark.parametrize(("name", "query"), in_turn(product(NAMES, WRONG), 4))
def test_wrong_addresses_are_answered_in_words(full: shop.Shop, name: str, query: str) -> None:
    address = addresses(full, name)[0].partition("?")[0] + query
    with client(full) as browser:
        shown, data = browser.get(address), browser.get(twin(address))
    assert shown.status_code == data.status_code
    assert shown.status_code in (200, 400, 403, 404)
    assert "<script>alert" not in shown.text
    if shown.status_code != 200:
        assert data.headers["content-type"] == "application/problem+json"


def test_a_page_that_does_not_exist_is_a_page(full: shop.Shop) -> None:
    with client(full) as browser:
        shown = browser.get("/nowhere")
        data = browser.get("/nowhere.json")
    assert shown.status_code == data.status_code == 404
    assert "There is nothing here" in shown.text
    assert data.json()["status"] == 404


def test_a_failure_tells_nothing_of_the_inside(full: shop.Shop) -> None:
    full.refuse = RuntimeError("the inside")
    try:
        with TestClient(full.app(), headers={"accept": "text/html"}, raise_server_exceptions=False) as browser:
            answers = [browser.get("/"), browser.get("/index.json")]
    finally:
        full.refuse = None
    for answer in answers:
        assert answer.status_code == 500
        assert "the inside" not in answer.text
        assert "Something went wrong" in answer.text
