"""Nobody signed in, nothing seen: every route of the worker refuses a request that nobody is behind."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from heedful.server.worker import Stores, application
from heedful.settings import FILE
from heedful.store.place import Place, make
from heedful.store.search import Search

OPEN = ("/readyz", "/openapi.json", "/static/")
"""What anybody may read: whether it is up, the contract, and the pages' style and scripts."""
REFUSED = (401, 403)


def worker(place: Place) -> Iterator[Starlette]:
    store, search = place.store(), Search(place.data / "search.db")
    yield application(Stores(place, store, search), "the-token", wait=False)
    store.close()
    search.close()


@pytest.fixture
def app(place: Place) -> Iterator[Starlette]:
    yield from worker(place)


def addresses(app: Starlette) -> list[str]:
    paths = [route.path for route in app.routes if isinstance(route, Route)]
    assert len(paths) == len(app.routes), "a route of a kind that this test does not know"
    filled = [path.replace("{name}", "volume").replace("{id}", "x").replace("{file}", "site.css") for path in paths]
    assert not [path for path in filled if "{" in path], "a parameter that this test does not know"
    return filled


def posts(app: Starlette) -> set[str]:
    return {route.path for route in app.routes if isinstance(route, Route) and "POST" in (route.methods or ())}


def method(app: Starlette, path: str) -> str:
    """How a path is asked: by POST where it takes nothing else."""
    return "POST" if path in posts(app) else "GET"


def test_every_route_refuses_nobody(app: Starlette) -> None:
    client = TestClient(app)
    answered = {
        path: client.request(method(app, path), path, follow_redirects=False).status_code for path in addresses(app)
    }
    assert len(answered) > 10
    let_in = {path: code for path, code in answered.items() if code not in REFUSED and not path.startswith(OPEN)}
    assert let_in == {}


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": "Bearer wrong"},
        {"authorization": "Bearer "},
        {"authorization": "Basic dGhlLXRva2VuOg=="},
        {"cookie": "heedful_session=wrong"},
        {"cookie": "heedful_session="},
        {"heedful-user": "root"},
    ],
    ids=str,
)
def test_what_is_not_a_right_is_none(app: Starlette, headers: dict[str, str]) -> None:
    client = TestClient(app)
    for path in ("/", "/v1/metrics/volume", "/v1/messages", "/v1/status", "/v1/stream"):
        assert client.get(path, headers=headers).status_code in REFUSED, path


def test_a_write_key_reads_nothing(app: Starlette, place: Place) -> None:
    from datetime import UTC, datetime

    keys = place.api_keys()
    secret = keys.create("shop", "write", datetime(2026, 3, 1, tzinfo=UTC))
    keys.close()
    client = TestClient(app)
    for path in addresses(app):
        if not path.startswith((*OPEN, "/sign-in")):
            answer = client.request(method(app, path), path, headers={"authorization": f"Bearer {secret}"})
            assert answer.status_code in REFUSED, path


def test_the_token_and_a_read_key_do(app: Starlette, place: Place) -> None:
    from datetime import UTC, datetime

    keys = place.api_keys()
    secret = keys.create("board", "read", datetime(2026, 3, 1, tzinfo=UTC))
    keys.close()
    client = TestClient(app)
    for value in (secret, "the-token"):
        answer = client.get("/v1/metrics/volume", headers={"authorization": f"Bearer {value}"})
        assert answer.status_code == 200
        assert answer.json()["rows"][0]["value"] == 0
    assert client.get("/sign-in?token=wrong", follow_redirects=False).status_code == 401
    signed = client.get("/sign-in?token=the-token", follow_redirects=False)
    assert signed.status_code == 303
    assert "httponly" in signed.headers["set-cookie"].lower()


def test_the_demo_answers_as_a_viewer_who_may_change_nothing(tmp_path: Path) -> None:
    place = make(tmp_path / "demo", demo=True)
    assert "demo = true" in (place.folder / FILE).read_text()
    for app in worker(place):
        client = TestClient(app)
        assert client.get("/v1/metrics/volume").status_code == 200
        assert {path: client.post(path).status_code for path in posts(app)} == {"/v1/backups": 403}
        assert client.post("/v1/messages", json=[]).status_code == 405
