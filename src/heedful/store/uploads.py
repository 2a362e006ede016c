"""Where files that somebody sent are kept until they are in: a folder each, with the file and what is known of it."""

import re
from pathlib import Path

FOLDER = "uploads"
RECORD = "import.json"
"""What is known of a file: nothing of its contents."""


def folder(data: Path, id: str) -> Path:
    """The folder of one file."""
    return data / FOLDER / id


def folders(data: Path) -> list[Path]:
    """The folder of each file."""
    return sorted((data / FOLDER).glob("*"))


def record(folder: Path) -> Path:
    """What is known of the file in a folder."""
    return folder / RECORD


def content(folder: Path, name: str) -> Path:
    """Where a file is kept: under a name that says no more than what kind of file it is."""
    endings = [ending for ending in Path(name.lower()).suffixes[-2:] if re.fullmatch(r"\.[a-z0-9]{1,8}", ending)]
    return folder / f"content{''.join(endings)}"


def records(data: Path) -> list[Path]:
    """What is known of each file."""
    return list((data / FOLDER).glob(f"*/{RECORD}"))


def contents(data: Path) -> list[Path]:
    """Every file that is kept, and what a crash left of one."""
    return [path for path in (data / FOLDER).glob("*/*") if path.name != RECORD]
