"""Threads that keep everything up to date: the journal drained, the search index filled, new messages read."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from multiprocessing import active_children, get_context

import narwhals.stable.v2 as nw
import pyarrow as pa
import structlog

from heedful.errors import BadSettings, TryLater
from heedful.intake import undo
from heedful.intake.drain import Drain
from heedful.language import annotate, many
from heedful.language.unread import READER, Annotate, read_these, unread
from heedful.server.sorter import Sorter
from heedful.settings import OwnModel
from heedful.store.backup.snapshot import sweep
from heedful.store.facts import Store
from heedful.store.journal import Journal
from heedful.store.place import Place
from heedful.store.search import Search

PAUSE = 0.05
READ_AT_ONCE = 1_000
INDEX_AT_ONCE = 5_000
IDLE_SECONDS = 60.0
TIDY_SECONDS = 3600.0
SORT_SECONDS = 1.0
LOOK_AGAIN_SECONDS = 60.0


@dataclass
class Keeping:
    """The worker's threads; `drained` tells whether what was journaled before the start is stored."""

    place: Place
    store: Store
    search: Search
    drain: Drain
    drained: threading.Event = field(default_factory=threading.Event)
    _stop: threading.Event = field(default_factory=threading.Event)
    _turns: dict[str, threading.Lock] = field(default_factory=dict)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Have a reader for the messages."""
        settings = self.place.settings
        self._log = structlog.get_logger()
        self._before, self._finished = self.drain.journal.last(), time.monotonic()
        self._reader = Reader(self.store, settings.language, settings.models)
        self._sorter = Sorter(self.store, lambda: len(self._reader.waiting), _humble)

    @property
    def unread(self) -> int:
        """How many messages wait to be read."""
        return len(self._reader.waiting)

    def read_again(self) -> int:
        """Have every message read anew, the newest first; how many there are."""
        return self._reader.read_again()

    @property
    def searching(self) -> bool:
        """Whether topics are being looked for."""
        return self._sorter.searching

    def find_topics(self) -> None:
        """Look for topics again."""
        self._sorter.find()

    @property
    def version(self) -> str:
        """What reads today."""
        return self._reader.version

    @property
    def read(self) -> int:
        """How many messages were read since the start."""
        return self._reader.made

    def start(self) -> None:
        """Begin; first end what a crash left of taking an import back."""
        undo.finish(self.drain)
        steps = {
            "drain": (self._drain, PAUSE),
            "index": (self._index, 2 * PAUSE),
            "read": (self._reader.step, 4 * PAUSE),
            "sort": (self._sorter.step, SORT_SECONDS),
            "tidy": (self._tidy, TIDY_SECONDS),
        }
        for name, (step, pause) in steps.items():
            turn = self._turns[name] = threading.Lock()
            thread = threading.Thread(target=self._run, args=(step, pause, turn), name=name, daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """Finish the step under way and end; what is being read is read again after the next start."""
        self._stop.set()
        self._reader.give_up()
        for thread in self._threads:
            thread.join()
        self._reader.close()
        self._sorter.close()

    @contextmanager
    def held(self) -> Iterator[None]:
        """In the block nothing is stored, indexed or read; it begins when the steps under way have ended."""
        with ExitStack() as turns:
            for turn in self._turns.values():
                turns.enter_context(turn)
            yield

    def _run(self, step: Callable[[], bool], pause: float, turn: threading.Lock) -> None:
        """Step after step; a pause where there was nothing to do, a longer one where the disk refuses."""
        while not self._stop.is_set():
            if not turn.acquire(timeout=PAUSE):
                continue
            try:
                busy = step()
            except TryLater as error:
                name = threading.current_thread().name
                self._log.warning("waits", thread=name, seconds=error.after, reason=str(error))
                wait, busy = error.after, False
            else:
                wait = pause
            finally:
                turn.release()
            if not busy:
                self._stop.wait(wait)

    def _drain(self) -> bool:
        busy = bool(self.drain.step())
        if not busy and time.monotonic() - self._finished > TIDY_SECONDS:
            undo.finish(self.drain)  # after messages that were withdrawn at their origin
            self._finished = time.monotonic()
        if not self.drained.is_set() and (not busy or self.store.position() >= self._before):
            self.drained.set()
        return busy

    def _index(self) -> bool:
        texts = self.store.texts(self.search.through(), INDEX_AT_ONCE)
        if texts.num_rows:
            self.search.add(texts, through=texts["n"][-1].as_py())
        return undo.mend(self.store, self.search) or bool(texts.num_rows)

    def _tidy(self) -> bool:
        tidy(self.place, self.drain.journal, datetime.now(UTC))
        return False


def tidy(place: Place, journal: Journal, now: datetime) -> None:
    """Remove what was kept for as long as the settings say, and copies that were left behind; give room back."""
    settings = place.settings
    if settings.quarantine_days:
        journal.expire((now - timedelta(days=settings.quarantine_days)).timestamp())
    if settings.audit_days:
        audit = place.audit()
        audit.expire(now - timedelta(days=settings.audit_days))
        audit.close()
    journal.trim()
    sweep(place.data, now.timestamp())


class Reader:
    """Reads messages newest first, in a process of its own, so that nobody waits for it."""

    def __init__(self, store: Store, language: str, own: Sequence[OwnModel] = ()) -> None:
        """No message is looked at before the first step; BadSettings where an own model cannot be used."""
        self.waiting: list[int] = []
        self.made = 0
        self._store, self.version = store, annotate.version(own=own)
        self._read = partial(many.read_as, version=self.version, default=language, own=own)
        self._pool: ProcessPoolExecutor | None = None
        self._seen, self._again = 0, threading.Event()
        self._busy = self._looked = -LOOK_AGAIN_SECONDS

    def step(self) -> bool:
        """Read some of what waits; False where nothing does."""
        self._notice()
        if not self.waiting:
            if self._pool and time.monotonic() - self._busy > IDLE_SECONDS:
                self.close()
            return False
        some = self.waiting[-READ_AT_ONCE:]
        self._pool = self._pool or ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=_humble)
        try:
            read_these(self._store, some, self.version, partial(_in, self._pool, self._read))
        except BrokenProcessPool:
            self._pool = None
            return True
        except BadSettings as problem:
            raise TryLater(f"no message can be read: {problem}", after=LOOK_AGAIN_SECONDS) from problem
        del self.waiting[-len(some) :]
        self.made += len(some)
        self._busy = time.monotonic()
        return True

    def read_again(self) -> int:
        """Let every message wait, from the next step on."""
        self._again.set()
        with self._store.view(READER) as view:
            return len(view.frame("message").select("n").collect("pyarrow").to_arrow())

    def give_up(self) -> None:
        """End the process at once: the step under way then ends without a reading."""
        if self._pool:
            for process in active_children():
                process.kill()

    def close(self) -> None:
        """End the process."""
        if self._pool:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None

    def _notice(self) -> None:
        """See what is new; now and then, and at first, look at everything: choices make messages readable too."""
        if self._again.is_set():
            self._again.clear()
            self._seen = self._last()
            with self._store.view(READER) as view:
                rows = view.frame("message").filter(nw.col("n") <= self._seen).select("n").sort("n")
                self.waiting = rows.collect("pyarrow").to_arrow()["n"].to_pylist()
        if not self.waiting and time.monotonic() - self._looked > LOOK_AGAIN_SECONDS:
            self._seen, self._looked = self._last(), time.monotonic()
            self.waiting = [n for n in unread(self._store, self.version) if n <= self._seen]
        if self._last() == self._seen:
            return
        with self._store.view(READER) as view:
            fresh = view.frame("message").filter(nw.col("n") > self._seen).select("n").sort("n")
            self.waiting += fresh.collect("pyarrow").to_arrow()["n"].to_pylist()
            self._seen = int(view.as_of.partition("-")[0])

    def _last(self) -> int:
        """The last row number of all."""
        return int(self._store.clock().partition("-")[0])


def _in(pool: ProcessPoolExecutor, read: Annotate, batch: pa.RecordBatch) -> pa.RecordBatch:
    """Read a batch in the pool's process."""
    return pool.submit(read, batch).result()


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
