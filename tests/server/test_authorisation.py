"""Who may open what: every route by every role, by nobody, and by whoever's right ended or is another workspace's."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from heedful.server.desk import COOKIE
from heedful.server.worker import Stores, application
from heedful.settings import FILE, ROLES
from heedful.store.accounts import IDLE
from heedful.store.place import Place, make
from heedful.store.search import Search

ANYBODY = frozenset({*ROLES, "nobody"})
SIGNED_IN = frozenset(ROLES)
READERS = frozenset({"agent", "analyst", "privacy officer", "admin"})
OPERATORS = frozenset({"analyst", "admin"})
PRIVACY = frozenset({"privacy officer", "admin"})
ADMINS = frozenset({"admin"})

MATRIX = {
    "GET /readyz": ANYBODY,
    "GET /openapi.json": ANYBODY,
    "GET /static/{file}": ANYBODY,
    "GET /sign-in": ANYBODY,
    "GET /": SIGNED_IN,
    "GET /evidence": SIGNED_IN,
    "GET /messages": READERS,
    "GET /messages/{id}": READERS,
    "GET /figures": SIGNED_IN,
    "GET /new": SIGNED_IN,
    "GET /changed": SIGNED_IN,
    "GET /emotion": SIGNED_IN,
    "GET /topics": SIGNED_IN,
    "POST /topics": OPERATORS,
    "GET /topics/{id}": SIGNED_IN,
    "GET /v1/topics/changes": SIGNED_IN,
    "POST /v1/topics/changes": OPERATORS,
    "GET /check": READERS,
    "POST /check": READERS,
    "GET /views": SIGNED_IN,
    "POST /views": SIGNED_IN,
    "GET /help": SIGNED_IN,
    "GET /intake": OPERATORS,
    "GET /import": OPERATORS,
    "POST /import": OPERATORS,
    "GET /readings": OPERATORS,
    "POST /readings": OPERATORS,
    "GET /quarantine": PRIVACY,
    "POST /quarantine": PRIVACY,
    "GET /audit": PRIVACY,
    "GET /erase": PRIVACY,
    "POST /erase": PRIVACY,
    "POST /v1/people/forget": PRIVACY,
    "GET /v1/receipts": PRIVACY,
    "POST /v1/backups": ADMINS,
    "GET /v1/backups/{id}": ADMINS,
    "GET /metrics": frozenset(),
    "GET /settings": ADMINS,
    "POST /settings": ADMINS,
    "GET /accounts": ADMINS,
    "POST /accounts": ADMINS,
    "GET /v1/status": SIGNED_IN,
    "GET /v1/imports": OPERATORS,
    "GET /v1/imports/{id}": SIGNED_IN,
    "POST /v1/imports/{id}/undo": OPERATORS,
    "GET /v1/metrics": SIGNED_IN,
    "GET /v1/metrics/{name}": SIGNED_IN,
    "GET /v1/metrics/{name}/evidence": SIGNED_IN,
    "GET /v1/messages": READERS,
    "GET /v1/studies": SIGNED_IN,
    "GET /v1/studies/{name}": SIGNED_IN,
    "GET /v1/checks/{name:path}": SIGNED_IN,
    "GET /v1/checks/{name:path}/examples": OPERATORS,
    "GET /v1/searches": READERS,
    "POST /v1/searches": READERS,
    "DELETE /v1/searches/{name}": READERS,
    "GET /v1/searches/try": READERS,
    "GET /v1/stream": READERS,
}
"""Who is let in: everybody else is refused. A page's address with .json is as the page."""
OF_THEIR_OWN = {
    "POST /sign-in",
    "POST /sign-out",
    "GET /welcome",
    "POST /welcome",
    "GET /set-password",
    "POST /set-password",
    "GET /sign-in/provider",
    "GET /sign-in/provider/back",
}
"""Routes that ask for a secret instead of a role; test_sign_in.py has them."""
OF_THIS_MACHINE = {"POST /v1/backups", "GET /v1/backups/{id}", "GET /metrics"}
"""What whoever reads the token on this machine's disk may do, whatever role the settings give them."""
FILLED = {"{name}": "volume", "{id}": "0" * 32, "{file}": "site.css"}
REFUSED = (401, 403)
PASSWORD = "correct horse battery"
SAME = {"sec-fetch-site": "same-origin"}
LONG_AGO = datetime.now(UTC) - 2 * IDLE


