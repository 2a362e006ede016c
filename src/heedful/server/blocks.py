"""What a page is made of: a few kinds of block, each plain values that become HTML and JSON alike.

`templates/` holds one file for each kind, named like it. What a block holds is already fit to be
read by people (words, local times), beside the bare values that programs want.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any


@dataclass(frozen=True)
class Link:
    """Somewhere to go; `current` where one is there already."""

    label: str
    href: str
    current: bool = False


@dataclass(frozen=True)
class Change:
    """How a figure moved against the period before: `tone` is good, bad or even."""

    text: str
    arrow: str
    tone: str
    against: str


@dataclass(frozen=True)
class Tile:
    """One figure: the value as a number and as words, its change, its interval and what stands behind it."""

    metric: str
    label: str
    value: float | None
    shown: str
    unit: str
    low: float | None = None
    high: float | None = None
    interval: str | None = None
    checked: str = "full count"
    note: str | None = None
    rows: int | None = None
    people: int | None = None
    behind: str | None = None
    change: Change | None = None
    href: str | None = None
    hidden: bool = False


@dataclass(frozen=True)
class Figures:
    """Figures side by side."""

    title: str
    tiles: tuple[Tile, ...]


@dataclass(frozen=True)
class Button:
    """Something that can be done with one press: `fields` are sent to `action`; `about` names what it is done to."""

    label: str
    action: str
    fields: tuple[tuple[str, str], ...]
    about: str = ""
    danger: bool = False


@dataclass(frozen=True)
class Cell:
    """One cell: what is shown, the bare value, where it leads, and what can be done."""

    shown: str
    value: str | float | None = None
    href: str | None = None
    buttons: tuple[Button, ...] = ()
    tone: str = ""


@dataclass(frozen=True)
class Column:
    """A column's heading; numbers stand to the right."""

    label: str
    number: bool = False


