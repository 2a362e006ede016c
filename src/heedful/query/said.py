"""What one message says, cut into words as the search index cuts it: the only thing that a search is held against."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from heedful.accents import bounded
from heedful.records import pseudonym
from heedful.store.search.words import EVERY, LONGEST, fold, tags, words

COLUMNS = (
    "title",
    "text",
    "person",
    "mentions",
    "hashtags",
    "links",
    "url",
    "language",
    "read_language",
    "country",
    "channel",
    "brand",
    "rating",
    "read_sentiment",
)
"""What a search looks at, of a message in the stored shape."""


@dataclass(frozen=True)
class Said:
    """The words of title and text in order, the tags, and the row for everything else."""

    words: list[str]
    tags: frozenset[str]
    row: Mapping[str, Any]

    @cached_property
    def held(self) -> frozenset[str]:
        """Each word once."""
        return frozenset(self.words)

    @cached_property
    def padded(self) -> str:
        """The words with a space before and after each."""
        return f" {' '.join(self.words)} "

    @cached_property
    def exact(self) -> str:
        """Title and text as they are written."""
        return exact(whole(self.row))


def said(row: Mapping[str, Any]) -> Said:
    """A message in the stored shape; columns that are not there are as if they were null."""
    folded = fold(whole(row))
    found = tags(folded)
    if hashtags := row.get("hashtags"):
        found += [listed(hashtag) for hashtag in hashtags if hashtag]
    if mentions := row.get("mentions"):
        found += [f"@{pseudonym(person)}" for person in mentions]
    return Said(words(folded), frozenset(found), row)


def indexed(text: str) -> Said:
    """What the search index holds of a message: its words and the tags of its text, and nothing else."""
    held = text.split(" ")
    first = next(place for place, word in enumerate(held) if word == EVERY or word[0] in "#@[")
    return Said(held[:first], frozenset(held[first:]) - {EVERY}, {})


def whole(row: Mapping[str, Any]) -> str:
    """Title and text in one, as the index takes them."""
    return "\n".join(part for part in (row.get("title"), row.get("text")) if part)


def listed(hashtag: str) -> str:
    """A hashtag of the message's list, as it is asked for."""
    return f"#{fold(hashtag.removeprefix('#'))}"[:LONGEST]


def exact(text: str) -> str:
    """A text as it is written, in one way of several to write the same letters."""
    return unicodedata.normalize("NFC", bounded(text))
