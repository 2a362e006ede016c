"""What the folder of a user's own model says: its files, its labels, and a mark that changes with them."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from heedful.errors import BadSettings
from heedful.language.tags import OUTSIDE, parted
from heedful.language.taught import FILES
from heedful.settings import READINGS, OwnModel

SHORT = {"pos": "positive", "neg": "negative", "neu": "neutral"}
OFFSET = ("camembert", "mpnet", "longformer", "data2vec-text", "xmod", "ibert", "luke")
"""Kinds of model that count places as RoBERTa does: from behind the padding's number."""


@dataclass(frozen=True)
class Plan:
    """What a folder says about its model, before anything is loaded.

    `labels` is, for each place of the model's output, our label or the tag; nothing where it counts for none. `many`:
    any number of labels may hold, each with a probability of its own. `mark` changes with whatever changes readings.
    Of taught categories `graph` and `tokenizer` are the two files, numbers first, and `categories` is their name.
    """

    own: OwnModel
    graph: Path
    tokenizer: Path
    labels: tuple[str, ...]
    many: bool
    positions: int | None
    mark: str
    categories: str = ""

    @property
    def name(self) -> str:
        """What taught the categories was called, or the folder, without spaces."""
        return "-".join((self.categories or self.own.folder.name).split())

    def __str__(self) -> str:
        """What reads what, such as sentiment[fr,it]=french-sentiment@1a2b3c4d."""
        return f"{self.own.reading}[{','.join(sorted(self.own.languages))}]={self.name}@{self.mark}"


def plans(own: Sequence[OwnModel]) -> tuple[Plan, ...]:
    """What the folders say; BadSettings tells all that is wrong with any of them."""
    made: list[Plan] = []
    wrong: list[str] = []
    for one in own:
        try:
            made.append(_plan(one))
        except BadSettings as problem:
            wrong.append(str(problem))
    sets = Counter(plan.categories for plan in made if plan.categories)
    wrong += [
        f"two folders hold categories called {name}; teach one under another name" for name in sets if sets[name] > 1
    ]
    if wrong:
        raise BadSettings("\n".join(wrong))
    return tuple(made)


def _plan(own: OwnModel) -> Plan:
    if own.reading == "categories":
        files = [own.folder / name for name in FILES]
        if missing := [file.name for file in files if not file.is_file()]:
            raise BadSettings(f"{own.folder} has no {missing[0]}; name a folder that `heedful teach` wrote")
        try:
            name = str(json.loads(files[0].read_text(encoding="utf-8"))["name"]).replace(":", " ")
        except (ValueError, KeyError, TypeError):
            raise BadSettings(f"{files[0]} cannot be understood; teach the categories again") from None
        return Plan(own, files[1], files[0], (), False, None, _mark(own, files), name)
    graph = _graph(own.folder)
    tokenizer, config = (_beside(own.folder, graph, name) for name in ("tokenizer.json", "config.json"))
    try:
        told = json.loads(config.read_text(encoding="utf-8"))
        found = _found(told)
    except (ValueError, TypeError, AttributeError) as problem:
        raise BadSettings(f"{config} cannot be understood ({problem}); export the model again") from None
    if told.get("problem_type") == "regression":
        raise BadSettings(f"{config}: the model gives a number (regression), and a classifier is needed")
    labels = _tags(own, found) if own.reading == "entities" else _labels(own, found)
    many = own.reading != "entities" and (told.get("problem_type") == "multi_label_classification" or len(found) == 1)
    files = [*sorted(file for file in graph.parent.iterdir() if file.name.startswith(graph.name)), tokenizer, config]
    return Plan(own, graph, tokenizer, labels, many, _positions(told), _mark(own, files))


