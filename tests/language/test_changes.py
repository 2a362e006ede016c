"""After reading again, what moved is counted, and the figures of before can still be asked for."""

from collections.abc import Iterator
from functools import partial

import pytest

import shop
from heedful.errors import NotFound
from heedful.language.changes import changes
from heedful.language.unread import read_these, unread

STRICT = {**shop.RULE, "lovely": "neutral"}


@pytest.fixture
def opened(tmp_path) -> Iterator[shop.Shop]:
    found = shop.open_shop(tmp_path)
    found.take("message", shop.messages(60))
    yield found
    found.close()


def test_what_moved_is_counted_where(opened):
    then = opened.store.clock()
    waiting = unread(opened.store, "rule=2")
    read_these(opened.store, waiting[:40], "rule=2", partial(shop.by_rule, rule=STRICT))
    read_these(opened.store, waiting[40:], "rule=2", partial(shop.by_rule, rule=STRICT))
    found = changes(opened.store, "rule=2")
    assert (found.before, found.now, found.messages) == (("rule=1",), "rule=2", len(waiting))
    assert found.as_of == then
    assert found.changed == found.moved["positive", "neutral"] > 0
    assert ("neutral", "positive") not in found.moved
    assert found.moved["negative", "negative"] > 0
    assert sum(found.moved.values()) == found.messages
    for counts in (found.by_channel, found.by_language):
        assert sum(changed for changed, _ in counts.values()) == found.changed
        assert sum(of for _, of in counts.values()) == found.messages
    assert set(found.by_channel) <= set(shop.CHANNELS)


def test_half_way_only_those_read_again_are_compared(opened):
    waiting = unread(opened.store, "rule=2")
    read_these(opened.store, waiting[:10], "rule=2", partial(shop.by_rule, rule=STRICT))
    assert changes(opened.store, "rule=2").messages == 10


def test_with_nothing_to_compare_it_says_so(opened):
    with pytest.raises(NotFound, match="no message is read with rule=2 yet"):
        changes(opened.store, "rule=2")
    with pytest.raises(NotFound, match="nothing to compare"):
        changes(opened.store, "rule=1")
