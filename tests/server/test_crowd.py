"""Ten thousand silent connections, and still pages and batches are answered; then they are gone."""

import resource
import selectors
import socket
import time
from pathlib import Path

import pytest

import over_http
import shop
from heedful.server.connections import HEADER_SECONDS, RESERVED
from heedful.store.place import make
from serving import serving, write_key

CROWD = 10_000


@pytest.mark.soak
def test_a_crowd_of_silent_connections_holds_up_nobody(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = min(CROWD, hard - RESERVED - 200)
    place = make(tmp_path / "workspace", name="Test")
    headers = write_key(place)
    resource.setrlimit(resource.RLIMIT_NOFILE, (1_024, hard))  # as the server would be started; it raises its own
    try:
        with serving(place) as server:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
            assert (
                over_http.post(f"{server.url}/v1/messages", json=shop.messages(100), headers=headers).status_code == 202
            )
            server.settle()
            port = int(server.url.rpartition(":")[2])
            began = time.monotonic()
            crowd = []
            for number in range(wanted):
                crowd.append(socket.create_connection(("127.0.0.1", port), timeout=20))
                if number % 2:
                    crowd[-1].sendall(b"GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nx-slow: ")
            opening = time.monotonic() - began
            assert _open(crowd) > 0.5 * wanted or opening > HEADER_SECONDS
            for _ in range(5):
                asked = time.monotonic()
                assert server.get("/messages").status_code == 200
                assert (
                    over_http.post(f"{server.url}/v1/events", json=[{"name": "click"}], headers=headers).status_code
                    == 202
                )
                assert time.monotonic() - asked < 5
            until = time.monotonic() + HEADER_SECONDS + 20
            while (left := _open(crowd)) and time.monotonic() < until:
                time.sleep(0.5)
            assert left == 0
            print(f"{wanted:,} connections in {opening:.1f} s")  # noqa: T201
            for one in crowd:
                one.close()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def _open(crowd: list[socket.socket]) -> int:
    """How many the server has not closed."""
    with selectors.DefaultSelector() as ready:
        for one in crowd:
            ready.register(one, selectors.EVENT_READ)
        return len(crowd) - len(ready.select(0))
