"""Errors as problem+json (RFC 9457)."""

from collections.abc import Callable

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from heedful.errors import BadRecord, BadSettings, HeedfulError, NotAllowed, NotFound, TryLater


class SignInNeeded(NotAllowed):
    """Nobody is signed in."""


STATUS: tuple[tuple[type[HeedfulError], int, str], ...] = (
    (SignInNeeded, 401, "Sign in first"),
    (NotAllowed, 403, "Not allowed"),
    (NotFound, 404, "Not found"),
    (BadRecord, 422, "Bad record"),
    (BadSettings, 400, "Wrong request"),
    (TryLater, 429, "Try later"),
)


def problem(status: int, title: str, detail: str, **more: object) -> Response:
    """One error: what happened, with which thing, and what to do."""
    after = more.pop("after", None)
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}
    headers = {"retry-after": str(max(1, round(float(str(after)))))} if after is not None else {}
    if status == 401:
        headers["www-authenticate"] = "Bearer"
    return Response(msgspec.json.encode(body), status, headers, "application/problem+json")


def of(error: HeedfulError, *, status: int | None = None) -> Response:
    """The answer for one of our own errors."""
    found, title = next(((code, name) for kind, code, name in STATUS if isinstance(error, kind)), (500, "Server error"))
    after = {"after": error.after} if isinstance(error, TryLater) else {}
    return problem(status or found, title, str(error), **after)


async def guarded(endpoint: Callable[..., Response], *given: object) -> Response:
    """Answer in a thread; our own errors become problem+json."""
    try:
        return await run_in_threadpool(endpoint, *given)
    except HeedfulError as error:
        return of(error)
