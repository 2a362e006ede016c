"""Thousands of searches held against each arriving message, without looking at most of them.

Each search has keys, words or values of columns of which a message that fits has at least one: of what must hold at
once, the rarest. A message's own words lead to the few searches that may fit, and `match` decides.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import accumulate

import pyarrow as pa

from heedful.query import fields
from heedful.query.match import Meaning, meaning, values, whole, wild
from heedful.query.said import COLUMNS, Said, said
from heedful.query.tree import All, Either, Field, Near, Phrase, Raw, Tag, Tree
from heedful.records import pseudonym
from heedful.store.search.words import fold, words

SHORT, USUAL = 0.02, 0.0005
"""Shares of messages taken where nothing is known: of words of up to three letters, and of longer ones."""
OPEN = 0.01
"""The same of a word that does not begin with letters."""
COLUMN = 0.2
"""The same of a value of a column; of an author or a site, as of a word."""
START = 3
"""Keys with open letters are looked up by so many first letters."""
MOST_KNOWN = 200_000
"""So many words are remembered with what they lead to."""

Shares = Mapping[str, float]
"""The share of messages in which a word stands."""


@dataclass(frozen=True)
class Keys:
    """What a message that fits has at least one of, and the share of messages that have."""

    any_of: frozenset[str]
    share: float


@dataclass(frozen=True)
class Many:
    """Searches by their place in a list; `shares` of words help to choose the rarest."""

    trees: Sequence[Tree]
    shares: Shares = field(default_factory=dict)

    def matching(self, message: Said) -> list[int]:
        """The places of the searches that a message fits."""
        index, known, meanings = self._index, self._known, self._meanings
        there = (*message.held, *_beside(message, index.columns))
        led, keys = set(index.always), set(there)
        for key in there:
            places, opened = known.get(key) or self._lead(key)
            if places:
                led.update(places)
            if opened:
                keys.update(opened)
        found = []
        for place in led:
            for needed in index.needs[place]:
                if needed.isdisjoint(keys):
                    break
            else:
                if meanings[place](message):
                    found.append(place)
        return sorted(found)

    def of_each(self, messages: pa.Table | pa.RecordBatch) -> Iterator[list[int]]:
        """The same of each row of messages in the stored shape."""
        there = [name for name in COLUMNS if name in messages.schema.names]
        columns = [messages.column(name).to_pylist() for name in there]
        for row in zip(*columns, strict=True):
            yield self.matching(said(dict(zip(there, row, strict=True))))

    @cached_property
    def _meanings(self) -> list[Meaning]:
        return [meaning(tree) for tree in self.trees]

    @cached_property
    def _index(self) -> "_Index":
        return _Index.of(self.trees, _Rarity(self.shares))

    @cached_property
    def _known(self) -> dict[str, "_Led"]:
        return {}

    def _lead(self, key: str) -> "_Led":
        """What a key leads to; worked out once."""
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        self._known[key] = found = self._index.of_key(key)
        return found


def _beside(message: Said, columns: frozenset[str]) -> Iterator[str]:
    """Keys of a message that are not its words, of the fields that any search is found by."""
    yield from message.tags
    row = message.row
    for name in columns:
        if name == "author":
            if (person := row.get("person")) is not None:
                yield f"author:{pseudonym(person)}"
        elif name == "site":
            parts = fields.host(row.get("url") or "").split(".")
            yield from (f"site:{'.'.join(parts[at:])}" for at in range(len(parts)))
        else:
            for found in values(row, name):
                yield from _value(name, found)


@lru_cache(10_000)
def _value(name: str, found: str) -> tuple[str, ...]:
    """The keys of a value of a column; of a language such as pt-BR also its first part."""
    plain = fields.lower(found) if name in fields.KNOWN else fold(found)
    short = plain.replace("_", "-").partition("-")[0]
    return (f"{name}:{plain}", f"lang:{short}") if name == "lang" else (f"{name}:{plain}",)


_Led = tuple[tuple[int, ...], tuple[str, ...]]
"""The searches that a key of a message leads to, and the keys with open letters that it stands for."""


@dataclass(frozen=True)
class _Index:
    """Which searches a key leads to, and which keys each needs besides.

    `opened` are keys with open letters by how they begin, `always` searches without keys, `columns` fields of any key.
    """

    led: Mapping[str, tuple[int, ...]]
    needs: Sequence[tuple[frozenset[str], ...]]
    opened: Mapping[str, Sequence[tuple[re.Pattern[str], str]]]
    always: tuple[int, ...]
    columns: frozenset[str]

    @classmethod
    def of(cls, trees: Sequence[Tree], rarity: "_Rarity") -> "_Index":
        groups = [
            sorted(filter(None, (_keys(one, rarity) for one in _musts(tree))), key=lambda keys: keys.share)
            for tree in trees
        ]
        led: dict[str, list[int]] = {}
        for place, found in enumerate(groups):
            for key in found[0].any_of if found else ():
                led.setdefault(key, []).append(place)
        every = {key for found in groups for keys in found for key in keys.any_of}
        opened: dict[str, list[tuple[re.Pattern[str], str]]] = {}
        for key in filter(wild, every):
            opened.setdefault(_beginning(key)[:START], []).append((whole(key), key))
        return cls(
            {key: tuple(places) for key, places in led.items()},
            [tuple(keys.any_of for keys in found[1:]) for found in groups],
            opened,
            tuple(place for place, found in enumerate(groups) if not found),
            frozenset(key.partition(":")[0] for key in every if ":" in key and key[0] not in "#@"),
        )

    def of_key(self, key: str) -> _Led:
        """Every search that a key of a message leads to."""
        lengths = range(min(START, len(key)) + 1)
        patterns = (pair for length in lengths for pair in self.opened.get(key[:length], ()))
        opened = tuple(known for pattern, known in patterns if pattern.fullmatch(key))
        return tuple({place for one in (key, *opened) for place in self.led.get(one, ())}), opened


@dataclass(frozen=True)
class _Rarity:
    """How many messages have a key."""

    shares: Shares

    def of(self, key: str) -> float:
        """The share of messages with one key."""
        if wild(key):
            return self._open(key)
        if key[0] not in "#@" and ":" in key:
            return USUAL if key.startswith(("author:", "site:")) else COLUMN
        return self.shares.get(key, SHORT if len(key) <= 3 and key.isascii() else USUAL)

    def _open(self, key: str) -> float:
        beginning = _beginning(key)
        if not beginning:
            return OPEN
        low, high = (bisect_left(self._ordered, end) for end in (beginning, beginning + "\U0010ffff"))
        return max(USUAL, self._sums[high] - self._sums[low])

    @cached_property
    def _ordered(self) -> list[str]:
        return sorted(self.shares)

    @cached_property
    def _sums(self) -> list[float]:
        return [0.0, *accumulate(self.shares[word] for word in self._ordered)]


def _beginning(key: str) -> str:
    """The letters before the first open one."""
    return key.replace("?", "*").partition("*")[0]


def _musts(tree: Tree) -> Iterator[Tree]:
    """What must all hold, as far as it has keys of its own."""
    if isinstance(tree, All):
        for part in tree.parts:
            yield from _musts(part)
    elif isinstance(tree, Near):
        yield from (side[0] if len(side) == 1 else Either(side) for side in (tree.left, tree.right))
    else:
        yield tree


def _keys(tree: Tree, rarity: _Rarity) -> Keys | None:
    """The keys of a search; None where a message may fit without any."""
    match tree:
        case Phrase(many):
            return min((_key(word, rarity) for word in many), key=lambda keys: keys.share)
        case Tag(name):
            return _key(name, rarity)
        case Raw(text):
            found = words(fold(text))
            return _keys(Phrase(tuple(found)), rarity) if found else None
        case Field(name, value) if name != "links":
            return _key(f"{name}:{value}", rarity)
        case All() | Near():
            return _rarest(_keys(part, rarity) for part in _musts(tree))
        case Either(parts):
            return _either(parts, rarity)
        case _:
            return None


def _key(key: str, rarity: _Rarity) -> Keys:
    return Keys(frozenset((key,)), rarity.of(key))


def _rarest(parts: Iterable[Keys | None]) -> Keys | None:
    return min((keys for keys in parts if keys), key=lambda keys: keys.share, default=None)


def _either(parts: Iterable[Tree], rarity: _Rarity) -> Keys | None:
    found = [_keys(part, rarity) for part in parts]
    known = [keys for keys in found if keys]
    if len(known) < len(found):
        return None
    return Keys(frozenset().union(*(keys.any_of for keys in known)), sum(keys.share for keys in known))


def shares(messages: Iterable[Said]) -> Shares:
    """In which share of some messages each word stands."""
    counts: dict[str, int] = {}
    number = 0
    for message in messages:
        number += 1
        for word in message.held:
            counts[word] = counts.get(word, 0) + 1
    return {word: count / number for word, count in counts.items()}
