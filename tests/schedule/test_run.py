"""Sources under way: what fails is tried later, what is damaged begins anew, and a thread outlives its troubles."""

import random
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from heedful.schedule.intake import Door
from heedful.schedule.run import Running
from heedful.settings import Listened
from heedful.store.place import Place
from replay.feed import item, rss, served
from replay.origin import Asked, Origin, Reply, origin
from sources.listened import House, house, source

FEED = 'name = "blog"\nkind = "feed"\nevery = "1h"\n'


@pytest.fixture
def blog() -> Iterator[Origin]:
    with origin(lambda asked: served(asked, rss([item(n) for n in range(3)]))) as made:
        yield made


@pytest.fixture
def one(blog: Origin) -> Listened:
    return source(FEED, url=f"{blog.url}/feed")


@pytest.fixture
def here(place: Place, one: Listened) -> Iterator[House]:
    with house(place, one) as made:
        yield made


def state(place: Place) -> sqlite3.Connection:
    """The file of what is known of sources."""
    return sqlite3.connect(place.data / "sources.db", isolation_level=None)


def test_a_cursor_that_is_damaged_begins_anew(place: Place, here: House, one: Listened, blog: Origin) -> None:
    assert here.look(one) is None
    with state(place) as con:
        con.execute("update source set cursor = ?", (b"nonsense that nobody hid",))
    assert here.look(one) is None
    assert len(here.said()) == 3
    assert ["if-none-match" in asked.headers for asked in blog.asked] == [False, False]


def test_a_place_that_cannot_be_kept_ends_no_thread(
    place: Place, here: House, one: Listened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("heedful.schedule.run.UNKEPT_PAUSE", 0.05)
    with state(place) as con:
        con.execute("alter table source rename to hidden")
        here.running.start()
        time.sleep(0.3)
        con.execute("alter table hidden rename to source")
    end = time.monotonic() + 30
    while not ((heard := here.running.door.listening.of("blog")) and heard.reads):
        assert time.monotonic() < end, "its thread is no more"
        time.sleep(0.05)
    here.running.end(5)


def test_a_source_that_brings_a_page_and_fails_then_waits_longer_each_time(here: House, place: Place) -> None:
    """A page that was kept is no success of the look: else it would be asked again and again at once."""

    pages = iter(range(100))

    def listed(asked: Asked) -> Reply:
        if asked.params.get("page", "0") != "0":
            return Reply("broken", status=500)
        return Reply({"hits": [{"objectID": str(next(pages)), "title": "Lamp", "created_at_i": 5}], "nbPages": 9})

    with origin(listed) as there:
        table = 'name = "hn"\nkind = "json_api"\npreset = "hacker_news"\nfill = { query = "lamp" }\n'
        one = source(table, url=there.url)
        here.running.random = Highest()
        waits = []
        for _ in range(5):
            assert "500" in (here.look(one) or "")
            heard = here.running.door.listening.of("hn")
            assert heard is not None
            waits.append(round(heard.next_at - (heard.tried_at or 0)))
        assert waits == [2, 4, 8, 16, 32]


class Highest(random.Random):
    """The longest wait there may be."""

    def uniform(self, a: float, b: float) -> float:
        return max(a, b)


def test_a_time_that_a_wrong_clock_set_is_not_waited_for(place: Place, here: House, one: Listened) -> None:
    here.look(one)
    listening = here.running.door.listening
    soon = listening.of("blog").next_at
    assert here.running._due(one) == soon
    listening.done("blog", time.time() + 86_400, time.time())  # an hour is the longest
    assert here.running._due(one) == 0
    listening.failed("blog", "slow", time.time() + 80_000, time.time())  # as long as somebody asked
    assert here.running._due(one) > time.time()
    listening.failed("blog", "slow", time.time() + 10_000_000, time.time())
    assert here.running._due(one) == 0


def test_settings_that_were_changed_are_tried_at_once(here: House, one: Listened, blog: Origin) -> None:
    blog.answering = lambda _: Reply("no", status=403)
    here.look(one)
    assert here.running._due(one) > time.time()
    changed = replace(one, settings=replace(one.settings, url=f"{blog.url}/other"))
    assert here.running._due(changed) == 0


def test_two_that_run_at_once_take_nothing_twice(place: Place, here: House, one: Listened) -> None:
    """The lock keeps them apart; where it does not, such as on a network disk, nothing comes of it but more reading."""
    listening = place.listening()
    other = Running([one], Door(here.running.door.journal, listening, 10**12), random.Random(2))
    assert here.look(one) is None
    listening.heard("blog", {}, {}, time.time())
    assert other.look(one) is None
    assert here.look(one) is None
    listening.close()
    assert len(here.said()) == 3
