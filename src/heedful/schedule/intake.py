"""What a source said, through the one door: journaled, and only then is its cursor saved."""

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from heedful.errors import TryLater
from heedful.intake.door import look
from heedful.sources import Batch, Cursor
from heedful.store.journal import GONE, Bad, Entry, Journal
from heedful.store.listening import Listening

PAUSE = 0.5
"""Seconds between two looks at a backlog that is full."""


@dataclass(frozen=True)
class Door:
    """Takes what sources say; nothing while so many bytes wait to be stored."""

    journal: Journal
    listening: Listening
    backlog_bytes: int

    def take(self, name: str, batch: Batch, cursor: Cursor, stop: threading.Event) -> None:
        """Durable when it returns, and the source goes on from here. TryLater where the disk refuses, or all ends."""
        while self.journal.backlog().bytes > self.backlog_bytes:
            if stop.wait(PAUSE):
                raise TryLater("listening ends while too much waits to be stored")
        made = entries(name, batch)
        if made:
            self.journal.append(made)
        self.listening.heard(name, cursor, counts(made), time.time())


def entries(name: str, batch: Batch) -> list[Entry]:
    """What to journal of a batch: messages, those that are bad, and ids of those that are gone."""
    source = batch.source or name
    bad = [Bad(f"{name}", why, raw) for why, raw in batch.bad]
    found: list[Entry] = []
    if batch.messages:
        body = b"[" + b",".join(_encoded(message) for message in batch.messages) + b"]"
        found.append(look("message", body, source=source, most=len(batch.messages)).entry)
    if bad:
        found.append(Entry("message", source, "json", 0, b"[]", bad=tuple(bad)))
    if batch.gone:
        body = json.dumps(list(dict.fromkeys(batch.gone))).encode()
        found.append(Entry("message", source, GONE, len(batch.gone), body))
    return found


def counts(made: list[Entry]) -> dict[str, int]:
    """How many of each kind that is counted."""
    said = [entry for entry in made if entry.encoding != GONE]
    return {
        "reads": 1,
        "records": sum(entry.records for entry in said),
        "bad": sum(len(entry.bad) for entry in said),
        "gone": sum(entry.records for entry in made if entry.encoding == GONE),
    }


def _encoded(message: Mapping[str, Any]) -> bytes:
    return json.dumps(message, default=str).encode()
