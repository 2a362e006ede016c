"""Whether one message fits a search: the meaning of the language, to which every other execution keeps."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
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
            every = tuple(meaning(part) for part in sorted(parts, key=_cost))
            return lambda message: all(one(message) for one in every)
        case Either(parts):
            some = tuple(meaning(part) for part in sorted(parts, key=_cost))
            return lambda message: any(one(message) for one in some)


def _cost(tree: Tree) -> int:
    """How long it takes to look: what is quick goes first."""
    match tree:
        case Not(part):
            return _cost(part)
        case All(parts) | Either(parts):
            return 1 + max(map(_cost, parts))
        case Phrase(many):
            return (1 if len(many) == 1 else 2) + 2 * any(map(wild, many))
        case Near() | Raw():
            return 6
        case _:
            return 0


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

    def close(message: Said) -> bool:
        left = [found for phrase in near.left if (found := _stretches(phrase, message))[0]]
        if not left:
            return False
        right = [found for phrase in near.right if (found := _stretches(phrase, message))[0]]
        return any(_close(one, other, most, ordered) for one in left for other in right)

    return close


def _stretches(phrase: Phrase, message: Said) -> tuple[Sequence[int], int]:
    """Where a phrase begins, in order, and how many words it has."""
    starts = _places(phrase.words[0], message)
    for offset, word in enumerate(phrase.words[1:], 1):
        there = set(_places(word, message))
        starts = [start for start in starts if start + offset in there]
    return starts, len(phrase.words)


def _places(word: str, message: Said) -> Sequence[int]:
    if not wild(word):
        return message.places.get(word, ())
    pattern = whole(word)
    return sorted(chain.from_iterable(at for one, at in message.places.items() if pattern.fullmatch(one)))


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
