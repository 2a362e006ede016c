"""Messages of the store that fit a search: candidates from the full-text index, then what it cannot tell.

Words, phrases and NEAR are answered by the index; columns by one condition in the database; order of words, open
letters inside a phrase and exact spelling by looking at the candidates. The answer is that of `match` for each message.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from heedful.errors import BadSettings
from heedful.privacy.visible import Frame
from heedful.query.bounds import Bounds, bounds
from heedful.query.columns import Condition
from heedful.query.match import meaning
from heedful.query.said import indexed, said
from heedful.query.tree import All, Either, Field, Near, Not, Phrase, Rating, Raw, Tag, Tree, clauses, of, walk
from heedful.store.search import HIGHEST, Search, rank
from heedful.store.search.index import Hit
from heedful.store.search.words import EVERY
from heedful.store.view import View

MOST_HITS = 1_000_000
"""So many messages with the words alone are looked at, where all are counted."""
FIRST, BLOCK, WIDEST = 400, 5_000, 50_000
"""Candidates looked at first, then, and at most at once."""
COLUMNS = (Field, Rating, Not, All, Either)


@dataclass(frozen=True)
class Span:
    """Ranks between which messages may stand."""

    least: int = 0
    most: int = HIGHEST


@dataclass(frozen=True)
class Found:
    """A search over what a viewer may read; `rows` are the messages that fit everything else (n, occurred_at)."""

    view: View
    search: Search
    tree: Tree
    rows: Frame
    span: Span = Span()

    def newest(self, limit: int, *, below: int | None = None) -> rank.Ranked:
        """The newest that fit, below a rank: rank and row number of each.

        Candidates of the index are held against the rest; where few of them pass, the words are common and the rest
        is narrow, and the newest messages that fit the rest are held against the words.
        """
        if self._expression is None:
            return rank.newest(self._fitting(), below, limit, of=self.view.frame("message"))
        found: rank.Ranked = []
        for size in (max(FIRST, 4 * limit), BLOCK):
            hits = self._hits(size, below)
            found += self._passing(hits)
            if len(found) >= limit or len(hits) < size:
                return found[:limit]
            below = hits[-1].rank
        return (found + self._narrowed(limit - len(found), below))[:limit]

    def numbers(self) -> NDArray[np.int64] | None:
        """The row numbers of all that fit; None where over MOST_HITS have the words alone."""
        if self._expression is None:
            return _numbers(self._fitting())
        hits = self._hits(MOST_HITS + 1)
        if len(hits) > MOST_HITS:
            return None
        kept: list[NDArray[np.int64]] = [np.empty(0, np.int64)]
        blocks = [hits] if not self._open else [hits[at : at + WIDEST] for at in range(0, len(hits), WIDEST)]
        for block in blocks:
            kept.append(_numbers(self._held(block)))
        return np.concatenate(kept)

    # What the index tells

    @cached_property
    def _expression(self) -> str | None:
        return self._bounds(self.tree).may.expression()

    def _bounds(self, tree: Tree) -> Bounds:
        return bounds(tree, self.search.spelled)

    def _hits(self, size: int, below: int | None = None) -> list[Hit]:
        assert self._expression is not None
        least, most = self.span.least, self.span.most
        return self.search.fitting(self._expression, below=below, limit=size, least=least, most=most)

    @cached_property
    def _left(self) -> Sequence[Tree]:
        """Clauses that the index does not answer by itself."""
        return [clause for clause in clauses(self.tree) if not self._bounds(clause).exact]

    @cached_property
    def _open(self) -> bool:
        """Whether candidates are to be read one by one."""
        return any(isinstance(part, Phrase | Near | Raw | Tag) for clause in self._left for part in walk(clause))

    # What is left

    def _passing(self, hits: Sequence[Hit]) -> list[Hit]:
        """The hits that fit everything, in their order."""
        there = set(_numbers(self._held(hits)).tolist()) if hits else set()
        return [hit for hit in hits if hit.n in there]

    def _held(self, hits: Sequence[Hit]) -> Frame:
        """Rows among the hits that fit what is left."""
        condition = Condition(self.view, lambda tree: self._among(tree, hits))
        return self._where(condition, [condition.sql(clause) for clause in self._left], [hit.n for hit in hits])

    def _narrowed(self, limit: int, below: int | None) -> rank.Ranked:
        """The newest messages that fit what columns say, held against the rest."""
        size, found = BLOCK, list[tuple[int, int]]()
        columns = [clause for clause in self._left if all(isinstance(part, COLUMNS) for part in walk(clause))]
        condition = Condition(self.view, lambda _: ())
        rows = self._where(condition, [condition.sql(clause) for clause in columns])
        words = tuple(clause for clause in clauses(self.tree) if clause not in self._left)
        while len(found) < limit:
            block = [Hit(*row) for row in rank.newest(rows, below, size, of=self.view.frame("message"))]
            having = set(self._among(of(words), block)) if words else {hit.n for hit in block}
            found += self._passing([hit for hit in block if hit.n in having])
            if len(block) < size:
                break
            below, size = block[-1].rank, min(4 * size, WIDEST)
        return found[:limit]

    def _fitting(self) -> Frame:
        """Rows that fit, where the index has no candidates for the whole."""
        condition = Condition(self.view, self._everywhere)
        return self._where(condition, [condition.sql(self.tree)])

    def _where(self, condition: Condition, parts: Sequence[str], numbers: Sequence[int] | None = None) -> Frame:
        """Rows that fit conditions, of some numbers only where they are given."""
        among = [] if numbers is None else [condition.among(list(numbers) or [-1])]
        text = f"select n from message where {' and '.join([*among, *parts]) or 'true'}"
        return self.view.joined(self.rows, self.view.query(text, **condition.params), "n", "semi")

    # Texts

    def _among(self, tree: Tree, hits: Sequence[Hit]) -> Collection[int]:
        """Row numbers of hits whose text fits."""
        if isinstance(tree, Raw):
            return self._spelled(tree, [hit.n for hit in hits])
        fits = meaning(tree)
        passed = self.search.passing(lambda held: fits(indexed(held)), [hit.rank for hit in hits])
        return [hit.n for hit in hits if hit.rank in passed]

    def _spelled(self, raw: Raw, numbers: Sequence[int]) -> Collection[int]:
        """Those whose text is written so."""
        fits, found = meaning(raw), []
        for at in range(0, len(numbers), WIDEST):
            query = "select n, title, text from message where n in (select unnest($some))"
            rows = self.view.query(query, some=list(numbers[at : at + WIDEST])).collect("pyarrow").to_arrow()
            found += [row["n"] for row in rows.to_pylist() if fits(said(row))]
        return found

    def _everywhere(self, tree: Tree) -> Collection[int]:
        """Row numbers of all messages whose text fits."""
        known = self._bounds(Phrase((tree.name,)) if isinstance(tree, Tag) else tree)
        expression = known.may.expression() or f'"{EVERY}"'
        hits = self.search.fitting(expression, limit=MOST_HITS + 1, least=self.span.least, most=self.span.most)
        if len(hits) > MOST_HITS:
            raise BadSettings(f"over {MOST_HITS:,} messages have these words alone: add a word, or a shorter time")
        return [hit.n for hit in hits] if known.exact else self._among(tree, hits)


def _numbers(rows: Frame) -> NDArray[np.int64]:
    found: NDArray[np.int64] = rows.select("n").collect("pyarrow").to_arrow()["n"].to_numpy()
    return found
