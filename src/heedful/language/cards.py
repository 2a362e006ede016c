"""What is known about each model that ships: what it was trained on, and how often it errs."""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from heedful.errors import Bug, NotFound


@dataclass(frozen=True)
class Confusion:
    """How often each true label was called what, on texts that the model was neither trained nor chosen on."""

    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    version: str = ""
    validated_on: str = ""


def place(file: str) -> Path:
    """Where a file of the models that ship is."""
    return Path(str(files("heedful"))) / "models" / file


@cache
def card(model: str) -> dict[str, Any]:
    """The whole card of a model; NotFound says which ones there are."""
    path = place(f"{model}.json")
    if not path.is_file():
        known = ", ".join(sorted(other.stem for other in path.parent.glob("*.json")))
        raise NotFound(f"there is no model {model!r}; there are: {known or 'none'}")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def confusion(reading: str, *, language: str | None = None) -> Confusion | None:
    """The measured errors of a reading, counts[true][called]; None where they were not measured.

    With a language, the errors in that language alone.
    """
    if not place(f"{reading}.json").is_file():
        return None
    told = card(reading)
    counts = told["by_language"].get(language, {}).get("confusion") if language else told["confusion"]
    if counts is None:
        return None
    labels = tuple(told["labels"])
    if len(counts) != len(labels) or any(len(row) != len(labels) for row in counts):
        raise Bug(f"the card of {reading!r} has {len(labels)} labels and another number of counts; train it again")
    held = tuple(tuple(int(count) for count in row) for row in counts)
    return Confusion(labels, held, told["version"], told["validated_on"])
