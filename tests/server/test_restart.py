"""Stopping and starting again under load: what was acknowledged is kept, and a socket handed over refuses nobody."""

import os
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import pytest

import over_http
from heedful.store.place import Place
from load import Load, stored_ids
from serving import await_ready, start, write_key


def start_on(place: Place, listening: socket.socket) -> subprocess.Popen[bytes]:
    """A server that is handed a socket, as systemd does it."""
    serve = [sys.executable, "-m", "heedful", "serve", "--workspace", str(place.folder)]
    script = f"exec 3<&{listening.fileno()}; LISTEN_FDS=1 LISTEN_PID=$$ exec {shlex.join(serve)}"
    return subprocess.Popen(
        ["bash", "-c", script], pass_fds=[listening.fileno()], stdout=subprocess.DEVNULL, start_new_session=True
    )


@contextmanager
def probing(port: int) -> Iterator[Counter[str]]:
    """Somebody who connects anew all the time; how often it went how."""
    seen: Counter[str] = Counter()
    over = threading.Event()

    def probe() -> None:
        while not over.is_set():
            try:
                answer = over_http.get(f"http://127.0.0.1:{port}/healthz", timeout=30)
                seen[str(answer.status_code)] += 1
            except httpx2.TransportError as error:
                seen[type(error).__name__] += 1
            time.sleep(0.005)

    thread = threading.Thread(target=probe)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


def check(place: Place, load: Load) -> None:
    from heedful.privacy.pseudonym import person_number

    people = stored_ids(place)
    assert len(people) == len(set(people)), "a record is there twice"
    assert {person_number(id, place.keys.person) for id in load.acknowledged} <= set(people)
    assert len(load.acknowledged) > 500


@pytest.mark.soak
def test_sigterm_finishes_what_runs_and_loses_nothing(place: Place) -> None:
    port = [0]
    with Load(write_key(place), port) as load:
        for _ in range(3):
            process = start(place, port=port[0])
            port[0] = int(await_ready(place, process).url.rpartition(":")[2])
            until, before = time.monotonic() + 30, len(load.acknowledged)
            while len(load.acknowledged) < before + 500:
                assert time.monotonic() < until
                time.sleep(0.01)
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0
    process = start(place)
    await_ready(place, process).settle()
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
    check(place, load)


@pytest.mark.soak
def test_a_socket_that_is_handed_over_refuses_nobody_between_two_servers(place: Place) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=4096) as listening:
        os.set_inheritable(listening.fileno(), True)
        port = int(listening.getsockname()[1])
        with Load(write_key(place), [port]) as load, probing(port) as seen:
            for _ in range(3):
                process = start_on(place, listening)
                assert await_ready(place, process).url == f"http://127.0.0.1:{port}"
                until, before = time.monotonic() + 30, len(load.acknowledged)
                while len(load.acknowledged) < before + 500:
                    assert time.monotonic() < until
                    time.sleep(0.01)
                process.send_signal(signal.SIGTERM)
                assert process.wait(30) == 0
            process = start_on(place, listening)
            await_ready(place, process).settle()
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    assert "ConnectError" not in seen
    assert seen["200"] > 100
    assert seen.total() - seen["200"] < 10, f"a few that had just connected were let go: {seen}"
    check(place, load)


def test_what_is_being_read_does_not_hold_a_stop_up(place: Place) -> None:
    toml = place.folder / "heedful.toml"
    toml.write_text(toml.read_text().replace("port = 8400", "port = 8400\nlog_requests = false"))
    process = start(place)
    server = await_ready(place, process)
    said = "I have been waiting for my parcel for three weeks now and nobody answers. " * 18
    records = [{"id": str(i), "text": f"{said} {i}"} for i in range(3000)]
    answer = over_http.post(f"{server.url}/v1/messages", json=records, headers=write_key(place), timeout=60)
    assert answer.status_code == 202
    server.settle()
    until = time.monotonic() + 60
    while server.get("/v1/status").json()["unread"] < 2000:
        assert time.monotonic() < until
    time.sleep(2)
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    assert time.monotonic() - began < 8
