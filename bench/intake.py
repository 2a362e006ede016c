"""HTTP intake on two cores shared with the load: acknowledged rate, latency, and whether draining keeps up.

`python bench/intake.py [most|half|steady-events|steady-messages|backlog-events|backlog-messages ...]`
Every run ends by counting the stored rows: a bare 202 does not count.
"""

import argparse
import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from heedful.store.journal import Entry
from heedful.store.place import Place, make
from machine import quantile, save

BATCH = 100
NUMBER = "##########"
"""Stands for the number of a batch in a request, and is as long as one."""
SAID = [
    "the parcel came late again and nobody told me why",
    "great service thank you so much",
    "my order number is below please have a look",
    "Write to me at kim{n}@example.com or call 0170 55501{n:02d}",
    "app keeps logging me out since the update, so annoying",
    "@acme when does the shop in town open on Sunday?",
]


@dataclass
class Run:
    """What one load saw."""

    latencies: list[float] = field(default_factory=list)
    accepted: int = 0
    refused: int = 0


@dataclass(frozen=True)
class Server:
    """A running server and a key to write with."""

    place: Place
    port: int
    key: str
    token: str

    def get(self, path: str) -> Any:
        """A question to the server."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}")
        request.add_header("authorization", f"Bearer {self.token}")
        with urllib.request.urlopen(request, timeout=120) as answer:
            return json.loads(answer.read())


@contextmanager
def serving(place: Place) -> Iterator[Server]:
    """`heedful serve` on a workspace, ended with the block."""
    key = place.api_keys().create(f"bench {time.time()}", "write", datetime.now(UTC))
    command = [sys.executable, "-m", "heedful", "serve", "--workspace", str(place.folder), "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        yield wait_ready(place, key)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def wait_ready(place: Place, key: str) -> Server:
    """The server once it is ready."""
    until = time.monotonic() + 120
    while time.monotonic() < until:
        time.sleep(0.05)
        notice = place.running()
        if not notice:
            continue
        server = Server(place, int(notice["url"].rpartition(":")[2]), key, notice["token"])
        try:
            with urllib.request.urlopen(f"{notice['url']}/readyz", timeout=5):
                return server
        except OSError:
            continue
    raise SystemExit("the server was not ready within two minutes")


def event(n: int, at: datetime) -> dict[str, Any]:
    """One event as an app sends it."""
    return {
        "id": f"e{n}",
        "name": random.choice(("page_view", "search", "add_to_basket", "purchase")),
        "person": f"user{random.randrange(200_000)}@example.com",
        "path": f"/items/{random.randrange(5000)}",
        "device": random.choice(("phone", "desktop")),
        "value": round(random.random() * 100, 2),
        "occurred_at": at.isoformat(),
    }


def message(n: int, at: datetime) -> dict[str, Any]:
    """One message as a source sends it."""
    said = " ".join(random.choices(SAID, k=random.choice((1, 1, 2)))).format(n=n % 100)
    return {
        "id": f"m{n}",
        "channel": random.choice(("social", "review", "chat", "email")),
        "person": f"@user{random.randrange(50_000)}",
        "text": f"{said} {n}",
        "occurred_at": at.isoformat(),
    }


def request_of(table: str, records: list[dict[str, Any]], key: str) -> bytes:
    """One whole HTTP request."""
    body = json.dumps(records).encode()
    head = (
        f"POST /v1/{table}s HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {key}\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class Requests:
    """Whole requests with distinct records, cheap to make: templates in which only the batch number changes."""

    def __init__(self, table: str, key: str, templates: int = 200) -> None:
        """Make the templates before the clock runs."""
        one = event if table == "event" else message
        now = datetime.now(UTC)
        self._templates = [
            request_of(
                table, [{**one(n, now + timedelta(seconds=n)), "id": f"{NUMBER}-{n}"} for n in range(BATCH)], key
            )
            for _ in range(templates)
        ]

    def __getitem__(self, number: int) -> bytes:
        """The request with a number."""
        return self._templates[number % len(self._templates)].replace(NUMBER.encode(), b"%010d" % number)


async def answer_of(reader: asyncio.StreamReader) -> int:
    """The status of one answer."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    await reader.readexactly(length)
    return int(head[9:12])


async def closed_loop(server: Server, requests: Requests, seconds: float, connections: int) -> Run:
    """Each connection sends the next request when the last was answered."""
    run, numbers, until = Run(), count(), time.perf_counter() + seconds

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        while time.perf_counter() < until:
            await send(run, reader, writer, requests[next(numbers)])
        writer.close()

    await asyncio.gather(*(one() for _ in range(connections)))
    return run


