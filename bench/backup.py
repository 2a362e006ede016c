"""Backup and restore of two million messages while records keep coming in, and what packing smaller would cost.

`python bench/backup.py [--messages N]`
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path
from typing import Any

import pyarrow as pa

import ask_rows
from heedful.store.place import make
from intake import serving
from machine import quantile, save

EVERY = 0.02


def sending(url: str, key: str, over: threading.Event, waits: list[float]) -> None:
    """One event after the other; how long each was waited for, in milliseconds."""
    while not over.is_set():
        body = json.dumps([{"name": "view", "id": str(len(waits))}]).encode()
        request = urllib.request.Request(f"{url}/v1/events", body, {"authorization": f"Bearer {key}"})
        began = time.perf_counter()
        with urllib.request.urlopen(request, timeout=60) as answer:
            assert answer.status == 202
        waits.append(1000 * (time.perf_counter() - began))
        time.sleep(EVERY)


def command(*words: str) -> tuple[float, Any]:
    """A command's seconds and what it printed."""
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "heedful", *words, "--json"], capture_output=True, text=True, check=True
    )
    return time.perf_counter() - began, json.loads(done.stdout)


def smaller(path: Path) -> dict[str, float]:
    """What zstd, level 3, would save of the facts, and its seconds."""
    began, size = time.perf_counter(), 0
    codec = pa.Codec("zstd", 3)
    with path.open("rb") as file:
        while chunk := file.read(16_000_000):
            size += len(codec.compress(chunk, asbytes=True))
    took = time.perf_counter() - began
    return {"seconds": round(took, 1), "part_of_size": round(size / path.stat().st_size, 2)}


def measure(folder: Path, messages: int) -> dict[str, Any]:
    """A server with that many messages, backed up under load, restored and compared by its counts."""
    place = make(folder / "shop")
    ask_rows.build(place.data / "heedful.duckdb", messages, messages // 10)
    size = (place.data / "heedful.duckdb").stat().st_size
    packed = smaller(place.data / "heedful.duckdb")
    with serving(place) as server:
        over, waits = threading.Event(), list[float]()
        sender = threading.Thread(target=sending, args=(f"http://127.0.0.1:{server.port}", server.key, over, waits))
        sender.start()
        time.sleep(5)
        before = len(waits)
        try:
            backup, told = command("backup", str(folder / "b.tar"), "--workspace", str(place.folder))
        finally:
            during = waits[before:]
            over.set()
            sender.join()
    check, _ = command("restore", str(folder / "b.tar"), "--check")
    restore, made = command("restore", str(folder / "b.tar"), str(folder / "again"))
    assert made["rows"] == told["rows"]
    assert told["rows"]["data/heedful.duckdb"]["facts.message"] == messages
    return {
        "messages": messages,
        "events": messages // 10,
        "facts_mb": round(size / 1e6),
        "backup_mb": round((folder / "b.tar").stat().st_size / 1e6),
        "backup_seconds": round(backup, 1),
        "check_seconds": round(check, 1),
        "restore_seconds": round(restore, 1),
        "taken_in_meanwhile": len(during),
        "acknowledged_p50_ms": round(quantile(during, 0.5), 1),
        "acknowledged_longest_ms": round(max(during), 1),
        "zstd": packed,
    }


def main() -> None:
    """Measure and save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=2_000_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=os.environ.get("HEEDFUL_BENCH_DIR")) as folder:
        save("backup", {"two million": measure(Path(folder), given.messages)})


if __name__ == "__main__":
    main()
