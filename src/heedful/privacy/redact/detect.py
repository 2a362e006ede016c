"""The order of the steps, and the two functions that everybody calls."""

import re
from collections.abc import Callable, Iterable, Sequence

from heedful.errors import Bug
from heedful.privacy.redact.addresses import addresses
from heedful.privacy.redact.emails import emails, written_emails
from heedful.privacy.redact.folding import fold
from heedful.privacy.redact.links import links
from heedful.privacy.redact.names import names
from heedful.privacy.redact.numbers import cards, ibans, long_network_addresses, network_addresses, social_security
from heedful.privacy.redact.phones import phones
from heedful.privacy.redact.spans import NEUTRAL, PLACEHOLDER, Span, cover

_DIGIT = re.compile("[0-9]")
_SIX_DIGITS = re.compile(r"[0-9](?:[^0-9\n]{0,3}[0-9]){5}")
_HANDLE = re.compile(r"(?<![\w@/.\ue000-\ue002])@\w{1,60}(?:\.[a-z0-9_]{2,40}){0,3}(?!\w)")
_FEDERATED = re.compile(r"(?<![\w@/.\ue000-\ue002])@[\w.-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}(?!\w)")
_CLOCK = re.compile(
    r"(?=[0-9])(?:(?<![0-9])[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,6})?)?(?![0-9:])"
    r"|(?<![0-9./-])(?:19|20)[0-9]{2}([-/.])(?:1[0-2]|0?[1-9])\1(?:3[01]|[12][0-9]|0?[1-9])(?![0-9]|[-/.][0-9])"
    r"(?:[ T][0-9]{2}:[0-9]{2}(?::[0-9]{2})?)?"
    r"|(?<![0-9./-])(?<![0-9] )(?:3[01]|[12][0-9]|0?[1-9])([-/.])(?:3[01]|[12][0-9]|0?[1-9])\2(?:(?:19|"
    r"20)[0-9]{2}|[0-9]{2})(?![0-9]|[-/.][0-9])"
    r"|(?<![0-9./-])[0-2]?[0-9]\.[0-5][0-9][ ]?-[ ]?[0-2]?[0-9]\.[0-5][0-9](?![0-9]|[-/.][0-9])"
    r"|(?<![0-9./-])(?:19|20)[0-9]{2}[ ]?[-/][ ]?(?:19|20)[0-9]{2}(?![0-9]|[ ]?[-/.][0-9]))"
)


def find(texts: Sequence[str | None], *, handles: bool = False) -> list[list[Span]]:
    """Personal details per text: spans in Unicode characters, sorted, apart; none for a missing text.

    Placeholders already in a text are reported as spans of their kind with score 1. Handles such as '@someone'
    are reported only on request.
    """
    return [_find(text, handles) if text else [] for text in texts]


def redact(texts: Sequence[str | None], *, handle: Callable[[str], str | None] | None = None) -> list[str | None]:
    """The texts with every personal detail replaced by its placeholder, such as '[email]'.

    `handle` gets each '@someone' without the sign and answers what stands there instead (a pseudonym such as
    '@p_0123456789abcdef'), or None to keep it; without it handles stay. Redacting again changes nothing.
    Raises Bug where `handle` answers with anything else.
    """
    return [_redact(text, handle) if text else text for text in texts]


def _redact(text: str, handle: Callable[[str], str | None] | None) -> str:
    clean = _once(text, handle)
    while clean != text:
        text, clean = clean, _once(clean, handle)
    return clean


def _once(text: str, handle: Callable[[str], str | None] | None) -> str:
    parts: list[str] = []
    at = 0
    for span in _find(text, handle is not None):
        if span.score == 1.0:
            continue
        instead: str | None = f"[{span.kind}]"
        if span.kind == "handle":
            instead = _named(fold(text[span.start + 1 : span.end])[0], handle)
        if instead is not None:
            parts += (text[at : span.start], instead)
            at = span.end
    return "".join([*parts, text[at:]]) if parts else text


def _named(name: str, handle: Callable[[str], str | None] | None) -> str | None:
    instead = handle(name) if handle else None
    if instead is not None and PLACEHOLDER.fullmatch(instead) is None:
        raise Bug(f"a handle became {instead!r}: give '@p_' and 16 hexadecimal digits, a placeholder, or None")
    return instead


def _find(text: str, handles: bool) -> list[Span]:
    plain, places = fold(text)
    found = _search(plain, handles)
    if places is None or not found:
        return found
    return [Span(span.kind, places[span.start], places[span.end - 1] + 1, span.score) for span in found]


def _search(text: str, handles: bool) -> list[Span]:
    """All steps in turn; each sees what the earlier ones took as covered, and runs only where it may find something."""
    low = text.lower()
    found: list[Span] = []
    if "[" in text or "@p_" in text:
        kept = [Span(match[1] or "handle", match.start(), match.end(), 1.0) for match in PLACEHOLDER.finditer(text)]
        text = _take(text, kept, found)
    if "://" in low or "www." in low:
        text = _take_links(text, found)
    if "@" in text:
        text = _take_signs(text, found, handles)
    text = _take(text, written_emails(text, low), found)
    if _DIGIT.search(text):
        text = _take_numbers(text, found)
        text = _take(text, addresses(text, low), found)
    _take(text, names(text, low), found)
    found.sort(key=_start)
    return found


def _start(span: Span) -> int:
    return span.start


def _take(text: str, spans: Iterable[Span], found: list[Span]) -> str:
    new = list(spans)
    if not new:
        return text
    found += new
    return cover(text, new)


def _take_links(text: str, found: list[Span]) -> str:
    everywhere = list(links(text))
    text = _take(text, [span for personal, span in everywhere if personal], found)
    return cover(text, [span for personal, span in everywhere if not personal], mark=NEUTRAL)


def _take_signs(text: str, found: list[Span], handles: bool) -> str:
    """E-mail addresses and handles; a handle on another server ('@anna@social.example') looks like both."""
    if handles:
        text = _take(text, [_tag(match) for match in _FEDERATED.finditer(text)], found)
    text = _take(text, emails(text), found)
    tags = [_tag(match) for match in _HANDLE.finditer(text)]
    if handles:
        found += tags
    return cover(text, tags, mark=NEUTRAL)


def _tag(match: re.Match[str]) -> Span:
    return Span("handle", match.start(), match.end(), 0.9)


def _take_numbers(text: str, found: list[Span]) -> str:
    if text.count(".") >= 3:
        text = _take(text, network_addresses(text), found)
    if text.count(":") >= 2:
        text = _take(text, long_network_addresses(text), found)
    if _SIX_DIGITS.search(text):
        for step in (ibans, cards, social_security, _phones):
            text = _take(text, step(text), found)
    return text


def _phones(text: str) -> Iterable[Span]:
    """Phone numbers with dates and clock times out of the way."""
    times = [Span("time", match.start(), match.end(), 0.0) for match in _CLOCK.finditer(text)]
    return phones(cover(text, times, mark=NEUTRAL))
