"""Files that are brought in from the browser: kept until they are in, looked at, then read in the background."""

import json
import re
import shutil
import threading
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import BinaryIO

from heedful.errors import BadSettings, HeedfulError, NotFound
from heedful.intake.bring import bring
from heedful.intake.files import Plan, inspect, read
from heedful.intake.forget import UPLOAD_RECORD as RECORD
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
        self._place, self._folder = place, place.data / "uploads"
        self._lock = threading.Lock()
        self._found: dict[str, Import] = {}
        for path in sorted(self._folder.glob(f"*/{RECORD}")):
            known = Import(**json.loads(path.read_text()))
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
        made = Import(uuid.uuid4().hex, _plain(name), now.isoformat(timespec="seconds"), by, table)
        folder = self._folder / made.id
        folder.mkdir(parents=True, mode=0o700)
        with (folder / made.name).open("wb") as file:
            shutil.copyfileobj(content, file, CHUNK)
        self._note(made)
        for old in self.all()[MOST_KEPT:]:
            if old.state != "running":
                self.drop(old.id)
        return made

    def look(self, one: Import) -> Plan:
        """What a file seems to hold; BadSettings where it or a correction does not fit."""
        path, zone = self._folder / one.id / one.name, self._place.settings.time_zone
        if not path.is_file():
            raise NotFound(f"{one.name} is no longer kept: bring it in again")
        source = one.source or one.name.partition(".")[0]
        return inspect(path, one.table, mapping=one.mapping, channel=one.channel, source=source, zone=zone)

    def begin(self, one: Import) -> None:
        """Read the file in the background; what cannot be read goes to quarantine."""
        plan = self.look(one)
        with self._lock:
            if self.get(one.id).state == "running":
                raise BadSettings(f"{one.name} is being read already")
            self._note(replace(one, state="running", part=0.0, problem=None))
        threading.Thread(target=self._run, args=(one.id, plan), name="import", daemon=True).start()

    def drop(self, id: str) -> None:
        """Forget a file and what is known of its import; records that were taken stay."""
        if self.get(id).state == "running":
            raise BadSettings("it is being read: wait until it is done")
        shutil.rmtree(self._folder / id, ignore_errors=True)
        del self._found[id]

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
                name=plan.path.name,
                backlog_bytes=self._place.settings.backlog_bytes,
                told=told,
            )
        except (HeedfulError, OSError) as error:
            self._note(replace(self._found[id], state="failed", problem=str(error)))
            return
        finally:
            journal.close()
        plan.path.unlink(missing_ok=True)
        self._note(replace(self._found[id], state="done", part=1.0))

    def _note(self, one: Import) -> None:
        """Remember it, here and on the disk."""
        path = self._folder / one.id / RECORD
        half = path.with_suffix(".part")
        half.write_text(json.dumps(asdict(one)))
        half.replace(path)
        self._found[one.id] = one


def _plain(name: str) -> str:
    """A file's name without a folder, in characters that every file system takes; its ending stays."""
    last = re.split(r"[/\\]", name)[-1]
    plain = re.sub(r"[^\w .()+-]", "_", last).strip(" .")
    if not plain or plain == RECORD:
        raise BadSettings("the file has no name: choose one such as reviews.csv")
    stem, dot, ending = plain.partition(".")
    return f"{stem[: NAME_LENGTH - len(ending) - 1]}{dot}{ending}" if len(plain) > NAME_LENGTH else plain
