"""E-mail addresses, plain and written out ('name (at) example (dot) com')."""

import re
from collections.abc import Iterator

from heedful.privacy.redact.spans import Span

_DOMAIN = re.compile(
    r"@(?=[^\W_]|\[[0-9])(?:(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}(?:[^\W\d_]{2,24}|xn--[a-z0-9-]{2,40})(?![^\W_])"
    r"|\[?(?:[0-9]{1,3}\.){3}[0-9]{1,3}\]?)"
)
_LOCAL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}\Z")
_LOCAL_EDGE = "!#$%&'*/=?^`{|}~.-"

_WELL_KNOWN_ENDS = frozenset(
    "com net org edu gov mil int info biz name pro mobi app dev io co me tv cc ai online shop site store tech cloud "
    "email blog club live life space website world xyz agency digital media news company solutions support services "
    "systems group team today network center global design studio software legal health care bank museum travel jobs "
    "coop aero cat asia eus gal berlin hamburg koeln wien tirol bayern london paris bzh nyc tokyo swiss "
    "example test".split()
)
_MAIL_HOSTS = (
    r"(?:gmail|googlemail|yahoo|hotmail|outlook|icloud|aol|gmx|web|protonmail|proton|live|msn|mail|yandex|t-online)"
)
_DOT = r"(?:[ \t]{0,2}[(\[{<][ \t]?(?:dot|\.)[ \t]?[)\]}>][ \t]{0,2}|[ \t]{1,2}dot[ \t]{1,2}|\.)"
_WORD = r"[^\W_][\w+-]{0,40}"
_LOCAL_WORDS = rf"(?<![\w.+-]){_WORD}(?:(?:\.|[ \t]dot[ \t]|[(\[]dot[)\]]){_WORD}){{0,3}}"
_ENDS = (
    r"(?:com|net|org|edu|gov|info|biz|co|io|me|eu|uk|de|fr|es|it|nl|ch|at|pl|se|br|in|au|jp|ca|us|be|dk|no|fi|pt|cz|ie)"
)
_WRITTEN = re.compile(
    rf"{_LOCAL_WORDS}(?:"
    rf"[ \t]{{0,2}}(?:\((?:at|@)\)|\[(?:at|@)\]|\{{at\}}|<at>)[ \t]{{0,2}}{_WORD}(?:{_DOT}{_WORD}){{0,3}}{_DOT}{_ENDS}"
    rf"|[ \t]at[ \t]{_WORD}(?:[ \t]dot[ \t]{_WORD}){{0,2}}[ \t]dot[ \t]{_ENDS}"
    rf"|[ \t]at[ \t]{_MAIL_HOSTS}\.{_ENDS}"
    rf")\b",
    re.IGNORECASE,
)
_HINTS = (
    "(at)",
    "[at]",
    "{at}",
    "<at>",
    "(@)",
    "[@]",
    " dot ",
    " at gmail.",
    " at hotmail.",
    " at yahoo.",
    " at outlook.",
    " at icloud.",
    " at aol.",
    " at gmx.",
    " at web.",
    " at proton",
    " at live.",
    " at msn.",
    " at googlemail.",
    " at t-online.",
    " at mail.",
    " at yandex.",
)


def emails(text: str) -> Iterator[Span]:
    """E-mail addresses in folded text, in order."""
    end = 0
    for domain in _DOMAIN.finditer(text):
        at = domain.start()
        start = _start(text, at, end)
        if start < at and _plausible(domain[0], text[start - 1 : start]):
            end = domain.end()
            yield Span("email", start, end, 0.99)


def _start(text: str, at: int, floor: int) -> int:
    """Where the part before the sign begins; `at` where there is none."""
    low = max(floor, at - 64)
    local = _LOCAL.search(text[low:at].rpartition("@")[2])
    if local is None:
        return at
    return at - len(local[0].lstrip(_LOCAL_EDGE))


def _plausible(domain: str, before: str) -> bool:
    """False for a sentence that runs into a handle: 'thanks@airline.Great'."""
    head, _, end = domain.rpartition(".")
    if before == "@" and "." not in head:
        return end.lower() in _WELL_KNOWN_ENDS or len(end) <= 3
    if end.lower() in _WELL_KNOWN_ENDS or len(end) == 2 or end[:1].isdigit() or "." in head or end.startswith("xn--"):
        return True
    return not end[0].isupper() or end.isupper() or head[1:2].isupper()


def written_emails(text: str, low: str) -> Iterator[Span]:
    """E-mail addresses spelled with '(at)' and '(dot)', or ' at ' and ' dot ' before a known ending "
    "(`low`: in lower case).
    """
    for hint in _HINTS:
        if hint in low:
            for match in _WRITTEN.finditer(text):
                yield Span("email", match.start(), match.end(), 0.85)
            return
