"""Pass requests for pages and questions on to the worker process, over a socket in the workspace's data folder."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
from starlette.background import BackgroundTask
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse

from heedful.server import problem
from heedful.server.traffic import ROUTE

HOP = frozenset(
    "connection keep-alive proxy-authenticate proxy-authorization te trailer transfer-encoding upgrade "
    "content-length server date x-heedful-route".split()
)
ADDRESS, SCHEME = "heedful-address", "heedful-scheme"
"""What the worker is told of the connection that it does not see; nobody else can send these."""
LARGEST_BODY = 1_000_000
UPLOAD = ("POST", "/import")
PATIENCE = httpx2.Timeout(60, connect=2).as_dict()


class Proxy:
    """One pool of connections to the worker."""

    def __init__(self, socket: Path, *, uploaded: int) -> None:
        """Nothing is connected before the first request; `closing` ends the streams that are open.

        A file that somebody sends from a page may have `uploaded` bytes.
        """
        self._uploaded = uploaded
        self.closing = asyncio.Event()
        # not a client: its cookie jar would give one person's session to everybody, and it adds headers of its own
        self._transport = httpx2.AsyncHTTPTransport(uds=str(socket), limits=httpx2.Limits(max_connections=1000))

    async def close(self) -> None:
        """Let go of the connections."""
        await self._transport.aclose()

    async def pass_on(self, request: Request) -> Response:
        """The worker's answer, streamed; 503 while there is no worker."""
        largest = self._uploaded if (request.method, request.url.path) == UPLOAD else LARGEST_BODY
        if int(request.headers.get("content-length", "0") or 0) > largest:
            return problem.problem(413, "Too large", f"a request may hold {largest:,} bytes")
        url = httpx2.URL(scheme="http", host="worker", path=request.url.path, query=request.url.query.encode())
        headers = [(k, v) for k, v in request.headers.raw if not _ours(k.decode("latin-1").lower())]
        headers.append((ADDRESS.encode(), (request.client.host if request.client else "unknown").encode()))
        headers.append((SCHEME.encode(), request.url.scheme.encode()))
        body = None if request.method in ("GET", "HEAD") else _bounded(request, largest)
        sent = httpx2.Request(request.method, url, headers=headers, content=body, extensions={"timeout": PATIENCE})
        try:
            answer = await self._transport.handle_async_request(sent)
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.ReadError, httpx2.RemoteProtocolError):
            return problem.problem(503, "Starting", "Heedful is starting; ask again in a second", after=1)
        except _TooLarge:
            return problem.problem(413, "Too large", f"a request may hold {largest:,} bytes")
        except ClientDisconnect:
            return Response(status_code=400)
        except httpx2.TimeoutException:
            return problem.problem(504, "Too slow", "the question took over a minute: ask for a shorter period")
        request.scope[ROUTE] = answer.headers.get(ROUTE)
        kept = [(k.lower(), v) for k, v in answer.headers.raw if k.decode("latin-1").lower() not in HOP]
        response = StreamingResponse(self._body(answer), answer.status_code, background=BackgroundTask(answer.aclose))
        response.raw_headers = kept
        return response

    async def fetch(self, path: str, token: str) -> bytes | None:
        """What the worker answers to the front's own question; None while there is no worker."""
        headers = [("authorization", f"Bearer {token}"), ("host", "worker")]
        sent = httpx2.Request("GET", f"http://worker{path}", headers=headers, extensions={"timeout": PATIENCE})
        try:
            answer = await self._transport.handle_async_request(sent)
            body = await answer.aread()
        except httpx2.TransportError:
            return None
        return body if answer.is_success else None

    async def _body(self, answer: httpx2.Response) -> AsyncIterator[bytes]:
        """What the worker sends, until it ends or the server does."""
        chunks = answer.aiter_raw()
        ending = asyncio.ensure_future(self.closing.wait())
        try:
            while True:
                coming = asyncio.ensure_future(anext(chunks, None))
                coming.add_done_callback(_settled)
                await asyncio.wait({coming, ending}, return_when=asyncio.FIRST_COMPLETED)
                if not coming.done() or (chunk := coming.result()) is None:
                    return
                yield chunk
        except httpx2.HTTPError:
            return
        finally:
            ending.cancel()
            coming.cancel()


class _TooLarge(Exception):
    """More was sent than may be."""


async def _bounded(request: Request, largest: int) -> AsyncIterator[bytes]:
    """What is sent, as it comes: nothing of it is kept here."""
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > largest:
            raise _TooLarge
        yield chunk


def _ours(header: str) -> bool:
    return header in HOP or header in (ADDRESS, SCHEME)


def _settled(part: "asyncio.Future[bytes | None]") -> None:
    """Look at how it ended, which asyncio complains of where nobody does: some end after the reader has left."""
    if not part.cancelled():
        part.exception()
