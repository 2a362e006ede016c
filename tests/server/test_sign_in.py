"""Signing in: passwords, the printed link, the first account, links that set a password, and guessing."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from heedful.errors import TryLater
from heedful.server.desk import COOKIE
from heedful.server.guesses import AT_ACCOUNT, AT_ADDRESS, AT_PLACE, WINDOW, Guesses
from heedful.server.sign_in import DEVICE
from heedful.server.worker import Stores, application
from heedful.store.place import Place, make
from heedful.store.search import Search

GOOD = "correct horse battery"
TOKEN = "the-token"
SAME = {"sec-fetch-site": "same-origin", "accept": "text/html"}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return make(tmp_path / "shop")


@pytest.fixture
def app(place: Place) -> Iterator[Starlette]:
    store, search = place.store(), Search(place.data / "search.db")
    yield application(Stores(place, store, search), TOKEN, wait=False)
    store.close()
    search.close()


def browser(app: Starlette, address: str = "192.0.2.1", **headers: str) -> TestClient:
    return TestClient(app, headers={**SAME, "heedful-address": address, **headers}, follow_redirects=False)


def ada(place: Place) -> None:
    accounts = place.accounts()
    accounts.create("Ada", "admin", datetime.now(UTC), password=GOOD)
    accounts.close()


def enter(client: TestClient, password: str, **more: str) -> int:
    return client.post("/sign-in", data={"name": "Ada", "password": password, **more}).status_code


def test_the_first_visitor_makes_the_first_account(app: Starlette, place: Place) -> None:
    client, other = browser(app), browser(app)
    assert "heedful serve" in client.get("/sign-in").text
    assert client.get("/welcome").status_code == 401
    assert client.get("/sign-in?token=wrong").status_code == 401
    signed = client.get(f"/sign-in?token={TOKEN}")
    assert (signed.status_code, signed.headers["location"]) == (303, "/welcome")
    assert client.get("/").status_code == 200, "one may look around without an account"
    assert other.get(f"/sign-in?token={TOKEN}").status_code == 303
    asked = {"name": "Ada", "password": GOOD, "again": GOOD}
    assert "differ" in client.post("/welcome", data={**asked, "again": "something else"}).text
    made = client.post("/welcome", data=asked)
    assert (made.status_code, made.headers["location"]) == (303, "/")
    assert client.get("/accounts").status_code == 200
    assert other.get("/").headers["location"].startswith("/sign-in"), "sessions of the printed link have ended"
    assert other.get(f"/sign-in?token={TOKEN}").status_code == 401, "and the link is closed"
    assert other.post("/welcome", data={**asked, "name": "Eve"}).status_code == 401
    assert [row.action for row in place.audit().rows() if row.viewer == "user:Ada"][-2:] == ["sign in", "make account"]


def test_a_name_and_a_password_let_in(app: Starlette, place: Place) -> None:
    ada(place)
    client = browser(app)
    sent = client.get("/messages?q=late")
    assert (sent.status_code, sent.headers["location"]) == (303, "/sign-in?next=%2Fmessages%3Fq%3Dlate")
    assert 'value="/messages?q=late"' in client.get(sent.headers["location"]).text
    again = client.post("/sign-in", data={"name": "Ada", "password": "wrong", "next": "/messages?q=late"})
    assert 'value="/messages?q=late"' in again.text, "a slip keeps the way"
    assert enter(client, "wrong") == 401
    signed = client.post("/sign-in", data={"name": " ADA", "password": GOOD, "next": "/messages?q=late"})
    assert (signed.status_code, signed.headers["location"]) == (303, "/messages?q=late")
    cookies = signed.headers.get_list("set-cookie")
    for name in (COOKIE, DEVICE):
        kept = next(cookie for cookie in cookies if cookie.startswith(f"{name}="))
        assert "HttpOnly" in kept
        assert "SameSite=lax" in kept
        assert "Secure" not in kept
    assert client.get("/").status_code == 200
    assert client.post("/sign-out").status_code == 303
    assert client.get("/").headers["location"].startswith("/sign-in")


@pytest.mark.parametrize(
    ("onward", "at"),
    [
        ("/messages?q=late", "/messages?q=late"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/\\/evil.example", "/"),
        ("///evil.example", "/"),
        ("https:", "/"),
        ("https:evil.example", "/"),
        ("https://evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("/\t/evil.example", "/"),
        ("\n//evil.example", "/"),
        (" //evil.example", "/"),
        ("evil.example", "/"),
        ("", "/"),
    ],
)
def test_one_arrives_on_this_site_only(app: Starlette, place: Place, onward: str, at: str) -> None:
    ada(place)
    client = browser(app)
    shown = client.get("/sign-in", params={"next": onward})
    assert "evil" not in shown.text
    assert "javascript:" not in shown.text
    signed = client.post("/sign-in", data={"name": "Ada", "password": GOOD, "next": onward})
    assert (signed.status_code, signed.headers["location"]) == (303, at)


def test_programs_are_told_and_not_sent(app: Starlette, place: Place) -> None:
    ada(place)
    client = browser(app)
    for path, headers in {
        "/messages.json": {},
        "/v1/metrics": {},
        "/": {"accept": "application/json"},
        "/figures": {"accept": "*/*"},
    }.items():
        told = client.get(path, headers=headers)
        assert (told.status_code, told.headers["content-type"]) == (401, "application/problem+json"), path
    assert client.get("/", headers={"authorization": "Bearer wrong"}).status_code in (401, 403)
    assert client.post("/views", data={"name": "x"}).status_code == 401


def test_cookies_over_https_stay_there(app: Starlette, place: Place) -> None:
    ada(place)
    client = browser(app, **{"heedful-scheme": "https"})
    signed = client.post("/sign-in", data={"name": "Ada", "password": GOOD})
    assert all("Secure" in cookie for cookie in signed.headers.get_list("set-cookie"))


@pytest.mark.parametrize(
    "onward", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/a\r\nb: c", ""]
)
def test_nobody_is_sent_elsewhere(app: Starlette, place: Place, onward: str) -> None:
    ada(place)
    signed = browser(app).post("/sign-in", data={"name": "Ada", "password": GOOD, "next": onward})
    assert signed.headers["location"] == "/"


def test_a_wrong_name_and_a_wrong_password_look_alike(app: Starlette, place: Place) -> None:
    ada(place)
    client = browser(app)
    answers = [client.post("/sign-in", data={"name": n, "password": "wrong"}) for n in ("Ada", "Eve")]
    texts = {answer.text.replace("Ada", "X").replace("Eve", "X") for answer in answers}
    assert len(texts) == 1
    kept = str(place.audit().rows())
    assert "wrong password" in kept
    assert "Eve" not in kept, "what was typed may be a password"


def test_guessing_is_slow_and_locks_out_nobody_else(app: Starlette, place: Place) -> None:
    ada(place)
    known, guesser = browser(app, "192.0.2.1"), browser(app, "198.51.100.7")
    assert enter(known, GOOD) == 303
    assert [enter(guesser, f"guess {i}") for i in range(AT_PLACE + 2)] == [401] * AT_PLACE + [429] * 2
    assert enter(guesser, GOOD) == 429, "also the right one, or a guesser would learn it"
    assert enter(known, GOOD) == 303
    assert enter(browser(app, "203.0.113.5"), GOOD) == 303, "another address is not kept out"


def test_a_link_sets_a_password(app: Starlette, place: Place) -> None:
    ada(place)
    accounts = place.accounts()
    link = accounts.link("Ada", datetime.now(UTC))
    accounts.close()
    client = browser(app)
    assert client.get("/set-password?link=wrong").status_code == 403
    assert "Ada" in client.get(f"/set-password?link={link}").text
    asked = {"link": link, "password": "another long secret", "again": "another long secret"}
    assert "12 to 256" in client.post("/set-password", data={**asked, "password": "x", "again": "x"}).text
    assert client.post("/set-password", data=asked).status_code == 303
    assert client.get("/").status_code == 200
    assert client.post("/set-password", data=asked).status_code == 403
    assert enter(browser(app), GOOD) == 401
    assert enter(browser(app), "another long secret") == 303


def test_guesses_count_by_place_address_and_account() -> None:
    guesses = Guesses()
    for i in range(AT_ADDRESS):
        guesses.attempt(f"name {i}", "192.0.2.1", None, 0)
    with pytest.raises(TryLater, match="15 minute"):
        guesses.attempt("ada", "192.0.2.1", None, 0)
    guesses.attempt("ada", "192.0.2.2", None, 0)
    guesses.attempt("ada", "192.0.2.1", None, WINDOW + 1)
    for i in range(AT_ACCOUNT):
        guesses.attempt("ben", f"2001:db8:{i:x}::1", None, 0)
    with pytest.raises(TryLater):
        guesses.attempt("ben", "2001:db8:ffff::1", None, 1)
    guesses.attempt("ben", "2001:db8:1::1", "his browser", 1)
    guesses.attempt("cleo", "2001:db8:ffff::1", None, 1)


def test_a_right_password_takes_its_attempt_back() -> None:
    guesses = Guesses()
    for i in range(10 * AT_ACCOUNT):
        guesses.attempt("ada", f"192.0.2.{i % 250}", None, i)
        guesses.fitted("ada", f"192.0.2.{i % 250}", None, i)


def test_many_guesses_at_once_are_no_more_than_one_after_the_other(app: Starlette, place: Place) -> None:
    ada(place)
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda i: enter(browser(app), f"guess {i}"), range(30)))
    assert found.count(401) == AT_PLACE
    assert found.count(429) == 30 - AT_PLACE


@pytest.mark.parametrize("kind", ["multipart/form-data; charset=punycode; boundary=x", "text/plain"])
def test_a_form_in_an_odd_shape_is_not_read(app: Starlette, kind: str) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\n' + b"n0-" * 9_000 + b"\r\n--x--\r\n"
    answer = browser(app).post("/sign-in", content=body, headers={"content-type": kind} if kind else {})
    assert answer.status_code == 415


def test_who_has_one_ipv6_address_has_its_network() -> None:
    guesses = Guesses()
    for i in range(AT_PLACE):
        guesses.attempt("ada", f"2001:db8::{i:x}", None, 0)
    with pytest.raises(TryLater):
        guesses.attempt("ada", "2001:db8::abcd", None, 0)
