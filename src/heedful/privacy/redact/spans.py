"""The value that says where a personal detail stands, and the placeholders that replace it."""

import re
from dataclasses import dataclass

KINDS: tuple[str, ...] = ("email", "phone", "card", "iban", "ip", "ssn", "url", "address", "name", "handle")
"""Kinds of personal detail, in the order of precedence when two of them overlap in a report."""

PLACEHOLDER: re.Pattern[str] = re.compile(
    r"\[(email|phone|card|iban|ip|ssn|url|address|name|handle)\]|(?<![0-9A-Za-z_@])@p_[0-9a-f]{16}(?![0-9A-Za-z_])"
)
"""Matches every placeholder; group 1 is the kind, none for a pseudonym such as `@p_0123456789abcdef`."""


@dataclass(frozen=True, slots=True)
class Span:
    """A personal detail: `text[start:end]` in Unicode characters, its kind, and how sure we are (0..1)."""

    kind: str
    start: int
    end: int
    score: float


TAKEN = "\ue000"
"""Stands for each character of a span that an earlier step took; no later step reads across it."""

CONTACT = "\ue001"
"""The same for an e-mail address or phone number: a number right beside one is more likely a phone."""

NEUTRAL = "\ue002"
"""The same for dates, times and plain links: not personal, but their digits are nobody's phone."""


def apart(spans: list[Span]) -> list[Span]:
    """Sorted by start, without those that overlap an earlier or a longer one from the same place."""
    kept: list[Span] = []
    end = 0
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        if span.start >= end:
            end = span.end
            kept.append(span)
    return kept


def cover(text: str, spans: list[Span], *, mark: str | None = None) -> str:
    """The same text, equally long, with every span (sorted, apart) covered by its mark."""
    if not spans:
        return text
    parts: list[str] = []
    at = 0
    for span in spans:
        parts.append(text[at : span.start])
        sign = mark or (CONTACT if span.kind in ("email", "phone") else TAKEN)
        parts.append(sign * (span.end - span.start))
        at = span.end
    parts.append(text[at:])
    return "".join(parts)
