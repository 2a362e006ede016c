"""Slow, silent, greedy and lying clients are ended, and cost nobody else anything; real sockets, short limits."""

import asyncio
import resource
import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from heedful.server import connections
from heedful.server.bodies import REFUSED, Bodies, refusal

SHORT = 0.4
MOST = 30


async def _hello(_request: Request) -> Response:
    await asyncio.sleep(0.02)
    return PlainTextResponse("hello")


async def _take(request: Request) -> Response:
    bodies = Bodies(1_000_000)
    try:
        return PlainTextResponse(str(len(await bodies.read(request))))
    except REFUSED as error:
        return refusal(error, bodies.largest)


async def _endless(_request: Request) -> Response:
    async def chunks():
        while True:
            await asyncio.sleep(0)
            yield b"x" * 65_536

    return StreamingResponse(chunks())


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.setattr(connections, "HEADER_SECONDS", SHORT)
    monkeypatch.setattr(connections, "WRITE_SECONDS", SHORT)
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen(100)
    routes = [Route("/", _hello), Route("/take", _take, methods=["POST"]), Route("/endless", _endless)]
    config = uvicorn.Config(
        Starlette(routes=routes),
        http=connections.bounded(MOST),
        ws="none",
        log_level="critical",
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


def opened(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=20)


def answer(connection: socket.socket) -> bytes:
    """Everything until the server closes."""
    found = b""
    try:
        while part := connection.recv(65_536):
            found += part
    except ConnectionResetError:
        pass
    return found


def said(port: int, request: bytes) -> bytes:
    with opened(port) as connection:
        connection.sendall(request)
        return answer(connection)


def hello(port: int) -> bool:
    return b"200 OK" in said(port, b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")


@pytest.mark.parametrize("start", [b"", b"GET", b"GET / HTTP/1.1\r\nhost: x\r\nx-a: "])
def test_headers_that_do_not_come_end_the_connection(start: bytes, port: int) -> None:
    with opened(port) as connection:
        connection.sendall(start)
        began = time.monotonic()
        assert answer(connection) == b""
        assert SHORT * 0.5 < time.monotonic() - began < 10


def test_headers_byte_by_byte_end_the_connection(port: int) -> None:
    sent = 0
    with opened(port) as connection:
        try:
            for byte in b"GET / HTTP/1.1\r\nhost: x\r\n" + b"x-a: b\r\n" * 1_000:
                sent += connection.send(bytes([byte]))
                time.sleep(0.01)
        except OSError:
            pass
    assert sent < 1_000
    assert hello(port)


def test_the_next_request_on_a_connection_has_its_time_too(port: int) -> None:
    with opened(port) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        assert b"hello" in connection.recv(65_536)
        connection.sendall(b"GET / HT")
        assert answer(connection) == b""


def test_a_body_longer_in_coming_than_headers_may_be_is_waited_for(port: int) -> None:
    with opened(port) as connection:
        connection.sendall(b"POST /take HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 8\r\n\r\n")
        for _ in range(8):
            time.sleep(SHORT / 4)
            connection.sendall(b"x")
        assert answer(connection).endswith(b"8")


def test_endless_headers_end_the_connection(port: int) -> None:
    with opened(port) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nhost: x\r\n")
        try:
            for _ in range(2_000):
                connection.sendall(b"x-a: " + b"b" * 1_000 + b"\r\n")
        except OSError:
            pass
        assert b"200 OK" not in answer(connection)
    assert hello(port)


def test_an_answer_that_nobody_reads_ends(port: int) -> None:
    with opened(port) as connection:
        connection.sendall(b"GET /endless HTTP/1.1\r\nhost: x\r\n\r\n")
        time.sleep(SHORT * 3)
        connection.settimeout(5)
        assert len(answer(connection)) > 0  # what the system held; then the end, where an endless answer has none


def test_requests_far_ahead_of_their_answers_end_the_connection(port: int) -> None:
    one = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"
    last = one.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n")
    assert said(port, one * 9 + last).count(b"200 OK") == 10
    assert said(port, one * 2_000).count(b"200 OK") < 50
    assert hello(port)


def test_connections_are_bounded_and_room_comes_back(port: int) -> None:
    silent = [opened(port) for _ in range(MOST + 20)]
    time.sleep(SHORT / 4)
    shut = 0
    for connection in silent:
        connection.setblocking(False)
        try:
            shut += connection.recv(1) == b""
        except BlockingIOError:
            continue
        except ConnectionResetError:
            shut += 1
    assert shut >= 20
    time.sleep(SHORT * 2)
    assert hello(port)
    for connection in silent:
        connection.close()


LYING = {
    "negative": b"content-length: -1\r\n\r\n",
    "garbage": b"content-length: twelve\r\n\r\n",
    "empty": b"content-length: \r\n\r\n",
    "signed": b"content-length: +5\r\n\r\nhello",
    "hexadecimal": b"content-length: 0x5\r\n\r\nhello",
    "endless": b"content-length: " + b"9" * 400 + b"\r\n\r\n",
    "two": b"content-length: 5\r\ncontent-length: 6\r\n\r\nhello!",
    "listed": b"content-length: 5, 5\r\n\r\nhello",
    "both": b"content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /hidden HTTP/1.1\r\n\r\n",
    "hidden coding": b"transfer-encoding : chunked\r\n\r\n0\r\n\r\n",
    "other coding": b"transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "chunk of no size": b"transfer-encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n",
    "negative chunk": b"transfer-encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n",
    "endless chunk": b"transfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\nhello\r\n0\r\n\r\n",
    "length in a trailer": b"transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\ncontent-length: 99\r\n\r\n",
    "nul in a value": b"x-a: b\x00c\r\ncontent-length: 5\r\n\r\nhello",
    "folded": b"x-a: b\r\n c\x01: d\r\n\r\n",
}


@pytest.mark.parametrize("name", LYING)
def test_lengths_and_codings_that_lie_are_400_and_hide_no_request(name: str, port: int) -> None:
    found = said(port, b"POST /take HTTP/1.1\r\nhost: x\r\nconnection: close\r\n" + LYING[name])
    assert found.startswith(b"HTTP/1.1 400"), found[:200]
    assert found.count(b"HTTP/1.1") == 1
    assert hello(port)


def test_too_much_is_413_with_and_without_a_length(port: int) -> None:
    with opened(port) as connection:
        connection.sendall(b"POST /take HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 99999999\r\n\r\n")
        assert answer(connection).startswith(b"HTTP/1.1 413")
    chunk = b"10000\r\n" + b"x" * 65_536 + b"\r\n"
    with opened(port) as connection:
        connection.sendall(b"POST /take HTTP/1.1\r\nhost: x\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n")
        try:
            for _ in range(40):
                connection.sendall(chunk)
        except OSError:
            pass
        assert b"413" in answer(connection)[:20] or hello(port)


def test_chunks_with_trailers_are_one_body(port: int) -> None:
    body = b"5;name=value\r\nhello\r\n0\r\nx-trailer: y\r\n\r\n"
    head = b"POST /take HTTP/1.1\r\nhost: x\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n"
    found = said(port, head + body)
    assert found.endswith(b"5"), found


@pytest.mark.parametrize("line", [b"CONNECT x:1 HTTP/1.1", b"PRI * HTTP/2.0", b"GET /\xff HTTP/1.1", b"\x16\x03\x01"])
def test_what_is_no_request_is_400(line: bytes, port: int) -> None:
    assert said(port, line + b"\r\nhost: x\r\nconnection: close\r\n\r\n").startswith(b"HTTP/1.1 400")
    assert hello(port)


def test_the_limit_of_open_files_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    try:
        room = connections.raise_limit()
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (hard, hard)
        assert connections.NEEDED <= room <= max(connections.NEEDED, hard)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
