"""What every page in server/upkeep_pages keeps: both forms, its right, harmless output, names for every field."""

import html
import re
from collections.abc import Iterator
from itertools import product
from types import ModuleType

import numpy as np
import pytest
from starlette.testclient import TestClient

import shop
from heedful import folder
from heedful.catalogue.model import Model
from heedful.catalogue.sort import assignments
from heedful.catalogue.topic import Topic, table
from heedful.privacy.viewer import ROLE_MAY, Viewer
from heedful.server import pages, site, upkeep_pages
from heedful.server.headers import POLICY
from heedful.store.topics import Change
from hostile import SECRET
from hostile import good as hostile_records
from in_turn import in_turn

NAMES = folder.names(upkeep_pages)
ADMIN = Viewer("user:ada", frozenset({"admin"}))
SAME = {"accept": "text/html", "sec-fetch-site": "same-origin"}


def module_of(name: str) -> ModuleType:
    return folder.load(upkeep_pages, name)


def opened(folder_: pytest.TempPathFactory, *, fill: bool) -> Iterator[shop.Shop]:
    made = shop.open_shop(folder_.mktemp("shop"), demo=False)
    made.viewer = ADMIN
    if fill:
        for record in hostile_records():
            made.take_raw(record.table, record.body)
        made.take_raw("message", b'[{"id": "<script>alert(1)</script>", "channel": "<img src=x>", "text": 7}]')
        _topic(made)
        accounts, keys, views = made.place.accounts(), made.place.api_keys(), made.place.views()
        accounts.create("<script>alert(2)</script>", "viewer", shop.NOW)
        accounts.sign_in(accounts.all()[0], "<img src=x>", shop.NOW)
        keys.create("<script>alert(3)</script>", "read", shop.NOW)
        views.save("<script>alert(4)</script>", "/figures", "user:<b>", shop.NOW)
        for one in (accounts, keys, views):
            one.close()
    yield made
    made.close()


def _topic(made: shop.Shop) -> None:
    """A topic of all messages, with names that would do harm."""
    name = "<script>alert(5)</script>"
    topic = Topic(
        "topic-1", name, ("<img src=x>",), "theme-1", "<script>alert(6)</script>", shop.NOW.replace(tzinfo=None)
    )
    one = np.ones((1, 384), np.float32)
    body = Model(("topic-1",), one, one[0, :1], one, np.zeros(1, np.int64)).to_bytes()
    with made.store.view(ADMIN) as view:
        rows = view.frame("message").select("n", "id").collect("pyarrow").to_arrow()
    placed = assignments(rows, dict.fromkeys(rows["n"].to_pylist(), (topic, 0.5)))
    made.store.topics.change(
        Change(
            "rename", "user:<b>", shop.NOW, {"name": name, "before": "<img src=x>"}, table([topic]), placed, model=body
        )
    )


def address(name: str) -> str:
    return module_of(name).PATH.replace("{id}", "topic-1")


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[shop.Shop]:
    yield from opened(tmp_path_factory, fill=True)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[shop.Shop]:
    yield from opened(tmp_path_factory, fill=False)


def client(of: shop.Shop) -> TestClient:
    return TestClient(of.app(), headers=SAME, follow_redirects=False)


def test_no_two_pages_have_one_address_or_one_place() -> None:
    modules = [folder.load(package, name) for package in (pages, upkeep_pages) for name in folder.names(package)]
    for taken in (
        [m.PATH for m in modules],
        [m.MENU for m in modules if m.MENU],
        [m.MENU[1] for m in modules if m.MENU],
    ):
        assert len(taken) == len(set(taken))


@pytest.mark.parametrize("name", NAMES)
def test_a_page_says_what_it_is_and_needs(name: str) -> None:
    page = module_of(name)
    assert folder.first_line(page).endswith(".")
    assert page.PATH.startswith("/")
    assert any(page.NEEDS in rights for rights in ROLE_MAY.values())


