"""Text as a reader sees it: full-width and foreign digits, odd dashes and spaces, invisible characters."""

import re
import unicodedata

INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\u20e3\ufe00-\ufe0f\ufeff]"
)
"""Zero-width characters, direction marks, soft hyphens, and what turns a digit into a keycap emoji."""

_REMEMBERED = 70_000


class _Folds(dict[int, str]):
    """Code point to the one character it reads as; worked out on first sight."""

    def __missing__(self, code: int) -> str:
        seen = _fold(chr(code))
        if len(self) < _REMEMBERED:
            self[code] = seen
        return seen


def _fold(char: str) -> str:
    digit = unicodedata.decimal(char, None)
    if digit is not None:
        return str(digit)
    code = ord(char)
    if 0xFF01 <= code <= 0xFF5E:
        return chr(code - 0xFEE0)
    if char in "\ufe6b":
        return "@"
    if char in "\u00b7\u2024\u2027\ufe52":
        return "."
    if char in "\u2018\u2019\u02bc":
        return "'"
    category = unicodedata.category(char)
    if category == "Pd" or char == "\u2212":
        return "-"
    return " " if category == "Zs" else char


_FOLDS = _Folds()


def fold(text: str) -> tuple[str, list[int] | None]:
    """The text with plain digits, dashes and spaces, and where each of its characters stood (None: same places)."""
    if text.isascii():
        return text, None
    if INVISIBLE.search(text) is None:
        return text.translate(_FOLDS), None
    places = [place for place, char in enumerate(text) if INVISIBLE.match(char) is None]
    return "".join([text[place] for place in places]).translate(_FOLDS), places
