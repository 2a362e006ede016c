"""What a search says, as a tree of values; `written` says it again in the language."""

from collections.abc import Iterator
from dataclasses import dataclass

STARS = 5
"""Ratings are asked for as pages show them: 0 is one star, 1 is five."""
_HAIR = 1e-9
"""So much two ratings may differ and be the same."""


@dataclass(frozen=True)
class Phrase:
    """Words that stand side by side, as the search index cuts them; in each, `*` and `?` stand for letters."""

    words: tuple[str, ...]


@dataclass(frozen=True)
class Tag:
    """A #hashtag, a @handle or a [placeholder], folded; `*` and `?` stand for letters."""

    name: str


@dataclass(frozen=True)
class Raw:
    """A stretch of text exactly as it is written, case and signs included, that does not cut through a word."""

    text: str


@dataclass(frozen=True)
class Near:
    """One of the phrases on either side, with at most so many words between them; `ordered`: the left one first."""

    left: tuple[Phrase, ...]
    right: tuple[Phrase, ...]
    most: int
    ordered: bool = False


@dataclass(frozen=True)
class Field:
    """What a column says: author, site, links, lang, country, channel, brand or sentiment."""

    name: str
    value: str


@dataclass(frozen=True)
class Rating:
    """Stars from one to five: below, above or between numbers; of a number alone, those that round to it."""

    sign: str
    low: float
    high: float

    def bounds(self) -> tuple[float, float]:
        """The stored ratings (0 to 1) that fit, both ends included."""
        low, high = ((stars - 1) / (STARS - 1) for stars in (self.low, self.high))
        half = 0.5 / (STARS - 1)
        return {
            "<": (-1.0, high - _HAIR),
            "<=": (-1.0, high + _HAIR),
            ">": (low + _HAIR, 2.0),
            ">=": (low - _HAIR, 2.0),
            "": (low - half - _HAIR, low + half - 2 * _HAIR),
            "..": (low - _HAIR, high + _HAIR),
        }[self.sign]


@dataclass(frozen=True)
class Not:
    """Everything else; a message without a value is among it."""

    part: "Tree"


@dataclass(frozen=True)
class All:
    """Each part."""

    parts: tuple["Tree", ...]


@dataclass(frozen=True)
class Either:
    """At least one part."""

    parts: tuple["Tree", ...]


Tree = Phrase | Tag | Raw | Near | Field | Rating | Not | All | Either


def walk(tree: Tree) -> Iterator[Tree]:
    """The tree and everything in it."""
    yield tree
    if isinstance(tree, Not):
        yield from walk(tree.part)
    elif isinstance(tree, All | Either):
        for part in tree.parts:
            yield from walk(part)


def clauses(tree: Tree) -> tuple[Tree, ...]:
    """What must hold at once: the parts of a search that is joined by AND, or the search itself."""
    return tree.parts if isinstance(tree, All) else (tree,)


def of(parts: tuple[Tree, ...]) -> Tree:
    """Clauses together."""
    return parts[0] if len(parts) == 1 else All(parts)


def written(tree: Tree) -> str:
    """The tree in the language; parsed again, it is the same tree."""
    match tree:
        case Phrase(words):
            return words[0] if len(words) == 1 else f'"{" ".join(words)}"'
        case Tag(name):
            return name
        case Raw(text):
            return f'raw:"{text}"'
        case Near(left, right, most, ordered):
            return f"{_side(left)} NEAR/{most}{'f' if ordered else ''} {_side(right)}"
        case Field(name, value):
            return f'{name}:"{value}"' if any(sign in value for sign in ' ()"') else f"{name}:{value}"
        case Rating(sign, low, high):
            return f"rating:{low:g}..{high:g}" if sign == ".." else f"rating:{sign}{low:g}"
        case Not(part):
            return f"NOT {_inside(part)}"
        case All(parts):
            return " AND ".join(_inside(part, All) for part in parts)
        case Either(parts):
            return " OR ".join(_inside(part, Either) for part in parts)


def _side(phrases: tuple[Phrase, ...]) -> str:
    shown = [written(phrase) for phrase in phrases]
    return shown[0] if len(shown) == 1 else f"({' OR '.join(shown)})"


def _inside(part: Tree, outer: type[All] | type[Either] | None = None) -> str:
    """A part within another; what binds less closely stands in parentheses."""
    loose = isinstance(part, All | Either) or (outer is None and isinstance(part, Near))
    return f"({written(part)})" if loose else written(part)
