"""A day of mixed load in less time: records come in, are read, and ten people click through the pages.

`python bench/mixed.py [--minutes N] [--hours N]`: so many hours of a day of 100,000 messages and 500,000 events are
sent in so many minutes (the goal speaks of 24 in 60; 6 in 15 are as hard, for a shorter time). Memory is looked at
every ten seconds, and in the second half compared with the first; every page is timed; at the end every acknowledged
record is counted. The load runs on the same machine.
"""

import argparse
import json
import random
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from heedful.store.place import make
from intake import serving
from machine import quantile, save
from serving import memory_mb

MESSAGES, EVENTS = 100_000, 500_000
BATCH = 50
PEOPLE = 10
PAGES = (
    "/",
    "/?period=7d",
    "/messages",
    "/messages?q=parcel",
    "/messages?channel=review&sentiment=negative",
    "/figures?metric=net_sentiment&by=day",
    "/figures?metric=volume&by=channel&then=sentiment",
    "/v1/metrics/volume?by=channel",
    "/help",
)
SAID = (
    "The parcel came late and the box was wet.",
    "Lovely service, thank you!",
    "Where is my order?",
    "It broke again.",
)


@dataclass
class Seen:
    """What the load met."""

    pages: list[float] = field(default_factory=list)
    sends: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    acknowledged: int = 0
    over: threading.Event = field(default_factory=threading.Event)


def batches(table: str, total: int) -> Iterator[list[dict[str, Any]]]:
    """Records of many people, ids in order."""
    draw = random.Random(5)
    for start in range(0, total, BATCH):
        at = datetime.now(UTC).isoformat()
        who = [f"person{draw.randint(1, 40_000)}@example.org" for _ in range(BATCH)]
        if table == "messages":
            yield [
                {
                    "id": f"m{start + i}",
                    "channel": draw.choice(("review", "chat", "social")),
                    "person": who[i],
                    "text": f"{draw.choice(SAID)} Order {start + i}.",
                    "occurred_at": at,
                }
                for i in range(BATCH)
            ]
        else:
            yield [{"id": f"e{start + i}", "name": "view", "person": who[i], "occurred_at": at} for i in range(BATCH)]


def send(url: str, key: str, table: str, total: int, seconds: float, seen: Seen) -> None:
    """Send everything at an even pace; what is not acknowledged is sent again."""
    began = time.perf_counter()
    for number, records in enumerate(batches(table, total)):
        if (early := began + seconds * number * BATCH / total - time.perf_counter()) > 0:
            time.sleep(early)
        while True:
            request = urllib.request.Request(f"{url}/v1/{table}", json.dumps(records).encode())
            request.add_header("authorization", f"Bearer {key}")
            at = time.perf_counter()
            try:
                urllib.request.urlopen(request, timeout=60).read()
                break
            except (urllib.error.URLError, ConnectionError, TimeoutError) as error:
                seen.errors.append(f"send: {error}")
                time.sleep(1)
        seen.sends.append(time.perf_counter() - at)
        seen.acknowledged += len(records)


def click(url: str, token: str, seed: int, seen: Seen) -> None:
    """Open a page, look at it for some seconds, open the next."""
    draw = random.Random(seed)
    while not seen.over.wait(draw.uniform(1, 5)):
        request = urllib.request.Request(url + draw.choice(PAGES), headers={"accept": "text/html"})
        request.add_header("authorization", f"Bearer {token}")
        at = time.perf_counter()
        try:
            urllib.request.urlopen(request, timeout=60).read()
        except (urllib.error.URLError, ConnectionError, TimeoutError) as error:
            seen.errors.append(f"{request.full_url}: {error}")
        seen.pages.append(time.perf_counter() - at)


def main() -> None:
    """Measure, and save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--hours", type=float, default=24)
    given = parser.parse_args()
    minutes, share = given.minutes, given.hours / 24
    with tempfile.TemporaryDirectory() as folder:
        place = make(Path(folder) / "mixed")
        with serving(place) as server:
            url, key, token = f"http://127.0.0.1:{server.port}", server.key, server.token
            pid = int(json.loads(place.notice.read_text())["pid"])
            seen = Seen()
            people = [threading.Thread(target=click, args=(url, token, n, seen)) for n in range(PEOPLE)]
            loads = [
                threading.Thread(target=send, args=(url, key, table, int(share * total), 60 * minutes, seen))
                for table, total in (("messages", MESSAGES), ("events", EVENTS))
            ]
            memory: list[float] = []
            for thread in (*people, *loads):
                thread.start()
            while any(thread.is_alive() for thread in loads):
                memory.append(memory_mb(pid))
                time.sleep(10)
            seen.over.set()
            for thread in people:
                thread.join()
            stored = counted(url, token)
        half = len(memory) // 2
        save(
            "mixed",
            {
                f"{given.hours:g} hours in {minutes:g} minutes": {
                    "messages": int(share * MESSAGES),
                    "events": int(share * EVENTS),
                    "pages": len(seen.pages),
                    "page_p50_ms": round(1000 * quantile(seen.pages, 0.5)),
                    "page_p95_ms": round(1000 * quantile(seen.pages, 0.95)),
                    "acknowledgement_p99_ms": round(1000 * quantile(seen.sends, 0.99)),
                    "errors": len(seen.errors),
                    "first_errors": seen.errors[:5],
                    "acknowledged": seen.acknowledged,
                    "lost": seen.acknowledged - sum(stored),
                    "memory_first_half_mb": round(quantile(memory[:half], 0.5)),
                    "memory_second_half_mb": round(quantile(memory[half:], 0.5)),
                    "memory_peak_mb": round(max(memory)),
                }
            },
        )


def counted(url: str, token: str) -> list[int]:
    """How many messages and events are stored, once nothing waits."""

    def asked(path: str) -> Any:
        request = urllib.request.Request(url + path, headers={"authorization": f"Bearer {token}"})
        return json.load(urllib.request.urlopen(request, timeout=60))

    while asked("/v1/status")["waiting"]:
        time.sleep(0.5)
    return [int(asked(f"/v1/metrics/{name}")["rows"][0]["value"]) for name in ("volume", "events")]


if __name__ == "__main__":
    main()
