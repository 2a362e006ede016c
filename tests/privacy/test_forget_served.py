"""Erasing while a server runs, and while it is killed."""

import os
import signal
import subprocess
import threading
import time
from contextlib import closing
from pathlib import Path

import httpx2
import pytest

import over_http
from canary import Canary, holds, left, others, plant, put, rows, settle, uncompressed
from heedful.records import READ_BESIDE, SORTED_BESIDE
from heedful.store.place import Place
from serving import Serving, await_ready, serving, start, write_key
from terminal import heedful


@pytest.fixture
def canary() -> Canary:
    return Canary(21)


@pytest.fixture
def officers(place: Place) -> Place:
    """A workspace whose local user may erase."""
    settings = place.folder / "heedful.toml"
    settings.write_text(settings.read_text().replace('role = "analyst" ', 'role = "privacy officer" '))
    return Place.at(place.folder)


def forget(place: Place, *arguments: str) -> subprocess.CompletedProcess[str]:
    return heedful("forget", "--workspace", str(place.folder), *arguments)


def named(canary: Canary) -> list[str]:
    return [part for one in canary.identifiers for part in ("--person", one)]


@pytest.mark.soak
def test_a_server_erases_while_it_takes_records_in(officers: Place, canary: Canary) -> None:
    put(officers, "message", others(400))
    plant(officers, canary)
    headers, over, taken = write_key(officers), threading.Event(), []

    def send(url: str) -> None:
        with over_http.Client(timeout=30, headers=headers) as client:
            while not over.is_set():
                id = f"live{len(taken)}"
                if client.post(f"{url}/v1/events", json=[{"id": id, "name": "click"}]).status_code == 202:
                    taken.append(id)

    with serving(officers) as server:
        server.settle()
        sending = threading.Thread(target=send, args=(server.url,))
        sending.start()
        shown = server.get("/v1/metrics/volume").json()["rows"][0]["value"]
        assert len(server.get("/v1/messages", q="I am customer").json()["rows"]) == 1
        said = forget(officers, *named(canary), "--yes", "--json")
        assert said.returncode == 0, said.stderr
        over.set()
        sending.join()
        server.settle()
        assert server.get("/v1/messages", q="I am customer").json()["rows"] == []
        assert server.get("/v1/metrics/volume").json()["rows"][0]["value"] < shown
    assert left(officers, canary.traces(officers)) == []
    assert sum("click" in row for row in rows(officers)["facts.event"]) == len(taken) > 0


def test_who_may_not_erase_is_told_what_to_change(place: Place, canary: Canary) -> None:
    put(place, "message", others(3))
    for arguments in (["--dry-run"], ["--yes"]):
        alone = forget(place, *named(canary), *arguments)
        assert alone.returncode == 1
        assert 'role = "privacy officer"' in alone.stderr
        assert "heedful.toml" in alone.stderr
    with serving(place) as server:
        asked = forget(place, *named(canary), "--yes")
        assert asked.returncode == 1
        assert 'role = "privacy officer"' in asked.stderr
        assert forget(place, "--receipts").returncode == 1
        here = {"sec-fetch-site": "same-origin"}
        refused = over_http.post(f"{server.url}/v1/people/forget", json={"person": ["x"]}, headers=here)
        assert refused.status_code == 401
    assert Place.at(place.folder).running() is None
    with closing(place.erasures()) as erasures:
        assert erasures.receipts() == []


def test_wrong_requests_are_refused_in_words(officers: Place) -> None:
    with serving(officers) as server:
        headers = {"authorization": f"Bearer {server.token}"}
        for body in (b"{}", b"[]", b'{"person": []}', b'{"person": ["a"], "more": 1}', b'{"person": [" "]}'):
            answer = over_http.post(f"{server.url}/v1/people/forget", content=body, headers=headers)
            assert answer.status_code == 400, body
            assert "detail" in answer.json()
        assert server.get("/readyz").is_success


@pytest.mark.soak
@pytest.mark.skipif(not Path("/proc").exists(), reason="looks for the worker process in /proc")
def test_killed_in_the_middle_of_writing_anew(officers: Place, canary: Canary) -> None:
    """The erasure goes on by itself; every row of everybody else is there, as it was."""
    put(officers, "message", others(40_000))
    plant(officers, canary)
    settle(officers)
    uncompressed(officers)
    before = rows(officers)
    assert {"content of data/facts.message", "file heedful.duckdb"} <= holds(officers, canary.word("text"))
    process = start(officers)
    server = await_ready(officers, process)
    answer = asked(server, canary)
    assert answer.json()["done_at"] is None
    kill_while_it_copies(officers, process)
    assert under_way(officers) == "erased", "it was killed too late to tell anything"
    process = start(officers)
    server = await_ready(officers, process)
    done(server)
    server.settle()
    process.send_signal(signal.SIGTERM)
    process.wait(60)
    assert left(officers, canary.traces(officers)) == []
    after = rows(officers)
    stayed = sorted(said_by_others(before))
    assert len(stayed) == 40_000
    assert sorted(said_by_others(after)) == stayed
    numbers = {row[0] for row in after["facts.message"] if "Order " in repr(row)}
    read = [repr(row) for row in before["facts.reading"] if row[0] in numbers]
    assert len(read) == 40_000
    assert sum(row[0] in numbers for row in after["facts.reading"] + after["past.reading"]) >= 40_000


def said_by_others(found: dict[str, list[tuple[object, ...]]]) -> list[str]:
    """Messages of the many, without the readings beside them: the server reads with other models."""
    return [
        repr(row[: -len((*READ_BESIDE, *SORTED_BESIDE))]) for row in found["facts.message"] if "Order " in repr(row)
    ]


def asked(server: Serving, canary: Canary) -> httpx2.Response:
    headers = {"authorization": f"Bearer {server.token}", "heedful-user": "officer"}
    body = {"person": canary.identifiers}
    return over_http.post(f"{server.url}/v1/people/forget", json=body, headers=headers, timeout=60)


def kill_while_it_copies(place: Place, process: subprocess.Popen[bytes]) -> None:
    copy = place.data / "rewritten" / "heedful.duckdb"
    until = time.monotonic() + 60
    while not (copy.exists() and copy.stat().st_size > 100_000):
        assert time.monotonic() < until, "nothing was written anew within a minute"
        time.sleep(0.001)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    for pid in [process.pid, *map(int, children)]:
        os.kill(pid, signal.SIGKILL)
    process.wait()


def under_way(place: Place) -> str | None:
    with closing(place.erasures()) as erasures:
        work = erasures.under_way()
    return work and work.phase


def done(server: Serving) -> None:
    until = time.monotonic() + 120
    while True:
        answer = server.get("/v1/receipts")
        if answer.is_success and answer.json()[0]["done_at"]:
            return
        assert time.monotonic() < until, "the erasure did not go on by itself"
        time.sleep(0.1)
