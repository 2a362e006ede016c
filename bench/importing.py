"""`heedful import` of a million events from Parquet: records a second, and peak memory at one and four million."""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from heedful.store.place import make
from machine import save

BLOCK = 100_000
SHAPE = pa.schema(
    [
        ("event_id", pa.string()),
        ("event_name", pa.string()),
        ("user_id", pa.string()),
        ("timestamp", pa.timestamp("us", tz="UTC")),
        ("page", pa.string()),
        ("value", pa.float64()),
        ("device", pa.string()),
        ("country", pa.string()),
    ]
)


def write(path: Path, events: int) -> None:
    """A Parquet file as a web shop's warehouse would export it."""
    draw = random.Random(7)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    names = ["page_view", "search", "add_to_basket", "checkout", "purchase"]
    with pq.ParquetWriter(path, SHAPE, compression="zstd") as writer:
        for first in range(0, events, BLOCK):
            rows = range(first, min(first + BLOCK, events))
            columns = [
                [f"ev-{n:010d}" for n in rows],
                draw.choices(names, k=len(rows)),
                [f"user{draw.randrange(100_000)}@example.com" for _ in rows],
                [start + timedelta(seconds=5 * n) for n in rows],
                [f"/catalogue/{draw.randrange(3000)}" for _ in rows],
                [round(draw.random() * 200, 2) for _ in rows],
                draw.choices(["phone", "desktop", "tablet"], k=len(rows)),
                draw.choices(["DE", "FR", "GB", "US", None], k=len(rows)),
            ]
            arrays = [pa.array(c, f.type) for c, f in zip(columns, SHAPE, strict=True)]
            writer.write_batch(pa.RecordBatch.from_arrays(arrays, schema=SHAPE))


def imported(folder: Path, events: int) -> dict[str, Any]:
    """One import, as a user types it."""
    path = folder / f"events_{events}.parquet"
    write(path, events)
    place = make(folder / f"ws{events}")
    command = [sys.executable, "-m", "heedful", "import", str(path), "--as", "events", "--yes", "--json"]
    began = time.perf_counter()
    process = subprocess.Popen(
        [*command, "--workspace", str(place.folder)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    took = time.perf_counter() - began
    if status or f'"taken": {events},' not in said:
        raise SystemExit(f"the import of {events:,} events ended with {status} and said {said!r}")
    return {
        "events": events,
        "seconds": round(took, 1),
        "per_second": round(events / took),
        "peak_mb": round(usage.ru_maxrss / 1000),
        "said": said.strip(),
    }


def main() -> None:
    """Run both sizes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, nargs="*", default=[1_000_000, 4_000_000])
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=os.environ.get("HEEDFUL_BENCH_DIR")) as folder:
        save("importing", {f"parquet_{events}": imported(Path(folder), events) for events in given.events})


if __name__ == "__main__":
    main()
