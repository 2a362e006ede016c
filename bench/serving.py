"""Start-up, idle memory, and how soon a message that was taken in stands on the live page."""

import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from heedful.store.place import make
from intake import serving
from machine import quantile, save

ROUNDS = 60


def help_seconds() -> float:
    """`heedful --help`, median of nine, in seconds."""
    times = []
    for _ in range(9):
        began = time.perf_counter()
        subprocess.run([Path(sys.executable).with_name("heedful"), "--help"], check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - began)
    return round(quantile(times, 0.5), 3)


def memory_mb(pid: int) -> float:
    """Memory of a process and all below it in megabytes, shared pages counted once (PSS)."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    own = next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    return own / 1000 + sum(memory_mb(int(child)) for child in children)


def arrivals(url: str, seen: dict[str, float]) -> None:
    """Follow the live stream and note when each message comes by."""
    with urllib.request.urlopen(urllib.request.Request(f"{url}/v1/stream")) as stream:
        for line in stream:
            for part in line.decode("utf-8", "replace").split("livemark")[1:]:
                seen.setdefault(part.partition("x")[0], time.perf_counter())


def visible_ms(folder: Path) -> dict[str, Any]:
    """From the POST to the live stream of the first page, in milliseconds."""
    place = make(folder / "live", demo=True)
    draw = random.Random(3)
    with serving(place) as server:
        url = f"http://127.0.0.1:{server.port}"
        seen: dict[str, float] = {}
        threading.Thread(target=arrivals, args=(url, seen), daemon=True).start()
        time.sleep(2)
        sent: dict[str, float] = {}
        for number in range(ROUNDS):
            said = f"livemark{number}x is here"
            record = {"id": said, "text": said, "occurred_at": datetime.now(UTC).isoformat()}
            request = urllib.request.Request(f"{url}/v1/messages", json.dumps([record]).encode())
            request.add_header("authorization", f"Bearer {server.key}")
            sent[str(number)] = time.perf_counter()
            urllib.request.urlopen(request).close()
            time.sleep(draw.uniform(0.1, 0.6))
        time.sleep(5)
    waits = [1000 * (seen[mark] - at) for mark, at in sent.items() if mark in seen]
    if len(waits) < ROUNDS:
        raise SystemExit(f"{ROUNDS - len(waits)} of {ROUNDS} messages were never seen live")
    return {"messages": ROUNDS, "p50_ms": round(quantile(waits, 0.5)), "p95_ms": round(quantile(waits, 0.95))}


def idle(folder: Path) -> dict[str, Any]:
    """Seconds until ready, and memory half a minute later."""
    place = make(folder / "idle")
    ready = []
    for number in range(5):
        fresh = make(folder / f"start{number}")
        began = time.perf_counter()
        with serving(fresh):
            ready.append(time.perf_counter() - began)
    with serving(place):
        time.sleep(30)
        notice = place.running()
        assert notice is not None
        memory = memory_mb(int(notice["pid"]))
    return {"ready_s": round(quantile(ready, 0.5), 2), "idle_mb": round(memory)}


def main() -> None:
    """Measure everything."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("HEEDFUL_BENCH_DIR")) as name:
        folder = Path(name)
        save("serving", {"help": {"seconds": help_seconds()}, "start": idle(folder), "live": visible_ms(folder)})


if __name__ == "__main__":
    main()
