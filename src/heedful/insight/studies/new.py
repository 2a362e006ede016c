"""What is new: words, questions, products and slices that grow beyond what their own history expects.

Every value of every dimension, every word and pair of words of the texts and every word of their questions is compared
with its own history, over windows from six hours to the whole look-back. Of what is told, at most a twentieth is
expected to be chance, however many there are (Benjamini and Hochberg 1995).
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from heedful.errors import BadSettings
from heedful.insight.emerging.drawn import Drawn, drawn
from heedful.insight.emerging.expected import A_DAY
from heedful.insight.emerging.growing import Growing, growing
from heedful.insight.emerging.told import Finding
from heedful.insight.studies import Asked
from heedful.records import TIME, pseudonym

HOURS = 24 // A_DAY
MOST_ALSO = 12
SHAPE = pa.schema(
    [
        *((name, pa.string()) for name in ("kind", "what", "name")),
        *((name, pa.int64()) for name in ("rows", "copies", "people")),
        *((name, pa.float64()) for name in ("expected", "growth", "low", "high", "p", "q")),
        ("hours", pa.int64()),
        ("began", TIME),
        *((name, pa.string()) for name in ("first", "channel", "source", "person")),
        ("negative", pa.float64()),
        ("score", pa.float64()),
        ("also", pa.list_(pa.string())),
        ("days", pa.list_(pa.int64())),
    ]
)


def of_view(asked: Asked) -> pa.Table:
    """One line for each thing that grows, the highest score first; none where nothing does.

    `kind` is dimension, word, pair or question, `what` the dimension, or text. In the last `hours` there were `rows`
    messages, `copies` of them copies, by `people` who count once, where `expected` were; `growth` is how many times
    that, with its 95% interval; `p` is how likely that is by chance and `q` the share of false ones among what is told
    up to it. It `began` with the message `first`, in that channel and source, by that person. `negative` is the share
    of those read. `score` is log2 of growth's lower end times log2 of the people, times 1 + `negative`. `also` grows
    with it; `days` has the people of each of the last 28 days, the latest last, null where they are too few to tell.

    The schema's metadata says until when, since when, at how many names and messages was looked.
    """
    question = asked.question
    if question.metric:
        raise BadSettings(f"what is new is looked for in messages, not in {question.metric}: leave the metric out")
    smallest = asked.view.viewer.smallest
    from_ = drawn(asked.view, question, asked.now)
    found = growing(from_.stream, _seconds(from_.now), days=from_.days, smallest=smallest)
    lines = [_line(from_, one, smallest, text=asked.view.viewer.may("text")) for one in found.findings]
    lines.sort(key=lambda line: -line["score"])
    return pa.Table.from_pylist(lines, SHAPE.with_metadata(_told(from_, found)))


def _seconds(at: datetime) -> int:
    """A naive UTC time as whole seconds, rounded up."""
    return -int(-at.replace(tzinfo=UTC).timestamp() // 1)


def _told(from_: Drawn, found: Growing) -> dict[str, str]:
    said = {"names": found.names, "recent": found.recent, "earlier": found.earlier, "whole": from_.whole}
    return {
        "since": from_.since.isoformat(),
        "until": from_.now.isoformat(),
        **{name: str(int(value)) for name, value in said.items()},
    }


def _line(from_: Drawn, one: Finding, smallest: int, *, text: bool) -> Mapping[str, Any]:
    rows, stream = from_.rows, from_.stream
    first = rows.slice(one.first, 1).to_pylist()[0]
    copied = stream.text[one.rows][stream.text[one.rows] >= 0]
    negative = _negative(rows["read_sentiment"].take(pa.array(one.rows)))
    size = np.log2(1 + one.units)
    also = list(dict.fromkeys(name.name for name in one.also if name.name != one.name.name))
    who = first["person"] if text else None
    return {
        **one.name._asdict(),
        "rows": len(one.rows),
        "copies": len(copied) - len(np.unique(copied)),
        "people": one.units,
        **{name: getattr(one, name) for name in ("expected", "growth", "low", "p", "q")},
        "high": one.high if np.isfinite(one.high) else None,
        "hours": one.steps * HOURS,
        "began": datetime.fromtimestamp(one.began, UTC),
        **{name: first[name] for name in ("channel", "source")},
        "first": first["id"],
        "person": None if who is None else pseudonym(who),
        "negative": negative,
        "score": float(max(np.log2(max(one.low, 1)), 0) * size * (1 + (negative or 0))),
        "also": also[:MOST_ALSO],
        "days": [count if count >= smallest or not count else None for count in one.days],
    }


def _negative(sentiments: pa.ChunkedArray) -> float | None:
    """The share of negative ones among those that were read."""
    read = len(sentiments) - sentiments.null_count
    return pc.sum(pc.equal(sentiments, "negative")).as_py() / read if read else None
