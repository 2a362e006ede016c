"""The worker process: it owns the database, drains the journal, reads messages, and answers pages and questions.

Run as `python -m heedful.server.worker FOLDER SOCKET`. It ends when its standard input does, that is
when the process that started it is gone.
"""

import json
import os
import signal
import sys
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import structlog
import uvicorn
from starlette.applications import Starlette

from heedful.errors import TryLater
from heedful.intake.drain import Drain
from heedful.intake.forget import Forgetting
from heedful.server import api, backups, correcting, forgetting, log, site, undoing, watching
from heedful.server.desk import Desk
from heedful.server.keeping import Keeping
from heedful.server.scrape import worker as scrape
from heedful.server.sign_in import SignIn
from heedful.server.supervisor import AGAIN, IDLE
from heedful.server.traffic import Traffic
from heedful.store.facts import Store
from heedful.store.place import Place
from heedful.store.search import Search

OPEN_SECONDS = 30.0

KEPT_ALIVE = round(6 * IDLE)
"""Seconds for which an idle connection of the front's stays open."""


@dataclass(frozen=True)
class Stores:
    """What the worker opens, and closes again."""

    place: Place
    store: Store
    search: Search

    def drain(self) -> Drain:
        """The worker behind the door."""
        place = self.place
        return Drain(place.journal(), self.store, place.identities(), place.keys, place.brands)


def main() -> None:
    """Run until standard input ends or a signal comes."""
    os.nice(5)  # taking in comes first: the front must not wait for what this process does
    folder, socket = Path(sys.argv[1]), sys.argv[2]
    told: dict[str, Any] = json.loads(sys.stdin.readline())
    place = Place.at(folder)
    log.configure(place.settings.log, "worker", terminal=sys.stderr.isatty())
    stores = Stores(place, _open(place), place.search())
    threading.excepthook = _end
    sys.excepthook = lambda _kind, error, _trace: structlog.get_logger().critical("ends", exc_info=error)
    leaving = forgetting.Leaving()
    app = application(stores, told["token"], wait=told["wait"], leaving=leaving)
    config = uvicorn.Config(
        app, uds=socket, log_config=None, access_log=False, timeout_graceful_shutdown=3, timeout_keep_alive=KEPT_ALIVE
    )
    server = uvicorn.Server(config)

    def watch() -> None:
        sys.stdin.read()
        server.should_exit = True
        time.sleep(10)
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()
    for stop in (signal.SIGTERM, signal.SIGINT):  # uvicorn stops gracefully, then raises the signal once more
        signal.signal(stop, lambda *_: None)
    server.run()
    sys.stderr.flush()
    # everything is closed; the interpreter's own end would only tell of the database's leftovers
    os._exit(AGAIN if leaving.begun else 0)


def application(stores: Stores, token: str, *, wait: bool, leaving: forgetting.Leaving | None = None) -> Starlette:
    """Pages, questions, and the threads that keep everything up to date; `leaving` tells when it is to start anew."""
    leaving = leaving or forgetting.Leaving()
    keeping = Keeping(stores.place, stores.store, stores.search, stores.drain())
    desk = Desk(stores.place, stores.store, stores.search, keeping, token)
    erasures = stores.place.erasures()
    people = Forgetting(stores.place, keeping.drain, stores.search, erasures)
    erasing = forgetting.Erasing(people, keeping, leaving, desk.imports)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        forgetting.start(people, keeping, leaving)
        yield
        keeping.stop()
        stores.search.close()
        erasures.close()
        stores.store.close()

    routes = [
        *api.routes(desk, keeping, wait=wait),
        *SignIn(desk).routes(),
        *forgetting.routes(desk, erasing),
        *undoing.routes(desk, keeping),
        *correcting.routes(desk),
        *watching.routes(desk),
        *backups.routes(desk, erasures),
        *scrape.routes(keeping, token),
        *site.routes(
            desk.asker,
            partial(desk.upkeep, erasing),
            settings=stores.place.settings,
            cache_folder=stores.place.data / "cache",
            position=stores.store.clock,
        ),
    ]
    app = Starlette(routes=routes, lifespan=lifespan)
    site.protect(app, stores.place.settings)
    settings = stores.place.settings
    app.add_middleware(forgetting.Closed, leaving=leaving)
    app.add_middleware(Traffic, routes=app, logged=settings.log_requests and not settings.demo, inside=True)
    return app


def _open(place: Place) -> Store:
    """The facts; a worker that was killed a moment ago may still hold them."""
    until = time.monotonic() + OPEN_SECONDS
    while True:
        try:
            return place.store()
        except TryLater:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


def _end(failure: threading.ExceptHookArgs) -> None:
    """A thread that keeps things up to date failed: end, and be started again, rather than go on half alive."""
    error = failure.exc_value or failure.exc_type()
    structlog.get_logger().critical("ends", thread=failure.thread and failure.thread.name, exc_info=error)
    sys.stderr.flush()
    os._exit(70)


if __name__ == "__main__":
    main()