async def send(run: Run, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> None:
    """Send a request and note what became of it; one that was refused for now is sent again."""
    began = time.perf_counter()
    while True:
        writer.write(request)
        status = await answer_of(reader)
        if status == 202:
            break
        run.refused += 1
        await asyncio.sleep(0.5)
    run.latencies.append(time.perf_counter() - began)
    run.accepted += BATCH


async def open_loop(server: Server, requests: Requests, rate: int, seconds: float) -> Run:
    """Requests leave on a fixed schedule whatever the answers do; latency counts from the schedule."""
    run = Run()
    free: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
    for _ in range(32):
        free.put_nowait(await asyncio.open_connection("127.0.0.1", server.port))
    pause, tasks = BATCH / rate, set()
    began = time.perf_counter()

    async def one(due: float, request: bytes) -> None:
        connection = await free.get()
        await send(run, *connection, request)
        run.latencies[-1] = time.perf_counter() - due
        free.put_nowait(connection)

    for number in range(int(seconds * rate / BATCH)):
        request = requests[number]
        due = began + number * pause
        if (wait := due - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        task = asyncio.create_task(one(due, request))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    await asyncio.gather(*tasks)
    return run


def figures(run: Run, seconds: float) -> dict[str, Any]:
    """A run in numbers: records a second, latency in milliseconds."""
    ms = [1000 * one for one in run.latencies]
    return {
        "per_second": round(run.accepted / seconds),
        "accepted": run.accepted,
        "refused": run.refused,
        "seconds": round(seconds, 1),
        "p50_ms": round(quantile(ms, 0.5), 1),
        "p99_ms": round(quantile(ms, 0.99), 1),
        "worst_ms": round(max(ms), 1),
    }


def settled(server: Server, table: str, expected: int) -> dict[str, Any]:
    """Wait until the journal is empty, then count the stored rows."""
    began = time.perf_counter()
    while server.get("/v1/status")["waiting"]:
        time.sleep(0.1)
    metric = "events" if table == "event" else "volume"
    rows = server.get(f"/v1/metrics/{metric}")["rows"][0]["value"]
    if rows != expected:
        raise SystemExit(f"{expected:,} were acknowledged and {rows:,.0f} are stored")
    return {"stored": int(rows), "drained_after_s": round(time.perf_counter() - began, 1)}


def most(folder: Path, seconds: float) -> dict[str, Any]:
    """As many events as are acknowledged durable, closed loop."""
    place = make(folder / "most")
    with serving(place) as server:
        requests = Requests("event", server.key)
        began = time.perf_counter()
        run = asyncio.run(closed_loop(server, requests, seconds, 32))
        took = time.perf_counter() - began
        return figures(run, took) | settled(server, "event", run.accepted)


def steady(folder: Path, table: str, rate: int, seconds: float) -> dict[str, Any]:
    """A fixed rate for long; the backlog is looked at each second and must stay flat."""
    place = make(folder / f"steady-{table}-{rate}")
    with serving(place) as server:
        backlog: list[int] = []
        requests = Requests(table, server.key)

        async def watch() -> None:
            while True:
                await asyncio.sleep(1)
                backlog.append((await asyncio.to_thread(server.get, "/v1/status"))["waiting"])

        async def both() -> Run:
            watching = asyncio.create_task(watch())
            run = await open_loop(server, requests, rate, seconds)
            watching.cancel()
            return run

        began = time.perf_counter()
        run = asyncio.run(both())
        took = time.perf_counter() - began
        half = len(backlog) // 2
        levels = {
            "backlog_median_first_half": quantile(backlog[:half] or [0], 0.5),
            "backlog_median_second_half": quantile(backlog[half:] or [0], 0.5),
            "backlog_most": max(backlog, default=0),
        }
        return figures(run, took) | levels | settled(server, table, run.accepted)


def backlog(folder: Path, table: str, records: int) -> dict[str, Any]:
    """How fast a backlog alone is stored: journaled first, then the server starts."""
    place = make(folder / f"backlog-{table}")
    journal = place.journal()
    one = event if table == "event" else message
    now = datetime.now(UTC)
    for first in range(0, records, 1000):
        body = json.dumps([one(n, now + timedelta(milliseconds=n)) for n in range(first, first + 1000)]).encode()
        journal.append([Entry(table, "bench", "json", 1000, body)])
    command = [sys.executable, "-m", "heedful", "serve", "--workspace", str(place.folder), "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    levels = [(time.perf_counter(), journal.backlog().records)]
    while levels[-1][1]:
        time.sleep(0.1)
        levels.append((time.perf_counter(), journal.backlog().records))
    moving = [at for at, left in levels if left < records]
    start = max(at for at, left in levels if left == records)
    server = wait_ready(place, "")
    counted = settled(server, table, records)
    process.send_signal(signal.SIGTERM)
    process.wait(60)
    return {"records": records, "per_second": round(records / (moving[-1] - start)), **counted}


RUNS = {
    "most": lambda folder, seconds: most(folder, min(seconds, 30)),
    "half": lambda folder, seconds: steady(folder, "event", 25_000, min(seconds, 30)),
    "steady-events": lambda folder, seconds: steady(folder, "event", 10_000, seconds),
    "steady-messages": lambda folder, seconds: steady(folder, "message", 1_000, seconds),
    "backlog-events": lambda folder, _: backlog(folder, "event", 600_000),
    "backlog-messages": lambda folder, _: backlog(folder, "message", 60_000),
}


def main() -> None:
    """Run what was asked for, or everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", nargs="*", choices=[*RUNS, []], help="which; all if none is named")
    parser.add_argument("--seconds", type=float, default=600, help="how long the steady runs last")
    given = parser.parse_args()
    random.seed(1)
    with tempfile.TemporaryDirectory(dir=os.environ.get("HEEDFUL_BENCH_DIR")) as folder:
        for name in given.runs or RUNS:
            print(name, flush=True)
            save("intake", {name: RUNS[name](Path(folder), given.seconds)})


if __name__ == "__main__":
    main()
