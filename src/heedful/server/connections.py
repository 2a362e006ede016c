"""Connections of clients that are slow, silent or many: each has so long and so much room, and no more.

uvicorn waits for ever for a request's first line and headers, keeps whatever headers come, and lets an answer wait for
a reader who never reads. One machine with a few thousand sockets could hold the server so for days.
"""

import asyncio
import resource
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEADER_SECONDS = 10.0
"""From a connection's beginning, or the first byte of its next request, to the end of the headers."""
HEADER_BYTES = 65_536
WRITE_SECONDS = 60.0
"""How long an answer waits for its reader to take more of it."""
PIPELINED = 20
"""Requests that a client may send ahead of their answers."""
RESERVED = 1_500
"""Open files for the worker's connections, databases and logs."""
NEEDED = 500
"""Connections that there is room for on any machine."""


def raise_limit() -> int:
    """Let this process open as many files as the machine allows; how many connections of clients there is room for."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return max(NEEDED, min(hard if hard != resource.RLIM_INFINITY else 100_000, 100_000) - RESERVED)


class Bounded(HttpToolsProtocol):
    """One client's connection; it is closed where it takes too long, sends too much or comes when there are `most`."""

    most = NEEDED

    def __init__(self, *given: Any, **named: Any) -> None:
        """As uvicorn makes it."""
        super().__init__(*given, **named)
        self._waiting: asyncio.TimerHandle | None = None
        self._writing: asyncio.TimerHandle | None = None
        self._in_headers = 0
        self._heading = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request; close at once where there is no room."""
        super().connection_made(transport)
        if len(self.connections) > self.most:
            transport.abort()
            return
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is waited for any more."""
        for timer in (self._waiting, self._writing):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count what comes before the headers have ended."""
        if self._heading:
            self._in_headers += len(data)
        if self._waiting is None and (self._heading or self.cycle is None or self.cycle.response_complete):
            self._wait()  # also for the rest of a body that was refused
        super().data_received(data)
        if self._heading and self._in_headers > HEADER_BYTES and not self.transport.is_closing():
            self.send_400_response("The headers are too large.")

    def on_headers_complete(self) -> None:
        """The request can be answered; more than a few ahead of their answers are refused."""
        self._heading, self._in_headers = False, 0
        self._came()
        if len(self.pipeline) >= PIPELINED:
            self.transport.abort()
            return
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """What comes next is another request's headers."""
        self._heading = True
        self._came()
        super().on_message_complete()

    def pause_writing(self) -> None:
        """The reader is slower than the answer."""
        super().pause_writing()
        if self._writing is None:
            self._writing = self.loop.call_later(WRITE_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """The reader has caught up."""
        super().resume_writing()
        if self._writing is not None:
            self._writing.cancel()
            self._writing = None

    def _came(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _wait(self) -> None:
        self._waiting = self.loop.call_later(HEADER_SECONDS, self._too_slow)

    def _too_slow(self) -> None:
        self._waiting = None
        if not self.transport.is_closing():
            self.transport.close()


def bounded(most: int) -> type[Bounded]:
    """Connections of which there are at most so many."""
    return type("Connection", (Bounded,), {"most": most})
