"""Each request by the route it took: how it ended and how long it took, logged in one line and counted.

A request has an id. The front makes it, or takes the client's where that is a UUID, passes it on to the worker and
gives it back in `X-Request-ID`. The worker names its routes to the front in `X-Heedful-Route`.
"""

import re
import secrets
import time
from collections.abc import Callable
from typing import Any

import structlog
from starlette.applications import Starlette
from starlette.datastructures import Headers, MutableHeaders
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ID, ROUTE = "x-request-id", "x-heedful-route"
HEADER = ID.encode()
WELL_FORMED = re.compile(r"[0-9a-fA-F]{32}|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
"""A UUID: long enough that nothing about a person fits it by chance."""
METHODS = frozenset("GET HEAD POST PUT PATCH DELETE OPTIONS".split())
NO_ROUTE, UNFINISHED = "(none)", 499
Count = Callable[[str, str, int, float], None]
"""Takes in method, route, status and seconds of one request."""


class Traffic:
    """Stands around an application; `inside` says that its answers go to the front, which wants to know the route."""

    def __init__(
        self, app: ASGIApp, *, routes: Starlette, logged: bool, count: Count | None = None, inside: bool = False
    ) -> None:
        """Know the routes of an application by their endpoints."""
        self._app = app
        self._paths = routes.routes
        self._templates: dict[Any, str] = {}
        self._logged, self._count, self._inside = logged, count, inside
        self._log = structlog.get_logger()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and note how it ended."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), UNFINISHED
        id = _identified(scope)

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers[ID] = id
                if self._inside:
                    headers[ROUTE] = self._route(scope)
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except Exception:
            status = 500
            raise
        finally:
            self._note(scope, id, status, time.perf_counter() - began)

    def _note(self, scope: Scope, id: str, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in METHODS else "other"
        route = self._route(scope)
        if self._count:
            self._count(method, route, status, seconds)
        if self._logged:
            shown = {"method": method, "route": route, "status": status, "ms": round(1000 * seconds, 1)}
            self._log.info("request", id=id, **shown, who=_who(scope))

    def _route(self, scope: Scope) -> str:
        """The template of the route that was taken: never the path itself."""
        if told := scope.get(ROUTE):
            return str(told)
        if not self._templates:
            self._templates = {route.endpoint: route.path for route in self._paths if isinstance(route, Route)}
        return self._templates.get(scope.get("endpoint"), NO_ROUTE)


def _identified(scope: Scope) -> str:
    """The id of a request, which its headers bear from here on."""
    given = next((value.decode("latin-1") for name, value in scope["headers"] if name == HEADER), "")
    id = given if WELL_FORMED.fullmatch(given) else secrets.token_hex(16)
    others = [(name, value) for name, value in scope["headers"] if name != HEADER]
    scope["headers"] = [*others, (HEADER, id.encode())]
    return id


def _who(scope: Scope) -> str:
    """What kind of sign the request shows: never the sign itself, nor whether it is a good one."""
    headers = Headers(scope=scope)
    scheme, _, secret = headers.get("authorization", "").partition(" ")
    if scheme:
        return "key" if secret.startswith("hk_") or scheme.lower() == "basic" else "token"
    return "session" if "cookie" in headers else "nobody"
