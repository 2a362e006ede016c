"""Starting again under load: how long nobody can send, with a socket that is handed over and without.

`python bench/restarting.py [--rounds N]`
"""

import argparse
import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from heedful.store.place import Place, make
from intake import wait_ready
from machine import save


@dataclass
class Sender:
    """Sends one event after the other, each over a connection of its own, and again what was not acknowledged."""

    port: int
    key: str
    acknowledged: int = 0
    longest: float = 0.0
    met: Counter[str] = field(default_factory=Counter)
    over: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        last = time.perf_counter()
        while not self.over.is_set():
            body = json.dumps([{"name": "view", "id": str(self.acknowledged)}]).encode()
            request = urllib.request.Request(f"http://127.0.0.1:{self.port}/v1/events", body)
            request.add_header("authorization", f"Bearer {self.key}")
            try:
                with urllib.request.urlopen(request, timeout=60):
                    self.acknowledged += 1
            except urllib.error.HTTPError as error:
                self.met[str(error.code)] += 1
                continue
            except (urllib.error.URLError, ConnectionError) as error:
                self.met[type(getattr(error, "reason", error)).__name__] += 1
                time.sleep(0.01)
                continue
            now = time.perf_counter()
            self.longest, last = max(self.longest, now - last), now


def start(place: Place, port: int, listening: socket.socket | None) -> subprocess.Popen[bytes]:
    """A server on a port, or on a socket that is handed over."""
    serve = [sys.executable, "-m", "heedful", "serve", "--workspace", str(place.folder), "--port", str(port)]
    if listening is None:
        return subprocess.Popen(serve, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    script = f"exec 3<&{listening.fileno()}; LISTEN_FDS=1 LISTEN_PID=$$ exec {shlex.join(serve)}"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen(["bash", "-c", script], pass_fds=[listening.fileno()], **quiet)


def restarts(place: Place, rounds: int, *, handed: bool) -> dict[str, Any]:
    """Some restarts, and then every acknowledged event counted."""
    with socket.create_server(("127.0.0.1", 0), backlog=4096) as listening:
        port = int(listening.getsockname()[1])
        if not handed:
            listening.close()
        key = place.api_keys().create("bench", "write", datetime.now(UTC))
        process = start(place, port, listening if handed else None)
        server = wait_ready(place, key)
        sender = Sender(port, key)
        thread = threading.Thread(target=sender.run)
        thread.start()
        pages = []
        for _ in range(rounds):
            time.sleep(3)
            began = time.perf_counter()
            process.send_signal(signal.SIGTERM)
            process.wait(60)
            process = start(place, port, listening if handed else None)
            wait_ready(place, key)
            pages.append(time.perf_counter() - began)
        sender.over.set()
        thread.join()
        server = wait_ready(place, key)
        while server.get("/v1/status")["waiting"]:
            time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        process.wait(60)
    store = place.store()
    stored = store.rows()["event"]
    store.close()
    assert stored in (sender.acknowledged, sender.acknowledged + 1), (stored, sender.acknowledged)
    return {
        "restarts": rounds,
        "acknowledged": sender.acknowledged,
        "lost": 0,
        "longest_without_acknowledgement_s": round(sender.longest, 2),
        "longest_until_pages_s": round(max(pages), 2),
        "met": dict(sender.met),
    }


def main() -> None:
    """Measure both and save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory(dir=os.environ.get("HEEDFUL_BENCH_DIR")) as name:
        folder = Path(name)
        with_socket = restarts(make(folder / "handed"), rounds, handed=True)
        without = restarts(make(folder / "alone"), rounds, handed=False)
        save("restarting", {"socket handed over": with_socket, "on its own": without})


if __name__ == "__main__":
    main()
