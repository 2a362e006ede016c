"""Accents and other marks that combine with the letter before them.

Unicode orders the marks of a letter before it compares texts, which takes time with the square of their number: a text
of a million marks keeps a processor busy for an hour. No language needs more than a few on one letter.
"""

import re
import unicodedata

MOST = 30
"""Marks that a letter keeps, as in the Stream-Safe Text Format of Unicode (UAX 15)."""

_RUN = re.compile(rf"[^\w\s\x00-\x7f]{{{MOST + 1},}}")
"""Where there may be more: marks are neither letters nor spaces."""


def bounded(text: str) -> str:
    """The text without the marks of a letter past `MOST`; every text that people write stays as it is."""
    return text if text.isascii() else _RUN.sub(_fewer, text)


def _fewer(run: re.Match[str]) -> str:
    kept: list[str] = []
    marks = 0
    for sign in run[0]:
        marks = marks + 1 if unicodedata.combining(sign) else 0
        if marks <= MOST:
            kept.append(sign)
    return "".join(kept)
