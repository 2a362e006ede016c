"""Messages that stand for a topic: like its middle, short enough to read, and different from each other."""

import narwhals.stable.v2 as nw

from heedful.insight.topics.quotes import LENGTH, UNLIKE
from heedful.insight.topics.words import folded, telling, words
from heedful.store.view import View

POOL = 80
"""The messages most like the middle, of which quotes are chosen."""


def quotes(view: View, topic: str, most: int = 5) -> list[int]:
    """Row numbers of a few messages, the one that says it best first; NotAllowed where text may not be read."""
    view.viewer.must("text")
    frame = view.frame("assignment", ("topic", "score")).filter(nw.col("topic") == topic)
    best = frame.select("n", "score").sort("score", descending=True).head(4 * POOL).collect("pyarrow").to_arrow()
    scores = dict(zip(best["n"].to_pylist(), best["score"].to_pylist(), strict=True))
    texts = view.frame("message", ("text",)).filter(nw.col("n").is_in(list(scores) or [-1])).select("n", "text")
    said = {n: text for n, text in texts.collect("pyarrow").iter_rows() if text and not text.isspace()}
    order = sorted(said, key=lambda n: (-scores[n], n))
    readable = [n for n in order if LENGTH[0] <= len(said[n]) <= LENGTH[1]]
    pool = (readable if len(readable) >= most else order)[:POOL]
    told = {n: {word for one in words(said[n]) if telling(word := folded(one))} for n in pool}
    chosen: list[int] = []
    while len(chosen) < min(most, len(pool)):
        left = [n for n in pool if n not in chosen]
        chosen.append(
            max(left, key=lambda n: scores[n] - UNLIKE * max((_alike(told[n], told[c]) for c in chosen), default=0))
        )
    return chosen


def _alike(one: set[str], other: set[str]) -> float:
    """The share of the words of both that they have in common (Jaccard)."""
    return len(one & other) / len(one | other) if one | other else 1.0
