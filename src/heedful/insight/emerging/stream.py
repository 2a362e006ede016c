"""Messages as numbers: when, by whom, copies of what, and which names each of them bears."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Name(NamedTuple):
    """What may grow: a `dimension` with one of its values, or a `word`, `pair` or `question` of the texts."""

    kind: str
    what: str
    name: str


@dataclass(frozen=True, eq=False)
class Stream:
    """Messages in an order that chance alone decided, and the names that each bears.

    `at` are seconds, `person` and `text` are numbers that the same person and copies of one text share (-1: nobody,
    and no copy). `name` and `message` are pairs: this name stands in that message; messages rise in them.
    """

    at: Numbers
    person: Numbers
    text: Numbers
    names: tuple[Name, ...]
    name: Numbers
    message: Numbers


Named = tuple[Sequence[Name], Numbers, Numbers]
"""Names, and the pairs of them and their messages."""


def joined(at: Numbers, person: Numbers, text: Numbers, parts: Sequence[Named]) -> Stream:
    """A stream of what several sources name in the same messages."""
    names: list[Name] = []
    numbers, messages = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for found, name, message in parts:
        numbers.append(name + len(names))
        messages.append(message)
        names += found
    name, message = np.concatenate(numbers), np.concatenate(messages)
    order = np.argsort(message, kind="stable")
    return Stream(at, person, text, tuple(names), name[order], message[order])
