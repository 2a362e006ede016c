"""Which messages count for each name: copies of a text once, and several messages of one person once."""

from dataclasses import dataclass

import numpy as np

from heedful.insight.emerging.expected import A_DAY, BIN
from heedful.insight.emerging.stream import Flags, Numbers, Stream

HISTORY = 84
"""Days of history before the look-back, at least."""


@dataclass(frozen=True, eq=False)
class Counted:
    """Names that may be told: `units` are pairs (name by its place in `live`, message) that count, `step` of messages.

    `raw` are the same pairs with copies and people's further messages.
    """

    stream: Stream
    live: Numbers
    step: Numbers
    kept: Flags
    units: tuple[Numbers, Numbers]
    raw: tuple[Numbers, Numbers]
    looked: int


def steps_of(days: int) -> int:
    """All steps: the look-back, and as many times its length as make a history."""
    return days * A_DAY * (1 + -(-HISTORY // days))


def count(stream: Stream, now: int, days: int, smallest: int) -> Counted:
    """Who counts: once in a look-back's length the copies of a text, and the messages of a person with one name."""
    back = now - 1 - stream.at
    step = np.where(back >= 0, back // BIN, -1)
    there = (step >= 0) & (step < steps_of(days))
    block = step // (days * A_DAY)
    blocks = int(block.max(initial=0)) + 2
    alone = stream.text < 0
    text = np.where(alone, stream.text.max(initial=0) + 1 + np.arange(len(alone)), stream.text)
    kept = there & _first(text * blocks + block, there)
    counts = kept[stream.message]
    name, message = stream.name[counts], stream.message[counts]
    lately = step[message] < days * A_DAY
    size = len(stream.names)
    live = np.flatnonzero(np.bincount(name[lately], minlength=size) >= smallest)
    looked = int((np.bincount(name, minlength=size) >= smallest).sum())
    place = np.full(size, -1, np.int64)
    place[live] = np.arange(len(live))
    raw = there[stream.message] & (place[stream.name] >= 0)
    pairs = (place[stream.name[raw]], stream.message[raw])
    counts = kept[pairs[1]]
    name, message = pairs[0][counts], pairs[1][counts]
    nobody = stream.person < 0
    person = np.where(nobody, stream.person.max(initial=0) + 1 + np.arange(len(nobody)), stream.person)
    _, who = np.unique(person[message] * blocks + block[message], return_inverse=True)
    once = _first(name * (int(who.max(initial=0)) + 1) + who)
    return Counted(stream, live, step, kept, (name[once], message[once]), pairs, looked)


def _first(keys: Numbers, among: Flags | None = None) -> Flags:
    """Where each key stands first, among some."""
    some = np.arange(len(keys)) if among is None else np.flatnonzero(among)
    _, first = np.unique(keys[some], return_index=True)
    found = np.zeros(len(keys), np.bool_)
    found[some[first]] = True
    return found
