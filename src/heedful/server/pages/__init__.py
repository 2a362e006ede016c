"""What people look at: one module per page.

The first line of the module's docstring says what the page is for. `PATH` is its address, `MENU` its place and name
in the menu or None, and `page(asker, request)` makes it. One that shows nothing without a certain right names it as
`NEEDS`, so that the menu leaves it out.
"""

from typing import Protocol

from starlette.requests import Request

from heedful.server.asker import Asker
from heedful.server.blocks import Page


class PageModule(Protocol):
    """What a module in this folder defines."""

    PATH: str
    MENU: tuple[int, str] | None

    @staticmethod
    def page(asker: Asker, request: Request) -> Page:
        """The page for one viewer and one request."""
        ...
