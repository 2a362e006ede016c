"""A folder of one-file components: the file's name is the component's name."""

from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

from heedful.errors import NotFound


def names(package: ModuleType) -> list[str]:
    """Names of the components in a package, without importing any of them."""
    return sorted(module.name for module in iter_modules(package.__path__) if not module.name.startswith("_"))


def load(package: ModuleType, name: str) -> ModuleType:
    """Import one component; NotFound says which ones exist."""
    if name not in (known := names(package)):
        many = package.__name__.rpartition(".")[2]
        kind = f"{many[:-3]}y" if many.endswith("ies") else many.removesuffix("s")
        raise NotFound(f"there is no {kind} named {name!r}; there are: {', '.join(known)}")
    return import_module(f"{package.__name__}.{name}")


def first_line(component: ModuleType) -> str:
    """The first line of a component's docstring: its help text everywhere."""
    return (component.__doc__ or "").strip().split("\n", 1)[0]
