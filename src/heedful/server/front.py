"""`heedful serve`: the process that listens. It takes batches in itself and passes everything else to the worker.

It stays up while the worker restarts: what is taken in meanwhile is durable in the journal.
"""

import fcntl
import hmac
import json
import os
import secrets
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import IO, Any
from urllib.parse import urlsplit

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from heedful.errors import BadSettings, TryLater
from heedful.server import connections, hooks, listener, log, problem, take
from heedful.server.appender import Appender
from heedful.server.pace import Buckets, Pace
from heedful.server.proxy import Proxy
from heedful.server.scrape.front import Figures, Scrape
from heedful.server.supervisor import Supervisor
from heedful.server.traffic import Traffic
from heedful.store.place import Place

LOOPBACK = ("127.0.0.1", "localhost", "::1")
SHUTDOWN_SECONDS = 10
HANDED = 3
"""The descriptor of a socket that was handed over."""


@dataclass(frozen=True)
class Address:
    """Where a server listens, and the token that this machine's command line and first visitor show."""

    host: str
    port: int
    token: str

    @property
    def url(self) -> str:
        """The address of the first page."""
        return f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"

    def sign_in(self, *, accounts: bool) -> str:
        """Where one signs in; without any account, a link that lets this machine's user in."""
        return f"{self.url}/sign-in" if accounts else f"{self.url}/sign-in?token={self.token}"


def serve(place: Place, address: Address, *, started: Callable[[Address], None], filling: bool = False) -> None:
    """Serve a workspace until a signal; while `filling`, it is ready only once the demo has left its mark."""
    log.configure(place.settings.log, "front", terminal=sys.stderr.isatty())
    held = _hold(place)
    listening = _listen(address)
    host = listening.getsockname()[0] if _handed() else address.host
    address = Address(host, listening.getsockname()[1], address.token)
    place.notice.unlink(missing_ok=True)
    _leave_notice(place, address)
    _end_unnamed(place)
    with tempfile.TemporaryDirectory(prefix="heedful-") as folder:
        socket = Path(folder) / "worker.sock"
        told = {"token": address.token, "wait": filling}
        proxy = Proxy(socket, uploaded=place.settings.upload_bytes)
        app = front(place, Supervisor("worker", place.folder, told, socket), proxy, address)
        trusted = place.settings.trusted_proxies
        config = uvicorn.Config(
            app,
            proxy_headers=bool(trusted),
            forwarded_allow_ips=list(trusted),
            http=connections.bounded(connections.raise_limit()),
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_keep_alive=30,
            timeout_graceful_shutdown=SHUTDOWN_SECONDS,
            backlog=4096,
        )
        started(address)
        for stop in (signal.SIGTERM, signal.SIGINT):  # uvicorn stops gracefully, then raises the signal once more
            signal.signal(stop, lambda *_: None)
        try:
            Server(config, proxy).run(sockets=[listening])
        finally:
            place.notice.unlink(missing_ok=True)
            listening.close()
            held.close()