@dataclass(frozen=True)
class Table:
    """Rows under headings."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str | None = None
    more: Link | None = None


@dataclass(frozen=True)
class Chart:
    """A drawing of figures and the same figures as a table; `spec` is Vega-Lite.

    `hidden` says how many groups may not be shown, `nothing` why there is nothing to draw, where there is not.
    """

    name: str
    title: str
    about: str
    spec: Mapping[str, Any]
    table: Table
    hidden: str | None = None
    links: tuple[Link, ...] = ()
    wide: bool = False
    nothing: str | None = None


@dataclass(frozen=True)
class Part:
    """A stretch of a message's text.

    `kind` is text, match (a word looked for), removed (personal data), or how much it speaks for a reading: strong,
    some, against.
    """

    text: str
    kind: str = "text"
    about: str = ""


@dataclass(frozen=True)
class Rating:
    """A rating from 0 to 1, and in words and stars."""

    value: float
    words: str
    stars: str


@dataclass(frozen=True)
class Mood:
    """A sentiment that was read, and how probable it is."""

    sentiment: str
    label: str
    probability: float | None
    shown: str


@dataclass(frozen=True)
class Message:
    """One message as a reader sees it; personal data was removed before it was stored."""

    id: str
    href: str
    channel: str
    channel_label: str
    kind: str
    direction: str
    source: str
    brands: tuple[str, ...]
    title: tuple[Part, ...]
    parts: tuple[Part, ...]
    cut: bool
    at: str | None
    shown_at: str
    rating: Rating | None
    mood: Mood | None
    language: str | None
    language_label: str | None
    country: str | None
    person: str | None
    unread: str | None
    whole: bool = False


@dataclass(frozen=True)
class MessageList:
    """Messages, newest first; `live` is the address that sends the ones still to come."""

    title: str
    messages: tuple[Message, ...]
    count: str | None = None
    live: str | None = None
    more: Link | None = None
    side: bool = False
    empty: str = ""


@dataclass(frozen=True)
class Choice:
    """One value of a filter."""

    value: str
    label: str
    chosen: bool = False


@dataclass(frozen=True)
class Select:
    """A filter with its values; the first is no filter at all."""

    name: str
    label: str
    choices: tuple[Choice, ...]

    @property
    def active(self) -> bool:
        """Whether a value is chosen."""
        return any(choice.chosen and choice.value for choice in self.choices)


@dataclass(frozen=True)
class Filters:
    """A search box and filters, all of them in the address; `active` takes single ones away."""

    action: str
    words: str
    selects: tuple[Select, ...]
    active: tuple[Link, ...] = ()
    kept: tuple[tuple[str, str], ...] = ()
    clear: str | None = None


@dataclass(frozen=True)
class Field:
    """One field of a form.

    `kind` is text, password, number, select, file, `lines` for a few lines, or `long` for a text as in a file.
    """

    name: str
    label: str
    kind: str = "text"
    value: str = ""
    choices: tuple[Choice, ...] = ()
    required: bool = False
    about: str = ""
    autocomplete: str = "off"


@dataclass(frozen=True)
class Form:
    """Fields to fill in and send.

    `wrong` says what was the matter the last time, `danger` that it cannot be undone, `wide` that the fields stand
    beside one another, `also` a second button: the field it sends, its value, its label.
    """

    title: str
    action: str
    fields: tuple[Field, ...]
    button: str
    about: str = ""
    hidden: tuple[tuple[str, str], ...] = ()
    wrong: str | None = None
    danger: bool = False
    method: str = "post"
    half: bool = False
    wide: bool = False
    also: tuple[str, str, str] | None = None


@dataclass(frozen=True)
class Shown:
    """Something to copy, such as a key that is shown once."""

    title: str
    value: str
    about: str


@dataclass(frozen=True)
class Press:
    """One answer to a question: what is sent, what it is called, and the key that presses it."""

    value: str
    label: str
    key: str


@dataclass(frozen=True)
class Judge:
    """A message and a question about it, answered by one press; `hidden` goes with the answer."""

    title: str
    message: Message
    action: str
    answers: tuple[Press, ...]
    hidden: tuple[tuple[str, str], ...]
    about: str = ""


@dataclass(frozen=True)
class Notice:
    """A sentence above the rest: `tone` is quiet, demo or warning."""

    text: str
    tone: str = "quiet"
    link: Link | None = None


@dataclass(frozen=True)
class Empty:
    """There is nothing here, and what one can do."""

    title: str
    text: str
    links: tuple[Link, ...] = ()
    commands: tuple[str, ...] = ()


@dataclass(frozen=True)
class Facts:
    """Names and values, one beneath another."""

    title: str
    rows: tuple[tuple[str, str], ...]
    side: bool = False


@dataclass(frozen=True)
class Explained:
    """Why a message was read as it was: its text with the words that carried it, and links to its other readings."""

    title: str
    lead: str = ""
    parts: tuple[Part, ...] = ()
    links: tuple[Link, ...] = ()


Block = Figures | Chart | Table | MessageList | Filters | Form | Shown | Judge | Notice | Empty | Facts | Explained


@dataclass(frozen=True)
class Page:
    """A title, a line beneath it, the periods to choose from, and blocks; `renew` is when it asks again, in seconds."""

    title: str
    blocks: tuple[Block, ...] = ()
    lead: str = ""
    periods: tuple[Link, ...] = ()
    back: Link | None = None
    status: int = 200
    renew: int | None = None

    @property
    def main(self) -> tuple[Block, ...]:
        """Blocks of the main column."""
        return tuple(block for block in self.blocks if not getattr(block, "side", False))

    @property
    def side(self) -> tuple[Block, ...]:
        """Blocks of the column beside it."""
        return tuple(block for block in self.blocks if getattr(block, "side", False))


def kind(block: object) -> str:
    """The name of a block's kind, as in its template and in JSON."""
    return type(block).__name__


def plain(value: Any) -> Any:
    """A page or any part of it as dictionaries, lists and bare values; blocks name their `kind`."""
    if is_dataclass(value) and not isinstance(value, type):
        named = {"kind": kind(value)} if isinstance(value, Block) else {}
        return {**named, **{field.name: plain(getattr(value, field.name)) for field in fields(value)}}
    if isinstance(value, Mapping):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, tuple | list):
        return [plain(part) for part in value]
    return value
