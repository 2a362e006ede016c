"""What /openapi.json says holds on a real server, whatever is sent: no 5xx, and only documented answers."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest

import over_http
import shop
from heedful.store.place import Place, make
from serving import Serving, serving, write_key

CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,"
    "response_schema_conformance"
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return make(tmp_path_factory.mktemp("schema") / "workspace", name="Test")


@pytest.fixture(scope="module")
def server(place: Place) -> Iterator[Serving]:
    with serving(place) as running:
        headers = write_key(place, "first")
        for many, records in (("messages", shop.messages(100)), ("events", shop.events(20))):
            assert over_http.post(f"{running.url}/v1/{many}", json=records, headers=headers).status_code == 202
        running.settle()
        yield running


@pytest.mark.soak
@pytest.mark.parametrize("who", ["this machine", "read key", "write key", "nobody"])
def test_every_route_answers_as_documented(who: str, place: Place, server: Serving, tmp_path: Path) -> None:
    keys = place.api_keys()
    known = {
        "this machine": f"Bearer {server.token}",
        "read key": f"Bearer {keys.create('r', 'read', datetime.now(UTC))}" if who == "read key" else "",
        "write key": write_key(place)["authorization"] if who == "write key" else "",
    }
    keys.close()
    sent = ["--header", f"Authorization: {known[who]}"] if who in known else []
    command = [str(Path(sys.executable).with_name("schemathesis")), "run", f"{server.url}/openapi.json", *sent]
    options = ["--checks", CHECKS, "--max-examples", "40", "--seed", "1", "--phases", "examples,coverage,fuzzing"]
    quiet = ["--suppress-health-check", "all", "--no-color", "--generation-database", "none"]
    ran = subprocess.run([*command, *options, *quiet], capture_output=True, text=True, cwd=tmp_path, timeout=500)
    assert ran.returncode == 0, ran.stdout[-6000:] + ran.stderr[-1000:]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("PUT", "/v1/items", 405),
        ("PUT", "/v1/messages", 405),
        ("PUT", "/healthz", 405),
        ("PUT", "/v1/status", 405),
        ("GET", "/v1/imports/a%0Ab", 200),
        ("GET", "/v1/imports/%00", 200),
        ("GET", "/v1/imports/" + "a" * 5_000, 200),
        ("GET", "/v1/imports/..%2F..%2Fetc%2Fpasswd", 404),
        ("GET", "/messages/%3Fq=x", 404),
        ("GET", "/messages/" + "a" * 40_000, 404),
        ("GET", "/messages/..%2f..%2fheedful.toml", 404),
        ("GET", "/static/..%2fapi.py", 404),
        ("GET", "/static/%2e%2e/api.py", 404),
        ("GET", "/static/site.css%00.css", 404),
        ("GET", "/static/" + "a" * 300 + ".css", 404),
        ("GET", "//evil.example/messages", 404),
        ("GET", "/v1/messages?limit=\u00b2", 400),
        ("GET", "/v1/messages?next=--5", 400),
        ("GET", "/v1/messages?next=" + "9" * 5_000, 400),
        ("GET", "/v1/metrics/volume?as_of=%C2%B2-1", 404),
        ("GET", "/v1/metrics/volume?as_of=" + "9" * 30 + "-1", 404),
        ("GET", "/v1/metrics/volume?tz=%0d%0ax-evil:1", 400),
        ("GET", "/v1/metrics/volume?tz=..%2f..%2fetc%2fpasswd", 400),
        ("GET", "/v1/metrics/volume?format=csv%22%0d%0ax-evil:1", 404),
        ("GET", "/?tz=%00", 400),
        ("GET", "/?tz=Nowhere/Else", 400),
        ("GET", "/messages?tz=" + "a" * 3_000, 400),
        ("GET", "/messages?metric=events", 400),
        ("GET", "/messages?month=2026-11-01", 400),
        ("GET", "/messages?offset=%C2%B2&metric=volume", 400),
        ("GET", "/evidence?metric=events&offset=%C2%B2", 400),
    ],
)
def test_addresses_that_play_tricks_have_a_plain_answer(method: str, path: str, status: int, server: Serving) -> None:
    headers = {"authorization": f"Bearer {server.token}"}
    answer = over_http.request(method, server.url + path, headers=headers, timeout=30)
    assert answer.status_code == status, answer.text[:500]
    assert "x-evil" not in answer.headers
    if status == 405:
        assert "GET" in answer.headers["allow"]
    if status >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["detail"]


@pytest.mark.parametrize(
    "header", ["Basic \u00e9", "Basic =", "Bearer", "Bearer \u00e9\u00ff", "\u00e9", "Basic " + "A" * 9_000]
)
def test_odd_credentials_are_nobodys(header: str, server: Serving) -> None:
    sent = {"authorization": header.encode("latin-1")}
    for method, path in (("POST", "/v1/messages"), ("GET", "/v1/status")):
        assert over_http.request(method, server.url + path, headers=sent, content=b"[]").status_code in (401, 403)


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "", "evil.example:8400", "127.0.0.1@evil.example", "x/127.0.0.1"]
)
def test_other_host_names_reach_nothing(host: str, server: Serving) -> None:
    for path in ("/", "/v1/status", "/healthz"):
        answer = over_http.get(server.url + path, headers={"host": host, "authorization": f"Bearer {server.token}"})
        assert answer.status_code in (400, 421), (host, path)


def test_a_body_that_no_page_takes_is_bounded(server: Serving) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(200):
            yield b"x" * 65_536

    headers = {"authorization": f"Bearer {server.token}"}
    try:
        answer = over_http.post(server.url + "/messages", content=endless(), headers=headers, timeout=60)
    except httpx2.TransportError:
        return  # the server closed while the client was still sending
    assert answer.status_code == 413
