"""The demo's feeder process: history first, then live messages and events, as long as its parent runs."""

import os
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from heedful.cli.showing import MARK, filling, journal_history, mark_ready, put
from heedful.simulate import live
from heedful.store.journal import Journal
from heedful.store.place import Place


def main() -> None:
    """Run as `python -m heedful.cli.feed FOLDER`."""
    threading.Thread(target=_follow, daemon=True).start()
    place = Place.at(Path(sys.argv[1]))
    journal = place.journal()
    began = time.monotonic()
    if not (place.data / MARK).exists():
        journal_history(place, journal, _tell)
        while journal.backlog().records:
            time.sleep(0.1)
        mark_ready(place)
        sys.stderr.write(f"\r90 days are in after {time.monotonic() - began:.0f} seconds; now live.{' ' * 20}\n")
    _live(place, journal)


def _live(place: Place, journal: Journal) -> None:
    seed = filling(place).seed + int(time.time())
    for due, table, record in live(seed=seed, start=datetime.now(UTC)):
        wait = (due - datetime.now(UTC)).total_seconds()
        if wait > 0:
            time.sleep(wait)
        put(journal, table, [record])


def _tell(done: float) -> None:
    sys.stderr.write(f"\rFilling 90 days: {done:.0%} ")
    sys.stderr.flush()


def _follow() -> None:
    """End when the process that started this one is gone."""
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
