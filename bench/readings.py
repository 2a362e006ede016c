"""How fast messages are read: each annotator, and all of them in one pass, on one core.

    python bench/readings.py [DATA_FOLDER]

Texts are the airline tweets (short) and shop reviews (longer), in batches of 2,000. Time is processor time, so that
other work on the machine counts little. `language` also says how often it is right.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from heedful import folder
from heedful.language import annotate, annotators
from machine import save

ROWS = 2_000
CODES = dict(
    zip(
        "arabic english french german hindi italian portuguese spanish".split(),
        "ar en fr de hi it pt es".split(),
        strict=True,
    )
)


def speed(made: Callable[[pa.RecordBatch], object], batches: list[pa.RecordBatch]) -> float:
    """Rows a second of processor time; the best of three, after one batch to warm up."""
    made(batches[0])
    best = 0.0
    for _ in range(3):
        began = time.process_time()
        for batch in batches:
            made(batch)
        best = max(best, sum(batch.num_rows for batch in batches) / (time.process_time() - began))
    return round(best)


def speeds(texts: list[str]) -> dict[str, float]:
    """Of each annotator, and of all together."""
    table = pa.table({"text": pa.array(texts, pa.string())})
    plain = table.to_batches(max_chunksize=ROWS)
    read = [annotate.read(batch) for batch in plain]
    whole = [
        pa.RecordBatch.from_arrays([*made.columns, batch.column("text")], [*made.schema.names, "text"])
        for batch, made in zip(plain, read, strict=True)
    ]
    found = {
        name: speed(part.annotate, [batch.select(part.NEEDS) for batch in whole])
        for name in folder.names(annotators)
        for part in [folder.load(annotators, name)]
    }
    return found | {"all_in_one_pass": speed(annotate.read, plain)}


def languages(data: Path) -> dict[str, float]:
    """How often the language is right, by language, on short tweets."""
    rows = pq.read_table(data / "umsab_multilingual_sentiment/validation.parquet").to_pylist()
    batch = pa.RecordBatch.from_arrays([pa.array([row["text"] for row in rows])], ["text"])
    found = annotate.read(batch).column("language").to_pylist()
    right: dict[str, list[bool]] = {}
    for row, code in zip(rows, found, strict=True):
        right.setdefault(CODES[row["language"]], []).append(code == CODES[row["language"]])
    return {code: round(sum(hits) / len(hits), 4) for code, hits in sorted(right.items())}


def main() -> None:
    """Measure, print, save."""
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[2] / "shared" / "data"
    tweets = pq.read_table(data / "airline_tweets/all.parquet")["text"].to_pylist()
    reviews = [text for text in pq.read_table(data / "amazon_all_beauty_5core/all.parquet")["text"].to_pylist() if text]
    found: dict[str, Any] = {
        "tweets_a_second": speeds(tweets),
        "reviews_a_second": speeds(reviews),
        "language_right": languages(data),
    }
    save("readings", found)


if __name__ == "__main__":
    main()
