"""Why a message was read as it was, as its page shows it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from heedful.errors import BadSettings, NotFound
from heedful.language.own_readings import CATEGORIES
from heedful.language.readers import reader
from heedful.language.why import Why, why
from heedful.records import YES_NO
from heedful.server import words
from heedful.server.addresses import address
from heedful.server.blocks import Explained, Link, Part
from heedful.settings import OwnModel

READINGS = ("sentiment", "emotion", "emotions", *YES_NO)
LEAST = 0.2
"""A word that moves the log-odds by less is not marked: 5 points of 50%, or 1 of 95%."""


def explained(row: Mapping[str, Any], asked: str | None, own: Sequence[OwnModel] = ()) -> Explained | None:
    """The links to each reading that was made of a message, and the explanation of the one asked for."""
    made = {name: words.reading(name) for name in READINGS if _made(row, name)}
    made |= {f"{CATEGORIES}{near['name']}": near["name"].capitalize() for near in row.get("nearest") or ()}
    if not made or not row.get("text"):
        return None
    links = tuple(
        Link(title, address(f"/messages/{row['id']}", [("why", name)]) + "#why", current=name == asked)
        for name, title in made.items()
    )
    if asked not in made:
        return Explained("Why was it read like this?", "Choose a reading to see which words carried it.", links=links)
    try:
        read = reader(asked, row.get("language") or "en", own, version=row.get("version"))
        found = why(row["text"], read, "yes" if asked in YES_NO else None)
    except (NotFound, BadSettings):  # read by what reads no longer, or cannot
        return Explained(
            "This cannot be explained", "What read it is not there any more, or cannot take it.", links=links
        )
    label = words.reading(asked) if asked in YES_NO else found.label
    return Explained(
        f"Why {label[:1].lower()}{label[1:]}?", _lead(found, label), tuple(_parts(row["text"], found)), links
    )


def _made(row: Mapping[str, Any], reading: str) -> bool:
    return row.get("emotion_anger" if reading == "emotion" else reading) is not None


def _lead(found: Why, label: str) -> str:
    sure = words.probability(found.probability)
    told = f"{label[:1].upper()}{label[1:]} with {sure}, says {found.model} {found.version}."
    if found.such is None:
        return told
    return f"{told} Of {found.such.rows:,} test messages that it read like this, {found.such.right:,} were."


def _parts(text: str, found: Why) -> Iterator[Part]:
    """The text in stretches: what speaks much, somewhat, or against."""
    most = max((part.effect for part in found.parts), default=0.0)
    at = 0
    for part in found.parts:
        if abs(part.effect) < max(LEAST, most / 8):
            continue
        yield Part(text[at : part.start])
        kind = "against" if part.effect < 0 else "strong" if part.effect >= most / 2 else "some"
        about = f"without it {words.probability(part.without)}"
        yield Part(text[part.start : part.end], kind, about)
        at = part.end
    yield Part(text[at:])
