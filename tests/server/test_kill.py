"""kill -9 at random moments under load: nothing acknowledged is lost, nothing is there twice."""

import os
import random
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import httpx2
import narwhals.stable.v2 as nw
import pytest

from heedful.privacy.viewer import Viewer
from heedful.store.place import Place
from serving import await_ready, start, write_key

BATCH = 25


class Load:
    """Clients that send batches for as long as they may, and again what was not acknowledged."""

    def __init__(self, headers: dict[str, str], port: list[int]) -> None:
        self.headers, self.port = headers, port
        self.acknowledged: set[str] = set()
        self.sent: set[str] = set()
        self.numbers: Iterator[int] = count()
        self.over = threading.Event()
        self.threads = [threading.Thread(target=self._client) for _ in range(4)]

    def __enter__(self) -> "Load":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        for thread in self.threads:
            thread.join()

    def _client(self) -> None:
        with httpx2.Client(timeout=5, headers=self.headers) as client:
            while not self.over.is_set():
                ids = [f"k{next(self.numbers)}" for _ in range(BATCH)]
                self.sent.update(ids)
                records = [{"id": id, "name": "click", "person": id} for id in ids]
                while not self.over.is_set():
                    try:
                        answer = client.post(f"http://127.0.0.1:{self.port[0]}/v1/events", json=records)
                    except httpx2.TransportError:
                        time.sleep(0.01)
                        continue
                    if answer.status_code == 202:
                        self.acknowledged.update(ids)
                        break


def worker_of(process: subprocess.Popen[bytes]) -> int | None:
    """The worker process of a server, if it has started."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return int(children[0]) if children else None


def stored_ids(place: Place) -> list[int]:
    """The people of all stored events: one for each record sent."""
    until = time.monotonic() + 60
    store = place.store()
    with store.view(Viewer("test", frozenset({"analyst"}), smallest=1)) as view:
        people: list[int] = (
            view.frame("event").select(nw.col("person")).collect("pyarrow").to_arrow()["person"].to_pylist()
        )
    store.close()
    assert time.monotonic() < until
    return people


@pytest.mark.skipif(not Path("/proc").exists(), reason="looks for the worker process in /proc")
def test_twenty_kills_lose_and_double_nothing(place: Place) -> None:
    from heedful.privacy.pseudonym import person_number

    draw = random.Random(20)
    port = [0]
    with Load(write_key(place), port) as load:
        for kill in range(20):
            process = start(place)
            port[0] = int(await_ready(place, process, path="/healthz").url.rpartition(":")[2])
            time.sleep(draw.uniform(0.05, 1.5))
            worker = worker_of(process)
            if kill % 3 == 2 and worker:
                os.kill(worker, signal.SIGKILL)
                time.sleep(draw.uniform(0.05, 0.5))
                worker = worker_of(process)
            for pid in (process.pid, worker):
                if pid:
                    os.kill(pid, signal.SIGKILL)
            process.wait()
    process = start(place)
    server = await_ready(place, process)
    server.settle()
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    people = stored_ids(place)
    assert len(people) == len(set(people)), "a record is there twice"
    stored = set(people)
    lost = [id for id in load.acknowledged if person_number(id, place.keys.person) not in stored]
    assert not lost, f"{len(lost)} acknowledged records were lost"
    assert len(load.acknowledged) > 1000
    assert stored <= {person_number(id, place.keys.person) for id in load.sent}
