"""Options that many commands share, and opening the workspace they name."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from heedful.settings import Settings
    from heedful.store.place import Place
    from heedful.workspace import Workspace

Folder = Annotated[
    Path | None,
    typer.Option("--workspace", help="The workspace folder.", show_default="HEEDFUL_WORKSPACE, or this folder"),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def folder_of(given: Path | None) -> Path:
    """The workspace folder that is meant."""
    return given or Path(os.environ.get("HEEDFUL_WORKSPACE", "."))


def workspace(given: Path | None) -> "Workspace":
    """Open it."""
    from heedful import workspace as opened

    return opened.open(folder_of(given))


def place(given: Path | None) -> "Place":
    """Its files and settings only."""
    from heedful.store.place import Place

    return Place.at(folder_of(given))


def settings(given: Path | None) -> "Settings":
    """What its heedful.toml says; the defaults where no workspace is named and this folder is none."""
    from heedful.settings import FILE, Settings, read

    path = folder_of(given) / FILE
    named = given is not None or "HEEDFUL_WORKSPACE" in os.environ
    return read(path) if named or path.is_file() else Settings()


NEXT_PAIR = r",(?=[^,=]*=)"
"""A comma that a further pair follows: a column's name or a time's format may hold commas too."""


def pairs(given: list[str] | None) -> dict[str, str]:
    """What `--map field=column,...` says, repeated or with commas."""
    import re

    from heedful.errors import BadSettings

    found: dict[str, str] = {}
    for part in (part for one in given or () for part in re.split(NEXT_PAIR, one)):
        field, sign, column = part.partition("=")
        if not sign or not field.strip():
            raise BadSettings(f"--map takes field=column pairs separated by commas, not {part!r}")
        found[field.strip()] = column
    return found


def filter_of(text: str) -> tuple[str, str | None]:
    """What `--where DIMENSION=VALUE` says; without a value, rows that have none."""
    from heedful.errors import BadSettings

    name, sign, value = text.partition("=")
    if not sign or not name:
        raise BadSettings(f"--where takes 'DIMENSION=VALUE', not {text!r}")
    return name, value or None


def print_json(value: Any) -> None:
    """One line of JSON on standard output."""
    import json

    typer.echo(json.dumps(value, ensure_ascii=False, default=str))
