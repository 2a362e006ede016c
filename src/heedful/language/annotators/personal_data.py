"""Where a text holds personal details, or the placeholder of one."""

import pyarrow as pa

from heedful.privacy.redact import find
from heedful.records import READING

NEEDS: tuple[str, ...] = ("text",)
ADDS = pa.schema([READING.field("personal_data")])
VERSION = "1"


def annotate(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Spans of kind, start, end (Unicode characters) and score; an empty list where there are none.

    Null without text.
    """
    texts = batch.column("text").to_pylist()
    found = find(texts, handles=True)
    spans = [
        [{"kind": s.kind, "start": s.start, "end": s.end, "score": s.score} for s in spans] if text else None
        for text, spans in zip(texts, found, strict=True)
    ]
    return pa.RecordBatch.from_arrays([pa.array(spans, ADDS.field(0).type)], schema=ADDS)
