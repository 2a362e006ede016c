"""What models of the user's own read, put in the place of our readings in their languages."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import pyarrow as pa

from heedful.errors import BadSettings, NotFound
from heedful.language.own_folders import Plan, plans
from heedful.language.own_models import Model, load
from heedful.language.taught import Taught
from heedful.language.taught import load as load_taught
from heedful.records import EMOTIONS, GOEMOTIONS, READING, SENTIMENTS, YES_NO
from heedful.settings import READINGS, OwnModel

CATEGORIES = "categories "
"""Before the name of a set of taught categories, where it is asked about as a reading."""
HOLDING = (*YES_NO, *GOEMOTIONS)
"""What `labels` may hold, in its order."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Laid:
    """Columns with the own models' readings in them; in which rows each was made; and why some were not."""

    columns: Mapping[str, pa.Array]
    rows: Mapping[str, frozenset[int]]
    failures: Sequence[tuple[int, str]]


def columns(reading: str) -> tuple[str, ...]:
    """The columns of a reading, without `labels`."""
    if reading == "sentiment":
        return ("sentiment", *(f"sentiment_{label}" for label in SENTIMENTS))
    if reading == "categories":
        return ("categories", "nearest")
    return tuple(f"emotion_{label}" for label in EMOTIONS) if reading == "emotion" else (reading,)


def added(own: Sequence[OwnModel]) -> set[str]:
    """All columns that the models make."""
    made = {column for one in own for column in columns(one.reading)}
    return made | {"labels" for one in own if _holds(one.reading)}


def lay(made: Mapping[str, pa.Array], texts: Sequence[str | None], own: Sequence[OwnModel]) -> Laid:
    """Read each text by the own models of its language, instead of what was `made` of it."""
    if not own:
        return Laid({}, {}, ())
    languages = made["language"].to_pylist() if "language" in made else [None] * len(texts)
    names = [name for name in READING.names if name in added(own)]
    cells = {name: _cells(made, name, len(texts)) for name in names}
    rows: dict[str, set[int]] = {name: set() for name in names}
    failures: list[tuple[int, str]] = []
    for plan, places in _shared_out(texts, languages, plans(own)):
        if plan.categories:
            try:
                for at, name, value in _categories(plan, [texts[at] or "" for at in places], places):
                    cells[name][at] = [*(cells[name][at] or ()), *value]
                    rows[name].add(at)
            except (BadSettings, NotFound) as problem:  # they must not cost the other readings
                failures += [(at, f"categories {plan.categories}: {problem}") for at in places]
            continue
        model = load(plan)
        read = {text: _read(model, text) for text in dict.fromkeys(texts[at] or "" for at in places)}
        for at in places:
            found, why = read[texts[at] or ""]
            if why:
                failures.append((at, why))
            for name, value in _row(plan.own.reading, found).items():
                cells[name][at] = value
                rows[name] |= set() if found is None else {at}
            if _holds(plan.own.reading):
                cells["labels"][at] = _held(cells["labels"][at], plan.own, found)
    filled = {name: pa.array(values, READING.field(name).type) for name, values in cells.items()}
    return Laid(filled, {name: frozenset(places) for name, places in rows.items()}, failures)


def _categories(
    plan: Plan, texts: Sequence[str], places: Sequence[int]
) -> Iterator[tuple[int, str, list[str] | list[dict[str, Any]]]]:
    """For each place what a taught classifier adds: the category where the text has one, and the nearest anyway."""
    read = taught(plan).read(texts)
    for at, label, best, score in zip(places, *(column.to_pylist() for column in read.columns), strict=True):
        yield at, "categories", [] if label is None else [f"{plan.categories}: {label}"]
        yield at, "nearest", [{"name": plan.categories, "best": best, "score": score}]


@cache
def taught(plan: Plan) -> Taught:
    """The taught classifier of a plan, loaded once in a process."""
    return load_taught(plan.own.folder)


def _cells(made: Mapping[str, pa.Array], name: str, rows: int) -> list[Any]:
    found: list[Any] = made[name].to_pylist() if name in made else [None] * rows
    return found


def _shared_out(
    texts: Sequence[str | None], languages: Sequence[str | None], plans: Sequence[Plan]
) -> list[tuple[Plan, list[int]]]:
    """The rows that each model reads."""
    readers = _readers(plans)
    shared: dict[Plan, list[int]] = {plan: [] for plan in plans}
    for at, (text, language) in enumerate(zip(texts, languages, strict=True)):
        if text and not text.isspace():
            for wanted in dict.fromkeys(map(what, plans)):
                if plan := _reader(readers, wanted, language):
                    shared[plan].append(at)
    return [(plan, places) for plan, places in shared.items() if places]


def reader(own: Sequence[OwnModel], wanted: str, language: str | None) -> Plan | None:
    """What of the user's own reads `wanted` in a language: a reading, or `categories NAME`."""
    return _reader(_readers(plans(own)), wanted, language)


def _readers(plans: Sequence[Plan]) -> dict[tuple[str, str], Plan]:
    return {(what(plan), language): plan for plan in plans for language in plan.own.languages}


def _reader(readers: Mapping[tuple[str, str], Plan], wanted: str, language: str | None) -> Plan | None:
    """One that names the language goes before one for all."""
    return readers.get((wanted, language or "*"), readers.get((wanted, "*")))


def what(plan: Plan) -> str:
    """What a plan reads; there is one plan for it in each language."""
    return f"{CATEGORIES}{plan.categories}" if plan.categories else plan.own.reading


def _read(model: Model, text: str) -> tuple[Any, str | None]:
    """What a model reads from a text, or why it reads nothing."""
    reading, name = model.plan.own.reading, model.plan.name
    try:
        found = model.spans(text) if reading == "entities" else model.shares(text)
    except Exception as problem:  # noqa: BLE001  a model that breaks on one text must not stop the reading
        # Only the kind of error is told: its message may hold the text.
        _log.warning("the model %s broke on one message: %s", name, type(problem).__name__)
        return None, f"{name} broke ({type(problem).__name__})"
    return found, None if found is not None else f"no words to read {reading} from"


def _row(reading: str, found: Any) -> dict[str, Any]:
    """The cells of one text; null where nothing was read."""
    if found is None:
        return dict.fromkeys(columns(reading))
    if reading == "emotions":
        return {"emotions": {label: found.get(label) for label in GOEMOTIONS}}
    if reading in ("sentiment", "emotion"):
        shares = {label: found.get(label, 0.0) for label in READINGS[reading]}
        likeliest = {"sentiment": max(shares, key=shares.__getitem__)} if reading == "sentiment" else {}
        return likeliest | {f"{reading}_{label}": share for label, share in shares.items()}
    return {reading: found if reading == "entities" else found[reading]}


def _holds(reading: str) -> bool:
    return reading in YES_NO or reading == "emotions"


def _held(before: list[str] | None, own: OwnModel, found: Mapping[str, float] | None) -> list[str] | None:
    """`labels` with what the own model says of its reading, and nothing else changed."""
    if before is None and found is None:
        return None
    others = {label for label in before or () if label not in READINGS[own.reading]}
    holding = others | {label for label, share in (found or {}).items() if share >= own.threshold}
    return sorted(holding, key=HOLDING.index)
