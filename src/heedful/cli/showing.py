"""The demo's workspace: made, filled with the simulated company's history, and fed live."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from heedful.errors import BadSettings
from heedful.settings import FILE
from heedful.store.place import Place, make

if TYPE_CHECKING:
    from heedful.store.journal import Journal

SEED = 20
DAYS = 90
MARK = "demo.ready"
BACKLOG_BYTES = 300_000_000


@dataclass(frozen=True)
class Filling:
    """What the demo's history is: fixed at its first start, so that a later one goes on from there."""

    seed: int
    end: datetime
    messages: int


def workspace(folder: Path, messages: int) -> Place:
    """The demo's workspace, made where it is not there yet; BadSettings where the folder holds another one."""
    from heedful.simulate import COMPANY, brands_toml

    if not (folder / FILE).exists():
        place = make(folder, name=COMPANY, brands=brands_toml(), demo=True)
        end = datetime.now(UTC).replace(microsecond=0)
        kept = {"seed": SEED, "end": end.isoformat(), "messages": messages}
        (place.data / "demo.json").write_text(json.dumps(kept))
        return place
    place = Place.at(folder)
    if not (place.data / "demo.json").exists():
        raise BadSettings(f"{folder} is a workspace with data of its own: give the demo another --workspace")
    return place


def filling(place: Place) -> Filling:
    """What this demo's history is."""
    kept = json.loads((place.data / "demo.json").read_text())
    return Filling(kept["seed"], datetime.fromisoformat(kept["end"]), kept["messages"])


def journal_history(place: Place, journal: "Journal", told: Callable[[float], None]) -> None:
    """Put the whole history through the door; records that are there already are not taken again."""
    from heedful.simulate import Ledger, history

    wanted, ledger = filling(place), Ledger()
    days = DAYS * 86400.0
    story = history(seed=wanted.seed, end=wanted.end, days=DAYS, messages=wanted.messages, ledger=ledger)
    for table, records in story:
        while journal.backlog().bytes > BACKLOG_BYTES:
            time.sleep(0.1)
        put(journal, table, records)
        last = records[-1].get("occurred_at")
        if isinstance(last, datetime):
            told(max(0.0, min(1.0, 1 - (wanted.end - last).total_seconds() / days)))
    ledger.write(place.folder / "truth")


def put(journal: "Journal", table: str, records: list[dict[str, object]]) -> None:
    """One batch through the door that HTTP intake uses."""
    import msgspec

    from heedful.intake.door import look

    looked = look(table, msgspec.json.encode(records), source="demo", most=len(records), import_id="demo")
    journal.append([looked.entry])


def mark_ready(place: Place) -> None:
    """Say that the history is stored: from now on the server is ready."""
    (place.data / MARK).touch()


def fill(place: Place) -> None:
    """Fill the workspace, read every message, and end."""
    import typer

    from heedful.language import annotate, many
    from heedful.language.unread import read_all, unread
    from heedful.workspace import Workspace

    opened = Workspace(place)
    with typer.progressbar(length=1000, label="90 days   ") as bar, opened.storing() as journal:
        journal_history(place, journal, lambda done: bar.update(int(done * 1000) - bar.pos))
    counts = opened.settle("demo", told=lambda _: None)
    mark_ready(place)
    own = place.settings.models
    version, read = annotate.version(own=own), partial(many.read, own=own)
    with opened.store() as store:
        waiting = unread(store, version)
        with typer.progressbar(length=len(waiting), label="Reading   ") as bar:
            read_all(store, waiting, version, read, bar.update, most=2000)
    typer.echo(f"{counts['taken']:,} records taken, {counts['already']:,} already there, {counts['quarantined']:,} bad")
    typer.echo(
        f"The workspace is {place.folder.resolve()}. Ask: heedful ask volume --by channel --workspace {place.folder}"
    )


@contextmanager
def feeding(place: Place) -> Iterator[None]:
    """A process of its own fills the workspace and goes on live, until the block ends."""
    command = [sys.executable, "-m", "heedful.cli.feed", str(place.folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True) as process:
        try:
            yield
        finally:
            process.terminate()


def open_when_ready(url: str) -> None:
    """Open the first page in a browser, once it can be shown."""
    import threading
    import webbrowser

    def wait() -> None:
        import httpx2

        from heedful.workspace import to_own_server

        for _ in range(600):
            time.sleep(0.5)
            try:
                if to_own_server("GET", f"{url}/readyz", timeout=5).is_success:
                    break
            except httpx2.TransportError:
                continue
        webbrowser.open(url)

    threading.Thread(target=wait, daemon=True).start()
