"""GET /v1/stream: the newest messages as they arrive, and again when they have been read.

Server-sent events, each with the messages that are new or have changed, as they stand in a page's list.
"""

import asyncio
import dataclasses
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from heedful.errors import HeedfulError, TryLater
from heedful.server import problem, render
from heedful.server.asker import Asker
from heedful.server.blocks import Message
from heedful.server.messages import messages

NEWEST = 12
"""Messages in a live list."""
LOOK, REST, BEAT = 0.3, 0.8, 15.0
"""Seconds between looks at the position, between two questions at least, and between heart beats."""
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}

Position = Callable[[], object]
"""Says cheaply how far the store has come: another value whenever something was added or read."""


class Stream:
    """Everybody who is listening, counted."""

    def __init__(
        self, open_asker: Callable[[Request], AbstractContextManager[Asker]], position: Position, *, clients: int
    ) -> None:
        """Listen to `position` for at most `clients` browsers at once."""
        self._open = open_asker
        self._position = position
        self._clients = clients
        self.listening = 0

    async def respond(self, request: Request) -> Response:
        """Begin to send; TryLater's status where too many listen already, and the error's where the viewer may not."""
        if self.listening >= self._clients:
            return problem.of(TryLater(f"{self._clients} pages listen already: this one shows no arrivals", after=30))
        seen = self._position()
        try:
            first = await run_in_threadpool(self._newest, request, True)
        except HeedfulError as error:
            return problem.of(error)
        return StreamingResponse(self._events(request, seen, first), media_type="text/event-stream", headers=HEADERS)

    def _newest(self, request: Request, audited: bool) -> dict[str, Message]:
        """The newest messages by id; only the first look of a page leaves an audit row."""
        with self._open(request) as asker:
            heard = asker if audited else dataclasses.replace(asker, audit=_unheard)
            found = heard.find(limit=NEWEST)
            shown = messages(found.rows, zone=asker.zone, now=asker.now)
        return {message.id: message for message in shown}

    async def _events(self, request: Request, seen: object, first: dict[str, Message]) -> AsyncIterator[bytes]:
        """Arrivals and changes since a position until the browser goes away."""
        self.listening += 1
        try:
            yield _event({}, first)
            known, beat = first, time.monotonic()
            while True:
                await asyncio.sleep(LOOK)
                if (position := self._position()) != seen:
                    newest = await run_in_threadpool(self._newest, request, False)
                    seen = position
                    if event := _event(known, newest):
                        beat = time.monotonic()
                        yield event
                    known = newest
                    await asyncio.sleep(REST - LOOK)
                elif time.monotonic() - beat > BEAT:
                    beat = time.monotonic()
                    yield b": still here\n\n"
        finally:
            self.listening -= 1


def _event(known: Mapping[str, Message], newest: Mapping[str, Message]) -> bytes:
    """What is new or has changed, oldest first; nothing where nothing is."""
    changed = [m for m in newest.values() if m.id not in known or _state(m) != _state(known[m.id])]
    if not changed:
        return b""
    body = [{"id": message.id, "html": render.message(message)} for message in reversed(changed)]
    return b"event: messages\ndata: " + msgspec.json.encode(body) + b"\n\n"


def _state(message: Message) -> Message:
    """A message without what passing time changes."""
    return dataclasses.replace(message, shown_at="")


def _unheard(_kind: str, _particulars: Mapping[str, Any]) -> None:
    """A look that repeats one already in the audit."""
