"""Clients that send without a pause and keep book, and what became of it: for tests of kills, stops and backups."""

import threading
import time
from collections.abc import Iterator
from itertools import count

import httpx2
import narwhals.stable.v2 as nw

import over_http
from heedful.privacy.viewer import Viewer
from heedful.store.place import Place

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
        with over_http.Client(timeout=5, headers=self.headers) as client:
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
