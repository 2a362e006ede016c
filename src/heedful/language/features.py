"""What the sentiment model looks at in a text: words, pairs of words and pieces of words, as numbers of weights.

Words after a negation are marked, emoji count by their names, lengthened words are shortened, and addresses,
handles, placeholders and long numbers count only as being there. Training and reading share this file.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from heedful.accents import bounded
from heedful.language.entities import unescaped
from heedful.privacy.redact import PLACEHOLDER

SIZE = 1 << 18
"""How many weights there are for each answer; a feature's number is a hash below this."""

LONGEST = 4_000
"""Characters of a text that count: enough for a long review, and a bound on the work for a hostile one."""

NOT = frozenset(
    "no not never none nothing nobody nowhere neither nor cannot cant dont doesnt didnt isnt wasnt arent werent "
    "wont wouldnt shouldnt couldnt havent hasnt hadnt aint without hardly barely nicht kein keine keinen nie ohne "
    "pas jamais sans rien aucun non mai senza niente nunca jamás sin nada ningún não nem sem لا لم لن ليس مش".split()
)
PIECES = (3, 4, 5)
"""Lengths of the pieces of a word, whose edges count as letters."""

REACH = 4
"""How many words a negation marks, unless a full stop, comma or the like comes first."""

EMOTICONS = {
    **dict.fromkeys(":) :-) =) :] :d :-d =d xd ;) ;-) ;d :') (: :p :-p".split(), "☺"),
    **dict.fromkeys(["<3", "♥"], "❤"),
    **dict.fromkeys(":( :-( =( :[ :'( ): :/ :-/ :\\ :| >:( d: :c -_-".split(), "☹"),
}
_FACES = "|".join(re.escape(face) for face in sorted(EMOTICONS, key=len, reverse=True) if not face.isalpha())
_TOKEN = re.compile(rf"(?<!\w)(?:{_FACES})(?!\w)|[^\W_]+(?:['’_-][^\W_]+)*|[!?]+|\.\.+|[^\w\s]")
_LINK = re.compile(r"(?:https?:|www\.)\S*|\bhttp\b")
_HANDLE = re.compile(r"(?<!\w)@\w+")
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_LONGER = re.compile(r"([^\W\d])\1{2,}")
_PICTURES = re.compile(r"[\U0001F3FB-\U0001F3FF\uFE0E\uFE0F\u200D]")
_SHOUT = re.compile(r"\b[A-Z]{4,}\b")
_BREAKS = frozenset('.,;:!?()…-—"')


def tokens(text: str) -> list[str]:
    """The words and signs of a text as the model sees them, in order; a mark such as `<shout>` stands for a habit."""
    text = text[:LONGEST]
    if "\\u" in text:
        text = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
    text = unescaped(text)
    text = PLACEHOLDER.sub(" ", text)
    marks = ["<shout>"] if _SHOUT.search(text) else []
    text = _HANDLE.sub(" ", _LINK.sub(" ", text.lower())).replace("’", "'")
    if not text.isascii():
        text = _PICTURES.sub("", unicodedata.normalize("NFC", bounded(text)))
    shorter = _LONGER.sub(r"\1\1", text)
    if shorter != text:
        marks.append("<longer>")
    return marks + [EMOTICONS.get(found, found[: 2 if found[0] in "!?." else 40]) for found in _TOKEN.findall(shorter)]


def _number(feature: str) -> int:
    return crc32(feature.encode("utf-8", "surrogatepass")) & (SIZE - 1)


@lru_cache(maxsize=1 << 16)
def _of_word(word: str, marked: bool) -> tuple[int, ...]:
    """The numbers of a word by itself: the word, and its pieces of three to five letters; or what an emoji shows."""
    if word.isdigit():
        word = word if len(word) == 1 else "0" * min(len(word), 4)
    if len(word) == 1 and not word.isascii() and not word.isalnum():
        shown = unicodedata.name(word, "").lower().replace("-", " ").split()
        return (_number(f"w {word}"), *(_number(f"e {part}") for part in shown))
    if marked:
        return (_number(f"not {word}"), _number("not"))
    if word.startswith("<") or len(word) < 3:
        return (_number(f"w {word}"),)
    edged = f" {word[:24]} "
    pieces = {edged[at : at + size] for size in PIECES for at in range(len(edged) - size + 1)}
    return (_number(f"w {word}"), *(_number(f"p {piece}") for piece in sorted(pieces)))


def numbers(words: Sequence[str]) -> list[int]:
    """The features of a text, each once, from its tokens."""
    found: set[int] = set()
    left, before = 0, 0
    for word in words:
        if word[0] in _BREAKS:
            left = 0
        marked = left > 0
        found.update(_of_word(word, marked))
        here = crc32(word.encode("utf-8", "surrogatepass"), 7 if marked else 1)
        found.add((before * 31 + here) & (SIZE - 1))
        before = here
        left = REACH if word in NOT or word.endswith("n't") else left - 1
    return sorted(found)


def features(texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Feature numbers of all texts one after another, and where each text's begin (one more than there are texts)."""
    rows = [numbers(tokens(text)) for text in texts]
    starts = np.zeros(len(rows) + 1, np.int64)
    np.cumsum([len(row) for row in rows], out=starts[1:])
    flat = np.fromiter((number for row in rows for number in row), np.int64, count=int(starts[-1]))
    return flat, starts
