"""Studies: one file each, a question whose answer is a table.

A module holds a docstring (its first line is the help text), `NEEDS` and `TAKES`, the fields of a file that it must
have and may have, `BESIDE`, whether its answer is new columns beside the rows (else it is a table of its own), and
`of_file(columns, choices)`: it takes the cells of these fields as texts, row by row and None where one is empty, and
gives the answer as an Arrow table.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias, cast

import pyarrow as pa

from heedful import folder

Cells: TypeAlias = Sequence[str | None]


@dataclass(frozen=True)
class Choices:
    """What one may choose about a study: `topics`, how many to find (None: as many as there are), and its `seed`."""

    topics: int | None = None
    seed: int = 0


class Study(Protocol):
    """What the module of a study defines."""

    NEEDS: tuple[str, ...]
    TAKES: tuple[str, ...]
    BESIDE: bool

    @staticmethod
    def of_file(columns: Mapping[str, Cells], choices: Choices) -> pa.Table:
        """The answer for the rows of a file."""
        ...


def names() -> list[str]:
    """Every study there is."""
    return folder.names(sys.modules[__name__])


def study(name: str) -> Study:
    """One study by its name; NotFound lists those there are."""
    return cast(Study, folder.load(sys.modules[__name__], name))


def described() -> list[dict[str, str]]:
    """Name and help text of every study."""
    return [{"study": name, "help": folder.first_line(folder.load(sys.modules[__name__], name))} for name in names()]
