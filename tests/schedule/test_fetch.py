"""The way to the network: limits heeded, redirects watched, nothing private that only an answer names."""

import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any

import pytest

from heedful.errors import NotAllowed, NotFound, TryLater
from heedful.schedule import fetch as fetching
from heedful.schedule import reach
from heedful.schedule.fetch import AGENT, Politely
from heedful.schedule.gates import Gates, exhausted, retry_after
from heedful.schedule.reach import Reach
from replay.origin import Asked, Origin, Reply, origin

NOW = 1_900_000_000.0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "120"}, 120),
        ({"retry-after": formatdate(NOW + 90, usegmt=True)}, 90),
        ({"retry-after": formatdate(NOW - 90, usegmt=True)}, 0),
        ({"retry-after": "soon"}, None),
        ({}, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers, NOW) == seconds


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "2030-03-17T17:51:40.000Z"}, 300),  # Mastodon
        ({"x-ratelimit-remaining": "0.0", "x-ratelimit-reset": "45"}, 45),  # Reddit
        ({"x-rate-limit-remaining": "0", "x-rate-limit-reset": "1900000060"}, 60),  # X
        ({"ratelimit-remaining": "0", "ratelimit-reset": "1900000030"}, 30),  # Bluesky
        ({"ratelimit": "limit=100, remaining=0, reset=12"}, 12),
        ({"x-ratelimit-remaining": "3", "x-ratelimit-reset": "45"}, 0),
        ({"x-ratelimit-remaining": "none", "x-ratelimit-reset": "45"}, 0),
        ({"x-ratelimit-remaining": "0"}, 0),
    ],
)
def test_an_allowance_that_is_used_up_is_waited_for(headers: dict[str, str], seconds: float) -> None:
    assert exhausted(headers, NOW) == seconds


def test_a_host_that_asked_to_be_left_alone_is(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [NOW]
    gates = Gates(clock=lambda: clock[0])
    assert gates.heed("a.example", {"retry-after": "50"}) == 50
    assert gates.closed("a.example") == 50
    assert gates.closed("b.example") == 0
    clock[0] += 50
    assert gates.closed("a.example") == 0
    assert 0 < gates.closed("a.example") < 1  # a little room between two questions


@dataclass(frozen=True)
class Leading:
    """Settings that name an address."""

    url: str


@pytest.fixture
def there() -> Iterator[Origin]:
    with origin(lambda _: Reply("fine")) as made:
        yield made


def politely(url: str) -> Politely:
    return Politely(Reach.of(Leading(url)), Gates())


def test_it_says_who_asks_and_gives_back_what_came(there: Origin) -> None:
    answer = politely(there.url)(f"{there.url}/a", params={"b": "c d"}, headers={"if-none-match": "x"})
    assert (answer.status, answer.body) == (200, b"fine")
    (asked,) = there.asked
    assert asked.headers["user-agent"] == AGENT
    assert AGENT.startswith("Heedful/")
    assert (asked.path, asked.params, asked.headers["if-none-match"]) == ("/a", {"b": "c d"}, "x")


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        *((status, NotFound) for status in (404, 410)),
        *((status, NotAllowed) for status in (400, 401, 403)),
        *((status, TryLater) for status in (429, 500, 503)),
    ],
)
def test_each_refusal_is_one_of_ours_and_tells_no_query(there: Origin, status: int, kind: type[Exception]) -> None:
    there.answering = lambda _: Reply("no", status=status)
    with pytest.raises(kind) as told:
        politely(there.url)(f"{there.url}/a", params={"key": "hunter2"})
    assert "hunter2" not in str(told.value)
    assert "127.0.0.1/a" in str(told.value)


def test_a_limit_closes_the_host_for_everybody_who_shares_the_gates(there: Origin) -> None:
    there.answering = lambda _: Reply("slow", status=429, headers={"retry-after": "77"})
    fetch = politely(there.url)
    with pytest.raises(TryLater) as told:
        fetch(there.url)
    assert told.value.after == 77
    with pytest.raises(TryLater, match="left alone"):
        Politely(fetch.reach, fetch.gates)(there.url)
    assert len(there.asked) == 1


def test_meta_tells_in_minutes_when_it_answers_again(there: Origin) -> None:
    used = '{"42": [{"type": "pages", "call_count": 100, "estimated_time_to_regain_access": 3}]}'
    there.answering = lambda _: Reply("no", status=400, headers={"x-business-use-case-usage": used})
    with pytest.raises(TryLater) as told:
        politely(there.url)(there.url)
    assert told.value.after == 180
    for odd in ("", "[]", "{", '{"42": [{}]}', used.replace("3}", "0}")):
        there.answering = lambda _, odd=odd: Reply("fine", headers={"x-business-use-case-usage": odd})
        assert politely(there.url)(there.url).body == b"fine"


def test_nothing_listens(there: Origin) -> None:
    with pytest.raises(TryLater, match="cannot be asked: ConnectError"):
        politely("http://127.0.0.1:9")("http://127.0.0.1:9/feed")


def test_a_body_may_have_so_many_bytes(there: Origin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "BODY_BYTES", 1_000)
    there.answering = lambda _: Reply(b"x" * 1_001)
    with pytest.raises(TryLater, match="more than 1,000 bytes"):
        politely(there.url)(there.url)


