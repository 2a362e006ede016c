"""What a new model changed: the same messages as they were read before and as they are read now."""

from collections import Counter
from dataclasses import dataclass

import narwhals.stable.v2 as nw
import pyarrow as pa
import pyarrow.compute as pc

from heedful.errors import NotFound
from heedful.language.unread import READER
from heedful.records import SENTIMENTS
from heedful.store.facts import Store


@dataclass(frozen=True)
class Changes:
    """How the sentiment of messages moved from an earlier version to today's.

    `moved` counts messages by what they were and are called (None: not read), `by_channel` and `by_language` how many
    of how many are called otherwise. `categories` has how many messages are of each taught category, before and now,
    and how many of them both times; it is left out where a group of fewer than `smallest` would be told. `as_of` is
    the last moment before the first message was read again: questions with it give the figures of then.
    """

    before: tuple[str, ...]
    now: str
    as_of: str
    messages: int
    changed: int
    moved: dict[tuple[str | None, str | None], int]
    by_channel: dict[str | None, tuple[int, int]]
    by_language: dict[str | None, tuple[int, int]]
    categories: dict[str, tuple[int, int, int]]


def changes(store: Store, version: str, *, smallest: int = 1) -> Changes:
    """Compare readings of `version` with those they replaced; NotFound where none were replaced."""
    with store.view(READER) as view:
        made = view.frame("reading").filter(nw.col("version") == version)
        first = made.select(nw.col("r").min()).collect("pyarrow").to_arrow()["r"][0].as_py()
        moment = view.as_of
        now = _of(made.select("n", "sentiment", "language", "categories"))
        channels = _of(view.frame("message", ["channel"]).select("n", "channel"))
    if first is None:
        raise NotFound(f"no message is read with {version} yet: `heedful read` reads them")
    as_of = f"{moment.partition('-')[0]}-{first - 1}"
    with store.view(READER, as_of=as_of) as view:
        then = _of(view.frame("reading").select("n", "sentiment", "version", "categories"))
    both = now.join(then, "n", join_type="inner", left_suffix="_now", right_suffix="_then").join(channels, "n")
    if not both.num_rows:
        raise NotFound(f"no message was read by another version before {version}: there is nothing to compare")
    return _counted(both, version, as_of, smallest)


def _of(frame: nw.LazyFrame[pa.Table]) -> pa.Table:
    """Its rows; categories as lines of one text, since tables with lists cannot be joined."""
    found: pa.Table = frame.collect("pyarrow").to_arrow()
    if "categories" not in found.column_names:
        return found
    lines = pc.binary_join(found["categories"], "\n")
    return found.set_column(found.column_names.index("categories"), "categories", lines)


def _counted(both: pa.Table, version: str, as_of: str, smallest: int) -> Changes:
    moved: dict[tuple[str | None, str | None], int] = {}
    parts: dict[str, dict[str | None, tuple[int, int]]] = {"channel": {}, "language": {}}
    alike = both.group_by(["sentiment_then", "sentiment_now", *parts]).aggregate([([], "count_all")])
    for row in alike.to_pylist():
        pair, rows = (row["sentiment_then"], row["sentiment_now"]), row["count_all"]
        moved[pair] = moved.get(pair, 0) + rows
        for name, counts in parts.items():
            changed, of = counts.get(row[name], (0, 0))
            counts[row[name]] = changed + rows * (pair[0] != pair[1]), of + rows
    order = {label: at for at, label in enumerate((*SENTIMENTS, None))}
    ordered = dict(sorted(moved.items(), key=lambda item: (order[item[0][0]], order[item[0][1]])))
    by = {name: dict(sorted(counts.items(), key=lambda item: -item[1][1])) for name, counts in parts.items()}
    return Changes(
        tuple(sorted(both["version"].unique().to_pylist())),
        version,
        as_of,
        both.num_rows,
        sum(count for (was, called), count in moved.items() if was != called),
        ordered,
        by["channel"],
        by["language"],
        _categories(both, smallest),
    )


def _categories(both: pa.Table, smallest: int) -> dict[str, tuple[int, int, int]]:
    """Of each category: messages before, now, and both times; the largest first."""
    before: Counter[str] = Counter()
    now: Counter[str] = Counter()
    kept: Counter[str] = Counter()
    pairs = both.group_by(["categories_then", "categories_now"]).aggregate([([], "count_all")])
    for row in pairs.to_pylist():
        was, called = (set(filter(None, (row[f"categories_{when}"] or "").split("\n"))) for when in ("then", "now"))
        for counted, found in ((before, was), (now, called), (kept, was & called)):
            counted.update(dict.fromkeys(found, row["count_all"]))
    order = sorted(before.keys() | now.keys(), key=lambda name: (-now[name], name))
    told = {name: (before[name], now[name], kept[name]) for name in order}
    return {name: counts for name, counts in told.items() if not _small(*counts, smallest)}


def _small(before: int, now: int, kept: int, smallest: int) -> bool:
    """Whether a group that is told, or that follows from two of them, is smaller than may be shown."""
    return any(0 < group < smallest for group in (before, now, kept, before - kept, now - kept))
