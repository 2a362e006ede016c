import threading
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from heedful.server.kept import Kept, Made

NOW = datetime(2026, 11, 20, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def maker(value: str, as_of: str) -> Callable[[], tuple[str, str, datetime]]:
    return lambda: (value, as_of, NOW)


def refuse() -> tuple[str, str, datetime]:
    raise AssertionError("nothing has to be made")


def test_nothing_is_made_again_while_nothing_changed() -> None:
    clock = Clock()
    kept = Kept(fresh=2, usable=60, clock=clock)
    kept.get("a", "1-0", maker("first", "1-0"), refuse)
    clock.at = 59
    assert kept.get("a", "1-0", refuse, refuse).value == "first"


def test_a_change_is_overlooked_for_a_moment_then_made_behind_the_reader() -> None:
    clock = Clock()
    kept = Kept(fresh=2, usable=60, clock=clock)
    kept.get("a", "1-0", maker("first", "1-0"), refuse)
    clock.at = 1
    assert kept.get("a", "2-0", refuse, refuse).value == "first"
    clock.at = 10
    began, done = threading.Event(), threading.Event()

    def renew() -> tuple[str, str, datetime]:
        began.set()
        assert done.wait(10)
        return "second", "2-0", NOW

    assert kept.get("a", "2-0", refuse, renew).value == "first"
    assert began.wait(10)
    assert kept.get("a", "2-0", refuse, refuse).value == "first"
    done.set()
    assert until(lambda: kept.get("a", "2-0", refuse, refuse), "second")


def test_what_takes_long_is_made_anew_less_often() -> None:
    clock = Clock()
    kept = Kept(fresh=2, usable=600, clock=clock)

    def slow() -> tuple[str, str, datetime]:
        clock.at += 3
        return "first", "1-0", NOW

    kept.get("a", "1-0", slow, refuse)
    clock.at = 59
    assert kept.get("a", "2-0", refuse, refuse).value == "first"
    clock.at = 61
    assert until(lambda: kept.get("a", "2-0", refuse, maker("second", "2-0")), "second")


def test_what_is_too_old_is_waited_for() -> None:
    clock = Clock()
    kept = Kept(fresh=2, usable=60, clock=clock)
    kept.get("a", "1-0", maker("first", "1-0"), refuse)
    clock.at = 61
    assert kept.get("a", "1-0", maker("second", "1-0"), refuse).value == "second"


def test_a_failure_to_renew_is_met_by_the_reader_who_waits() -> None:
    clock = Clock()
    kept = Kept(fresh=2, usable=60, clock=clock)
    kept.get("a", "1-0", maker("first", "1-0"), refuse)
    clock.at = 10
    kept.get("a", "2-0", refuse, refuse)
    clock.at = 61
    with pytest.raises(AssertionError):
        kept.get("a", "2-0", refuse, refuse)


def test_only_the_last_asked_are_kept() -> None:
    kept = Kept(most=2, clock=Clock())
    for key in "abc":
        kept.get(key, "1-0", maker(key, "1-0"), refuse)
    assert kept.get("c", "1-0", refuse, refuse).value == "c"
    assert kept.get("a", "1-0", maker("again", "1-0"), refuse).value == "again"


def until(look: Callable[[], Made], value: str) -> bool:
    """Whether what is looked at becomes a value within a while."""
    waiting = threading.Event()
    for _ in range(1000):
        if look().value == value:
            return True
        waiting.wait(0.01)
    return False
