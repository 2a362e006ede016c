"""Files that are brought in from the browser: kept until they are in, looked at, then read in the background."""

import json
import os
import re
import shutil
import threading
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from heedful.errors import BadSettings, HeedfulError, NotFound, TryLater
from heedful.intake.bring import bring
from heedful.intake.files import Plan, inspect, read
from heedful.store import uploads
from heedful.store.place import Place

CHUNK = 1_000_000
MOST_KEPT = 50
NAME_LENGTH = 120


@dataclass(frozen=True)
class Import:
    """One file: what it is taken as, what was corrected, and how far it is.

    `state` is waiting (for somebody to look at it), running, stopped (the server ended meanwhile), failed or done;
    `part` is how much of the file has been read, 0 to 1.
    """

    id: str
    name: str
    at: str
    by: str
    table: str = "message"
    channel: str | None = None
    source: str = ""
    mapping: Mapping[str, str] = field(default_factory=dict)
    state: str = "waiting"
    part: float = 0.0
    problem: str | None = None


class Imports:
    """The files of one workspace; what a running one has read is in the journal, so that it may be begun again."""

    def __init__(self, place: Place) -> None:
        """See what is there; one that was running when the server ended has stopped."""
        self._place = place
        self._lock = threading.Lock()
        self._found: dict[str, Import] = {}
        for folder in uploads.folders(place.data):
            if (known := _recorded(uploads.record(folder))) is None:  # cut short by a crash: whose it was, nobody knows
                shutil.rmtree(folder, ignore_errors=True)
            else:
                self._found[known.id] = replace(known, state="stopped") if known.state == "running" else known

    def all(self) -> list[Import]:
        """Every import that is remembered, the latest first."""
        return sorted(self._found.values(), key=lambda one: one.at, reverse=True)

    def get(self, id: str) -> Import:
        """One of them."""
        if id not in self._found:
            raise NotFound(f"there is no import {id[:40]!r}: bring the file in again")
        return self._found[id]

    def keep(self, name: str, content: BinaryIO, by: str, now: datetime, *, table: str) -> Import:
        """Keep a file that was sent; nothing of it is read yet."""
        made = Import(uuid.uuid4().hex, _shown(name), now.isoformat(timespec="seconds"), by, table)
        folder = self._folder(made.id)
        with self._free():
            folder.mkdir(parents=True, mode=0o700)
            try:
                with uploads.content(folder, made.name).open("wb") as file:
                    shutil.copyfileobj(content, file, CHUNK)
                self._note(made)
            except OSError as error:
                shutil.rmtree(folder, ignore_errors=True)
                raise TryLater(f"the file could not be kept, the disk said: {error}", after=60) from None
        for old in self.all()[MOST_KEPT:]:
            if old.state != "running":
                self.drop(old.id)
        return made

    def look(self, one: Import) -> Plan:
        """What a file seems to hold; BadSettings where it or a correction does not fit."""
        path, zone = uploads.content(self._folder(one.id), one.name), self._place.settings.time_zone
        if not path.is_file():
            raise NotFound(f"{one.name} is no longer kept: bring it in again")
        source = one.source or one.name.partition(".")[0]
        try:
            return inspect(path, one.table, mapping=one.mapping, channel=one.channel, source=source, zone=zone)
        except BadSettings as error:
            raise BadSettings(_plainly(error, path)) from None

    def change(self, one: Import) -> None:
        """Remember what was corrected."""
        self._note(one)

    def begin(self, one: Import) -> None:
        """Read the file in the background; what cannot be read goes to quarantine."""
        plan = self.look(one)
        with self._free():
            if self.get(one.id).state == "running":
                raise BadSettings(f"{one.name} is being read already")
            self._note(replace(one, state="running", part=0.0, problem=None))
        threading.Thread(target=self._run, args=(one.id, plan), name="import", daemon=True).start()

    def drop(self, id: str) -> None:
        """Forget a file and what is known of its import; records that were taken stay."""
        if self.get(id).state == "running":
            raise BadSettings("it is being read: wait until it is done")
        shutil.rmtree(self._folder(id), ignore_errors=True)
        self._found.pop(id, None)

    @contextmanager
    def held(self) -> Iterator[None]:
        """In the block no file is kept or begun; TryLater where one is being read."""
        with self._free():
            if running := [one.name for one in self.all() if one.state == "running"]:
                raise TryLater(f"{running[0]} is being brought in: try again when that is done", after=10)
            yield

    @contextmanager
    def _free(self) -> Iterator[None]:
        if not self._lock.acquire(timeout=5):
            raise TryLater("another file is being kept, or somebody is being erased: try again", after=10)
        try:
            yield
        finally:
            self._lock.release()

    def _run(self, id: str, plan: Plan) -> None:
        def told(part: float) -> None:
            self._found[id] = replace(self._found[id], part=part)

        journal = self._place.journal()
        try:
            bring(
                read(plan),
                journal,
                table=plan.table,
                source=plan.source,
                import_id=id,
                name=self._found[id].name,
                backlog_bytes=self._place.settings.backlog_bytes,
                read_as=plan.read_as,
                told=told,
            )
        except (HeedfulError, OSError) as error:
            self._found[id] = replace(self._found[id], state="failed", problem=_plainly(error, plan.path))
            with suppress(OSError):  # a full disk; it is remembered until the server ends
                self._note(self._found[id])
            return
        finally:
            journal.close()
        plan.path.unlink(missing_ok=True)
        self._note(replace(self._found[id], state="done", part=1.0))

    def _folder(self, id: str) -> Path:
        return uploads.folder(self._place.data, id)

    def _note(self, one: Import) -> None:
        """Remember it, here and on the disk."""
        path = uploads.record(self._folder(one.id))
        half = path.with_name(f"{path.name}.part")
        with half.open("w") as file:
            json.dump(asdict(one), file)
            file.flush()
            os.fsync(file.fileno())
        half.replace(path)
        self._found[one.id] = one


def _recorded(path: Path) -> Import | None:
    try:
        return Import(**json.loads(path.read_text()))
    except (OSError, ValueError, TypeError):
        return None


def _shown(name: str) -> str:
    """A file's name without a folder, as people know it."""
    last = re.split(r"[/\\]", name)[-1]
    shown = "".join(c for c in last if c.isprintable()).strip(" .")[-NAME_LENGTH:]
    if not shown:
        raise BadSettings("the file has no name: choose one such as reviews.csv")
    return shown


def _plainly(error: Exception, path: Path) -> str:
    """What went wrong, without where on the disk."""
    return str(error).replace(f"{path}: ", "").replace(str(path), "the file")