def test_redirects_are_followed_a_few_times(there: Origin) -> None:
    def answer(asked: Asked) -> Reply:
        step = int(asked.path[1:] or 0)
        return Reply(status=302, headers={"location": f"/{step + 1}"}) if step < 4 else Reply("at last")

    there.answering = answer
    assert politely(there.url)(f"{there.url}/0").body == b"at last"
    there.answering = lambda _: Reply(status=301, headers={"location": "/again"})
    with pytest.raises(TryLater, match="leads on more than 5 times"):
        politely(there.url)(there.url)


@pytest.mark.parametrize(
    "where",
    [
        "http://127.0.0.2:1/",
        "http://169.254.169.254/latest/meta-data",
        "http://[::1]:1/",
        "http://10.0.0.1/",
        "file:///etc",
        "http://[::ffff:10.0.0.1]/",
        "ftp://127.0.0.1/",
        "//192.168.0.1/x",
        "http://0.0.0.0/",
    ],
)
def test_a_redirect_to_a_private_address_is_refused(there: Origin, where: str) -> None:
    there.answering = lambda _: Reply(status=302, headers={"location": where})
    with pytest.raises(NotAllowed):
        politely(there.url)(there.url)
    assert len(there.asked) == 1


def test_a_private_address_that_the_settings_name_is_asked(there: Origin) -> None:
    Reach.of(Leading(there.url)).check(f"{there.url}/x")
    with pytest.raises(NotAllowed, match=r"127\.0\.0\.1, which is a private address"):
        Reach.of(Leading("https://www.example.org")).check(there.url)


def test_what_is_secret_stays_with_its_host(there: Origin) -> None:
    with origin(lambda _: Reply("elsewhere")) as other:
        there.answering = lambda _: Reply(status=307, headers={"location": f"{other.url}/x"})
        politely(there.url)(there.url, headers={"authorization": "Bearer hunter2", "accept": "text/plain"})
        assert "authorization" not in other.asked[0].headers
        assert other.asked[0].headers["accept"] == "text/plain"


def test_a_stream_ends_when_it_is_quiet_or_is_opened_anew(there: Origin) -> None:
    there.answering = lambda _: Reply(lines=iter(["a", "b\r"]))
    quiet = Politely(Reach.of(Leading(there.url)), Gates(), quiet=0.2)
    assert list(quiet.lines(there.url)) == ["a", "b"]
    found = politely(there.url).lines(there.url)
    assert [next(found), next(found)] == ["a", "b"]
    with pytest.raises(TryLater, match="ended the stream"):
        next(found)


def test_waiting_ends_when_all_ends(there: Origin) -> None:
    fetch = politely(there.url)
    fetch.gates.close("127.0.0.1", 4)
    fetch.stop.set()
    began = time.monotonic()
    with pytest.raises(TryLater, match="listening ends"):
        fetch(there.url)
    assert time.monotonic() - began < 2


def test_no_header_of_a_source_and_nothing_posted_goes_to_another_host(there: Origin) -> None:
    with origin(lambda _: Reply("elsewhere")) as other:
        there.answering = lambda _: Reply(status=307, headers={"location": f"{other.url}/x"})
        for name in ("x-goog-api-key", "apikey", "private-token"):
            politely(there.url)(there.url, headers={name: "hunter2"})
        assert len(other.asked) == 3
        assert "hunter2" not in str(other.asked)
        for posted in ({"form": {"password": "hunter2"}}, {"json": {"password": "hunter2"}}):
            with pytest.raises(NotAllowed, match="posted"):
                politely(there.url)(there.url, **posted)
        assert len(other.asked) == 3


def test_parameters_come_besides_those_of_the_address(there: Origin) -> None:
    politely(there.url)(f"{there.url}/a?tag=lamps", params={"page": 2})
    assert there.asked[0].params == {"tag": "lamps", "page": "2"}


def test_the_address_that_was_looked_at_is_the_one_that_is_asked(
    there: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that leads to a public address when it is looked at, and to a private one when it is asked."""
    port = int(there.url.rpartition(":")[2])
    looked, real = ["127.0.0.9"], socket.getaddrinfo

    def addresses(host: str, service: Any, *rest: Any, **more: Any) -> Any:
        if host != "turns.example.org":
            return real(host, service, *rest, **more)
        address = looked[0] if service is None else "127.0.0.1"  # whoever connects names a port
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", addresses)
    monkeypatch.setattr(reach, "_private", lambda address: address == "127.0.0.1")
    there.answering = lambda _: Reply(status=302, headers={"location": f"http://turns.example.org:{port}/x"})
    with pytest.raises(TryLater, match="cannot be asked: ConnectError"):  # nothing is there, at 127.0.0.9
        politely(there.url)(there.url)
    assert len(there.asked) == 1
    looked[0] = "127.0.0.1"
    with pytest.raises(NotAllowed, match="private address"):
        politely(there.url)(there.url)
    assert len(there.asked) == 2
    monkeypatch.setattr(reach, "_private", lambda _: False)
    there.answering = lambda asked: (
        Reply("there")
        if asked.path == "/x"
        else Reply(status=302, headers={"location": f"http://turns.example.org:{port}/x"})
    )
    assert politely(there.url)(there.url).url == f"http://turns.example.org:{port}/x"
    assert there.asked[-1].headers["host"] == f"turns.example.org:{port}"


def test_an_address_in_a_table_is_named_too(there: Origin) -> None:
    @dataclass(frozen=True)
    class Filled:
        fill: tuple[tuple[str, str], ...]

    Reach.of(Filled((("site", there.url),))).check(f"{there.url}/posts.json")
