"""Text as the words one can search for: one way of cutting for messages and questions alike.

Case and accents do not count. A run of letters and digits is a word; so is every character of a script that
is written without spaces (Chinese, Japanese, Thai, Lao, Burmese, Khmer), and every emoji.
"""

import re
import unicodedata
from collections.abc import Iterable

from heedful.accents import bounded

LONGEST = 64
"""Longer words are cut here, in messages and in questions."""
EVERY = "."
"""Stands in every indexed message, so that "all but" can be asked."""

_SPACELESS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3041-\u3096\u309d-\u30fa\u30fc-\u30ff\u31f0-\u31ff" \
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # fmt: skip
_EMOJI = "\u203c\u2049\u2190-\u21ff\u2300-\u27bf\u2900-\u297f\u2b00-\u2bff\U0001f000-\U0001faff"
_INDIC = "\u0900-\u0963\u0966-\u0dff"
_UNSEEN = "\u00ad\u0640\u200b-\u200f\u2060-\u2064\ufe00-\ufe0f\ufeff\U0001f3fb-\U0001f3ff"
_ACCENTS = "\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc"

_DROPPED = re.compile(f"[{_UNSEEN}{_ACCENTS}]+")
_SIGNS = str.maketrans(dict.fromkeys("™℠®©", " "))
_PLAIN = re.compile(r"\w+", re.ASCII)
_ANY = re.compile(rf"[{_SPACELESS}{_EMOJI}]|[\w{_INDIC}]+")
_RUN = re.compile(f"[{_SPACELESS}]|[^{_SPACELESS}]+")
_PATTERN = re.compile(rf"[{_SPACELESS}{_EMOJI}]|[\w{_INDIC}*?]+")
_SPACED = re.compile(f"[{_SPACELESS}]")
_TAG = re.compile(rf"(?<!\w)[#@][\w{_INDIC}]+|\[[a-z]+\]")


def fold(text: str) -> str:
    """Without case, accents, invisible characters and variant forms of letters."""
    if text.isascii():
        return text.lower()
    apart = _DROPPED.sub("", unicodedata.normalize("NFKD", bounded(text).translate(_SIGNS)))
    return unicodedata.normalize("NFC", apart.casefold())


def words(folded: str) -> list[str]:
    """The words of a folded text, in order."""
    if folded.isascii():
        return [word[:LONGEST] for word in _PLAIN.findall(folded)]
    found: list[str] = []
    for word in _ANY.findall(folded):
        found += _RUN.findall(word) if len(word) > 1 and _SPACED.search(word) else [word]
    return [word[:LONGEST] for word in found]


def patterns(folded: str) -> list[str]:
    """The words of a folded question in which `*` stands for any letters and `?` for one.

    Beside a character that is a word by itself they say nothing, and are left out.
    """
    found: list[str] = []
    for word in _PATTERN.findall(folded):
        apart = len(word) > 1 and _SPACED.search(word)
        found += [run.strip("*?") for run in _RUN.findall(word)] if apart else [word]
    return [word[:LONGEST] for word in found if word.strip("*?")]


def tags(folded: str) -> list[str]:
    """#hashtags, @handles and [placeholders] of a folded text; their words are words as well."""
    if not any(sign in folded for sign in "#@["):
        return []
    return [tag[:LONGEST] for tag in _TAG.findall(folded)]


def indexed(parts: Iterable[str | None]) -> str:
    """What the index holds of a message's title and text: words, then tags, parted by spaces."""
    folded = fold("\n".join(part for part in parts if part))
    return " ".join([*words(folded), *dict.fromkeys(tags(folded)), EVERY])
