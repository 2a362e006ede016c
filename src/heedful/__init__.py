"""Heedful: hear what customers say and do, understand it, and answer with evidence."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from heedful.workspace import Workspace

__version__ = "0.1.0"
__all__ = ["__version__", "open"]


def open(folder: "str | Path") -> "Workspace":
    """Open a workspace folder that `heedful init` made."""
    from heedful import workspace

    return workspace.open(folder)
