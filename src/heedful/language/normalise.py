"""A text as the encoder reads it: emoji by their names, hashtags as words, addresses and handles as one sign.

Training and reading share this file. What it changes is only what the encoder's word list lacks or what says nothing
about meaning; the stored text stays as it is.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

from heedful.accents import bounded
from heedful.language.entities import unescaped
from heedful.privacy.redact import PLACEHOLDER

EMOTICONS = {
    **dict.fromkeys(":) :-) =) :] :'-) (: :o)".split(), "smiling"),
    **dict.fromkeys(":d :-d =d xd".split(), "grinning"),
    **dict.fromkeys(";) ;-) ;d".split(), "winking"),
    **dict.fromkeys(":p :-p ;p =p xp".split(), "tongue out"),
    **dict.fromkeys("<3 ♥".split(), "heart"),
    **dict.fromkeys("</3".split(), "broken heart"),
    **dict.fromkeys(":( :-( =( :[ ): :c".split(), "frowning"),
    **dict.fromkeys(":'( :'-( ;_; t_t".split(), "crying"),
    **dict.fromkeys(":/ :-/ :\\ :-\\ :| :-| -_-".split(), "unamused"),
    **dict.fromkeys(">:( d:".split(), "angry"),
}
"""What the common faces made of signs are called."""

_FACE = re.compile(
    r"(?<![\w:/])(?:" + "|".join(re.escape(face) for face in sorted(EMOTICONS, key=len, reverse=True)) + r")(?![\w/])",
    re.IGNORECASE,
)
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_LINK = re.compile(r"(?:https?:|www\.)\S*|\bhttps?\b", re.IGNORECASE)
_HANDLES = re.compile(r"(?:(?<!\w)\.?@\w+[:,]?\s*)+")
_TAG = re.compile(r"#(\w+)")
_HUMPS = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])|_+")
_WORD = re.compile(r"[^\W_]+")
_RUN = re.compile(r"([^\W\d_])\1{2,}")
_SIGNS = re.compile(r"([!?.,*~=_-])\1{2,}|([!?]{4})[!?]+")
_FLAG = re.compile(r"[\U0001F1E6-\U0001F1FF]{2}")
_PICTURE = re.compile(
    r"([\u2190-\u21FF\u2300-\u27BF\u2900-\u2BFF\u3030\u303D\u3297\u3299\U0001F000-\U0001FBFF])"
    r"[\U0001F3FB-\U0001F3FF\uFE0E\uFE0F\u200D]*(?:\s*\1[\U0001F3FB-\U0001F3FF\uFE0E\uFE0F\u200D]*)*"
)
_LEFT = re.compile(r"[\U0001F3FB-\U0001F3FF\uFE0E\uFE0F\u200B-\u200F\u2060\uFEFF]")
_QUOTES = str.maketrans("’‘‛`´“”„«»…–—", "'''''\"\"\"\"\".--")
_UNSAID = frozenset("face with sign symbol black white heavy of and the person emoji".split())
"""Words of Unicode's names that say nothing about what a picture means."""


def normalise(text: str, known: Callable[[str], bool]) -> str:
    """The text in the encoder's words; `known` says whether a small-letter word is in its word list whole.

    Links, handles and placeholders stand as one sign each, lengthened words are shortened to a known one where there
    is one ("sooo" -> "so", "goood" -> "good"), and runs of the same sign or picture count once.
    """
    if "\\u" in text:
        text = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    text = unescaped(text)
    if "[" in text:
        text = PLACEHOLDER.sub(lambda found: _placeholder(found[0]), text)
        text = text.replace("[NAME]", "name").replace("[RELIGION]", "religion")
    if not text.isascii():
        text = unicodedata.normalize("NFKC", bounded(text)).translate(_QUOTES)
        text = _PICTURE.sub(lambda found: f" {_name(found[1])} ", _FLAG.sub(" flag ", text))
        text = _LEFT.sub("", text)
    text = _LINK.sub("http", text)
    if "@" in text:
        text = _HANDLES.sub("@ ", text)
    if "#" in text:
        text = _TAG.sub(lambda found: _HUMPS.sub(" ", found[1]), text)
    text = _FACE.sub(lambda found: f" {EMOTICONS[found[0].lower()]} ", text)
    text = _SIGNS.sub(lambda found: found[1] * 2 if found[1] else found[2], text)
    return _WORD.sub(lambda found: _shorter(found[0], known), text) if _RUN.search(text) else text


def _placeholder(shown: str) -> str:
    """`[email]` as the word email; `@p_...` as a handle."""
    return shown if shown.startswith("@") else shown.strip("[]").replace("_", " ")


def _shorter(word: str, known: Callable[[str], bool]) -> str:
    twice = _RUN.sub(r"\1\1", word)
    if twice == word or known(twice.lower()):
        return twice
    once = _RUN.sub(r"\1", word)
    return once if known(once.lower()) else twice


@lru_cache(maxsize=4096)
def _name(picture: str) -> str:
    """What a picture shows, in the words of its Unicode name that say something."""
    words = unicodedata.name(picture, "").lower().replace("-", " ").split()
    return " ".join([word for word in words if word not in _UNSAID] or words)
