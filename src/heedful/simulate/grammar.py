"""Phrase files: read once, expanded many times.

A phrase file holds stories. `== negative slow weight=4 emotion=anger,annoyance` opens one, `-- situation` one of its
parts, each further line is one way to say it. In a line `[a|b|]` is a choice (the last one empty) and `{name}` a slot:
something already known about the message, or a line of the part `name` in `fillers.txt`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import resources

from heedful.errors import Bug


@dataclass(frozen=True, slots=True)
class Choice:
    """Several ways to say something; one is taken."""

    ways: tuple["Line", ...]


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for something known or drawn."""

    name: str


Line = tuple[str | Choice | Slot, ...]
Draw = Callable[[], float]

STICKY = frozenset({"amount", "thing", "agent", "abroad", "account", "phone", "mail", "postcode"})
"""Slots that hold the same thing all through one message."""


@dataclass(frozen=True, slots=True)
class Story:
    """One thing that happens to customers, with the ways to tell it."""

    topic: str
    sentiment: str
    name: str
    weight: float
    emotions: tuple[str, ...]
    intent: str
    channels: frozenset[str]
    item: str
    irony: bool
    both: bool
    parts: dict[str, tuple[Line, ...]]


def parse(text: str) -> Line:
    """The tree of one phrase line; Bug where brackets do not match."""
    line, _ = _parse(text, 0, top=True)
    return line


def _parse(text: str, at: int, *, top: bool) -> tuple[Line, int]:
    parts: list[str | Choice | Slot] = []
    plain = at
    while at < len(text):
        mark = text[at]
        if mark not in "[{|]":
            at += 1
            continue
        if top and mark in "|]":
            raise Bug(f"a phrase closes a bracket that it never opened: {text!r}")
        if at > plain:
            parts.append(text[plain:at])
        if mark in "|]":
            return tuple(parts), at
        if mark == "{":
            close = text.find("}", at)
            if close < 0:
                raise Bug(f"a phrase does not close its slot: {text!r}")
            parts.append(Slot(text[at + 1 : close]))
            at = close + 1
        else:
            choice, at = _choice(text, at + 1)
            parts.append(choice)
        plain = at
    if not top:
        raise Bug(f"a phrase does not close its choice: {text!r}")
    if at > plain:
        parts.append(text[plain:at])
    return tuple(parts), at


def _choice(text: str, at: int) -> tuple[Choice, int]:
    ways = []
    while True:
        way, at = _parse(text, at, top=False)
        ways.append(way)
        at += 1
        if text[at - 1] == "]":
            return Choice(tuple(ways)), at


def expand(line: Line, draw: Draw, known: dict[str, str]) -> str:
    """One saying of a line; `known` fills the slots and learns the sticky ones."""
    said: list[str] = []
    for part in line:
        if type(part) is str:
            said.append(part)
        elif type(part) is Choice:
            ways = part.ways
            way = ways[int(draw() * len(ways))]
            if len(way) == 1 and type(way[0]) is str:
                said.append(way[0])
            elif way:
                said.append(expand(way, draw, known))
        elif type(part) is Slot:
            said.append(known.get(part.name) or _filled(part.name, draw, known))
    return "".join(said)


def _filled(name: str, draw: Draw, known: dict[str, str]) -> str:
    if name == "d1":
        return str(2 + int(draw() * 8))
    if name == "d2":
        return str(12 + int(draw() * 86))
    if name == "amount":
        made = f"£{12 + int(draw() * 86)}" + ("", "", "", ".50", ".99")[int(draw() * 5)]
    elif name == "account":
        made = f"{2 + int(draw() * 7)}{int(draw() * 900000) + 100000}"
    else:
        lines = fillers().get(name)
        if lines is None:
            raise Bug(f"phrase slot {{{name}}} is not known; there are: {', '.join(sorted(fillers()))}")
        made = expand(lines[int(draw() * len(lines))], draw, known)
    if name in STICKY:
        known[name] = made
    return made


@cache
def fillers() -> dict[str, tuple[Line, ...]]:
    """The parts of `fillers.txt` by name."""
    return stories("fillers")[0].parts


@cache
def parts(file: str, name: str) -> dict[str, tuple[Line, ...]]:
    """The parts of the story `name` in one phrase file; Bug where it does not exist."""
    for story in stories(file):
        if story.name == name:
            return story.parts
    raise Bug(f"phrases/{file}.txt has no story {name!r}")


@cache
def stories(file: str) -> tuple[Story, ...]:
    """The stories of one phrase file, in order."""
    text = (resources.files("heedful.simulate") / "phrases" / f"{file}.txt").read_text(encoding="utf-8")
    found: list[Story] = []
    part: list[Line] = []
    held: dict[str, list[Line]] = {}
    for row in [*text.splitlines(), "== end"]:
        row = row.strip()
        if not row or row.startswith("#"):
            continue
        if row.startswith("=="):
            if found:
                found[-1].parts.update({name: tuple(lines) for name, lines in held.items()})
            held = {}
            found.append(_story(file, row[2:].split()))
        elif row.startswith("--"):
            part = held.setdefault(row[2:].strip(), [])
        else:
            part.append(parse(row))
    return tuple(found[:-1])


def _story(file: str, words: list[str]) -> Story:
    options = dict(word.split("=", 1) for word in words if "=" in word)
    plain = [word for word in words if "=" not in word]
    return Story(
        topic=options.get("topic", file),
        sentiment=plain[0],
        name=plain[1] if len(plain) > 1 else plain[0],
        weight=float(options.get("weight", 1)),
        emotions=tuple(options.get("emotion", "neutral").split(",")),
        intent=options.get("intent", "inform"),
        channels=frozenset(options["on"].split(",")) if "on" in options else frozenset(),
        item=options.get("item", ""),
        irony="irony" in options,
        both="both" in options,
        parts={},
    )
