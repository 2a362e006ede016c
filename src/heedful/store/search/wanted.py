"""What somebody typed into the search box, understood without ever refusing it.

`late parcel` both words, anywhere · `"late parcel"` side by side · `deliver*` how a word begins · `-refund` not this
word · `late OR slow` either; AND binds closer than OR, so `a b OR c` is (a and b) or c.
What is not one of these forms counts as plain words: a quote that is not closed, an OR with nothing beside it.
"""

import re
from dataclasses import dataclass

from heedful.store.search.words import EVERY, fold, tags, words

MOST_TERMS = 40
"""Terms past this many are not looked at."""
SHORTEST_BEGINNING = 3
"""A shorter `a*` means the word itself: nearly every message has a word that begins with a given letter or two."""

LONGEST_QUESTION = 4_000
"""Characters past this many are not looked at."""

_TERM = re.compile(r'(-?)"([^"]*)"|(\S+)')


@dataclass(frozen=True)
class Term:
    """Words that stand side by side; the last one may be only a word's beginning; `wanted` is False after a minus."""

    words: tuple[str, ...]
    beginning: bool = False
    wanted: bool = True

    def expression(self) -> str:
        """The same for FTS5."""
        whole = " ".join(self.words)
        if not self.beginning:
            return f'"{whole}"'
        start = f'"{self.words[-1]}" *'
        return f'("{" ".join(self.words[:-1])}" AND {start})' if len(self.words) > 1 else start

    def inside(self, padded: str) -> bool:
        """Whether an indexed text, with a space at both ends, has it."""
        if not self.beginning:
            return f" {' '.join(self.words)} " in padded
        before, last = self.words[:-1], self.words[-1]
        return f" {last}" in padded and (not before or f" {' '.join(before)} " in padded)


@dataclass(frozen=True)
class Wanted:
    """Groups of terms: a message fits when it fits all terms of one group. No group fits nothing."""

    groups: tuple[tuple[Term, ...], ...]

    def expression(self) -> str:
        """The same for FTS5; every word is quoted, so nothing in it can be taken for an operator."""
        return " OR ".join(f"({_expression(group)})" for group in self.groups)

    def fits(self, text: str) -> bool:
        """Whether an indexed text fits: the same answer as the index gives, for a text at hand."""
        padded = f" {text} "
        return any(all(term.inside(padded) == term.wanted for term in group) for group in self.groups)


OR = Term(("or",))
"""As a term it is the plain word; `read` parts groups where it stands between two terms."""


def read(typed: str) -> Wanted:
    """Understand what was typed; whatever it is, it means something, if only that nothing fits."""
    parts = [part for match in _TERM.finditer(typed[:LONGEST_QUESTION]) if (part := _part(match))][:MOST_TERMS]
    groups: list[list[Term]] = [[]]
    for i, part in enumerate(parts):
        between = groups[-1] and i + 1 < len(parts) and parts[i + 1] is not OR
        if part is OR and between:
            groups.append([])
        else:
            groups[-1].append(part)
    return Wanted(tuple(tuple(group) for group in groups if group))


def _expression(group: tuple[Term, ...]) -> str:
    wanted = " AND ".join(term.expression() for term in group if term.wanted) or f'"{EVERY}"'
    unwanted = " OR ".join(term.expression() for term in group if not term.wanted)
    return f"({wanted}) NOT ({unwanted})" if unwanted else wanted


def _part(match: re.Match[str]) -> Term | None:
    """One term; None where there is no word in it."""
    minus, quoted, bare = match.groups()
    if quoted is not None:
        found = tuple(words(fold(quoted)))
        return Term(found, wanted=not minus) if found else None
    if bare == "OR":
        return OR
    return _bare(bare)


def _bare(typed: str) -> Term | None:
    wanted = not (typed.startswith("-") and len(typed) > 1)
    folded = fold(typed.removeprefix("-") if not wanted else typed)
    stem = folded.rstrip("*")
    tag = tags(stem)
    found = tuple(tag if len(tag) == 1 and stem.startswith(tag[0]) else words(stem))
    if not found:
        return None
    beginning = stem != folded and len(found[-1]) >= SHORTEST_BEGINNING and stem.endswith(found[-1])
    return Term(found, beginning, wanted)
