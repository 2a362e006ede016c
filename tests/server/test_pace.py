"""How fast one may be, and whom the server believes about where a request comes from."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import over_http
from heedful.server.pace import SECONDS_AHEAD, Buckets
from heedful.settings import FILE
from heedful.store.place import Place, make
from serving import Serving, serving, write_key


@given(st.integers(1, 50), st.lists(st.floats(0, 3), min_size=1, max_size=200))
def test_no_more_than_the_bucket_and_what_flows_in_is_let_through(rate: int, gaps: list[float]) -> None:
    bucket, now, taken = Buckets(rate), 0.0, 0
    for gap in gaps:
        now += gap
        taken += not bucket.take("somebody", now)
    assert taken <= rate * SECONDS_AHEAD + rate * now + 1


def test_who_waits_as_told_is_let_through() -> None:
    bucket, now = Buckets(2), 0.0
    for _ in range(100):
        wait = bucket.take("somebody", now)
        now += wait
        assert not wait or not bucket.take("somebody", now + 1e-6)
    assert not bucket.take("somebody else", 0.0)


def place_with(folder: Path, server: str) -> Place:
    make(folder)
    path = folder / FILE
    path.write_text(path.read_text().replace("[server]", f"[server]\n{server}"))
    return Place.at(folder)


def test_an_address_that_is_too_fast_waits_and_a_key_does_not(tmp_path: Path) -> None:
    place = place_with(tmp_path / "shop", "address_per_second = 2")
    headers = write_key(place)
    with serving(place) as server:
        paths = [f"{server.url}/openapi.json"] * 30
        answers = [over_http.get(path).status_code for path in paths]
        assert 429 in answers
        assert served_within(server, seconds=10)
        refused = over_http.get(f"{server.url}/openapi.json")
        assert refused.status_code == 200 or int(refused.headers["retry-after"]) >= 1
        sent = [over_http.post(f"{server.url}/v1/events", json=[{"name": "x"}], headers=headers) for _ in range(15)]
        assert {answer.status_code for answer in sent} == {202}
        assert {server.get("/v1/status").status_code for _ in range(15)} == {200}


def served_within(server: Serving, *, seconds: float) -> bool:
    """Whether an address that asks again and again is served before long."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if over_http.get(f"{server.url}/openapi.json").status_code == 200:
            return True
    return False


@pytest.mark.parametrize("trusted", [False, True])
def test_only_a_trusted_proxy_says_where_a_request_comes_from(tmp_path: Path, trusted: bool) -> None:
    proxies = 'trusted_proxies = ["127.0.0.1"]\n' if trusted else ""
    place = place_with(
        tmp_path / "shop", f'{proxies}public_url = "https://heedful.example.org"\naddress_per_second = 1'
    )
    with serving(place) as server:
        answers = []
        for number in range(20):
            headers = {"x-forwarded-for": f"192.0.2.{number}", "heedful-address": f"192.0.2.{number}"}
            answers.append(over_http.get(f"{server.url}/openapi.json", headers=headers).status_code)
        assert set(answers) == {200} if trusted else 429 in answers
        assert trusted or served_within(server, seconds=10)  # who asks too fast is only held up
        there = {"host": "heedful.example.org", "x-forwarded-for": "192.0.2.200", "x-forwarded-proto": "https"}
        token = {"authorization": f"Bearer {server.token}"}
        assert over_http.get(f"{server.url}/openapi.json", headers=there | token).status_code == 200
        other = over_http.get(f"{server.url}/openapi.json", headers={"host": "evil.example"} | token)
        assert other.status_code == 421
        signed = over_http.get(f"{server.url}/sign-in?token={server.token}", headers=there | token)
        assert ("secure" in signed.headers["set-cookie"].lower()) is trusted
