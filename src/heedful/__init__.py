"""Heedful: hear what customers say and do, understand it, and answer with evidence."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pyarrow as pa

    from heedful.workspace import Workspace

__version__ = "0.1.0"
__all__ = ["__version__", "open", "read"]


def open(folder: "str | Path") -> "Workspace":
    """Open a workspace folder that `heedful init` made."""
    from heedful import workspace

    return workspace.open(folder)


def read(texts: "Sequence[str | None]", *, language: str | None = None, default: str = "en") -> "pa.RecordBatch":
    """What each text says: one row per text, in their order, with the columns that `heedful read` adds to a file.

    `language` (ISO 639-1) stands for all texts instead of recognising it; `default` is what a short text is taken to be
    in when unsure.
    """
    from heedful.language import many

    return many.read_texts(texts, language=language, default=default)
