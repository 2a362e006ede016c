"""Which messages are not read yet by the annotators of today, newest first, and reading them in small batches."""

from collections.abc import Callable
from datetime import UTC, datetime

import narwhals.stable.v2 as nw
import pyarrow as pa

from heedful.language.many import VECTOR
from heedful.privacy.viewer import Viewer
from heedful.records import GIVEN, STORED_TIME
from heedful.store.facts import Store

READER = Viewer("heedful reader", frozenset({"analyst"}), "insight")
"""The annotators read as somebody too: messages of people who refused are not read."""

SEEN = ("id", "title", "text", "language", "channel")
"""What annotators may look at."""

Annotate = Callable[[pa.RecordBatch], pa.RecordBatch]


def unread(store: Store, version: str) -> list[int]:
    """Row numbers of messages without readings of this version, oldest first: take from the end."""
    with store.view(READER) as view:
        read = view.frame("reading").filter(nw.col("version") == version).select("n")
        left = view.frame("message").select("n").join(read, on="n", how="anti").sort("n")
        numbers: list[int] = left.collect("pyarrow").to_arrow()["n"].to_pylist()
    return numbers


def read_all(
    store: Store, waiting: list[int], version: str, annotate: Annotate, told: Callable[[int], object], *, most: int
) -> None:
    """Read what waits, the newest first and `most` at a time; `told` hears how many each time."""
    while waiting:
        some, waiting = waiting[-most:], waiting[:-most]
        read_these(store, some, version, annotate)
        told(len(some))


def read_these(store: Store, numbers: list[int], version: str, annotate: Annotate) -> int:
    """Read messages by row number and store their readings; how many there were."""
    low, high = min(numbers), max(numbers)
    with store.view(READER) as view:
        wanted = view.frame("message").filter((nw.col("n") >= low) & (nw.col("n") <= high))
        if high - low + 1 > len(numbers):
            wanted = wanted.filter(nw.col("n").is_in(numbers))
        table: pa.Table = wanted.select("n", *SEEN).sort("n").collect("pyarrow").to_arrow()
    if not table.num_rows:
        return 0
    batch = table.combine_chunks().to_batches()[0]
    made = annotate(batch)
    embeddings = None
    if VECTOR in made.schema.names:
        embeddings = _embeddings(batch.column("n"), made.column(VECTOR), version)
        made = made.drop_columns([VECTOR])
    now = datetime.now(UTC).replace(tzinfo=None)
    known: dict[str, pa.Array] = dict(zip(made.schema.names, made.columns, strict=True))
    known |= {
        "n": batch.column("n"),
        "message": batch.column("id"),
        "version": pa.repeat(version, batch.num_rows),
        "read_at": pa.repeat(pa.scalar(now, STORED_TIME), batch.num_rows),
    }
    shape = GIVEN["reading"]
    store.append_readings(pa.table([known[name] for name in shape.names], schema=shape), embeddings)
    return len(batch)


def _embeddings(numbers: pa.Array, vectors: pa.Array, version: str) -> pa.Table:
    """Those that there are."""
    table = pa.table({"n": numbers, "version": pa.repeat(version, len(numbers)), VECTOR: vectors})
    return table.filter(vectors.is_valid())