def _graph(folder: Path) -> Path:
    """model.onnx, or the only *.onnx there is; also in the folder onnx."""
    for place in (folder, folder / "onnx"):
        if (place / "model.onnx").is_file():
            return place / "model.onnx"
        found = sorted(place.glob("*.onnx"))
        if len(found) > 1:
            names = ", ".join(file.name for file in found)
            raise BadSettings(f"{place} has several models ({names}); call the one to use model.onnx")
        if found:
            return found[0]
    raise BadSettings(f"{folder} has no model.onnx; export the model to ONNX and copy the whole folder")


def _beside(folder: Path, graph: Path, name: str) -> Path:
    for place in (folder, graph.parent):
        if (place / name).is_file():
            return place / name
    raise BadSettings(f"{folder} has no {name}; copy the whole folder that the export wrote")


def _found(told: Mapping[str, Any]) -> tuple[str, ...]:
    """The model's labels by place; without any it has two without a name, as transformers takes it."""
    named = told.get("id2label") or {"0": "LABEL_0", "1": "LABEL_1"}
    places = {int(place): str(label) for place, label in named.items()}
    if sorted(places) != list(range(len(places))):
        raise ValueError("id2label does not count from 0")
    return tuple(places[place] for place in range(len(places)))


def _labels(own: OwnModel, found: tuple[str, ...]) -> tuple[str, ...]:
    """Our label for each of the model's."""
    known = READINGS[own.reading]
    if own.labels:
        _all_there(own, found)
        return tuple(dict(own.labels).get(label, "") for label in found)
    ours = tuple(SHORT.get(label.strip().lower(), label.strip().lower()) for label in found)
    if set(ours) <= set(known) or (known == (own.reading,) and own.reading in ours):
        return tuple(label if label in known else "" for label in ours)
    example = ", ".join(f'"{label}" = "{our}"' for label, our in zip(found, known, strict=False))
    raise BadSettings(
        f"{own.folder}: the model's labels are {', '.join(found)}, and those of {own.reading} are {', '.join(known)}; "
        f"say in heedful.toml which is which, such as labels = {{ {example} }}"
    )


def _tags(own: OwnModel, found: tuple[str, ...]) -> tuple[str, ...]:
    """The tag for each of the model's labels; a kind may bear another name in heedful.toml."""
    if own.labels:
        _all_there(own, (*found, *(parted(label)[1] for label in found)))
        return tuple(_renamed(label, dict(own.labels)) for label in found)
    if all(re.fullmatch(r"LABEL_\d+", label) for label in found):
        raise BadSettings(
            f"{own.folder}: the model's labels are {', '.join(found)}; say in heedful.toml what they are, such as "
            f'labels = {{ {found[-1]} = "B-person" }}'
        )
    return tuple("" if label == OUTSIDE else label for label in found)


def _renamed(label: str, names: Mapping[str, str]) -> str:
    place, kind = parted(label)
    if label in names or kind not in names:
        return names.get(label, "")
    return f"{place}-{names[kind]}" if place else names[kind]


def _all_there(own: OwnModel, found: Sequence[str]) -> None:
    if strange := [label for label, _ in own.labels if label not in found]:
        raise BadSettings(
            f"{own.folder}: labels in heedful.toml has {', '.join(strange)}, which the model does not have; "
            f"it has: {', '.join(dict.fromkeys(found))}"
        )


def _positions(told: Mapping[str, Any]) -> int | None:
    """How many tokens the model can tell the places of, where it says so."""
    most, kind = told.get("max_position_embeddings"), str(told.get("model_type"))
    if not isinstance(most, int):
        return None
    if "roberta" in kind or kind in OFFSET:
        padding = told.get("pad_token_id")
        most -= 2 if padding is None else int(padding) + 1
    return most if most > 2 else None


def _mark(own: OwnModel, files: Sequence[Path]) -> str:
    whole = hashlib.sha256(repr((own.labels, own.threshold)).encode())
    for file in files:
        state = file.stat()
        whole.update(_digest(file, state.st_size, state.st_mtime_ns))
    return whole.hexdigest()[:8]


@cache
def _digest(file: Path, _size: int, _changed: int) -> bytes:
    """Of a file's contents, made again only where size or time of change are others."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").digest()
