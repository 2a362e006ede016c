"""Every page there is, in the order of the menu, and who may open which."""

from functools import cache
from types import ModuleType

from heedful import folder
from heedful.privacy.viewer import Viewer
from heedful.server import pages, upkeep_pages


@cache
def components() -> tuple[ModuleType, ...]:
    """The modules of pages/ and upkeep_pages/, in the order of the menu; those without a place in it last."""
    found = [folder.load(of, name) for of in (pages, upkeep_pages) for name in folder.names(of)]
    return tuple(sorted(found, key=lambda module: (module.MENU is None, module.MENU or (0, ""), module.PATH)))


def is_asked(module: ModuleType) -> bool:
    """Whether it is a page of figures and messages, not one that looks after the workspace."""
    return module.__name__.startswith(f"{pages.__name__}.")


def may_open(module: ModuleType, viewer: Viewer) -> bool:
    """Whether a page has anything for this viewer."""
    return viewer.may(getattr(module, "NEEDS", "figures"))
