"""Pages that come newest first: read down to where the last look began, wherever a look was cut off."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from heedful.errors import NotAllowed, NotFound
from heedful.sources import Batch, Cursor

Page = tuple[Batch, Sequence[str], Any]
"""A page: what it says, a mark of each of its items that grows with time, and how the next page is asked for."""


def newest_first(
    since: Cursor, ask: Callable[[Any], Page], *, most: int, numbered: bool = False
) -> Iterator[tuple[Batch, Cursor]]:
    """Read pages until one reaches what was read before; at the very first `most` pages are enough.

    The mark to read down to moves only when everything above it has been read: a look that is cut off, or that is
    not done after `most` pages, goes on at its page. Where pages are `numbered` what a number means moves with every
    new item: it then begins anew, and looks at ten times as many pages to reach what it knows. So it begins anew where
    the other side no longer knows the page that was kept.
    """
    until, top = since.get("until"), since.get("top")
    token = None if numbered else since.get("page")
    for turn in range(most * 10 if numbered and until is not None else most):
        try:
            batch, marks, token = ask(token)
        except (NotAllowed, NotFound):
            if turn or token is None:
                raise
            batch, marks, token = ask(None)  # the page that was kept is known no more: begin at the newest
        top = max([*marks, top] if top else marks, default=None)
        reached = not token or not marks or (until is not None and min(marks) <= until)
        if reached:
            break
        yield batch, {"until": until, "top": top, "page": token}
        batch = Batch(source=batch.source)
    else:
        if until is not None and not numbered:
            return
    yield batch, {"until": max(filter(None, (top, until)), default=None)}


def mark(number: Any) -> str:
    """A mark of an id that is a number."""
    return str(number).rjust(24, "0")
