"""Every folder of components: listed without importing, each named plainly and with a first line that helps."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

import heedful
from heedful import folder

FOLDERS = (
    "heedful.insight.metrics",
    "heedful.insight.studies",
    "heedful.language.annotators",
    "heedful.server.pages",
    "heedful.server.upkeep_pages",
    "heedful.sources",
)
COMPONENTS = [(package, name) for package in FOLDERS for name in folder.names(import_module(package))]
OF = {package: [name for where, name in COMPONENTS if where == package] for package in FOLDERS}
every = pytest.mark.parametrize(("package", "name"), COMPONENTS, ids=[f"{p}.{n}" for p, n in COMPONENTS])


def load(package: str, name: str) -> ModuleType:
    return folder.load(import_module(package), name)


@pytest.mark.parametrize("package", FOLDERS)
def test_listing_imports_none(package: str) -> None:
    code = (
        f"import sys; from importlib import import_module; from heedful import folder; "
        f"found = folder.names(import_module({package!r})); "
        f"print(len(found), [n for n in found if {package!r} + '.' + n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == f"{len(OF[package])} []"
    assert OF[package]


@every
def test_its_first_line_helps(package: str, name: str) -> None:
    line = folder.first_line(load(package, name))
    assert 10 <= len(line) <= 120
    assert line[0].isupper()
    assert line.endswith((".", "?"))


@every
def test_its_name_is_a_plain_word(package: str, name: str) -> None:
    assert name.isidentifier()
    assert name == name.lower()


def test_every_folder_of_components_is_looked_at() -> None:
    """A package of modules that nothing imports by name is a folder of components, and belongs into FOLDERS."""
    root = Path(heedful.__file__).parent
    loaded = {
        f"heedful.{path.parent.relative_to(root).as_posix().replace('/', '.')}"
        for path in root.rglob("__init__.py")
        if "Protocol" in path.read_text()
    }
    assert loaded == set(FOLDERS)
