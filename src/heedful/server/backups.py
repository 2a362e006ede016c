"""/v1/backups: have the databases copied at one moment, for `heedful backup` to pack.

The copy stays on this machine: what is answered is the name of its folder, and nothing of what is in it.
"""

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass, field
from functools import partial

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from heedful.errors import NotFound, TryLater
from heedful.server import problem
from heedful.server.desk import Desk
from heedful.store.backup import snapshot
from heedful.store.backup.snapshot import Snapshot
from heedful.store.erasures import Erasures

ANSWER_SECONDS = 10.0


@dataclass
class Backups:
    """One copy at a time; only this machine, or somebody with the right `manage`, may have one made."""

    desk: Desk
    erasures: Erasures
    _number: int = 0
    _made: "Future[Snapshot] | None" = None
    _asking: threading.Lock = field(default_factory=threading.Lock)
    _thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "backup"))

    def begin(self, request: Request) -> Response:
        """Begin a copy; TryLater while another is being made."""
        self._allowed(request)
        with self._asking:
            if self._made and not self._made.done():
                raise TryLater("a backup is being made: ask again when it is done", after=10)
            if self.erasures.under_way():
                raise TryLater("somebody is being erased: ask again when that is done", after=30)
            self._number += 1
            self._made = self._thread.submit(snapshot.take, self.desk.place.data, self.desk.store.still)
            return JSONResponse({"id": str(self._number)}, 202)

    def look(self, request: Request) -> Response:
        """Whether a copy is made, and then where; it waits some seconds for it."""
        self._allowed(request)
        return JSONResponse(self._told(request.path_params["id"]))

    def _told(self, id: str) -> dict[str, object]:
        if self._made is None or id != str(self._number):
            raise NotFound(f"there is no backup {id!r}: the server was started again since, or made another")
        try:
            made = self._made.result(ANSWER_SECONDS)
        except NotYet:
            return {"done": False}
        return {"done": True, "folder": made.folder.name, "schema": made.schema, "rows": made.rows}

    def _allowed(self, request: Request) -> None:
        if not self.desk.own(request):
            self.desk.viewer(request).must("manage")


def routes(desk: Desk, erasures: Erasures) -> list[Route]:
    """The two of them."""
    backups = Backups(desk, erasures)
    return [
        Route("/v1/backups", partial(problem.guarded, backups.begin), methods=["POST"]),
        Route("/v1/backups/{id}", partial(problem.guarded, backups.look), methods=["GET"]),
    ]
