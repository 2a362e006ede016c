"""What topics are found on: the different texts, where they lie, and the small cells they form there."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from heedful.insight.topics.canon import Canon
from heedful.insight.topics.found import Floats, Numbers
from heedful.insight.topics.points import nearest
from heedful.insight.topics.space import Space, space
from heedful.insight.topics.terms import Terms, terms
from heedful.insight.topics.tree import Cells, cells

LARGEST = 20_000
"""Different texts on which topics are found; of more, so many are drawn, and the others join what is found."""
CELLS = 1_000
ROWS = 20_000


@dataclass(frozen=True, eq=False)
class Ground:
    """The different texts, and those of them (`base`) of which the space was made.

    `terms`, `lengths` (characters) and `embeddings` are those of the base.
    """

    canon: Canon
    base: Numbers
    terms: Terms
    lengths: Numbers
    embeddings: Floats
    space: Space
    cells: Cells

    def spread(self, texts: Sequence[str | None], embeddings: Floats, group: Numbers, centres: Floats) -> Numbers:
        """The groups of all different texts, from those of the base and the groups' centres."""
        made = np.empty(len(self.canon), np.int64)
        made[self.base] = group
        others = np.setdiff1d(np.arange(len(self.canon)), self.base)
        for at in range(0, len(others), ROWS):
            some = others[at : at + ROWS]
            rows = self.canon.rows[some]
            made[some] = nearest(self.space.place([texts[row] or "" for row in rows], embeddings[rows]), centres)
        return made


def ground(texts: Sequence[str | None], embeddings: Floats, found: Canon, *, seed: int, least: int = 1) -> Ground:
    """The ground of a set of messages; `least` is how many cells there must be."""
    base = np.sort(np.argsort(found.draw, kind="stable")[: max(LARGEST, 2 * least)])
    rows = found.rows[base]
    spoken = [texts[row] or "" for row in rows]
    said = terms(spoken)
    there = space(said, embeddings[rows], seed)
    parts = cells(there.points, found.draw[base], max(CELLS, 3 * least), least=least)
    lengths = np.array([len(text) for text in spoken], np.int64)
    return Ground(found, base, said, lengths, embeddings[rows], there, parts)


@contextmanager
def one_thread() -> Iterator[None]:
    """Linear algebra on one thread, so that sums do not depend on how many cores there are."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        yield
