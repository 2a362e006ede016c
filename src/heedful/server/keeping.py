"""Threads that keep everything up to date: the journal drained, the search index filled, new messages read."""

import sys
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context

import narwhals.stable.v2 as nw
import pyarrow as pa

from heedful.errors import TryLater
from heedful.intake.drain import Drain
from heedful.language import annotate
from heedful.language.unread import READER, read_these, unread
from heedful.store.facts import Store
from heedful.store.place import Place
from heedful.store.search import Search

PAUSE = 0.05
READ_AT_ONCE = 1_000
INDEX_AT_ONCE = 5_000
IDLE_SECONDS = 60.0
LOOK_AGAIN_SECONDS = 60.0


@dataclass
class Keeping:
    """The worker's threads; `drained` tells whether the journal was empty once since the start."""

    place: Place
    store: Store
    search: Search
    drain: Drain
    unread: int = 0
    drained: threading.Event = field(default_factory=threading.Event)
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        """Begin."""
        for run in (self._drain, self._index, self._read):
            thread = threading.Thread(target=run, name=run.__name__.strip("_"), daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """Finish the step under way and end."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _drain(self) -> None:
        while not self._stop.is_set():
            try:
                busy = bool(self.drain.step())
            except TryLater as error:
                sys.stderr.write(f"heedful: storing waits {error.after:.0f} s: {error}\n")
                self._stop.wait(error.after)
                continue
            if not busy:
                self.drained.set()
                self._stop.wait(PAUSE)

    def _index(self) -> None:
        while not self._stop.is_set():
            texts = self.store.texts(self.search.through(), INDEX_AT_ONCE)
            if not texts.num_rows:
                self._stop.wait(2 * PAUSE)
                continue
            self.search.add(texts, through=texts["n"][-1].as_py())

    def _read(self) -> None:
        """Newest first, in a process of its own, so that nobody waits for it."""
        version = annotate.version()
        waiting = unread(self.store, version)
        looked = time.monotonic()
        pool: ProcessPoolExecutor | None = None
        idle_since = time.monotonic()
        seen = max(waiting, default=0)
        while not self._stop.is_set():
            fresh, seen = self._since(seen)
            waiting += fresh
            self.unread = len(waiting)
            if not waiting:
                if pool and time.monotonic() - idle_since > IDLE_SECONDS:
                    pool.shutdown()
                    pool = None
                if time.monotonic() - looked > LOOK_AGAIN_SECONDS:
                    waiting, looked = unread(self.store, version), time.monotonic()
                self._stop.wait(4 * PAUSE)
                continue
            pool = pool or ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=_humble)
            some, waiting = waiting[-READ_AT_ONCE:], waiting[:-READ_AT_ONCE]
            try:
                read_these(self.store, some, version, partial(_in, pool, self.place.settings.language))
            except BrokenProcessPool:
                waiting, pool = waiting + some, None
            idle_since = time.monotonic()
        if pool:
            pool.shutdown(cancel_futures=True)

    def _since(self, n: int) -> tuple[list[int], int]:
        """Row numbers of messages stored after a row number, and the last row number of all now."""
        if self.store.clock().partition("-")[0] == str(n):
            return [], n
        with self.store.view(READER) as view:
            fresh = view.frame("message").filter(nw.col("n") > n).select("n").sort("n")
            numbers: list[int] = fresh.collect("pyarrow").to_arrow()["n"].to_pylist()
            return numbers, int(view.as_of.partition("-")[0])


def _in(pool: ProcessPoolExecutor, language: str, batch: pa.RecordBatch) -> pa.RecordBatch:
    """Read a batch in the pool's process; `language` is that of short texts that leave it open."""
    return pool.submit(partial(annotate.read, default=language), batch).result()


def _humble() -> None:
    """Give way to pages and intake, and end with the process that asked."""
    import os
    from multiprocessing import parent_process

    def follow() -> None:
        if parent := parent_process():
            parent.join()
            os._exit(0)

    os.nice(15)
    threading.Thread(target=follow, daemon=True).start()