@dataclass(frozen=True)
class House:
    """A workspace with somebody of each role, and the application over it."""

    place: Place
    app: Starlette

    def client(self, cookie: str = "", **headers: str) -> TestClient:
        cookies = {COOKIE: cookie} if cookie else None
        return TestClient(self.app, headers={**SAME, **headers}, cookies=cookies, follow_redirects=False)

    def session(self, role: str, at: datetime | None = None) -> str:
        accounts = self.place.accounts()
        secret = accounts.sign_in(accounts.get(f"the {role}"), "a test", at or datetime.now(UTC))
        accounts.close()
        return secret


def house(folder: Path, *, demo: bool = False) -> Iterator[House]:
    place = make(folder, demo=demo)
    accounts = place.accounts()
    for role in ROLES:
        accounts.create(f"the {role}", role, datetime.now(UTC))
    accounts.close()
    store, search = place.store(), Search(place.data / "search.db")
    yield House(place, application(Stores(place, store, search), "the-token", wait=False))
    store.close()
    search.close()


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    yield from house(tmp_path_factory.mktemp("here") / "shop")


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    yield from house(tmp_path_factory.mktemp("elsewhere") / "shop")


def routes(app: Starlette) -> set[str]:
    """Every route as METHOD PATH; a page and its data are one."""
    found = [route for route in app.routes if isinstance(route, Route)]
    assert len(found) == len(app.routes), "a route of a kind that this test does not know"
    named = {f"{method} {route.path}" for route in found for method in (route.methods or ()) if method != "HEAD"}
    pages = {name.removesuffix(".json").replace("/index", "/") for name in named if name.endswith(".json")}
    return {name for name in named if not name.endswith(".json") or name == "GET /openapi.json"} | (
        pages - {"GET /openapi"}
    )


def ask(client: TestClient, route: str) -> list[int]:
    """The statuses of a route and of its twin as data."""
    method, _, path = route.partition(" ")
    for name, value in FILLED.items():
        path = path.replace(name, value)
    paths = [path] + ([f"{path.rstrip('/') or '/index'}.json"] if method == "GET" and is_page(path) else [])
    if path == "/v1/stream" and client.get("/v1/messages").status_code == 200:
        return [200]  # it never ends for who is let in; who may read messages may read them as they come
    return [client.request(method, one, data={} if method == "POST" else None).status_code for one in paths]


def is_page(path: str) -> bool:
    return not path.startswith(("/v1/", "/static/", "/readyz", "/openapi", "/sign-in", "/metrics"))


def test_the_matrix_knows_every_route(here: House) -> None:
    found = {route for route in routes(here.app) if not route.startswith("GET /static/vega")}
    assert found == MATRIX.keys() | OF_THEIR_OWN


@pytest.mark.parametrize("role", [*ROLES, "nobody"])
def test_each_role_opens_what_the_matrix_says(here: House, role: str) -> None:
    client = here.client() if role == "nobody" else here.client(here.session(role))
    for route, allowed in MATRIX.items():
        for status in ask(client, route):
            assert (status not in REFUSED) is (role in allowed), (route, role, status)
            assert status != 500, (route, role, status)


@pytest.mark.parametrize("how", ["expired", "ended", "removed", "elsewhere", "made up"])
def test_a_right_that_is_none_opens_nothing(here: House, elsewhere: House, how: str) -> None:
    if how == "elsewhere":
        cookie = elsewhere.session("admin")
    elif how == "made up":
        cookie = "x" * 43
    else:
        cookie = here.session("admin", LONG_AGO if how == "expired" else None)
    accounts = here.place.accounts()
    if how == "ended":
        accounts.sign_out(cookie)
    if how == "removed":
        accounts.create("leaver", "admin", datetime.now(UTC))
        cookie = accounts.sign_in(accounts.get("leaver"), "a test", datetime.now(UTC))
        accounts.remove("leaver")
    accounts.close()
    client = here.client(cookie)
    for route, allowed in MATRIX.items():
        if "nobody" not in allowed:
            assert set(ask(client, route)) == {401}, route


