"""What tests of sources stand on: a source read as it is in earnest, from a server on this machine."""

import random
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from heedful.intake.drain import Drain
from heedful.schedule.fetch import Politely
from heedful.schedule.gates import Gates
from heedful.schedule.intake import Door
from heedful.schedule.reach import Reach
from heedful.schedule.run import Running
from heedful.settings import Listened
from heedful.sources import Batch, Cursor, checked, load
from heedful.store.facts import Store
from heedful.store.place import Place

QUIET = 0.3
"""Streams in tests end when nothing came for so many seconds."""


def table(text: str, **more: Any) -> dict[str, Any]:
    """A `[[sources]]` table."""
    return {**tomllib.loads(text), **more}


def source(text: str, where: Path = Path(), **more: Any) -> Listened:
    """A source of such a table, which has no mistake."""
    found, mistakes = checked(table(text, **more), where)
    assert mistakes == []
    assert found is not None
    return found


def pages(one: Listened, since: Cursor | None = None) -> list[tuple[Batch, Cursor]]:
    """Everything that a source yields now."""
    fetch = Politely(Reach.of(one.settings), Gates(), quiet=QUIET)
    return list(load(one.kind).read(one.settings, since or {}, fetch))


def messages(found: list[tuple[Batch, Cursor]]) -> list[Mapping[str, Any]]:
    """The messages of all pages."""
    return [message for batch, _ in found for message in batch.messages]


@dataclass
class House:
    """A workspace whose sources are read one look at a time, with everything stored at once."""

    place: Place
    store: Store
    drain: Drain
    running: Running

    def look(self, one: Listened) -> str | None:
        """Read a source once, and store what it said; why it failed, or None."""
        self.running.gates = Gates()  # nobody in a test waits for another test's limits
        why = self.running.look(one, quiet=QUIET)
        self.drain.all()
        return why

    def said(self) -> list[dict[str, Any]]:
        """Every message that is stored, by its text."""
        with self.store.still() as con:
            rows = con.sql("select * from facts.message order by text").to_arrow_table().to_pylist()
        return [dict(row) for row in rows]

    def texts(self) -> list[str]:
        """The text of every message that is stored."""
        return [row["text"] for row in self.said()]


@contextmanager
def house(place: Place, *sources: Listened) -> Iterator[House]:
    """A workspace with these sources."""
    place = replace(place, settings=replace(place.settings, sources=sources))
    store, journal, identities = place.store(), place.journal(), place.identities()
    listening = place.listening()
    running = Running(sources, Door(journal, listening, 10**12), random.Random(1))
    try:
        yield House(place, store, Drain(journal, store, identities, place.keys, place.brands), running)
    finally:
        for one in (listening, identities, journal, store):
            one.close()