class Server(uvicorn.Server):
    """Ends open streams when it is told to stop, so that it need not wait for them."""

    def __init__(self, config: uvicorn.Config, proxy: Proxy) -> None:
        """Keep what streams go through."""
        super().__init__(config)
        self._proxy = proxy

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop."""
        self._proxy.closing.set()
        super().handle_exit(sig, frame)


def front(place: Place, supervisor: Supervisor, proxy: Proxy, address: Address) -> Starlette:
    """The listening application."""
    appender = Appender(place.journal(), place.settings.backlog_bytes)
    keys = place.api_keys()
    checked = take.KeyCheck(lambda secret: keys.find(secret, datetime.now(UTC)))
    settings, own = place.settings, f"Bearer {address.token}"
    figures = Figures(appender.journal)
    supervisor.ended = figures.restarted
    scrape = Scrape(figures, proxy, address.token, settings.metrics_open, checked.reads)
    limits = {"body_bytes": settings.body_bytes, "batch_records": settings.batch_records}

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        appender.start()
        async with supervisor.running(), AsyncExitStack() as beside:
            if listener.needed(place):
                await beside.enter_async_context(Supervisor("listener", place.folder, {}).running())
            yield
        await proxy.close()
        appender.stop()

    taking = take.routes(appender, checked, figures, **limits)
    posts = [_beside(route, proxy) for route in taking]
    alone = [Route("/healthz", _alive), Route("/metrics", scrape.respond)]
    alone += hooks.routes(appender, settings.sources, body_bytes=settings.body_bytes)
    app = Starlette(routes=[*alone, *posts], lifespan=lifespan)
    app.router.default = proxy
    app.add_exception_handler(HTTPException, _wrong)
    app.add_middleware(
        Pace,
        addresses=Buckets(settings.address_per_second),
        keys=Buckets(settings.key_per_second),
        known=lambda header: hmac.compare_digest(header.encode("latin-1"), own.encode()) or checked.known(header),
    )
    public = urlsplit(settings.public_url or "").hostname
    if public or address.host in LOOPBACK:
        app.add_middleware(OwnHost, names=frozenset({*LOOPBACK, *([public] if public else [])}))
    app.add_middleware(Traffic, routes=app, logged=settings.log_requests and not settings.demo, count=figures.request)
    return app


def _beside(taking: Route, proxy: Proxy) -> Route:
    """POST is taken in here; other methods on the same path belong to the worker."""

    async def either(request: Request) -> Response:
        endpoint: Callable[[Request], Awaitable[Response]] = taking.endpoint
        return await (endpoint(request) if request.method == "POST" else proxy.pass_on(request))

    return Route(taking.path, either, methods=["POST", "GET", "HEAD"])


def _wrong(_request: Request, error: Exception) -> Response:
    """A method that a path does not know."""
    assert isinstance(error, HTTPException)
    answer = problem.problem(error.status_code, "This cannot be done here", error.detail)
    answer.headers.update(error.headers or {})
    return answer


async def _alive(_request: Request) -> Response:
    return PlainTextResponse("ok\n")


class OwnHost:
    """Refuses other Host names than this server's, so that a web page elsewhere cannot read through it."""

    def __init__(self, app: ASGIApp, *, names: frozenset[str]) -> None:
        """Wrap the application."""
        self._app, self._names = app, names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Look at the Host header."""
        if scope["type"] == "http":
            host = next((v.decode("latin-1") for k, v in scope["headers"] if k == b"host"), "")
            if not self._names & {host.rpartition(":")[0].strip("[]"), host.strip("[]")}:
                said = f"{host!r} is not this server's name: use 127.0.0.1 on this machine, or set public_url"
                refused = problem.problem(421, "Wrong host", said)
                await refused(scope, receive, send)
                return
        await self._app(scope, receive, send)


def token() -> str:
    """A fresh token."""
    return secrets.token_urlsafe(24)


def _hold(place: Place) -> IO[str]:
    """One server a workspace: the lock goes when the process does, however it ends."""
    lock = (place.data / "server.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        where = (place.running() or {}).get("url", "an address of its own")
        raise TryLater(f"a server is running on {place.folder} already, at {where}: stop it first") from None
    return lock


def _end_unnamed(place: Place) -> None:
    """Sessions that came by a printed link end with the server that printed it."""
    accounts = place.accounts()
    accounts.end_unnamed()
    accounts.close()


def _handed() -> bool:
    """Whether systemd, or whatever started this process, listens for it and hands the socket over: sd_listen_fds(3)."""
    return os.environ.get("LISTEN_PID") == str(os.getpid()) and os.environ.get("LISTEN_FDS") == "1"


def _listen(address: Address) -> Any:
    import socket

    if _handed():
        return socket.socket(fileno=HANDED)
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((address.host, address.port))
    except OSError as error:
        listening.close()
        raise BadSettings(
            f"cannot listen on {address.host}:{address.port} ({error.strerror}): take another with --port, 0 for any"
        ) from None
    return listening


def _leave_notice(place: Place, address: Address) -> None:
    """Tell the command line of this machine where the server is; only this user can read it."""
    folder = str(place.folder.resolve())  # a copy of a workspace must not speak to the server of the original
    notice = {"pid": str(os.getpid()), "url": address.url, "token": address.token, "folder": folder}
    descriptor = os.open(place.notice, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(notice, file)
