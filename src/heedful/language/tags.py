"""Tags of tokens, such as B-PER, I-PER and O, joined to spans of a text."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

OUTSIDE = "O"
_TAG = re.compile(r"(?:([BIESLU])-)?(.+)")
_LETTER = re.compile(r"[^\W_]")
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
"""Letters of scripts that put no space between words."""


@dataclass(frozen=True)
class Token:
    """Characters `start` to `end` of a text, their tag and its probability."""

    start: int
    end: int
    tag: str
    score: float


@dataclass
class _Open:
    kind: str
    start: int
    end: int
    scores: list[float] = field(default_factory=list)


def parted(tag: str) -> tuple[str, str]:
    """Where in a span a tag stands (B, I, E, S, L, U; nothing where it does not say) and the kind of span."""
    found = _TAG.fullmatch(tag)
    return (found[1] or "", found[2]) if found else ("", tag)


def spans(text: str, tokens: Iterable[Token]) -> list[dict[str, Any]]:
    """Kind in small letters, start, end and mean score of each span.

    The rest of a word goes with its first token, since that is the one such models learn to tag.
    """
    return [
        {"kind": one.kind, "start": one.start, "end": one.end, "score": sum(one.scores) / len(one.scores)}
        for one in _joined(text, tokens)
        if one.start < one.end
    ]


def _joined(text: str, tokens: Iterable[Token]) -> Iterator[_Open]:
    here: _Open | None = None
    last = 0
    for token in tokens:
        start, end = _trimmed(text, token)
        if start == end:
            continue
        rest_of_word, left_out = start == last and _within_word(text, start), bool(_LETTER.search(text, last, start))
        last = end
        if rest_of_word:
            if here:
                here.end = end
            continue
        place, kind = parted(token.tag)
        if here and (token.tag == OUTSIDE or place in ("B", "S", "U") or left_out or kind.lower() != here.kind):
            yield here
            here = None
        if token.tag != OUTSIDE:
            here = here or _Open(kind.lower(), start, end)
            here.end = end
            here.scores.append(token.score)
    if here:
        yield here


def _trimmed(text: str, token: Token) -> tuple[int, int]:
    """A token's characters without the spaces that some tokenizers count to it."""
    start, end = token.start, token.end
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _within_word(text: str, at: int) -> bool:
    """Whether the signs before and at this place are letters of one word."""
    pair = text[max(0, at - 1) : at + 1]
    return len(pair) == 2 and pair.isalnum() and not _UNSPACED.search(pair)
