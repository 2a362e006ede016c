"""Group commit: batches of many requests go into the journal in one durable transaction.

A thread takes whatever waits, writes it, and only then are the requests answered. What waits is bounded,
and so is the journal's backlog: beyond either, the answer is TryLater, before memory or disk run out.
"""

import asyncio
import queue
import threading
import time
from dataclasses import dataclass, field

from heedful.errors import TryLater
from heedful.store.journal import Entry, Journal

WAITING_BYTES = 64_000_000
MOST_AT_ONCE = 512
LOOK_EVERY = 0.25


@dataclass
class Appender:
    """Appends to one journal on behalf of an event loop."""

    journal: Journal
    backlog_bytes: int
    waiting: int = 0
    full_until: float = 0.0
    _queue: "queue.SimpleQueue[tuple[Entry, asyncio.Future[None], asyncio.AbstractEventLoop] | None]" = field(
        default_factory=queue.SimpleQueue
    )
    _thread: threading.Thread | None = None
    _looked: float = 0.0

    def start(self) -> None:
        """Begin to write."""
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Write what waits and end."""
        self._queue.put(None)
        if self._thread:
            self._thread.join()

    async def append(self, entry: Entry) -> None:
        """Return when the batch is durable; TryLater where there is no room or the disk refused."""
        size = len(entry.body) + sum(len(bad.raw) for bad in entry.bad)
        if self.waiting + size > WAITING_BYTES:
            raise TryLater("too many batches wait to be written: send this one again later", after=1)
        if time.monotonic() < self.full_until:
            raise TryLater("the backlog is full: send this batch again later", after=5)
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        self.waiting += size
        self._queue.put((entry, done, loop))
        try:
            await asyncio.shield(done)
        finally:
            self.waiting -= size

    def _run(self) -> None:
        stopping = False
        while not stopping:
            taken = [self._queue.get()]
            while len(taken) < MOST_AT_ONCE:
                try:
                    taken.append(self._queue.get_nowait())
                except queue.Empty:
                    break
            stopping = None in taken
            waiting = [one for one in taken if one is not None]
            if waiting:
                self._write(waiting)

    def _write(self, waiting: "list[tuple[Entry, asyncio.Future[None], asyncio.AbstractEventLoop]]") -> None:
        problem: TryLater | None = None
        try:
            self.journal.append([entry for entry, _, _ in waiting])
            self._look_at_backlog()
        except TryLater as error:
            problem = error
        loop = waiting[0][2]
        loop.call_soon_threadsafe(_answer, [done for _, done, _ in waiting], problem)

    def _look_at_backlog(self) -> None:
        if time.monotonic() - self._looked < LOOK_EVERY:
            return
        self._looked = time.monotonic()
        if self.journal.backlog().bytes > self.backlog_bytes:
            self.full_until = self._looked + 2 * LOOK_EVERY


def _answer(waiting: "list[asyncio.Future[None]]", problem: TryLater | None) -> None:
    for done in waiting:
        if done.done():
            continue
        if problem is None:
            done.set_result(None)
        else:
            done.set_exception(problem)
