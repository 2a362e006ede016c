"""POST /v1/hooks/{name}: what other systems send by themselves, proved by its signature, through the one door."""

import time
from collections.abc import Sequence

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from heedful.errors import BadRecord, BadSettings, NotAllowed, NotFound
from heedful.schedule.intake import counts, entries
from heedful.server import problem
from heedful.server.appender import Appender
from heedful.server.bodies import REFUSED, Bodies, refusal
from heedful.settings import Listened
from heedful.sources import Sent, load, pushed
from heedful.sources._each import ODD
from heedful.store.journal import Entry

PATH = "/v1/hooks/{name}"


def routes(appender: Appender, sources: Sequence[Listened], *, body_bytes: int) -> list[Route]:
    """One route for every source that is sent to."""
    bodies = Bodies(body_bytes)

    async def take(request: Request) -> Response:
        return await _take(request, appender, sources, bodies)

    async def greet(request: Request) -> Response:
        return _greet(request, sources)

    return [
        Route(PATH, take, methods=["POST"], name="take a hook"),
        Route(PATH, greet, methods=["GET"], name="greet a hook"),
    ]


async def _take(request: Request, appender: Appender, sources: Sequence[Listened], bodies: Bodies) -> Response:
    """Durable before it is answered; sent again, it changes nothing."""
    try:
        one = pushed(sources, request.path_params["name"])
    except NotFound as error:
        return problem.of(error)
    try:
        body = await bodies.raw(request)
        headers = {name.lower(): text for name, text in request.headers.items()}
        made = await run_in_threadpool(_made, one, Sent(headers, body, time.time()))
        for entry in made:
            await appender.append(entry)
    except NotAllowed as error:
        return problem.of(error, status=401)
    except BadSettings:  # such as a secret that is not there: nobody outside need know which
        return _unready()
    except REFUSED as error:
        return refusal(error, bodies.largest)
    told = counts(made)
    status = 422 if told["bad"] and not told["records"] and not told["gone"] else 202
    return JSONResponse({"accepted": told["records"], "gone": told["gone"], "quarantined": told["bad"]}, status)


def _unready() -> Response:
    return problem.problem(503, "Not ready", "this source's settings are not complete")


def _made(one: Listened, sent: Sent) -> list[Entry]:
    try:
        return entries(one.name, load(one.kind).take(one.settings, sent))
    except ODD as error:
        raise BadRecord(f"the body is of another shape than documented: {type(error).__name__}") from None


def _greet(request: Request, sources: Sequence[Listened]) -> Response:
    """What some senders ask for before they send: a word that they gave, given back to who knows the other word."""
    try:
        one = pushed(sources, request.path_params["name"])
        greet = getattr(load(one.kind), "greet", None)
        if greet is None:
            raise NotFound("nothing listens here")
        return PlainTextResponse(greet(one.settings, dict(request.query_params)))
    except (NotFound, NotAllowed, BadRecord) as error:
        return problem.of(error)
    except BadSettings:
        return _unready()
