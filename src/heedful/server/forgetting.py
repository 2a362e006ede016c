"""Erasing people over HTTP: POST /v1/people/forget, GET /v1/receipts, and what a worker does meanwhile.

A worker that erased somebody still has them in memory: in answers it kept, in lists of what waits. So it answers
nobody else any more, ends, and is started anew. The new one writes the files anew while it answers questions, and
ends once more, so that the copy of the facts is put in place before anybody opens it.
"""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from heedful.errors import BadSettings
from heedful.intake.forget import Forgetting, may_erase
from heedful.privacy.viewer import Viewer
from heedful.server import problem
from heedful.server.desk import Desk
from heedful.server.imports import Imports
from heedful.server.keeping import Keeping
from heedful.store.erasures import Receipt

MOST = 100
"""People in one request."""
AGAIN_SECONDS = 10.0
ANSWER_SECONDS = 0.2
"""So long after the answer the worker ends."""


class Asked(msgspec.Struct, forbid_unknown_fields=True):
    """Whom to forget; `dry`: only say how much there is of them."""

    person: Annotated[list[str], msgspec.Meta(min_length=1, max_length=MOST)]
    dry: bool = False


@dataclass
class Leaving:
    """Whether this worker is to be started anew; from then on it answers nobody."""

    _begun: threading.Event = field(default_factory=threading.Event)

    @property
    def begun(self) -> bool:
        """Whether it is on its way out."""
        return self._begun.is_set()

    def begin(self) -> None:
        """Answer nobody any more."""
        self._begun.set()

    def stay(self) -> None:
        """Answer everybody again: nothing was erased."""
        self._begun.clear()

    def end(self) -> None:
        """Close everything and end the process."""
        os.kill(os.getpid(), signal.SIGTERM)


class Closed:
    """Answers 503 to whoever comes once the worker is leaving."""

    def __init__(self, app: Any, leaving: Leaving) -> None:
        """Wrap the application."""
        self._app, self._leaving = app, leaving

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Let through, or not."""
        if scope["type"] == "http" and self._leaving.begun:
            said = "somebody is being erased; ask again in a few seconds"
            await problem.problem(503, "Starting anew", said, after=2)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def routes(desk: Desk, erasing: "Erasing") -> list[Route]:
    """The two addresses."""
    api = Api(desk, erasing)
    return [
        Route("/v1/people/forget", api.forget, methods=["POST"]),
        Route("/v1/receipts", api.receipts, methods=["GET"]),
    ]


@dataclass(frozen=True)
class Erasing:
    """Erasing people from a worker that goes on taking in: for the API and the page."""

    people: Forgetting
    keeping: Keeping
    leaving: Leaving
    imports: Imports

    def preview(self, people: Sequence[str], viewer: Viewer, now: datetime) -> dict[str, int]:
        """How much there is of people, by kind."""
        return self.people.preview(people, viewer, now)

    def receipts(self, viewer: Viewer) -> list[Receipt]:
        """Every receipt, newest first."""
        return self.people.receipts(viewer)

    def forget(self, people: Sequence[str], viewer: Viewer, now: datetime) -> Receipt:
        """Erase people; when it returns, nobody can see them, and the worker is about to be started anew."""
        viewer.must("forget")
        self.people.ready()
        with self.imports.held(), self.keeping.held(), self._closed():
            receipt = self.people.forget(people, viewer, now)
        threading.Timer(ANSWER_SECONDS, self.leaving.end).start()
        return receipt

    @contextmanager
    def _closed(self) -> Iterator[None]:
        """Nobody is answered in the block, nor after it where an erasure has begun in it."""
        self.leaving.begin()
        try:
            yield
        except BaseException:
            if self.people.erasures.under_way():
                self.leaving.end()  # the next worker goes on with it
            else:
                self.leaving.stay()
            raise


def start(people: Forgetting, keeping: Keeping, leaving: Leaving) -> None:
    """Begin to keep everything up to date, and go on with an erasure that is under way.

    One that was interrupted while people could still be seen comes first: nobody is answered until it is over.
    """
    work = people.erasures.under_way()
    if work and work.phase == "asked":
        leaving.begin()
        threading.Thread(target=_again, args=(people.resume, leaving), name="erase", daemon=True).start()
        return
    keeping.start()
    if work and work.phase == "erased":

        def compact() -> None:
            with keeping.held():
                people.compact()
                leaving.begin()
                leaving.end()
                threading.Event().wait()  # nothing more may be stored until the process has ended

        threading.Thread(target=_again, args=(compact, leaving), name="compact", daemon=True).start()


def _again(step: Callable[[], object], leaving: Leaving) -> None:
    """Do it and leave, to be started anew; whatever stands in its way is told, and it is tried again."""
    log = structlog.get_logger()
    while True:
        try:
            step()
            return leaving.end()
        except Exception as error:
            log.exception("the erasure under way waits", seconds=AGAIN_SECONDS, error=type(error).__name__)
            time.sleep(AGAIN_SECONDS)


@dataclass(frozen=True)
class Api:
    """The endpoints."""

    desk: Desk
    erasing: Erasing

    async def forget(self, request: Request) -> Response:
        """Say how much there is of people, or erase them: the answer comes when nobody can see them any more."""
        return await problem.guarded(self._forget, request, await request.body())

    async def receipts(self, request: Request) -> Response:
        """Every receipt, newest first."""
        return await problem.guarded(self._receipts, request)

    def _forget(self, request: Request, body: bytes) -> Response:
        viewer, now = self.desk.viewer(request), datetime.now(UTC)
        may_erase(viewer)
        try:
            asked = msgspec.json.decode(body, type=Asked)
        except msgspec.DecodeError as error:
            raise BadSettings(f'send {{"person": ["..."]}}, and "dry": true to see what would go: {error}') from None
        if asked.dry:
            return JSONResponse(self.erasing.preview(asked.person, viewer, now))
        return JSONResponse(asdict(self.erasing.forget(asked.person, viewer, now)))

    def _receipts(self, request: Request) -> Response:
        return JSONResponse([asdict(one) for one in self.erasing.receipts(self.desk.viewer(request))])
