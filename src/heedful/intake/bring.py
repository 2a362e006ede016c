"""Bring a file in through the one door: shaped batches into the journal, bad rows into quarantine."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping

import pyarrow as pa

from heedful.intake.files import Shaped
from heedful.store.journal import Bad, Entry, Journal

PAUSE = 0.2


def bring(
    shaped: Iterable[Shaped],
    journal: Journal,
    *,
    table: str,
    source: str,
    import_id: str,
    name: str,
    backlog_bytes: int,
    read_as: Mapping[str, str],
    told: Callable[[float], None],
) -> None:
    """Journal every batch, durable one by one; wait where the backlog is full. `told` gets the part done, 0 to 1.

    `read_as` is each field with its column of the file, kept for whoever corrects what goes to quarantine.
    """
    journal.note_fields(import_id, name, read_as)
    for part in shaped:
        while journal.backlog().bytes > backlog_bytes:
            time.sleep(PAUSE)
        bad = tuple(_bad(part, name))
        journal.append([Entry(table, source, "arrow", part.batch.num_rows, _encoded(part.batch), import_id, bad)])
        told(part.done)


def _bad(part: Shaped, name: str) -> Iterator[Bad]:
    for one in part.bad:
        yield Bad(f"{name} line {one.line}", one.reason, one.raw.encode("utf-8", "surrogateescape"))


def _encoded(batch: pa.RecordBatch) -> bytes:
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression="lz4")
    with pa.ipc.new_stream(sink, batch.schema, options=options) as writer:
        writer.write_batch(batch)
    return bytes(sink.getvalue())
