"""A search as the full-text index can answer it: messages that may fit, and messages that surely do."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import product

from heedful.query.match import wild
from heedful.query.tree import All, Either, Near, Not, Phrase, Raw, Tree
from heedful.store.search.words import EVERY, fold, words

MOST_SPELLED = 400
"""So many words of the index may a word with `*` or `?` stand for, to be looked up one by one."""
MOST_PAIRS = 60
"""So many pairs of the two sides of NEAR are looked up as pairs."""
SHORTEST = 3
"""Beginnings of so many letters are looked up as beginnings."""

Spelled = Callable[[str, int], list[str] | None]


@dataclass(frozen=True)
class Bound:
    """Messages that fit an FTS5 expression (no message where there is none), or with `negated` all others."""

    text: str | None
    negated: bool = False

    def expression(self) -> str | None:
        """The whole for FTS5; None where it is every message."""
        if not self.negated:
            return self.text or f'"{EVERY}" NOT "{EVERY}"'
        return f'"{EVERY}" NOT ({self.text})' if self.text else None


NONE, EVERYTHING = Bound(None), Bound(None, True)


@dataclass(frozen=True)
class Bounds:
    """What may fit and what surely fits; where both are the same, the index answers by itself."""

    may: Bound
    does: Bound

    @property
    def exact(self) -> bool:
        """Whether nothing needs to be looked at."""
        return self.may == self.does


UNKNOWN = Bounds(EVERYTHING, NONE)


def bounds(tree: Tree, spelled: Spelled) -> Bounds:
    """Of any search; `spelled` gives the words of the index for one with `*` or `?`."""
    match tree:
        case Phrase():
            return _phrase(tree, spelled)
        case Raw(text):
            found = words(fold(text))
            return Bounds(_phrase(Phrase(tuple(found)), spelled).may if found else EVERYTHING, NONE)
        case Near():
            return _near(tree, spelled)
        case Not(part):
            inner = bounds(part, spelled)
            return Bounds(_not(inner.does), _not(inner.may))
        case All(parts):
            return _joined(_and, [bounds(part, spelled) for part in parts])
        case Either(parts):
            return _joined(_or, [bounds(part, spelled) for part in parts])
        case _:
            return UNKNOWN


def _joined(join: Callable[[Iterable[Bound]], Bound], parts: list[Bounds]) -> Bounds:
    return Bounds(join(part.may for part in parts), join(part.does for part in parts))


def _not(bound: Bound) -> Bound:
    return Bound(bound.text, not bound.negated)


def _and(bounds: Iterable[Bound]) -> Bound:
    given = list(bounds)
    if NONE in given:
        return NONE
    wanted = [bound.text for bound in given if not bound.negated and bound.text]
    unwanted = [bound.text for bound in given if bound.negated and bound.text]
    without = _any(unwanted) if unwanted else None
    if not wanted:
        return Bound(without, True)
    together = " AND ".join(wanted)
    return Bound(f"(({together}) NOT {without})" if without else f"({together})")


def _or(bounds: Iterable[Bound]) -> Bound:
    return _not(_and(_not(bound) for bound in bounds))


def _any(texts: Iterable[str]) -> str:
    return f"({' OR '.join(texts)})"


def _phrase(phrase: Phrase, spelled: Spelled) -> Bounds:
    """A phrase; with letters left open inside it, each of its words."""
    *before, last = phrase.words
    if not any(map(wild, before)):
        if found := _stretch(phrase):
            return Bounds(Bound(found), Bound(found))
        if not before:
            return _spelled(last, spelled)
    return Bounds(_and(_word(word, spelled).may for word in phrase.words), NONE)


def _word(word: str, spelled: Spelled) -> Bounds:
    return _phrase(Phrase((word,)), spelled)


def _stretch(phrase: Phrase) -> str | None:
    """A phrase as FTS5 writes it; None where letters are open anywhere but after a long enough beginning."""
    whole = " ".join(phrase.words)
    if not wild(whole):
        return f'"{whole}"'
    beginning = whole.rstrip("*")
    if wild(beginning) or len(beginning) < SHORTEST or beginning.endswith(" "):
        return None
    return f'"{beginning}" *'


def _spelled(word: str, spelled: Spelled) -> Bounds:
    """A word with open letters: the words of the index that it stands for."""
    found = spelled(word, MOST_SPELLED)
    if found is not None:
        bound = Bound(_any(f'"{one}"' for one in found)) if found else NONE
        return Bounds(bound, bound)
    beginning = word.replace("?", "*").partition("*")[0]
    return Bounds(Bound(f'"{beginning}" *') if len(beginning) >= SHORTEST else EVERYTHING, NONE)


def _near(near: Near, spelled: Spelled) -> Bounds:
    """Pairs of phrases that are near; the order is not looked at, nor is the distance of many pairs."""
    sides = [[_stretch(phrase) for phrase in side] for side in (near.left, near.right)]
    if any(one is None for side in sides for one in side) or len(sides[0]) * len(sides[1]) > MOST_PAIRS:
        both = (_or(bounds(phrase, spelled).may for phrase in side) for side in (near.left, near.right))
        return Bounds(_and(both), NONE)
    pairs = [f"NEAR({one} {other}, {near.most})" for one, other in product(*sides)]
    return Bounds(Bound(_any(pairs)), NONE if near.ordered else Bound(_any(pairs)))
