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


MODELS = ("encoder", "linear")
"""The models that ship; the second helps the first with other languages than English."""


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


def confusion(reading: str, *, language: str = "en") -> Confusion | None:
    """The measured errors of a reading in a language, counts[true][called]; None where they were not measured."""
    told = card("encoder")
    held = told["readings"].get(reading)
    measured = held and held["by_language"].get(language)
    if not measured:
        return None
    labels, counts = tuple(held["labels"]), measured["confusion"]
    if len(counts) != len(labels) or any(len(row) != len(labels) for row in counts):
        raise Bug(f"the card has {len(labels)} labels of {reading!r} and another number of counts")
    kept = tuple(tuple(int(count) for count in row) for row in counts)
    return Confusion(labels, kept, told["version"], measured.get("validated_on", held["validated_on"]))
