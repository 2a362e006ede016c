"""Saved views: pages as somebody set them up, for everybody who may open them."""

from datetime import datetime

from starlette.requests import Request

from heedful.errors import BadSettings, NotAllowed
from heedful.server import words
from heedful.server.blocks import Button, Cell, Column, Empty, Link, Page, Table
from heedful.server.upkeep import Upkeep
from heedful.server.upkeep_pages import Form
from heedful.store.views import SavedView

PATH = "/views"
MENU = (10, "Saved views")
NEEDS = "figures"


def page(upkeep: Upkeep, _request: Request) -> Page:
    """Every saved view; whoever saved one, or an admin, may remove it."""
    found = upkeep.views.all()
    if not found:
        text = "Open a metric, choose what to see and save it: its address is the view."
        return Page("Saved views", (Empty("Nothing is saved yet", text, (Link("Metrics", "/figures"),)),))
    columns = tuple(Column(label) for label in ("View", "Saved by", "Saved", ""))
    return Page("Saved views", (Table("Views", columns, tuple(_row(upkeep, view) for view in found)),))


def act(upkeep: Upkeep, form: Form) -> str:
    """Save an address under a name and go there, or remove one."""
    name = form.get("name", "")
    if upkeep.viewer.name == "demo":
        raise NotAllowed("the demo keeps no views: keep the address as a bookmark")
    if form.get("do") == "save":
        upkeep.views.save(name, form.get("address", ""), upkeep.viewer.name, upkeep.now)
        upkeep.note("save view", {"view": name})
        return PATH
    if form.get("do") == "remove":
        if name not in [view.name for view in upkeep.views.all() if _may(upkeep, view)]:
            raise NotAllowed("only who saved a view, or an admin, may remove it")
        upkeep.views.remove(name)
        upkeep.note("remove view", {"view": name})
        return PATH
    raise BadSettings("a view can be saved or removed")


def _may(upkeep: Upkeep, view: SavedView) -> bool:
    return upkeep.may("manage") or view.saved_by == upkeep.viewer.name


def _row(upkeep: Upkeep, view: SavedView) -> tuple[Cell, ...]:
    remove = Button("Remove", PATH, (("do", "remove"), ("name", view.name)), view.name, danger=True)
    who = view.saved_by.partition(":")[2] or view.saved_by
    at = words.moment(datetime.fromisoformat(view.saved_at), upkeep.zone, upkeep.now)
    buttons = (remove,) if _may(upkeep, view) else ()
    return (Cell(view.name, view.name, view.address), Cell(who), Cell(at), Cell("", buttons=buttons))
