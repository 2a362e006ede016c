"""The process that listens: it runs the sources of a workspace while the server runs, so that no request waits for one.

Run as `python -m heedful.server.listener FOLDER`. It ends when its standard input does, that is when the process
that started it is gone.
"""

import os
import random
import signal
import sys
import threading
from pathlib import Path

import structlog

from heedful.errors import TryLater
from heedful.schedule.intake import Door
from heedful.schedule.lock import alone
from heedful.schedule.run import Running
from heedful.server import log
from heedful.sources import pulled
from heedful.store.place import Place

LOOK_AGAIN_SECONDS = 5.0
END_SECONDS = 2.0


def needed(place: Place) -> bool:
    """Whether a workspace has sources that are read."""
    return any(pulled(one.kind) for one in place.settings.sources)


def main() -> None:
    """Listen until standard input ends or a signal comes."""
    os.nice(5)  # taking in comes first
    place = Place.at(Path(sys.argv[1]))
    log.configure(place.settings.log, "listener", terminal=sys.stderr.isatty())
    stop = threading.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, lambda *_: stop.set())
    threading.Thread(target=_follow, args=(stop,), daemon=True).start()
    while not stop.is_set():
        try:
            with alone(place.data):
                _listen(place, stop)
        except TryLater as error:
            structlog.get_logger().warning("waits", seconds=LOOK_AGAIN_SECONDS, reason=str(error))
            stop.wait(LOOK_AGAIN_SECONDS)
    sys.stderr.flush()
    os._exit(0)  # what is cut off in the middle is read again


def _listen(place: Place, stop: threading.Event) -> None:
    door = Door(place.journal(), place.listening(), place.settings.backlog_bytes)
    running = Running(place.settings.sources, door, random.Random(), stop=stop)
    running.start()
    stop.wait()
    running.end(END_SECONDS)


def _follow(stop: threading.Event) -> None:
    sys.stdin.read()
    stop.set()


if __name__ == "__main__":
    main()
