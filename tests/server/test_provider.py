"""Single sign-on against an OpenID provider over real HTTP, honest and otherwise."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urljoin

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

import openid
import over_http
from heedful.server.desk import COOKIE
from heedful.server.worker import Stores, application
from heedful.settings import Provider
from heedful.store.place import Place, make
from heedful.store.search import Search

GOOD = "correct horse battery"


@pytest.fixture(scope="module")
def honest() -> Iterator[openid.OpenId]:
    with openid.running() as provider:
        yield provider


@pytest.fixture
def provider(honest: openid.OpenId) -> openid.OpenId:
    honest.person = {"sub": "1", "email": "ben@example.org", "email_verified": True}
    honest.lie, honest.other_key, honest.refuse = {}, False, None
    return honest


def place_with(folder: Path, issuer: str, role: str | None = "analyst") -> Place:
    place = make(folder / "shop")
    (place.folder / "client.secret").write_text(f"{openid.SECRET}\n")
    given = Provider(issuer, openid.CLIENT, "file:client.secret", "Our directory", role)
    return replace(place, settings=replace(place.settings, provider=given))


@pytest.fixture
def place(tmp_path: Path, provider: openid.OpenId) -> Place:
    return place_with(tmp_path, provider.url)


def served(place: Place) -> Iterator[Starlette]:
    store, search = place.store(), Search(place.data / "search.db")
    yield application(Stores(place, store, search), "the-token", wait=False)
    store.close()
    search.close()


@pytest.fixture
def app(place: Place) -> Iterator[Starlette]:
    yield from served(place)


def browser(app: Starlette) -> TestClient:
    return TestClient(app, headers={"accept": "text/html"}, follow_redirects=False)


def to_provider(client: TestClient, onward: str = "/messages") -> str:
    """Begin, go to the provider, and what it sends the browser back with."""
    begun = client.get("/sign-in/provider", params={"next": onward})
    assert begun.status_code == 303, begun.text
    there = over_http.get(begun.headers["location"])
    assert there.status_code == 302, there.text
    return there.headers["location"].removeprefix("http://testserver")


def who(place: Place) -> list[tuple[str, str]]:
    accounts = place.accounts()
    found = [(account.name, account.role) for account in accounts.all()]
    accounts.close()
    return found


def test_somebody_vouched_for_is_let_in(app: Starlette, place: Place) -> None:
    client = browser(app)
    assert "Our directory" in client.get("/sign-in").text
    signed = client.get(to_provider(client))
    assert (signed.status_code, signed.headers["location"]) == (303, "/messages")
    assert client.get("/messages").status_code == 200
    assert who(place) == [("ben@example.org", "analyst")]
    again = browser(app)
    again.get(to_provider(again))
    assert who(place) == [("ben@example.org", "analyst")]


def test_an_answer_is_good_once_and_in_one_browser(app: Starlette) -> None:
    mine, theirs = browser(app), browser(app)
    answer = to_provider(mine)
    assert theirs.get(answer).status_code == 403
    assert COOKIE not in theirs.cookies
    assert mine.get(answer).status_code == 403, "another browser has tried it"
    fresh = to_provider(mine)
    assert mine.get(fresh).status_code == 303
    assert mine.get(fresh).status_code == 403


@pytest.mark.parametrize(
    "lie",
    [
        {"iss": "https://evil.example"},
        {"aud": "another client"},
        {"exp": 1_000_000_000},
        {"exp": None},
        {"nonce": "another"},
        {"nonce": None},
        {"sub": None},
    ],
    ids=str,
)
def test_a_token_that_is_not_ours_is_refused(app: Starlette, provider: openid.OpenId, lie: dict[str, object]) -> None:
    provider.lie = lie
    client = browser(app)
    refused = client.get(to_provider(client))
    assert refused.status_code == 403
    assert "cannot be trusted" in refused.text
    assert COOKIE not in client.cookies


def test_a_strange_signature_is_refused(app: Starlette, provider: openid.OpenId) -> None:
    provider.other_key = True
    client = browser(app)
    assert client.get(to_provider(client)).status_code == 403


def test_an_address_that_is_not_verified_is_no_name(app: Starlette, place: Place, provider: openid.OpenId) -> None:
    accounts = place.accounts()
    accounts.create("ben@example.org", "admin", datetime.now(UTC))
    accounts.close()
    provider.person = {"sub": "9", "email": "ben@example.org", "email_verified": False, "preferred_username": "eve"}
    client = browser(app)
    assert client.get(to_provider(client)).status_code == 303
    assert who(place) == [("ben@example.org", "admin"), ("eve", "analyst")]


def test_an_account_with_a_password_is_not_taken_over(app: Starlette, place: Place) -> None:
    accounts = place.accounts()
    accounts.create("ben@example.org", "admin", datetime.now(UTC), password=GOOD)
    accounts.close()
    client = browser(app)
    refused = client.get(to_provider(client))
    assert refused.status_code == 400
    assert "already" in refused.text
    assert COOKIE not in client.cookies


def test_without_a_role_for_newcomers_an_admin_lets_them_in(tmp_path: Path, provider: openid.OpenId) -> None:
    place = place_with(tmp_path, provider.url, role=None)
    for app in served(place):
        client = browser(app)
        assert "ask an admin" in client.get(to_provider(client)).text
        accounts = place.accounts()
        accounts.create("Ben@example.org", "admin", datetime.now(UTC))
        accounts.close()
        assert client.get(to_provider(client)).status_code == 303
        assert client.get("/accounts").status_code == 200


def test_a_refusal_and_a_silent_provider_are_told(tmp_path: Path, app: Starlette, provider: openid.OpenId) -> None:
    provider.refuse = "Not in the group."
    client = browser(app)
    assert "Not in the group." in client.get(to_provider(client)).text
    free = socket.create_server(("127.0.0.1", 0))
    port = free.getsockname()[1]
    free.close()
    for other in served(place_with(tmp_path / "other", f"http://127.0.0.1:{port}")):
        silent = browser(other).get("/sign-in/provider")
        assert silent.status_code == 429
        assert "does not answer" in silent.text


SCRIPT = """
import Provider from 'oidc-provider';
const [port, back] = process.argv.slice(2);
const claims = { sub: 'ada', email: 'ada@example.org', email_verified: true };
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{ client_id: 'heedful', client_secret: "the client's secret", redirect_uris: [back] }],
  claims: { email: ['email', 'email_verified'], profile: ['preferred_username'] },
  conformIdTokenClaims: false,
  findAccount: () => ({ accountId: 'ada', claims: () => claims }),
});
provider.listen(Number(port), () => console.log('ready'));
"""


@pytest.mark.soak
def test_a_certified_provider_vouches(tmp_path: Path) -> None:
    """With node's oidc-provider, where npm can install it: every form that its pages show is sent."""
    if not shutil.which("npm"):
        pytest.skip("there is no npm on this machine")
    command = ["npm", "install", "--silent", "--prefix", str(tmp_path), "oidc-provider@9"]
    if subprocess.run(command, capture_output=True, timeout=300, check=False).returncode:
        pytest.skip("npm could not install oidc-provider")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (tmp_path / "provider.mjs").write_text(SCRIPT)
    back = "http://testserver/sign-in/provider/back"
    command = ["node", str(tmp_path / "provider.mjs"), str(port), back]
    node = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        assert node.stdout
        assert b"ready" in node.stdout.readline()
        for app in served(place_with(tmp_path, f"http://127.0.0.1:{port}")):
            client = browser(app)
            begun = client.get("/sign-in/provider").headers["location"]
            answer = _through_its_pages(begun, back)
            assert client.get(answer.removeprefix("http://testserver")).status_code == 303
            assert client.get("/").status_code == 200
    finally:
        node.kill()
        node.wait()
        node.stdout.close()
    assert who(Place.at(tmp_path / "shop")) == [("ada@example.org", "analyst")]


def _through_its_pages(url: str, back: str) -> str:
    """What somebody in a browser does there: follow, sign in, agree."""
    with over_http.Client() as there:
        answer = there.get(url)
        for _ in range(12):
            if answer.is_redirect:
                onward = urljoin(str(answer.url), answer.headers["location"])
                if onward.startswith(back):
                    return onward
                answer = there.get(onward)
            else:
                form = {"prompt": "login", "login": "ada", "password": "x"} if "login" in answer.text else {}
                answer = there.post(str(answer.url), data=form or {"prompt": "consent"})
    raise AssertionError("the provider did not send the browser back")
