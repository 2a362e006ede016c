"""Pass requests for pages and questions on to the worker process, over a socket in the workspace's data folder."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from heedful.server import problem
from heedful.server.bodies import BODY_SECONDS, REFUSED, Bodies, TooLarge, announced, refusal
from heedful.server.supervisor import IDLE
from heedful.server.traffic import ROUTE

HOP = frozenset(
    "connection keep-alive proxy-authenticate proxy-authorization te trailer transfer-encoding upgrade "
    "content-length server date expect x-heedful-route".split()
)
ADDRESS, SCHEME = "heedful-address", "heedful-scheme"
"""What the worker is told of the connection that it does not see; nobody else can send these."""
LARGEST_BODY = 1_000_000
UPLOAD = ("POST", "/import")
UPLOADS, UPLOAD_SECONDS = 8, 1_800.0
"""Files that are sent at one time, and how long one may take."""
MOMENT = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="2"><title>One moment</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"></head>
<body><h1>One moment</h1><p>Heedful is starting. This page comes by itself.</p></body></html>
"""
PATIENCE = httpx2.Timeout(60, connect=2).as_dict()
LIMITS = httpx2.Limits(max_connections=1_000, keepalive_expiry=IDLE)


class Proxy:
    """One pool of connections to the worker."""

    def __init__(self, socket: Path, *, uploaded: int) -> None:
        """Nothing is connected before the first request; `closing` ends the streams that are open.

        A file that somebody sends from a page may have `uploaded` bytes.
        """
        self._uploaded, self._uploads = uploaded, 0
        self.closing = asyncio.Event()
        self._bodies = Bodies(LARGEST_BODY)
        # not a client: its cookie jar would give one person's session to everybody, and it adds headers of its own
        no_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # certificates would take 50 ms to load
        self._transport = httpx2.AsyncHTTPTransport(uds=str(socket), limits=LIMITS, verify=no_tls)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._transport.aclose()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what no route of the listening process is for."""
        answer = await self.pass_on(Request(scope, receive))
        await answer(scope, receive, send)

    async def pass_on(self, request: Request) -> Response:
        """The worker's answer, streamed; 503 while there is no worker."""
        if (request.method, request.url.path) == UPLOAD:
            return await self._upload(request)
        try:
            return await self._sent(request, await self._bodies.raw(request))
        except REFUSED as error:
            return refusal(error, LARGEST_BODY)

    async def _upload(self, request: Request) -> Response:
        """A file as it comes, from somebody who may open the page that takes it; few at a time, and not for ever."""
        if self._uploads >= UPLOADS:
            return problem.problem(429, "Try later", "other files are being sent: try again in a minute", after=60)
        self._uploads += 1
        try:
            allowed = await self._sent(request, b"", method="HEAD")
            if allowed.background:
                await allowed.background()  # nobody sends this answer on, which would let go of its connection
            if allowed.status_code != 200:
                return await self._sent(request, b"", method="GET")
            async with asyncio.timeout(UPLOAD_SECONDS):
                return await self._sent(request, _streamed(request, self._uploaded))
        except REFUSED as error:
            return refusal(error, self._uploaded)
        finally:
            self._uploads -= 1

    async def _sent(
        self, request: Request, body: bytes | AsyncIterator[bytes], *, method: str | None = None
    ) -> Response:
        url = httpx2.URL("http://worker", raw_path=_target(request))
        headers = [(k, v) for k, v in request.headers.raw if not _ours(k.decode("latin-1").lower())]
        headers.append((ADDRESS.encode(), (request.client.host if request.client else "unknown").encode()))
        headers.append((SCHEME.encode(), request.url.scheme.encode()))
        sent = httpx2.Request(
            method or request.method, url, headers=headers, content=body, extensions={"timeout": PATIENCE}
        )
        try:
            answer = await self._transport.handle_async_request(sent)
        except (httpx2.ConnectTimeout, httpx2.NetworkError, httpx2.RemoteProtocolError):
            return _starting(request)
        except httpx2.TimeoutException:
            return problem.problem(504, "Too slow", "the question took over a minute: ask for a shorter period")
        if answer.status_code == 503 and _wants_page(request):
            await answer.aclose()
            return _starting(request)
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


def _wants_page(request: Request) -> bool:
    return request.method == "GET" and "text/html" in request.headers.get("accept", "")


def _starting(request: Request) -> Response:
    """Nobody answers just now: a page that comes again by itself, or an error for programs."""
    if _wants_page(request):
        return HTMLResponse(MOMENT, 503, {"retry-after": "1", "cache-control": "no-store"})
    return problem.problem(503, "Starting", "Heedful is starting; ask again in a second", after=1)


def _streamed(request: Request, largest: int) -> AsyncIterator[bytes]:
    """A large body as it comes: nothing of it is kept here."""
    if announced(request) > largest:
        raise TooLarge

    async def chunks() -> AsyncIterator[bytes]:
        size, coming = 0, request.stream()
        while True:
            async with asyncio.timeout(BODY_SECONDS):
                chunk = await anext(coming, None)
            if chunk is None:
                return
            size += len(chunk)
            if size > largest:
                raise TooLarge
            yield chunk

    return chunks()


def _ours(header: str) -> bool:
    return header in HOP or header in (ADDRESS, SCHEME)


def _target(request: Request) -> bytes:
    """The path and query as they came: decoded, an escaped ? or / would mean another page."""
    query: bytes = request.scope["query_string"]
    path: bytes = request.scope["raw_path"]
    return path + b"?" + query if query else path


def _settled(part: "asyncio.Future[bytes | None]") -> None:
    """Look at how it ended, which asyncio complains of where nobody does: some end after the reader has left."""
    if not part.cancelled():
        part.exception()
