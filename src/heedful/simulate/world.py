"""What all parts of the simulation share, and the shape in which they hand records over."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from random import Random
from typing import Any, NamedTuple

from heedful.simulate.calendar import Plan
from heedful.simulate.people import Person


class Fact(NamedTuple):
    """What is true of one message, as it was planted."""

    message: str
    source: str
    channel: str
    occurred_at: datetime
    sentiment: str
    topic: str
    emotion: str
    intent: str
    language: str
    incident: str | None = None
    irony: bool = False
    notice: bool = False
    repost: bool = False
    personal: bool = False
    family: str = ""


class Said(NamedTuple):
    """One record at its moment, with the truth about it where it is a message."""

    at: datetime
    table: str
    record: dict[str, Any]
    fact: Fact | None = None


@dataclass(frozen=True, slots=True)
class World:
    """The people (and the age band of each address), the calendar, chance, and numbers for ids.

    `prefix` stands in every id and keeps runs apart.
    """

    random: Random
    people: tuple[Person, ...]
    plan: Plan
    prefix: str = ""
    ages: dict[str, str] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def next_id(self, letter: str) -> str:
        """An id that no other record of this world bears."""
        return f"{letter}{self.prefix}{next(self.numbers):07d}"


SOURCES = {
    "social": "chirper",
    "review": "starboard",
    "survey": "questionnaire",
    "chat": "helpdesk",
    "email": "helpdesk",
    "call": "helpdesk",
    "form": "helpdesk",
    "forum": "townsquare",
    "news": "newswire",
}
"""Which invented source each channel comes from."""