@pytest.mark.parametrize(
    "header",
    ["Bearer wrong", "Bearer ", "Basic dGhlLXRva2VuOg==", "Bearer the-token ", "bearer", "Bearer the-token\x00"],
)
def test_what_is_not_a_key_is_none(here: House, header: str) -> None:
    client = here.client(authorization=header)
    for route, allowed in MATRIX.items():
        if "nobody" not in allowed:
            assert set(ask(client, route)) <= set(REFUSED), route


@pytest.mark.parametrize("role", ["viewer", "agent", "analyst"])
def test_a_read_key_opens_what_its_role_does(here: House, role: str) -> None:
    keys = here.place.api_keys()
    secret = keys.create(f"board of the {role}", "read", datetime.now(UTC), role=role)
    keys.close()
    client = here.client(authorization=f"Bearer {secret}")
    for route, allowed in MATRIX.items():
        for status in ask(client, route):
            assert (status not in REFUSED) is (role in allowed), (route, status)


@pytest.mark.parametrize("how", ["write", "ended", "elsewhere"])
def test_a_key_of_another_kind_opens_nothing(here: House, elsewhere: House, how: str) -> None:
    keys = (elsewhere if how == "elsewhere" else here).place.api_keys()
    now = datetime.now(UTC) - timedelta(days=3 if how == "ended" else 0)
    secret = keys.create(
        f"a key: {how}", "write" if how == "write" else "read", now, days=1 if how == "ended" else None
    )
    keys.close()
    client = here.client(authorization=f"Bearer {secret}")
    for route, allowed in MATRIX.items():
        if "nobody" not in allowed:
            assert set(ask(client, route)) <= set(REFUSED), route


def test_this_machine_is_who_the_settings_say(here: House) -> None:
    client = here.client(authorization="Bearer the-token")
    for route, allowed in MATRIX.items():
        for status in ask(client, route):
            assert (status not in REFUSED) is ("analyst" in allowed or route in OF_THIS_MACHINE), (route, status)


def test_a_name_in_a_header_is_no_right(here: House) -> None:
    assert here.client(**{"heedful-user": "root"}).get("/").status_code == 401


def test_the_demo_is_open_to_look_at_and_changes_nothing(tmp_path: Path) -> None:
    for demo in house(tmp_path / "demo", demo=True):
        assert "demo = true" in (demo.place.folder / FILE).read_text()
        client = demo.client()
        for route, allowed in MATRIX.items():
            method = route.partition(" ")[0]
            for status in ask(client, route):
                may = method == "GET" and (allowed >= READERS)
                assert (status not in REFUSED) is may, (route, status)
        assert client.post("/v1/messages", json=[]).status_code == 405


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site", "origin": "https://evil.example"},
        {"sec-fetch-site": "same-site", "origin": "http://testserver.evil.example"},
        {"origin": "null"},
        {"origin": "https://evil.example"},
        {"sec-fetch-site": "none"},
        {},
    ],
    ids=str,
)
def test_no_other_site_changes_anything(here: House, headers: dict[str, str]) -> None:
    cookies = {COOKIE: here.session("admin")}
    client = TestClient(here.app, headers=headers, cookies=cookies, follow_redirects=False)
    for route in routes(here.app):
        method, _, path = route.partition(" ")
        if method != "GET":
            assert client.request(method, path, data={"do": "add", "name": "Eve"}).status_code == 403, route
    accounts = here.place.accounts()
    assert "Eve" not in [account.name for account in accounts.all()]
    accounts.close()


@pytest.mark.parametrize("headers", [SAME, {"origin": "http://testserver"}], ids=str)
def test_pages_of_this_site_do(here: House, headers: dict[str, str]) -> None:
    name = f"Cleo by {next(iter(headers))}"
    client = TestClient(here.app, headers=headers, cookies={COOKIE: here.session("admin")})
    answer = client.post("/accounts", data={"do": "add", "name": name, "role": "viewer"})
    assert answer.status_code == 200
    assert "/set-password?link=" in answer.text
