"""Pages that look after the workspace itself: one module per page.

The first line of the module's docstring says what the page is for. `PATH` is its address, `MENU` its place and name
in the menu or None, `NEEDS` the right that a viewer needs for it, and `page(upkeep, request)` makes it. Where the page
has forms, `act(upkeep, form)` does what one asks for: `do` says which, and the answer is an address to go on to, or a
page to show. Where acting takes another right than looking, that is `ACT_NEEDS`. What is done is noted in the audit.
"""

from collections.abc import Mapping
from typing import Protocol

from starlette.requests import Request

from heedful.server.blocks import Page
from heedful.server.upkeep import Upkeep

Form = Mapping[str, str]
"""The fields of a form that was sent."""


class UpkeepModule(Protocol):
    """What a module in this folder defines; those with forms also define `act`."""

    PATH: str
    MENU: tuple[int, str] | None
    NEEDS: str

    @staticmethod
    def page(upkeep: Upkeep, request: Request) -> Page:
        """The page for one viewer and one request."""
        ...
