"""A folder of one-file components: listed without importing, loaded by name."""

import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from heedful import folder
from heedful.errors import NotFound


@pytest.fixture
def fruits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    package = tmp_path / "fruits"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "apple.py").write_text('"""Keeps the doctor away.\n\nMore about it."""\n')
    (package / "bomb.py").write_text('raise RuntimeError("imported")\n')
    (package / "_peel.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    return import_module("fruits")


def test_names_are_listed_without_importing(fruits: ModuleType) -> None:
    assert folder.names(fruits) == ["apple", "bomb"]
    assert "fruits.bomb" not in sys.modules


def test_one_is_loaded_by_name_and_says_what_it_is_for(fruits: ModuleType) -> None:
    assert folder.first_line(folder.load(fruits, "apple")) == "Keeps the doctor away."


def test_an_unknown_name_is_answered_with_the_known_ones(fruits: ModuleType) -> None:
    with pytest.raises(NotFound, match="no fruit named 'pear'; there are: apple, bomb"):
        folder.load(fruits, "pear")
    with pytest.raises(NotFound):
        folder.load(fruits, "_peel")
