"""Keeps a process of the server's running: starts it, starts it again when it ends, stops it with the server."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import structlog

STOP_SECONDS = 15
LONGEST_PAUSE = 30.0
IDLE = 5.0
"""A connection to the worker that was idle for so many seconds is not used again; the worker keeps it for longer, or it
would close one just as a question comes."""
AGAIN = 75
"""A worker that ends with this status wants to be started again at once."""


@dataclass
class Supervisor:
    """Runs `python -m heedful.server.NAME` on a workspace; `told` reaches it by standard input, not its arguments."""

    name: str
    folder: Path
    told: Mapping[str, object]
    socket: Path | None = None
    ended: Callable[[], None] = lambda: None
    _process: asyncio.subprocess.Process | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """The process runs inside this block."""
        keeping = asyncio.create_task(self._keep())
        try:
            yield
        finally:
            keeping.cancel()
            with suppress(asyncio.CancelledError):
                await keeping
            await self._stop()

    async def _keep(self) -> None:
        log = structlog.get_logger()
        pause = 0.5
        while True:
            began = asyncio.get_running_loop().time()
            try:
                await self._start()
                assert self._process is not None
                code = await self._process.wait()
                if code == AGAIN:
                    continue
                log.error(f"the {self.name} ended", code=code)
            except OSError:
                log.error(f"the {self.name} cannot be started", exc_info=True)
            self.ended()
            lasted = asyncio.get_running_loop().time() - began
            pause = 0.5 if lasted > 60 else min(pause * 2, LONGEST_PAUSE)
            await asyncio.sleep(pause)

    async def _start(self) -> None:
        command = [sys.executable, "-m", f"heedful.server.{self.name}", str(self.folder)]
        if self.socket:
            self.socket.unlink(missing_ok=True)
            command.append(str(self.socket))
        self._process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for the front, which then ends the worker in order
        )
        assert self._process.stdin is not None
        with suppress(ConnectionError):
            self._process.stdin.write(json.dumps(self.told).encode() + b"\n")
            await self._process.stdin.drain()

    async def _stop(self) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
