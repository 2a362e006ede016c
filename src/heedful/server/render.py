"""Pages and parts of them as HTML and as JSON, from the same value."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from heedful import __version__
from heedful.server import assets
from heedful.server.blocks import Chart, Link, Message, Page, kind, plain
from heedful.server.marks import PALETTE

TEMPLATES = Path(__file__).with_name("templates")
PRIVATE = {"Cache-Control": "private, no-store"}


@dataclass(frozen=True)
class Shell:
    """What surrounds every page: whose it is, who looks at it, and where one can go.

    `menu` are groups of links; `session` whether there is one to end.
    """

    company: str
    menu: tuple[tuple[Link, ...], ...] = ()
    viewer: str = ""
    session: bool = False
    version: str = __version__


@cache
def templates() -> Environment:
    """The templates, escaping everything; a name that a template lacks is an error."""
    found = Environment(
        autoescape=True,
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    found.globals.update(asset=assets.named, kind=kind, palette=PALETTE, bundle=f"/static/{assets.bundle_name()}")
    return found


def html(page: Page, shell: Shell, *, twin: str | None = None, headers: Mapping[str, str] = PRIVATE) -> Response:
    """A page for people; `twin` is the address of the same page as data."""
    drawn = any(isinstance(block, Chart) and block.table.rows for block in page.blocks)
    body = templates().get_template("page.html").render(page=page, shell=shell, twin=twin, drawn=drawn)
    return HTMLResponse(body, status_code=page.status, headers=dict(headers))


def json(page: Page, *, headers: Mapping[str, str] = PRIVATE) -> Response:
    """A page for programs."""
    body = msgspec.json.encode(plain(page))
    return Response(body, status_code=page.status, headers=dict(headers), media_type="application/json")


def message(shown: Message) -> str:
    """One message as it stands in a list."""
    return templates().get_template("_message.html").render(message=shown)
