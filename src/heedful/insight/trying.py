"""A search tried on history before it is saved: how much fits, what each clause adds or removes, and the newest."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from heedful.insight.messages import Query, bounds, chosen_of, of_numbers
from heedful.query.over_store import Found, Span
from heedful.query.tree import All, Either, Tree, written
from heedful.store.search import Search
from heedful.store.view import View

SAMPLE = 10
Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Counted:
    """Rows and distinct people; both are none where too few people are behind them (`hidden`), or too many rows."""

    rows: int | None
    people: int | None
    hidden: bool = False


@dataclass(frozen=True)
class Clause:
    """One clause: how much fits without it, and with it alone."""

    text: str
    without: Counted | None
    alone: Counted


@dataclass(frozen=True)
class Tried:
    """What a search finds; its clauses are `joined` by AND or by OR, or there is one."""

    query: str
    found: Counted
    joined: str
    clauses: tuple[Clause, ...]
    sample: pa.Table


def try_out(view: View, search: Search, tree: Tree, asked: Query, *, now: datetime, sample: int = SAMPLE) -> Tried:
    """Try a search on messages that fit the filters and period of `asked`, whose words are left alone.

    A figure about too few people is hidden, and so is one that differs from the whole by so few. NotAllowed: the
    viewer may not read text. BadSettings, NotFound: as for other searches.
    """
    view.viewer.must("text")
    trying = _Trying(view, search, asked, now)
    parts = tree.parts if isinstance(tree, All | Either) else (tree,)
    whole = trying.numbers(tree)
    clauses = tuple(trying.clause(tree, parts, place, whole) for place in range(len(parts)))
    newest = [n for _, n in trying.found(tree).newest(sample)]
    joined = {All: "AND", Either: "OR"}.get(type(tree), "")
    return Tried(written(tree), trying.counted(whole), joined, clauses, of_numbers(view, newest))


@dataclass(frozen=True)
class _Trying:
    view: View
    search: Search
    asked: Query
    now: datetime

    def found(self, tree: Tree) -> Found:
        """A search among the messages that are asked for."""
        period, rows = chosen_of(self.view, self.asked, self.now)
        return Found(self.view, self.search, tree, rows, Span(*bounds(period)))

    def numbers(self, tree: Tree) -> Numbers | None:
        return self.found(tree).numbers()

    def clause(self, tree: Tree, parts: tuple[Tree, ...], place: int, whole: Numbers | None) -> Clause:
        """What a clause does."""
        others = parts[:place] + parts[place + 1 :]
        if not others:
            return Clause(written(parts[place]), None, self.counted(whole))
        rest: Tree = others[0] if len(others) == 1 else All(others) if isinstance(tree, All) else Either(others)
        without, alone = self.numbers(rest), self.numbers(parts[place])
        return Clause(written(parts[place]), self._beside(without, whole), self._beside(alone, whole))

    def _beside(self, numbers: Numbers | None, whole: Numbers | None) -> Counted:
        """A count that is hidden too where it tells of too few by its difference from the whole."""
        if numbers is not None and whole is not None and self.counted(np.setxor1d(numbers, whole)).hidden:
            return Counted(None, None, hidden=True)
        return self.counted(numbers)

    def counted(self, numbers: Numbers | None) -> Counted:
        """Rows and people of row numbers, as far as they may be told."""
        if numbers is None:
            return Counted(None, None)
        if not len(numbers):
            return Counted(0, 0)
        query = (
            "select count(distinct person) as people, count(*) filter (person is null) as nobody from message "
            "where n in (select unnest($numbers))"
        )
        row = self.view.query(query, numbers=numbers.tolist()).collect("pyarrow").to_arrow().to_pylist()[0]
        if row["people"] + row["nobody"] < self.view.viewer.smallest:
            return Counted(None, None, hidden=True)
        return Counted(len(numbers), int(row["people"]))
