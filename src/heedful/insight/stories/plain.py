"""What a message says, without what copies add or change: marks of reposts, handles, links, signs, faces, case."""

import re
from typing import NamedTuple

from heedful.insight.topics.words import folded, telling
from heedful.language.entities import unescaped
from heedful.privacy.redact import PLACEHOLDER

LONGEST = 4_000
"""Characters of a text that count."""
LEAST, TELLING = 5, 2
"""Words that a text must have to be known again, and how many must tell what it is about: people come to the same few
words by themselves."""
HAN, SPACELESS = 6, 8
"""So many signs of a script without spaces tell as much as a telling word: of Chinese, and of the others."""
QUOTED = 3
"""Words that a text must have to be known again where it says that it passes on another's."""

_SIGNS = ("@", "<", ":", "www.")
"""One of them stands in whatever is dropped; a search for each is quicker than the expression."""
_DROPPED = re.compile(r"(?:https?:|www\.)\S*|(?<!\w)@\w+:?|<[^<>\n]{1,200}>|\S+@\S+", re.IGNORECASE)
_PASSED_ON = re.compile(r"(?:^|(?<=[\s\"“”'(.!?|]))(?:RT|MT|HT|H/T|rt|Rt)\b[\s:]*[\"“]?\s*@\w+\s*:?|(?:^|\s)RT\s*:")
_CREDIT = re.compile(r"\(?\bvia\s*@\w+\)?|[-–—]\s*@\w+\s*$", re.IGNORECASE)
_QUOTE = re.compile(r"[“\"]\s*@\w+\s*:\s*([^”\"]*)[”\"]?")
_MORE = re.compile(
    r"(?:…|\.\.\.|\[…\]|\[\.\.\.\])\s*[\[(]?\s*(?:read more|more|continue reading|continued|see more|show more|"
    r"weiterlesen|mehr|lire la suite|leer más|leggi tutto|lees meer)\s*[\])]?\s*:?\s*$",
    re.IGNORECASE,
)
_CUT = re.compile(r"(\s?)(?:…|\.\.\.|\[…\])[\s\])]*$")
_HALF_LINK = re.compile(r"\s(?:h|ht|htt|https?)$", re.IGNORECASE)
_HALF_NUMBER = re.compile(r"\s\d\S*$")
_INNER = re.compile(r"(?<=\d)[.,:/](?=\d)")
_SPACELESS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3041-\u3096\u30a1-\u30fc\u3400-\u4dbf\u4e00-\u9fff"
_ANY = re.compile(rf"[{_SPACELESS}]")
_WORD = re.compile(rf"[{_SPACELESS}]|(?:(?![{_SPACELESS}])[^\W_])+")
_PLAIN = re.compile(r"[^\W_]+")
_HAIR = 1e-9
_IS_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]").match


class Plain(NamedTuple):
    """The words of a text in their order, folded; whether it says that it passes on another's, and that it is cut."""

    words: tuple[str, ...]
    marked: bool = False
    cut: bool = False

    @property
    def known_again(self) -> bool:
        """Whether another text with these words is taken for a copy, even if neither says so."""
        if len(self.words) < LEAST:
            return False
        told = 0.0
        for word in self.words:
            told += _told(word)
            if told > TELLING - _HAIR:
                return True
        return False

    @property
    def may_be_copied(self) -> bool:
        """The same, or it says so itself."""
        return self.known_again or (self.marked and len(self.words) >= QUOTED)


def plain(text: str) -> Plain:
    """The words that count in a text; of a quote those of what is quoted, of a script without spaces each sign."""
    said, marked = unescaped(text[:LONGEST]), False
    if "@" in said or "[" in said or "RT" in said:
        said, marked = _passed_on(PLACEHOLDER.sub(" ", said))
    if "@" in said and _CREDIT.search(said):
        said, marked = _CREDIT.sub(" ", said), True
    lowered = said.lower()
    if any(sign in lowered for sign in _SIGNS):
        said = _DROPPED.sub(" ", said)
    cut = None
    if "…" in said or "..." in said:
        said = _MORE.sub("…", said.rstrip())
        cut = _CUT.search(said)
    if cut:
        said = _HALF_LINK.sub(" ", said[: cut.start()])
        said = said if cut[1] else _HALF_NUMBER.sub(" ", said)
    return Plain(_words(said), marked, cut is not None)


def _told(word: str) -> float:
    """How many telling words a word is; one sign of a script without spaces is a part of one."""
    if len(word) > 1 or not _ANY.match(word):
        return telling(word)
    return 1 / HAN if _IS_HAN(word) else 1 / SPACELESS


def _words(text: str) -> tuple[str, ...]:
    joined = folded(_INNER.sub("", text))
    return tuple((_WORD if _ANY.search(joined) else _PLAIN).findall(joined))


def _passed_on(text: str) -> tuple[str, bool]:
    """What stands after the last mark of a repost, or in the quotation of a handle; all, where that is too short."""
    quoted = _QUOTE.search(text)
    if quoted and _long_enough(quoted[1]):
        return quoted[1], True
    marks = list(_PASSED_ON.finditer(text))
    if not marks:
        return text, False
    after = text[marks[-1].end() :]
    return (after if _long_enough(after) else _PASSED_ON.sub(" ", text)), True


def _long_enough(text: str) -> bool:
    return len(_WORD.findall(_DROPPED.sub(" ", text))) >= QUOTED
