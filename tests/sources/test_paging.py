"""Pages that come newest first: what was cut off is gone on with, even where its page is known no more."""

from collections.abc import Callable
from typing import Any

import pytest

from heedful.errors import NotAllowed, NotFound
from heedful.sources import Batch
from heedful.sources._paging import Page, newest_first


def asked(items: list[int], broken: set[Any], error: Callable[[str], Exception]) -> Callable[[Any], Page]:
    """A list of items, newest first, two a page; pages in `broken` are refused."""

    def ask(token: Any) -> Page:
        if token in broken:
            raise error("this page is known no more")
        at = int(token or 0)
        shown = items[at : at + 2]
        return Batch([{"id": n} for n in shown]), [f"{n:03}" for n in shown], at + 2 if at + 2 < len(items) else None

    return ask


@pytest.mark.parametrize("error", [NotAllowed, NotFound])
def test_a_kept_page_that_is_known_no_more_begins_at_the_newest(error: Callable[[str], Exception]) -> None:
    cursor = {"until": "002", "top": "006", "page": 4}
    ask = asked([9, 8, 7, 6, 5, 4, 3, 2, 1], {4}, error)
    with pytest.raises(error):  # while it goes on it is what it is
        list(newest_first({"until": "002"}, ask, most=10))
    pages = list(newest_first(cursor, asked([9, 8, 7, 6, 5, 4, 3, 2, 1], set(), error), most=10))
    assert [one["id"] for batch, _ in pages for one in batch.messages] == [5, 4, 3, 2]
    turned = iter([True])

    def once(token: Any) -> Page:
        return ask(token) if token == 4 and next(turned, False) else asked(list(range(9, 0, -1)), set(), error)(token)

    pages = list(newest_first(cursor, once, most=10))
    assert [one["id"] for batch, _ in pages for one in batch.messages] == [9, 8, 7, 6, 5, 4, 3, 2]
    assert pages[-1][1] == {"until": "009"}


def test_a_first_page_that_is_refused_is_refused() -> None:
    with pytest.raises(NotAllowed):
        list(newest_first({}, asked([1], {None}, NotAllowed), most=10))
