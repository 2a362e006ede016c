"""Topics kept up to date: new messages are sorted, and topics are found again when enough is new."""

from collections.abc import Callable
from datetime import UTC, datetime

from heedful.catalogue.find import Before, before, search
from heedful.catalogue.outcome import FOUND, outcome
from heedful.catalogue.sample import Sample, sample
from heedful.catalogue.sort import sort_new, sorting
from heedful.insight.topics import Topics
from heedful.store.facts import Store

FEWEST = 60
"""Topics are looked for from so many messages on."""
MORE = 0.2
"""Topics are found again when there are so many more messages than the last time, as a share of them."""

Search = Callable[[Sample, Before | None], Topics]


def due(store: Store) -> bool:
    """Whether topics are to be found now."""
    there = store.topics.embedded()
    last = store.topics.last(FOUND)
    return there >= FEWEST if last is None else there >= last.details["messages"] * (1 + MORE)


def find(store: Store, *, now: datetime, how: Search = search) -> int:
    """Find topics, at first or again; the version that they make. TryLater where somebody changed them meanwhile."""
    on = store.topics.version()
    drawn = sample(store)
    past = before(store, drawn)
    found = how(drawn, past)
    return store.topics.change(outcome(store, drawn, past, found, on=on, now=now))


def keep(store: Store, *, how: Search = search) -> bool:
    """Sort what is new, and find topics where that is due; whether there was anything to do."""
    if due(store):
        find(store, now=datetime.now(UTC), how=how)
        return True
    known = sorting(store)
    return known is not None and bool(sort_new(store, known))
