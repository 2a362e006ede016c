"""`heedful serve`: the process that listens. It takes batches in itself and passes everything else to the worker.

It stays up while the worker restarts: what is taken in meanwhile is durable in the journal.
"""

import fcntl
import json
import os
import secrets
import signal
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import IO, Any

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from heedful.errors import BadSettings, TryLater
from heedful.server import connections, problem, take
from heedful.server.appender import Appender
from heedful.server.proxy import Proxy
from heedful.server.supervisor import Supervisor
from heedful.store.place import Place

LOOPBACK = ("127.0.0.1", "localhost", "[::1]", "::1")
SHUTDOWN_SECONDS = 10


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

    @property
    def sign_in(self) -> str:
        """A link that signs this machine's user in."""
        return f"{self.url}/sign-in?token={self.token}"


def serve(place: Place, address: Address, *, started: Callable[[Address], None], filling: bool = False) -> None:
    """Serve a workspace until a signal; while `filling`, it is ready only once the demo has left its mark."""
    held = _hold(place)
    listening = _listen(address)
    address = Address(address.host, listening.getsockname()[1], address.token)
    place.notice.unlink(missing_ok=True)
    _leave_notice(place, address)
    with tempfile.TemporaryDirectory(prefix="heedful-") as folder:
        socket = Path(folder) / "worker.sock"
        told = {"token": address.token, "wait": filling}
        proxy = Proxy(socket)
        app = front(place, Supervisor(place.folder, socket, told), proxy, local=address.host in LOOPBACK)
        config = uvicorn.Config(
            app,
            http=connections.bounded(connections.raise_limit()),
            ws="none",
            log_level="warning",
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


def front(place: Place, supervisor: Supervisor, proxy: Proxy, *, local: bool) -> Starlette:
    """The listening application."""
    appender = Appender(place.journal(), place.settings.backlog_bytes)
    keys = place.api_keys()
    checked = take.KeyCheck(lambda secret, scope: keys.check(secret, scope).name)
    limits = {"body_bytes": place.settings.body_bytes, "batch_records": place.settings.batch_records}

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        appender.start()
        async with supervisor.running():
            yield
        await proxy.close()
        appender.stop()

    taking = take.routes(appender, checked, **limits)
    posts = [_beside(route, proxy) for route in taking]
    app = Starlette(routes=[Route("/healthz", _alive), *posts], lifespan=lifespan)
    app.router.default = proxy
    app.add_exception_handler(HTTPException, _wrong)
    if local:
        app.add_middleware(LocalHost)
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


class LocalHost:
    """Refuses other Host names on a loopback address, so that a web page elsewhere cannot read through it."""

    def __init__(self, app: Any) -> None:
        """Wrap the application."""
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Look at the Host header."""
        if scope["type"] == "http":
            host = next((v.decode("latin-1") for k, v in scope["headers"] if k == b"host"), "")
            if host.rpartition(":")[0].strip("[]") not in LOOPBACK and host.strip("[]") not in LOOPBACK:
                refused = problem.problem(421, "Wrong host", f"{host!r} is not this machine's own name: use 127.0.0.1")
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


def _listen(address: Address) -> Any:
    import socket

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
    notice = {"pid": str(os.getpid()), "url": address.url, "token": address.token}
    descriptor = os.open(place.notice, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(notice, file)
