"""Reading at full speed: blocks on every core, in their order."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TypeVar

import pyarrow as pa

from heedful.errors import BadSettings
from heedful.language import annotate, encoder
from heedful.settings import OwnModel

Given = TypeVar("Given")
Made = TypeVar("Made")

VECTOR = "vector"
"""The column of embeddings beside readings: 384 numbers of 16 bits, of length 1."""
SLICE = 256
"""Messages that a thread reads at a time: enough that texts of one length meet, few enough that cores end alike."""


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_order(blocks: Iterable[Given], work: Callable[[Given], Made], *, threads: int | None = None) -> Iterator[Made]:
    """What `work` makes of each block, in their order; only as many blocks are held as keep all threads busy.

    The models run outside Python's lock, so threads are as fast as processes and share one copy of the weights.
    """
    count = threads or cores()
    with ThreadPoolExecutor(count, thread_name_prefix="reading") as pool:
        waiting: deque[Future[Made]] = deque()
        for block in blocks:
            waiting.append(pool.submit(work, block))
            if len(waiting) > 2 * count:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def read(
    batch: pa.RecordBatch,
    *,
    language: str | None = None,
    default: str = "en",
    own: Sequence[OwnModel] = (),
    threads: int | None = None,
) -> pa.RecordBatch:
    """As `annotate.read`, on every core."""
    return _on_every_core(batch, partial(annotate.read, language=language, default=default, own=own), threads=threads)


def _on_every_core(
    batch: pa.RecordBatch, work: Callable[[pa.RecordBatch], pa.RecordBatch], *, threads: int | None = None
) -> pa.RecordBatch:
    slices = [batch.slice(at, SLICE) for at in range(0, max(1, batch.num_rows), SLICE)]
    made = list(in_order(slices, work, threads=threads)) if len(slices) > 1 else [work(batch)]
    return pa.Table.from_batches(made).combine_chunks().to_batches()[0] if len(made) > 1 else made[0]


def _with_vectors(batch: pa.RecordBatch, *, default: str, own: Sequence[OwnModel]) -> pa.RecordBatch:
    """As `annotate.read`, and the embeddings; the annotators' pass over the encoder is not done again."""
    made = annotate.read(batch, default=default, own=own)
    texts = batch.column("text").to_pylist()
    some = [at for at, text in enumerate(texts) if text and not text.isspace()]
    vectors: list[bytes | None] = [None] * len(texts)
    if some:
        found = encoder.shared([texts[at] for at in some]).embeddings
        for at, vector in zip(some, found.astype("<f2"), strict=True):
            vectors[at] = vector.tobytes()
    return made.append_column(VECTOR, pa.array(vectors, pa.binary()))


def read_as(batch: pa.RecordBatch, *, version: str, default: str, own: Sequence[OwnModel]) -> pa.RecordBatch:
    """As `read`, by exactly this version, with each text's embedding; BadSettings where files of own models changed."""
    if own and annotate.version(own=own) != version:
        raise BadSettings("the files of your models in heedful.toml are others than at the start; start again")
    return _on_every_core(batch, partial(_with_vectors, default=default, own=own))


def read_texts(texts: Sequence[str | None], *, language: str | None = None, default: str = "en") -> pa.RecordBatch:
    """The columns that are made today, for texts from anywhere; half a character counts as one unknown sign."""
    whole = [None if text is None else text.encode("utf-8", "replace").decode() for text in texts]
    batch = pa.RecordBatch.from_arrays([pa.array(whole, pa.string())], ["text"])
    return read(batch, language=language, default=default).select(annotate.added())
