"""Topics as they are defined, and what became of those that are gone."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import pyarrow as pa

from heedful.errors import NotFound
from heedful.insight.named import called
from heedful.records import GIVEN

OPEN, MERGED, DELETED, FADED = "open", "merged", "deleted", "faded"


@dataclass(frozen=True)
class Topic:
    """One topic (`heedful.records.TOPIC`); times are naive UTC."""

    topic: str
    name: str
    words: tuple[str, ...]
    theme: str | None
    theme_name: str | None
    born_at: datetime
    state: str = OPEN
    into: str | None = None
    held: bool = False
    theme_held: bool = False

    @property
    def open(self) -> bool:
        """Whether messages can belong to it."""
        return self.state == OPEN


@dataclass(frozen=True)
class Catalogue:
    """Every topic there ever was, by id."""

    topics: Mapping[str, Topic]

    def __iter__(self) -> Iterator[Topic]:
        """Topics that are open, in the order of their ids."""
        return iter(sorted((topic for topic in self.topics.values() if topic.open), key=lambda one: number(one.topic)))

    def __getitem__(self, id: str) -> Topic:
        """A topic by its id; NotFound."""
        if id not in self.topics:
            raise NotFound(f"there is no topic {id[:40]!r}; /topics shows those there are")
        return self.topics[id]

    def end(self, id: str | None) -> Topic | None:
        """The open or deleted topic that a topic ended in; None where it faded."""
        seen: set[str] = set()
        while id is not None and id in self.topics and id not in seen:
            seen.add(id)
            topic = self.topics[id]
            if topic.open or topic.state == DELETED:
                return topic
            id = topic.into
        return None

    def resolved(self, id: str | None) -> Topic | None:
        """The topic that goes on as this one; None where none does."""
        end = self.end(id)
        return end if end is not None and end.open else None

    def names(self) -> dict[str, str]:
        """What topics and themes are called, those that are gone too."""
        return called(map(vars, self.topics.values()))

    def themes(self) -> dict[str, list[Topic]]:
        """The open topics of each theme."""
        found: dict[str, list[Topic]] = {}
        for topic in self:
            found.setdefault(topic.theme or "", []).append(topic)
        return found


def catalogue(rows: Iterable[Mapping[str, Any]]) -> Catalogue:
    """From rows of the table of topics."""
    known = {field.name for field in fields(Topic)}
    made = [Topic(**{name: _plain(value) for name, value in row.items() if name in known}) for row in rows]
    return Catalogue({topic.topic: topic for topic in made})


def table(topics: Sequence[Topic]) -> pa.Table:
    """As rows for the store."""
    rows = [{field.name: _listed(getattr(topic, field.name)) for field in fields(Topic)} for topic in topics]
    return pa.Table.from_pylist(rows, GIVEN["topic"])


def apart(name: str, taken: Collection[str]) -> str:
    """A name, numbered where it is taken."""
    found, again = name, 2
    while found in taken:
        found, again = f"{name} ({again})", again + 1
    return found


def number(id: str) -> int:
    """The number in an id such as topic-12."""
    last = id.rpartition("-")[2]
    return int(last) if last.isdigit() else 0


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
