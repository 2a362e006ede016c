"""The different texts of a set of messages, in an order that the set alone decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from heedful.errors import Bug
from heedful.insight.topics.found import NONE, Floats, Numbers


@dataclass(frozen=True, eq=False)
class Canon:
    """Different texts: the row each stands in first, and for every row which text it has (NONE for a blank one).

    `draw` is each text's number in the lottery of a seed: who is drawn depends on the text and not on the others, so
    that two sets with common texts draw common ones.
    """

    rows: Numbers
    text_of: Numbers
    draw: NDArray[np.uint64]

    def __len__(self) -> int:
        """How many different texts."""
        return len(self.rows)


def canon(texts: Sequence[str | None], embeddings: Floats, keys: Sequence[str], seed: int) -> Canon:
    """Order rows by key and keep each text once, whatever its capitals and spaces."""
    if not len(texts) == len(embeddings) == len(keys):
        raise Bug(f"{len(texts)} texts, {len(embeddings)} embeddings and {len(keys)} keys: one of each per message")
    order = sorted(range(len(keys)), key=keys.__getitem__)
    for one, other in pairwise(order):
        if keys[one] == keys[other]:
            raise Bug(f"the key {keys[one]!r} comes twice; give each message its own")
    usable = np.isfinite(embeddings).all(axis=1) & (np.abs(embeddings).max(axis=1, initial=0) > 0)
    places: dict[str, int] = {}
    rows: list[int] = []
    text_of = np.full(len(keys), NONE, np.int64)
    for row in order:
        text = " ".join((texts[row] or "").casefold().split())
        if text and usable[row]:
            if text not in places:
                places[text] = len(rows)
                rows.append(row)
            text_of[row] = places[text]
    mark = str(seed).encode()[:64]
    draw = [_number(text, mark) for text in places]
    return Canon(np.array(rows, np.int64), text_of, np.array(draw, np.uint64))


def _number(text: str, mark: bytes) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "replace"), digest_size=8, key=mark).digest(), "little")
