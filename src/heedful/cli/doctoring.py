"""`heedful doctor`: what is wrong with a workspace, and what to do."""

import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from heedful.cli.options import AsJson, Folder, folder_of, print_json

if TYPE_CHECKING:
    from heedful.settings import Settings
    from heedful.store.checks import Finding
    from heedful.store.place import Place


def doctor(folder: Folder = None, as_json: AsJson = False) -> None:
    """Look whether all is well.

    One line for each thing, with what to do where something is wrong; ends with 1 then. A server may run or not.
    """
    wrong = 0
    for one in _findings(folder_of(folder), time.time()):
        wrong += not one.well
        if as_json:
            print_json(asdict(one))
        else:
            typer.echo(f"{'ok   ' if one.well else 'WRONG'}  {one.name}: {one.found}")
            if one.do:
                typer.echo(f"       {one.do}")
    if wrong:
        raise typer.Exit(1)


def _findings(folder: Path, now: float) -> Iterator["Finding"]:
    from heedful.errors import BadSettings
    from heedful.store import checks
    from heedful.store.place import Place

    try:
        place = Place.at(folder)
    except BadSettings as error:
        yield checks.Finding("settings", False, str(error), "correct it; nothing else can be looked at before")
        return
    running = place.running() is not None
    yield checks.Finding("settings", True, f"{folder / 'heedful.toml'} has no mistakes")
    yield checks.disk(place.data)
    yield checks.folder(place.data)
    yield from checks.databases(place.data)
    yield checks.secret(place)
    yield checks.journal(place, now, running=running)
    yield checks.clock(place, now)
    yield checks.leftovers(place, now)
    yield _keys(place)
    yield _models(place.settings)
    yield from _server(place) if running else _stopped(place)
    yield _backup(place, now)


def _keys(place: "Place") -> "Finding":
    import sqlite3
    from collections import Counter

    from heedful.store.checks import Finding

    try:
        scopes = Counter(key.scope for key in place.api_keys().list())
    except sqlite3.Error:
        return Finding("keys", True, "not looked at: their database is damaged")
    said = (
        ", ".join(f"{count} to {scope}" for scope, count in sorted(scopes.items())) or "none: no program can send yet"
    )
    return Finding("keys", True, said)


def _models(settings: "Settings") -> "Finding":
    """They load, and read a sentence."""
    import pyarrow as pa

    from heedful.errors import HeedfulError
    from heedful.language import many
    from heedful.language.own_folders import plans
    from heedful.store.checks import Finding

    try:
        own = plans(settings.models)
        many.read(pa.RecordBatch.from_pydict({"text": ["Thank you, that was quick."]}), own=settings.models)
    except (HeedfulError, OSError, RuntimeError) as error:
        return Finding("models", False, str(error), "install Heedful again, or correct [[models]] in heedful.toml")
    return Finding("models", True, f"those that ship and {len(own)} of your own read")


def _server(place: "Place") -> Iterator["Finding"]:
    """What the running server says of itself."""
    import httpx2

    from heedful.store.checks import Finding
    from heedful.workspace import to_own_server

    notice = place.running() or {}
    headers = {"authorization": f"Bearer {notice.get('token', '')}"}
    try:
        told = to_own_server("GET", f"{notice['url']}/readyz", timeout=10)
        if told.is_success:
            told = to_own_server("GET", f"{notice['url']}/v1/status", headers=headers, timeout=10)
    except (httpx2.TransportError, KeyError) as error:
        do = "look at its log, and start it again"
        yield Finding("server", False, f"it runs, and does not answer: {type(error).__name__}", do)
        return
    if not told.is_success:
        said = f"it answers {told.status_code}: {told.json().get('detail', '')}"
        yield Finding("server", False, said, "wait a minute; if it stays so, look at its log")
        return
    yield Finding("server", True, f"it is ready at {notice['url']} and owns the facts")
    yield _unread(told.json()["unread"])


def _stopped(place: "Place") -> Iterator["Finding"]:
    """Without a server the facts are looked at here."""
    from heedful.errors import BadSettings, TryLater
    from heedful.language import annotate
    from heedful.language.unread import unread
    from heedful.store import checks

    yield checks.Finding("server", True, "none runs on this workspace")
    try:
        found = checks.facts(place.data)
        yield found
        if found.well and (place.data / "heedful.duckdb").exists():
            store = place.store()
            waiting = len(unread(store, annotate.version(own=place.settings.models)))
            store.close()
            yield _unread(waiting)
    except BadSettings:
        return  # the models' finding says it
    except TryLater as error:
        yield checks.Finding("facts", False, str(error), "wait until it is done, and look again")


def _unread(count: int) -> "Finding":
    from heedful.store.checks import Finding

    return Finding("readings", True, f"{count:,} messages wait to be read" if count else "every message is read")


def _backup(place: "Place", now: float) -> "Finding":
    from heedful.store.backup.archive import last
    from heedful.store.checks import Finding

    made = last(place.data)
    said = "none was made yet: heedful backup FILE" if made is None else f"the last one is of {made.isoformat()}"
    days = 0 if made is None else int((now - made.timestamp()) / 86_400)
    return Finding("backup", True, f"{said}, {days} days ago" if days else said)
