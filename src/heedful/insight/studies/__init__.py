"""Studies: one file each, a question whose answer is a table.

A module holds a docstring (its first line is the help text) and one or both of

- `of_file(columns, choices)` for a file: it takes the cells of the fields `NEEDS`, which must be there, and `TAKES`,
  which may be, as texts, row by row and None where one is empty; its answer is an Arrow table: new columns beside the
  rows where `BESIDE` is true, else a table of its own;
- `of_view(asked)` for a workspace: it takes who asks what, and answers with an Arrow table.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import ModuleType
from typing import Protocol, TypeAlias, cast

import pyarrow as pa

from heedful import folder
from heedful.errors import BadSettings
from heedful.insight.answer import Answer, Question
from heedful.insight.ask import Accuracy, ask
from heedful.store.view import View

Cells: TypeAlias = Sequence[str | None]


@dataclass(frozen=True)
class Choices:
    """What one may choose about a study: `topics`, how many to find (None: as many as there are), and its `seed`.

    `per_week` is how many false alarms a week a series may raise; `told` hears how many rows have been read.
    """

    topics: int | None = None
    seed: int = 0
    per_week: float = 1.0
    told: Callable[[int], None] = lambda _: None


@dataclass(frozen=True)
class Asked:
    """A question about a workspace: what the viewer may see, the metric with its groups, filters and period, and when.

    `accuracy` gives a reading's measured errors, as for `ask`.
    """

    view: View
    question: Question
    now: datetime
    accuracy: Accuracy = lambda *_: None

    def ask(self, question: Question) -> Answer:
        """A metric's figures for whoever asks; BadSettings for weighted ones, which studies do not reckon with."""
        if question.weights:
            raise BadSettings("studies take no weights: ask the metric itself, or the study without them")
        return ask(self.view, question, now=self.now, accuracy=self.accuracy)


class OfFile(Protocol):
    """What the module of a study of files defines."""

    NEEDS: tuple[str, ...]
    TAKES: tuple[str, ...]
    BESIDE: bool

    @staticmethod
    def of_file(columns: Mapping[str, Cells], choices: Choices) -> pa.Table:
        """The answer for the rows of a file."""
        ...


class OfView(Protocol):
    """What the module of a study of a workspace defines."""

    @staticmethod
    def of_view(asked: Asked) -> pa.Table:
        """The answer for what a viewer may see."""
        ...


def names() -> list[str]:
    """Every study there is."""
    return folder.names(sys.modules[__name__])


def of_file(name: str) -> OfFile:
    """One study of files by its name; NotFound lists those there are."""
    return cast(OfFile, _loaded(name, "of_file", "a workspace: leave --input out"))


def of_view(name: str) -> OfView:
    """One study of a workspace by its name; NotFound lists those there are."""
    return cast(OfView, _loaded(name, "of_view", "a file: name it with --input"))


def _loaded(name: str, how: str, other: str) -> ModuleType:
    module = folder.load(sys.modules[__name__], name)
    if not hasattr(module, how):
        raise BadSettings(f"the study {name} is of {other}")
    return module


def fields(name: str) -> tuple[str, ...]:
    """What a study of files takes, with a ? after what need not be there; nothing of a study of a workspace."""
    module = folder.load(sys.modules[__name__], name)
    if not hasattr(module, "of_file"):
        return ()
    return (*module.NEEDS, *(f"{field}?" for field in module.TAKES))


def described() -> list[dict[str, str]]:
    """Name and help text of every study."""
    return [{"study": name, "help": folder.first_line(folder.load(sys.modules[__name__], name))} for name in names()]
