"""Words, pairs of words and questions as names of messages, and which messages are copies of one text."""

import re
from array import array
from collections.abc import Sequence

import numpy as np

from heedful.insight.emerging.stream import Name, Named, Numbers
from heedful.insight.stories import plain
from heedful.insight.topics.words import LONGEST, folded, telling, words

ALONE = -1
_ASKED = re.compile(r"[^.!?\n？！。؟]*[?？؟]")


def said(texts: Sequence[str | None]) -> tuple[Named, Numbers]:
    """The names that stand in texts, and for each text the number that its copies share (-1: no copy of any).

    A copy says the same as `stories.plain` reads it; edited ones are not looked for. A name counts once in a text.
    """
    numbers: dict[str, int] = {}
    known: dict[str, str] = {}
    stories: dict[tuple[str, ...], int] = {}
    seen: dict[str, tuple[int, list[int]]] = {}
    name, message = array("q"), array("q")
    copy = np.full(len(texts), ALONE, np.int64)
    for row, text in enumerate(texts):
        if not text:
            continue
        if text not in seen:
            found = [numbers.setdefault(one, len(numbers)) for one in dict.fromkeys(_names(text, known))]
            read = plain(text)
            seen[text] = (stories.setdefault(read.words, len(stories)) if read.may_be_copied else ALONE, found)
        copy[row], found = seen[text]
        name.extend(found)
        message.extend([row] * len(found))
    pairs = (np.array(name, np.int64), np.array(message, np.int64))
    return ([_name(one) for one in numbers], *pairs), copy


def _names(text: str, known: dict[str, str]) -> list[str]:
    """Every name of a text, as often as it comes: words, pairs with a space in them, and words asked about with a ?.

    `known` are words as they are counted, "" for those that tell nothing.
    """
    found = _terms(text, known)
    if "?" in text or "？" in text or "؟" in text:
        for asked in _ASKED.findall(text[:LONGEST]):
            found += [f"?{term}" for term in _terms(asked, known) if " " not in term]
    return found


def _name(term: str) -> Name:
    if term[0] == "?":
        return Name("question", "text", term[1:])
    return Name("pair" if " " in term else "word", "text", term)


def _terms(text: str, known: dict[str, str]) -> list[str]:
    found, before = [], ""
    for written in words(text):
        word = known.get(written)
        if word is None:
            plain = folded(written)
            word = known[written] = plain if telling(plain) else ""
        if word:
            found.append(word)
            if before and before != word:
                found.append(f"{before} {word}")
        before = word
    return found
