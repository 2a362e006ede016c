"""What the listening process passes on stays with the one who asked: no session, no header reaches anybody else."""

import asyncio
import gc
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx2
import pytest
from starlette.requests import Request
from starlette.responses import Response

import over_http
from heedful.server.proxy import Proxy
from heedful.server.supervisor import IDLE
from heedful.server.worker import KEPT_ALIVE
from heedful.store.place import make
from serving import Serving, serving


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(make(tmp_path_factory.mktemp("front") / "workspace")) as running:
        yield running


PATHS = ("/", "/messages", "/index.json", "/v1/metrics/volume", "/v1/status")


def test_a_session_is_its_owners_alone(server: Serving) -> None:
    with over_http.Client(base_url=server.url) as signed_in:
        assert signed_in.get(f"/sign-in?token={server.token}").status_code == 303
        assert {path: signed_in.get(path).status_code for path in PATHS[:3]} == dict.fromkeys(PATHS[:3], 200)
        for path in PATHS:
            answer = over_http.get(server.url + path)
            assert (answer.status_code, "set-cookie" in answer.headers) == (401, False), path


def test_a_key_is_forgotten_with_its_request(server: Serving) -> None:
    assert server.get("/v1/metrics/volume").status_code == 200
    assert over_http.get(server.url + "/v1/metrics/volume").status_code == 401


def test_nothing_is_packed_that_was_not_asked_to_be(server: Serving) -> None:
    headers = {"authorization": f"Bearer {server.token}", "accept-encoding": "identity"}
    assert "content-encoding" not in over_http.get(server.url + "/", headers=headers).headers
    packed = over_http.get(server.url + "/", headers={**headers, "accept-encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    with over_http.Client() as bare:
        request = httpx2.Request("GET", server.url + "/", headers={"authorization": f"Bearer {server.token}"})
        assert "accept-encoding" not in request.headers
        assert "content-encoding" not in bare.send(request).headers


def test_nobody_sends_a_file_who_may_not_open_the_page(server: Serving) -> None:
    """The refusal comes before the file does: here it never comes."""
    host, _, port = server.url.removeprefix("http://").partition(":")
    head = f"POST /import HTTP/1.1\r\nHost: {host}:{port}\r\nOrigin: {server.url}\r\nTransfer-Encoding: chunked\r\n"
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(f"{head}Content-Type: multipart/form-data; boundary=x\r\n\r\n1\r\n-\r\n".encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 401 ")


def test_while_there_is_no_worker_a_page_comes_by_itself(tmp_path: Path) -> None:
    def ask(accept: bytes) -> Response:
        async def asked() -> Response:
            scope = {
                "type": "http",
                "method": "GET",
                "path": "/",
                "raw_path": b"/",
                "query_string": b"",
                "scheme": "http",
            }
            headers = {"headers": [(b"host", b"127.0.0.1"), (b"accept", accept)], "server": ("127.0.0.1", 1)}
            proxy = Proxy(tmp_path / "worker.sock", uploaded=1_000)

            async def nothing() -> dict[str, object]:
                return {"type": "http.request", "body": b"", "more_body": False}

            answer = await proxy.pass_on(Request({**scope, **headers}, nothing))
            await proxy.close()
            return answer

        return asyncio.run(asked())

    page, data = ask(b"text/html"), ask(b"application/json")
    assert page.status_code == data.status_code == 503
    assert b'http-equiv="refresh"' in page.body
    assert data.headers["content-type"] == "application/problem+json"


class _Cut(httpx2.AsyncByteStream):
    """A worker's answer whose connection breaks when it is let go of."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b"first"
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise httpx2.ReadError("cut off") from None


@pytest.mark.parametrize("ended_by", ["server", "reader"])
def test_a_stream_that_is_cut_off_at_the_end_says_nothing(tmp_path: Path, ended_by: str) -> None:
    """Neither a server that stops nor a reader that leaves makes a line in the log."""
    told: list[object] = []

    async def pass_on() -> list[bytes]:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))
        proxy = Proxy(tmp_path / "worker.sock", uploaded=1_000)
        parts = proxy._body(httpx2.Response(200, stream=_Cut()))
        seen = [await anext(parts)]
        if ended_by == "server":
            asyncio.get_running_loop().call_soon(proxy.closing.set)
            seen += [part async for part in parts]
        else:
            waiting = asyncio.ensure_future(anext(parts, b""))
            await asyncio.sleep(0)
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
        await proxy.close()
        for _ in range(3):
            await asyncio.sleep(0)
        gc.collect()
        return seen

    assert asyncio.run(pass_on()) == [b"first"]
    assert told == []


def test_the_worker_keeps_an_idle_connection_for_longer_than_it_is_used() -> None:
    """Otherwise it closes one now and then just as a question comes, which is then answered with 503."""
    assert KEPT_ALIVE > 2 * IDLE
