"""A real server for tests: `heedful serve` in a process group of its own."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx2

import over_http
from heedful.store.place import Place


@dataclass(frozen=True)
class Serving:
    """A server process, and how to reach it."""

    process: subprocess.Popen[bytes]
    url: str
    token: str

    def get(self, path: str, **params: object) -> httpx2.Response:
        """A question asked as this machine's user."""
        headers = {"authorization": f"Bearer {self.token}"}
        return over_http.get(self.url + path, params=params, headers=headers, timeout=60)

    def settle(self) -> None:
        """Wait until everything journaled is stored."""
        until = time.monotonic() + 120
        while self.get("/v1/status").json()["waiting"]:
            assert time.monotonic() < until, "the journal was not drained within two minutes"
            time.sleep(0.05)


def start(place: Place, *, port: int = 0) -> subprocess.Popen[bytes]:
    """Start it; it listens within a second or so."""
    command = [sys.executable, "-m", "heedful", "serve", "--workspace", str(place.folder), "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
    STARTED.append(process)
    return process


STARTED: list[subprocess.Popen[bytes]] = []
"""Every server that was started."""


def end_all() -> None:
    """End servers that a failed test has left, so that they hold up no other."""
    while STARTED:
        process = STARTED.pop()
        if process.poll() is None:
            process.terminate()
            process.wait(60)


def await_ready(
    place: Place, process: subprocess.Popen[bytes], *, path: str = "/readyz", patience: float = 60.0
) -> Serving:
    """The server, once it answers; `patience` is in seconds."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        assert process.poll() is None, "the server ended by itself"
        notice = place.running()
        if notice and notice["pid"] == str(process.pid):
            try:
                if over_http.get(notice["url"] + path, timeout=5).is_success:
                    return Serving(process, notice["url"], notice["token"])
            except httpx2.TransportError:
                pass
        time.sleep(0.02)
    raise AssertionError(f"the server was not ready within {patience:g} seconds")


@contextmanager
def serving(place: Place) -> Iterator[Serving]:
    """A ready server; it ends with the block, gracefully."""
    process = start(place)
    try:
        yield await_ready(place, process)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def write_key(place: Place, name: str = "test") -> dict[str, str]:
    """Headers with a fresh write key."""
    keys = place.api_keys()
    headers = {"authorization": f"Bearer {keys.create(name, 'write', datetime.now(UTC))}"}
    keys.close()
    return headers
