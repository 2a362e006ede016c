"""`heedful listen`: sources that heedful.toml lists are read, stored, and gone on with exactly where they stopped."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from heedful.store.place import Place, make
from replay.feed import item, rss, served
from replay.origin import Asked, Origin, Reply, origin
from serving import serving

FEED = """
[[sources]]
name = "blog"
kind = "feed"
url = "{url}/feed"
every = "1s"
"""


class Growing:
    """A feed that shows its last entries only, and grows when told."""

    def __init__(self) -> None:
        self.count = 6

    def __call__(self, asked: Asked) -> Reply:
        return served(asked, rss([item(n) for n in range(max(0, self.count - 50), self.count)]))


@pytest.fixture
def growing() -> Growing:
    return Growing()


@pytest.fixture
def blog(growing: Growing) -> Iterator[Origin]:
    with origin(growing) as made:
        yield made


@pytest.fixture
def place(tmp_path: Path, blog: Origin) -> Place:
    """A workspace with the feed."""
    made = make(tmp_path / "workspace", name="Test")
    toml = made.folder / "heedful.toml"
    toml.write_text(toml.read_text() + FEED.format(url=blog.url))
    return Place.at(made.folder)


def heedful(*arguments: str, place: Place) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "heedful", *arguments, "--workspace", str(place.folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def begin(place: Place) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "heedful", "listen", "--workspace", str(place.folder)]
    return subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True)


def heard(place: Place) -> int:
    """How many records the feed has brought."""
    listening = place.listening()
    found = listening.of("blog")
    listening.close()
    return found.records if found else -1


def stored(place: Place) -> list[str]:
    """The title of every message that is stored; once each."""
    store = place.store()
    with store.still() as con:
        found = [title for (title,) in con.execute("select title from facts.message order by n").fetchall()]
        past = con.execute("select count(*) from past.message").fetchall()[0][0]
    store.close()
    assert past == 0
    return found


def until(true: Any, patience: float = 60.0) -> None:
    end = time.monotonic() + patience
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


def test_once_reads_each_source_and_ends(place: Place, growing: Growing) -> None:
    done = heedful("listen", "--once", "--json", place=place)
    assert done.returncode == 0, done.stderr
    (told,) = json.loads(done.stdout)
    assert (told["name"], told["records"], told["failures"]) == ("blog", 6, 0)
    growing.count = 8
    assert heedful("listen", "--once", place=place).returncode == 0
    assert stored(place) == [f"Lamp {n}" for n in range(8)]
    assert "8 records" in heedful("listen", "--state", place=place).stdout


def test_a_source_that_fails_is_told_with_its_reason(place: Place, blog: Origin) -> None:
    blog.answering = lambda _: Reply("no", status=404)
    done = heedful("listen", "--once", place=place)
    assert done.returncode == 1
    assert "is not there (404)" in done.stdout
    assert "; next 20" in done.stdout


def test_what_is_odd_is_told_without_secrets_and_apart_from_what_is_printed(place: Place, blog: Origin) -> None:
    """A failure's place in the code is logged, never the values that were there: a token is among them."""
    (place.folder / "word").write_text("hunter2")
    toml = place.folder / "heedful.toml"
    there = f'url = "{blog.url}"\nlogin = "{blog.url}"\n'
    table = f'[[sources]]\nname = "r"\nkind = "reddit"\nsearch = "lamp"\nclient = "x"\nsecret = "file:word"\n{there}'
    toml.write_text(toml.read_text() + table)
    blog.answering = lambda _: Reply({"access_token": "hunter3", "data": {"children": 5}})
    done = heedful("listen", "--once", "--json", place=place)
    assert done.returncode == 1
    assert "another shape than documented" in json.loads(done.stdout)[1]["error"]
    assert "a source answers oddly" in done.stderr
    assert "hunter" not in done.stdout + done.stderr


def test_it_listens_until_it_is_told_to_end_and_goes_on_where_it_stopped(place: Place, growing: Growing) -> None:
    listening = begin(place)
    until(lambda: heard(place) == 6)
    growing.count = 9
    until(lambda: heard(place) == 9)
    listening.send_signal(signal.SIGINT)
    assert listening.wait(30) == 0
    assert stored(place) == [f"Lamp {n}" for n in range(9)]


def test_nobody_listens_twice(place: Place) -> None:
    listening = begin(place)
    until(lambda: heard(place) >= 0)
    second = heedful("listen", place=place)
    assert second.returncode == 1
    assert "listens to this workspace's sources already" in second.stderr
    listening.send_signal(signal.SIGTERM)
    assert listening.wait(30) == 0


def test_a_server_listens_and_the_command_says_so(place: Place, growing: Growing) -> None:
    with serving(place) as server:
        until(lambda: server.get("/v1/metrics/volume").json()["rows"][0]["value"] == 6)
        refused = heedful("listen", "--once", place=place)
        assert refused.returncode == 1
        assert server.url in refused.stderr
        growing.count = 11
        until(lambda: server.get("/v1/metrics/volume").json()["rows"][0]["value"] == 11)


def test_a_server_that_starts_takes_over(place: Place, growing: Growing) -> None:
    listening = begin(place)
    until(lambda: heard(place) == 6)
    with serving(place) as server:
        assert listening.wait(30) == 0
        growing.count = 12
        until(lambda: server.get("/v1/metrics/volume").json()["rows"][0]["value"] == 12)


def test_a_workspace_without_sources_is_told_what_to_write(tmp_path: Path) -> None:
    made = make(tmp_path / "empty")
    done = heedful("listen", place=made)
    assert done.returncode == 2
    assert "[[sources]]" in done.stderr


def kills(place: Place, growing: Growing, times: int) -> None:
    """Kill it again and again while the feed grows; then nothing is lost, and nothing is there twice."""
    for round in range(times):
        listening = begin(place)
        growing.count += 7
        wanted = growing.count
        if round % 3 == 0:
            time.sleep(0.15 * (round % 7))  # in the middle of starting, or of anything
        else:
            until(lambda wanted=wanted: heard(place) >= wanted - 7)
        os.killpg(listening.pid, signal.SIGKILL)
        listening.wait(30)
    done = heedful("listen", "--once", place=place)
    assert done.returncode == 0, done.stderr
    found = stored(place)
    assert len(found) == len(set(found))
    assert sorted(found, key=lambda title: int(title.split()[1])) == [f"Lamp {n}" for n in range(growing.count)]


def test_a_listener_that_is_killed_loses_nothing_and_takes_nothing_twice(place: Place, growing: Growing) -> None:
    kills(place, growing, 5)


@pytest.mark.soak
def test_a_listener_that_is_killed_fifty_times(place: Place, growing: Growing) -> None:
    kills(place, growing, 50)
