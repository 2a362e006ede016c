"""Whether one message fits a search: the meaning of the language, to which every other execution keeps."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from heedful.query import fields
from heedful.query.said import Said, exact
from heedful.query.tree import All, Either, Field, Near, Not, Phrase, Rating, Raw, Tag, Tree
from heedful.records import pseudonym
from heedful.store.search.words import fold, words

Meaning = Callable[[Said], bool]
WILD = ("*", "?")


def match(tree: Tree, message: Said) -> bool:
    """Whether a message fits."""
    return meaning(tree)(message)


@lru_cache(20_000)
def meaning(tree: Tree) -> Meaning:
    """The same as a function, for many messages."""
    match tree:
        case Phrase():
            return _phrase(tree)
        case Tag(name):
            return _tag(name)
        case Raw(text):
            return _raw(text)
        case Near():
            return _near(tree)
        case Field():
            return _field(tree)
        case Rating():
            return _rating(tree)
        case Not(part):
            inner = meaning(part)
            return lambda message: not inner(message)
        case All(parts):
            return _all(parts)
        case Either(parts):
            return _either(parts)


def _all(parts: Sequence[Tree]) -> Meaning:
    """Each part; plain words, and choices of them, are asked for without a call of their own, since most fail there."""
    words, unwanted = _plain(parts), _plain(part.part for part in parts if isinstance(part, Not))
    choices = {
        part: _plain(part.parts) for part in parts if isinstance(part, Either) and all(map(_is_plain, part.parts))
    }
    quick = {*map(_word, words), *map(Not, map(_word, unwanted)), *choices}
    others = tuple(meaning(part) for part in sorted(parts, key=_cost) if part not in quick)
    some = tuple(choices.values())

    def every(message: Said) -> bool:
        held = message.held
        if not (words <= held and unwanted.isdisjoint(held)):
            return False
        for choice in some:
            if choice.isdisjoint(held):
                return False
        for one in others:  # noqa: SIM110 - all() takes twice as long
            if not one(message):
                return False
        return True

    return every


def _either(parts: Sequence[Tree]) -> Meaning:
    words = _plain(parts)
    plain = set(map(_word, words))
    others = tuple(meaning(part) for part in sorted(parts, key=_cost) if part not in plain)

    def some(message: Said) -> bool:
        if not words.isdisjoint(message.held):
            return True
        for one in others:  # noqa: SIM110 - any() takes twice as long
            if one(message):
                return True
        return False

    return some


def _plain(parts: Iterable[Tree]) -> frozenset[str]:
    """Those that are one word without open letters."""
    return frozenset(part.words[0] for part in parts if isinstance(part, Phrase) and _is_plain(part))


def _is_plain(tree: Tree) -> bool:
    return isinstance(tree, Phrase) and len(tree.words) == 1 and not wild(tree.words[0])


def _word(word: str) -> Tree:
    return Phrase((word,))


def _cost(tree: Tree) -> int:
    """How long it takes to look: what is quick goes first."""
    match tree:
        case Not(part):
            return _cost(part)
        case All(parts) | Either(parts):
            return max(map(_cost, parts))
        case Phrase(many):
            return 3 if any(map(wild, many)) else min(2, len(many))
        case Near() | Raw():
            return 5
        case Field(name, _) if name in ("site", "links"):
            return 4
        case _:
            return 2


def wild(word: str) -> bool:
    """Whether a word has `*` or `?`."""
    return "*" in word or "?" in word


@lru_cache(20_000)
def shape(word: str) -> str:
    """A word with `*` or `?` as a regular expression without its ends; it never takes long, whatever the text."""
    if not wild(word):
        return re.escape(word)
    pieces = re.sub(r"\*+", "*", word).split("*")
    any_letter = [re.escape(piece).replace(r"\?", "[^ ]") for piece in pieces]
    if len(any_letter) == 1:
        return any_letter[0]
    middle = "".join(f"(?>[^ ]*?{piece})" for piece in any_letter[1:-1] if piece)
    return f"{any_letter[0]}{middle}[^ ]*{any_letter[-1]}"


@lru_cache(20_000)
def whole(word: str) -> re.Pattern[str]:
    """The regular expression of a word that is the whole text."""
    return re.compile(shape(word))


def _phrase(phrase: Phrase) -> Meaning:
    if any(map(wild, phrase.words)):
        pattern = re.compile(f" {' '.join(map(shape, phrase.words))} ")
        return lambda message: pattern.search(message.padded) is not None
    if len(phrase.words) == 1:
        word = phrase.words[0]
        return lambda message: word in message.held
    first, stretch = phrase.words[0], f" {' '.join(phrase.words)} "
    return lambda message: first in message.held and stretch in message.padded


def _tag(name: str) -> Meaning:
    if wild(name):
        pattern = whole(name)
        return lambda message: any(pattern.fullmatch(tag) for tag in message.tags)
    return lambda message: name in message.tags


def _raw(text: str) -> Meaning:
    """Written exactly so, not within a word, and its words stand side by side in the message too."""
    wanted = exact(text)
    found = tuple(words(fold(text)))
    beside = _phrase(Phrase(found)) if found else lambda _: True
    before, after = (r"(?<!\w)" if wanted[:1].isalnum() else ""), (r"(?!\w)" if wanted[-1:].isalnum() else "")
    pattern = re.compile(f"{before}{re.escape(wanted)}{after}")
    return lambda message: beside(message) and pattern.search(message.exact) is not None


# NEAR


def _near(near: Near) -> Meaning:
    most, ordered = near.most, near.ordered
    there = _all((_side(near.left), _side(near.right)))

    def close(message: Said) -> bool:
        if not there(message):
            return False
        left = [found for phrase in near.left if (found := _stretches(phrase, message))[0]]
        right = [found for phrase in near.right if (found := _stretches(phrase, message))[0]]
        return any(_close(one, other, most, ordered) for one in left for other in right)

    return close


def _side(phrases: tuple[Phrase, ...]) -> Tree:
    return phrases[0] if len(phrases) == 1 else Either(phrases)


def _stretches(phrase: Phrase, message: Said) -> tuple[Sequence[int], int]:
    """Where a phrase begins, in order, and how many words it has."""
    starts = _places(phrase.words[0], message)
    for offset, word in enumerate(phrase.words[1:], 1):
        there = set(_places(word, message))
        starts = [start for start in starts if start + offset in there]
    return starts, len(phrase.words)


def _places(word: str, message: Said) -> Sequence[int]:
    if not wild(word):
        return [place for place, one in enumerate(message.words) if one == word] if word in message.held else ()
    pattern = whole(word)
    fitting = {one for one in message.held if pattern.fullmatch(one)}
    return [place for place, one in enumerate(message.words) if one in fitting] if fitting else ()


def _close(left: tuple[Sequence[int], int], right: tuple[Sequence[int], int], most: int, ordered: bool) -> bool:
    """Whether one of each is near: at most so many words lie between the end of the first and the other's start."""
    (lefts, width), (rights, other) = left, right
    for start in lefts:
        if ordered:
            after = bisect_left(rights, start + width)
            if after < len(rights) and rights[after] - start - width <= most:
                return True
            continue
        after = bisect_left(rights, start)
        if after < len(rights) and rights[after] - start - width <= most:
            return True
        before = bisect_right(rights, start) - 1
        if before >= 0 and start - rights[before] - other <= most:
            return True
    return False


# Columns


def _field(asked: Field) -> Meaning:
    value = asked.value
    if asked.name == "author":
        return lambda message: (person := message.row.get("person")) is not None and pseudonym(person) == value
    if asked.name == "site":
        return lambda message: fields.of_site(fields.host(message.row.get("url") or ""), value)
    if asked.name == "links":
        return lambda message: any(value in fields.lower(link or "") for link in message.row.get("links") or ())
    fits = lru_cache(1_000)(fields.fits(asked))
    return lambda message: any(fits(found) for found in values(message.row, asked.name))


def values(row: Mapping[str, Any], name: str) -> Iterator[str]:
    """What a message has of a field in LISTED; its language is the one read, else the one its source gave."""
    column = fields.LISTED[name]
    found = row.get(column)
    if name == "lang" and (read := row.get("read_language")) is not None:
        found = read
    if isinstance(found, str):
        yield found
    elif found:
        yield from (one for one in found if one)


def _rating(asked: Rating) -> Meaning:
    low, high = asked.bounds()
    return lambda message: (rating := message.row.get("rating")) is not None and low <= rating <= high
