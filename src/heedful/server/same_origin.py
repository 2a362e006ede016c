"""Refuses changes that another site's page asks for in the reader's name (CSRF).

A browser says where a request comes from (Sec-Fetch-Site, Origin). What carries a key carries no cookie, so that no
page elsewhere can send it.
"""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from heedful.server import problem

SAFE = ("GET", "HEAD", "OPTIONS")


class SameOrigin:
    """Lets a change through only from a page of this site, or with a key."""

    def __init__(self, app: ASGIApp, *, public_url: str | None = None) -> None:
        """Stand around an app; `public_url` is what browsers call it, where a proxy changes its name."""
        self._app, self._public = app, urlsplit(public_url or "").netloc

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Look at where a change comes from."""
        if scope["type"] == "http" and scope["method"] not in SAFE and not self._ours(Headers(scope=scope)):
            said = (
                "this form was sent from another site, or by a program without a key: open the page here and try again"
            )
            refused = problem.problem(403, "Another site", said)
            await refused(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _ours(self, headers: Headers) -> bool:
        if headers.get("authorization", "").lower().startswith("bearer "):  # which no browser adds by itself
            return True
        origin = headers.get("origin", "")
        host = urlsplit(origin).netloc
        if host:
            return host in (headers.get("host", ""), self._public)
        return headers.get("sec-fetch-site") == "same-origin"
