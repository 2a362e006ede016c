"""Metrics: one file each, one number's expression, and no business with grouping.

A module holds a docstring (its first line is the help text), `OF` (the table it counts: message, event, answer or
contact), `UNIT`, `BETTER` (more, less or neither), `FORMULA` in words, `NEEDS`, the columns that its expressions use,
`ROWS`, an expression for the rows that the figure is about (None: every row), and one of two kinds of number:

- a full count: `VALUE`, an expression that makes one number per group, or "people" for the people that every figure
  counts anyway, or "share" for what percent a group is of its whole: of all rows of the question that agree with it in
  every dimension but the last (where a reading makes that one, the share is corrected as an estimate is); `PARTS`,
  whether the whole is the "sum" of its groups, their "mean" by rows, or neither (""); and `EMPTY`, the value where
  there is no row;
- an estimate from what a classifier read: `READING`, the reading's column, and `SCORE`, what each class adds, so that
  the value is the sum of score times the class's share, corrected for the classifier's measured errors.
"""

import difflib
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Literal, Protocol

import narwhals.stable.v2 as nw

from heedful import folder
from heedful.errors import NotFound

TABLES = ("message", "contact", "event", "answer")


class Count(Protocol):
    """What the module of a full count defines."""

    OF: str
    UNIT: str
    BETTER: str
    FORMULA: str
    NEEDS: tuple[str, ...]
    VALUE: nw.Expr | Literal["people", "share"]
    PARTS: Literal["sum", "mean", ""]
    ROWS: nw.Expr | None
    EMPTY: float | None


class Estimate(Protocol):
    """What the module of an estimate defines."""

    OF: str
    UNIT: str
    BETTER: str
    FORMULA: str
    NEEDS: tuple[str, ...]
    READING: str
    SCORE: Mapping[str, float]
    ROWS: nw.Expr | None


@dataclass(frozen=True)
class Metric:
    """One metric, read from its module."""

    name: str
    help: str
    of: str
    unit: str
    better: str
    formula: str
    needs: tuple[str, ...] = ()
    value: nw.Expr | Literal["people", "share"] | None = None
    parts: str = "mean"
    rows: nw.Expr | None = None
    empty: float | None = None
    reading: str | None = None
    score: Mapping[str, float] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """Its name in words."""
        return self.name.replace("_", " ").capitalize()

    @property
    def shared(self) -> bool:
        """Whether it is a group's share of its whole."""
        return isinstance(self.value, str) and self.value == "share"


def names() -> list[str]:
    """Every metric's name, without importing any."""
    return folder.names(sys.modules[__name__])


def described() -> list[dict[str, str]]:
    """Every metric's name, meaning, table, unit, what is better, and formula."""
    told = ("help", "of", "unit", "better", "formula")
    return [{"metric": name, **{part: getattr(metric(name), part) for part in told}} for name in names()]


@cache
def metric(name: str) -> Metric:
    """One metric by its name; NotFound lists those there are."""
    if name not in (known := names()):
        near = difflib.get_close_matches(name, known, 1)
        guess = f"did you mean {near[0]!r}? " if near else ""
        raise NotFound(f"no metric named {name!r}; {guess}there are: {', '.join(known)}")
    module = folder.load(sys.modules[__name__], name)
    common = {
        "name": name,
        "help": folder.first_line(module),
        "of": module.OF,
        "unit": module.UNIT,
        "better": module.BETTER,
        "formula": module.FORMULA,
        "needs": module.NEEDS,
        "rows": module.ROWS,
    }
    if hasattr(module, "READING"):
        return Metric(**common, reading=module.READING, score=module.SCORE)
    return Metric(**common, value=module.VALUE, parts=module.PARTS, empty=module.EMPTY)