@pytest.mark.parametrize("name", NAMES)
def test_html_and_json_come_from_one_value(full: shop.Shop, name: str) -> None:
    path = address(name)
    with client(full) as browser:
        shown, data = browser.get(path), browser.get(site.twin(path))
    assert shown.status_code == data.status_code == 200
    page = data.json()
    assert page["blocks"]
    assert f"<h1>{html.escape(page['title'])}</h1>" in shown.text
    assert shown.headers["content-security-policy"] == POLICY
    assert shown.headers["cache-control"] == "private, no-store"


@pytest.mark.parametrize("name", NAMES)
def test_hostile_names_stay_text(full: shop.Shop, name: str) -> None:
    with client(full) as browser:
        shown = browser.get(address(name))
        data = browser.get(site.twin(address(name)))
    assert "<script>alert" not in shown.text
    assert "<img" not in shown.text.replace('<img src="/static/mark.svg', "")
    assert SECRET not in shown.text + data.text
    assert not re.search(r"""\s(style|on\w+)=["']""", shown.text)


@pytest.mark.parametrize("name", NAMES)
def test_every_field_has_a_name_for_the_ear(full: shop.Shop, name: str) -> None:
    with client(full) as browser:
        text = browser.get(address(name)).text
    assert text.count("<main") == text.count("<h1>") == 1
    labels = "".join(re.findall(r"<label\b.*?</label>", text, re.DOTALL))
    for field in re.findall(r"<(?:input|select|textarea)\b[^>]*>", text):
        assert 'type="hidden"' in field or field in labels, field
    for button in re.findall(r"<button\b[^>]*>.*?</button>", text, re.DOTALL):
        assert "aria-label" in button or re.sub(r"<[^>]+>", "", button).strip(), button


@pytest.mark.parametrize(("name", "role"), in_turn(product(NAMES, ROLE_MAY), 3))
def test_without_the_right_there_is_nothing(full: shop.Shop, name: str, role: str) -> None:
    page, rights = module_of(name), ROLE_MAY[role]
    full.viewer = Viewer(f"user:{role}", frozenset({role}))
    try:
        with client(full) as browser:
            answers = [browser.get(address(name)), browser.get(site.twin(address(name)))]
            if hasattr(page, "act"):
                acted = browser.post(address(name), data={"do": "nothing"})
                may = getattr(page, "ACT_NEEDS", page.NEEDS) in rights
                assert (acted.status_code != 403) is may or role == "demo"
        for answer in answers:
            assert (answer.status_code != 403) is (page.NEEDS in rights) or role == "demo"
    finally:
        full.viewer = ADMIN


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_workspace_says_what_to_do(empty: shop.Shop, name: str) -> None:
    with client(empty) as browser:
        shown = browser.get(address(name))
    assert shown.status_code == (404 if "{id}" in module_of(name).PATH else 200)
    assert not re.search(r"<tbody>\s*</tbody>", shown.text), "a table without a row says nothing"


@pytest.mark.parametrize("name", [name for name in NAMES if hasattr(module_of(name), "act")])
@pytest.mark.parametrize(
    "form", [{}, {"do": "<script>alert(1)</script>"}, {"do": "drop"}, {"do": "take", "file": "../x"}]
)
def test_a_form_that_makes_no_sense_is_answered_in_words(full: shop.Shop, name: str, form: dict[str, str]) -> None:
    with client(full) as browser:
        answer = browser.post(address(name), data=form)
    assert answer.status_code in (200, 400, 403, 404, 415), answer.text
    assert "<script>alert" not in answer.text
    assert "<h1>" in answer.text


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "query",
    ["?record=x", "?record=99999999999999999999", "?file=../../etc", "?account=nobody", "?below=x", "?offset=-1"],
)
def test_wrong_addresses_are_answered_in_words(full: shop.Shop, name: str, query: str) -> None:
    with client(full) as browser:
        shown = browser.get(module_of(name).PATH + query)
    assert shown.status_code in (200, 400, 404)
    assert "<h1>" in shown.text
