"""`heedful listen`: run the sources that heedful.toml lists."""

import random
import signal
import sys
import threading
import time
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from heedful.cli.options import AsJson, Folder, print_json, workspace

if TYPE_CHECKING:
    from heedful.store.place import Place
    from heedful.workspace import Workspace

END_SECONDS = 2.0
LOOK_SECONDS = 0.5


def listen(
    once: Annotated[bool, typer.Option("--once", help="Read each source once, now, and end.")] = False,
    state: Annotated[bool, typer.Option("--state", help="Only tell how far each source has been read.")] = False,
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Listen to the sources that heedful.toml lists, until Ctrl-C.

    Each is read at its own time and goes on where it stopped. A running server listens by itself.
    """
    from heedful.errors import BadSettings, TryLater
    from heedful.schedule.lock import alone
    from heedful.server import log

    opened = workspace(folder)
    place = opened.place
    if state:
        _state(place, as_json)
        return
    if not place.settings.sources:
        raise BadSettings(
            f"{place.folder / 'heedful.toml'} lists no source: add a [[sources]] table with name, kind and what the "
            "kind needs; docs/how-to/listen.md shows some"
        )
    if notice := place.running():
        raise TryLater(f"the server at {notice['url']} listens to these sources already: `--state` tells how it goes")
    log.configure(place.settings.log, "listen", terminal=sys.stderr.isatty())  # to standard error, without values
    with alone(place.data):
        failed = _once(opened, as_json) if once else _for_ever(opened)
    if failed:
        raise typer.Exit(1)


def _once(opened: "Workspace", as_json: bool) -> bool:
    from heedful.schedule.intake import Door
    from heedful.schedule.run import Running

    place = opened.place
    listening = place.listening()
    with opened.storing() as journal:
        found = Running(place.settings.sources, Door(journal, listening, 10**15), random.Random()).once()
    listening.close()
    _state(place, as_json)
    return any(found.values())


def _for_ever(opened: "Workspace") -> bool:
    from heedful.schedule.intake import Door
    from heedful.schedule.run import Running

    place, stop = opened.place, threading.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, lambda *_: stop.set())

    def told(name: str, why: str | None) -> None:
        if why:
            typer.echo(f"{name}: {why}", err=True)

    listening = place.listening()
    typer.echo(f"Listening to {len(place.settings.sources)} source(s) of {place.folder}; Ctrl-C ends it.", err=True)
    with opened.storing() as journal:
        door = Door(journal, listening, place.settings.backlog_bytes)
        running = Running(place.settings.sources, door, random.Random(), told)
        running.start()
        while not stop.wait(LOOK_SECONDS) and not place.running():
            pass
        running.end(END_SECONDS)
    if not stop.is_set():
        typer.echo("A server has started: it listens from here on.", err=True)
    return False


def _state(place: "Place", as_json: bool) -> None:
    listening = place.listening()
    heard = listening.all()
    listening.close()
    if as_json:
        print_json([asdict(one) for one in heard])
        return
    now = time.time()
    for one in heard:
        well = "never" if one.well_at is None else f"{datetime.fromtimestamp(one.well_at, UTC):%Y-%m-%d %H:%M:%S} UTC"
        counts = f"{one.records:,} records, {one.gone:,} gone, {one.bad:,} bad"
        why = f"; failed {one.failures} time(s): {one.error}" if one.failures else ""
        then = f"; next {datetime.fromtimestamp(one.next_at, UTC):%Y-%m-%d %H:%M:%S} UTC" if one.next_at > now else ""
        typer.echo(f"{one.name}\t{one.kind}\t{counts}\tlast read {well}{why}{then}")
    if not heard:
        typer.echo("No source has been read yet.", err=True)
