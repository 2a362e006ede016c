"""Keeps topics up to date while the server runs: sorts what is new, and finds topics again in a process of its own."""

from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing import get_context

import structlog

from heedful.catalogue.find import Before, before, search
from heedful.catalogue.outcome import outcome
from heedful.catalogue.renewal import MORE, due
from heedful.catalogue.sample import Sample, sample
from heedful.catalogue.sort import Sorting, sort_new, sorting
from heedful.errors import TryLater
from heedful.insight.topics import Topics
from heedful.store.facts import Store

FIRST = 4_000
"""So many messages are enough for a first search, whatever else waits."""
BUSY = 1_000
"""While so many messages wait to be read, topics are not looked for."""


@dataclass(frozen=True)
class Searching:
    """A search under way: in what, from what, on which version of the topics."""

    on: int
    drawn: Sample
    past: Before | None
    found: "Future[Topics]"


class Sorter:
    """Sorts messages; nobody waits for it."""

    def __init__(self, store: Store, unread: Callable[[], int], begin: Callable[[], None]) -> None:
        """`unread` tells how many messages wait to be read, `begin` is called in the process that searches."""
        self._store, self._unread, self._begin = store, unread, begin
        self._seen = ""
        self._after = 0
        self._how: tuple[int, Sorting | None] = (-1, None)
        self._pool: ProcessPoolExecutor | None = None
        self._searching: Searching | None = None
        self._asked = False
        self._failed = 0
        """So many embeddings there were when a search found nothing to go on."""

    @property
    def searching(self) -> bool:
        """Whether topics are being looked for."""
        return self._searching is not None or self._asked

    def find(self) -> None:
        """Look for topics again, from the next step on."""
        self._asked = True

    def step(self) -> bool:
        """Do what there is to do; False where that is nothing."""
        if self._searching is not None and self._searching.found.done():
            return self._ended(self._searching)
        clock = self._store.clock()
        if clock == self._seen and not self._asked:
            return False
        how = self._sorting()
        if how is not None:
            count, self._after = sort_new(self._store, how, self._after)
            if count:
                return True
        if self._searching is None and (self._asked or self._due()) and self._read_enough():
            self._search()
        else:
            self._seen = clock
        return False

    def close(self) -> None:
        """End the process."""
        if self._pool:
            self._pool.shutdown(wait=False, cancel_futures=True)
        self._pool = self._searching = None

    def _due(self) -> bool:
        """Whether to search; after one that failed, only when much is new."""
        return due(self._store) and self._store.topics.embedded() > self._failed * (1 + MORE)

    def _read_enough(self) -> bool:
        """Whether nearly all is read; for the first search, enough to begin with."""
        first = self._store.topics.version() == 0 and self._store.topics.embedded() >= FIRST
        return first or self._unread() < BUSY

    def _sorting(self) -> Sorting | None:
        version = self._store.topics.version()
        if version != self._how[0]:
            self._how = (version, sorting(self._store))
        return self._how[1]

    def _search(self) -> None:
        on = self._store.topics.version()
        drawn = sample(self._store)
        self._asked = False
        if not len(drawn.n):
            self._failed = self._store.topics.embedded()
            return
        past = before(self._store, drawn)
        self._pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=self._begin)
        self._searching = Searching(on, drawn, past, self._pool.submit(search, drawn, past))

    def _ended(self, searched: Searching) -> bool:
        try:
            found = searched.found.result()
            now = datetime.now(UTC)
            made = outcome(self._store, searched.drawn, searched.past, found, on=searched.on, now=now)
            version = self._store.topics.change(made)
            structlog.get_logger().info("topics found", version=version, topics=len(found.leaves))
        except BrokenProcessPool:
            structlog.get_logger().warning("the search for topics ended early")
            self._failed = self._store.topics.embedded()
        except TryLater as error:
            structlog.get_logger().info("topics are looked for again", reason=str(error))
            self._asked = True
        except Exception as error:  # noqa: BLE001  a search that fails must not end the worker, which would search again
            structlog.get_logger().error("the search for topics failed", kind=type(error).__name__, exc_info=error)
            self._failed = self._store.topics.embedded()
        self.close()
        return True
