"""What somebody typed, as a tree; a search that cannot be understood is a `Mistake` that points at the place.

Operators are capitals: AND OR NOT NEAR/5; in small letters they are words. Fields may be written either way.
"""

import re
from typing import TYPE_CHECKING

from heedful.query.fields import field
from heedful.query.grammar import parser
from heedful.query.mistake import Mistake
from heedful.query.tree import All, Either, Near, Not, Phrase, Tag, Tree
from heedful.store.search.words import LONGEST as LONGEST_WORD
from heedful.store.search.words import fold, patterns

if TYPE_CHECKING:
    import lark

LONGEST, MOST_TERMS, DEEPEST, FARTHEST = 10_000, 500, 40, 1_000
"""Characters and terms of a search, parentheses within each other, and words between the sides of NEAR, at most."""
LEAST_LETTERS = 3
"""Letters that a word with `*` or `?` has besides: with fewer it would fit nearly every message."""

_QUOTES = str.maketrans("\u201c\u201d\u201e\u201f\u00ab\u00bb", '""""""')
_PLACEHOLDER = re.compile(r"\[[a-z]+\]")
_OPERATORS = {"_OR": "OR", "_AND": "AND", "NEAR": "NEAR", "NOT": "NOT", "MINUS": "-"}


def parse(typed: str) -> Tree:
    """Understand a search; `Mistake` where it cannot be."""
    query = typed.translate(_QUOTES)
    _check_size(query)
    from lark.exceptions import UnexpectedInput

    try:
        found = parser().parse(query)
    except UnexpectedInput as error:
        raise _told(error, query) from None
    return _Reading(query).tree(found)


def _check_size(query: str) -> None:
    if len(query) > LONGEST:
        raise Mistake(f"a search may have {LONGEST:,} characters, this has {len(query):,}", query, LONGEST, LONGEST)
    if not query.strip():
        raise Mistake("nothing to look for", query, 0, 1, hint='write words, such as late OR "no refund"')
    quotes = [place for place, sign in enumerate(query) if sign == '"']
    if len(quotes) % 2:
        raise Mistake("this quotation mark is never closed", query, quotes[-1], quotes[-1] + 1, hint='put a " after it')
    open_at: list[int] = []
    for place, sign in _outside(query):
        if sign == "(":
            open_at.append(place)
        elif not open_at:
            raise Mistake("nothing opens this parenthesis", query, place, place + 1, hint="put a ( before it")
        else:
            open_at.pop()
        if len(open_at) > DEEPEST:
            raise Mistake(f"parentheses may stand {DEEPEST} within each other", query, place, place + 1)
    if open_at:
        raise Mistake("this parenthesis is never closed", query, open_at[-1], open_at[-1] + 1, hint="put a ) after it")


def _outside(query: str) -> list[tuple[int, str]]:
    """Parentheses that are not in quotation marks."""
    found, quoted = [], False
    for place, sign in enumerate(query):
        quoted ^= sign == '"'
        if sign in "()" and not quoted:
            found.append((place, sign))
    return found


def _told(error: "lark.UnexpectedInput", query: str) -> Mistake:
    """Lark's complaint in words."""
    token = getattr(error, "token", None)
    if token is None:  # a sign that begins no token: there is none, but for what lark itself may add
        place = error.pos_in_stream or 0
        return Mistake(f"{query[place : place + 1]!r} cannot stand here", query, place, place + 1)
    start, end = token.start_pos or 0, token.end_pos or len(query)
    if token.type == "$END":
        return _unended(query)
    if token.type == "_CLOSE":
        before = query[:start].rstrip()
        if before.endswith("("):
            return Mistake("nothing stands in these parentheses", query, len(before) - 1, end)
        last = before.rpartition(" ")[2].lstrip("(")
        place = len(before) - len(last)
        return Mistake(f"{last} of what?", query, place, len(before), hint="Something must follow it")
    if token.type in _OPERATORS:
        said = f"nothing stands before {token}"
        return Mistake(said, query, start, end, hint=f'in quotation marks, "{token}" is a word')
    said = f"{token[:40]} cannot stand here"
    return Mistake(
        said, query, start, end, hint="a list in parentheses has values with OR between: channel:(chat OR email)"
    )


def _unended(query: str) -> Mistake:
    """A search that ends too early: with an operator."""
    plain = query.rstrip()
    last = re.split(r"[\s()\"]", plain)[-1]
    start = len(plain) - len(last)
    return Mistake(f"{last} of what?", query, start, len(plain), hint=f'Something must follow it; "{last}" is a word')


class _Reading:
    """One query's parse tree made into ours."""

    def __init__(self, query: str) -> None:
        self._query = query
        self._terms = 0

    def tree(self, node: "lark.Tree[lark.Token]") -> Tree:
        """Any part of it."""
        made: Tree = getattr(self, f"_{node.data}")(node)
        return made

    def _wrong(self, said: str, token: "lark.Token", hint: str = "") -> Mistake:
        return Mistake(said, self._query, token.start_pos or 0, token.end_pos or 0, hint=hint)

    def _start(self, node: "lark.Tree[lark.Token]") -> Tree:
        return self.tree(_child(node, 0))

    _group = _start

    def _either(self, node: "lark.Tree[lark.Token]") -> Tree:
        return _joined(Either, [self.tree(part) for part in _children(node)])

    def _both(self, node: "lark.Tree[lark.Token]") -> Tree:
        return _joined(All, [self.tree(part) for part in _children(node)])

    def _one(self, node: "lark.Tree[lark.Token]") -> Tree:
        *negations, last = _children(node)
        found = self.tree(last)
        if len(negations) % 2 == 0:
            return found
        return found.part if isinstance(found, Not) else Not(found)

    def _near(self, node: "lark.Tree[lark.Token]") -> Tree:
        first, *others = node.children
        if not others:
            return self.tree(first)  # type: ignore[arg-type]
        if len(others) > 2:
            hint = "write a NEAR/5 b AND b NEAR/5 c"
            raise self._wrong("NEAR stands between two sides", others[2], hint)  # type: ignore[arg-type]
        operator, second = others
        most, ordered = self._distance(operator)  # type: ignore[arg-type]
        left, right = (self._side(side, operator) for side in (first, second))  # type: ignore[arg-type]
        return Near(left, right, most, ordered)

    def _distance(self, token: "lark.Token") -> tuple[int, bool]:
        found = re.fullmatch(r"NEAR/([0-9]{1,4})(f?)", token)
        if not found or int(found[1]) > FARTHEST:
            hint = f"Write NEAR/5, or NEAR/5f where the order counts; up to {FARTHEST:,}"
            raise self._wrong("NEAR within how many words?", token, hint)
        return int(found[1]), bool(found[2])

    def _side(self, node: "lark.Tree[lark.Token]", operator: "lark.Token") -> tuple[Phrase, ...]:
        found = self.tree(node)
        phrases = found.parts if isinstance(found, Either) else (found,)
        kept = tuple(one for one in phrases if isinstance(one, Phrase))
        if len(kept) < len(phrases):
            hint = 'on each side write a word, a "phrase", or several with OR in parentheses'
            raise self._wrong("NEAR counts words, and one of its sides is something else", operator, hint)
        return kept

    def _word(self, node: "lark.Tree[lark.Token]") -> Tree:
        token = _token(node)
        if re.fullmatch(r"(?i:near)/[0-9]+f?", token):
            raise self._wrong(
                f"{token} is not an operator", token, f"did you mean {token[:4].upper()}{token[4:].lower()}?"
            )
        if len(token) > 1 and (token[0] in "#@" or _PLACEHOLDER.fullmatch(token)):
            return self._tag(token)
        return self._phrase(node)

    def _tag(self, token: "lark.Token") -> Tree:
        # a handle is a person's, and hashed as it is spelled
        name = (token.casefold() if token[0] == "@" else fold(token))[:LONGEST_WORD]
        if len(name) < 2 or name[0] not in "#@[":
            raise self._wrong("there is no word in this", token)
        self._count(token)
        self._check_letters(name, token)
        return Tag(name)

    def _phrase(self, node: "lark.Tree[lark.Token]") -> Tree:
        token = _token(node)
        words = tuple(patterns(fold(token)))
        if not words:
            hint = "leave it out" if token == '""' or '"' in token else f'leave it out, or write raw:"{token}"'
            raise self._wrong("there is no word in this", token, hint)
        self._count(token)
        for word in words:
            self._check_letters(word, token)
        return Phrase(words)

    def _check_letters(self, word: str, token: "lark.Token") -> None:
        letters = sum(sign not in "*?#@" for sign in word)
        if letters < LEAST_LETTERS and ("*" in word or "?" in word):
            said = f"{word} fits too many words"
            raise self._wrong(said, token, f"write at least {LEAST_LETTERS} letters beside * and ?")

    def _count(self, token: "lark.Token") -> None:
        self._terms += 1
        if self._terms > MOST_TERMS:
            raise self._wrong(f"a search may have {MOST_TERMS} terms, and here is one more", token)

    def _field(self, node: "lark.Tree[lark.Token]") -> Tree:
        token = _token(node)
        name, _, value = token.partition(":")
        return self._named(name, value.strip('"'), token)

    def _listed(self, node: "lark.Tree[lark.Token]") -> Tree:
        name, *values = node.children
        made = [
            self._named(str(name).removesuffix(":"), _token(value).strip('"'), _token(value))  # type: ignore[arg-type]
            for value in values
        ]
        return _joined(Either, made)

    def _named(self, name: str, value: str, token: "lark.Token") -> Tree:
        self._count(token)
        try:
            return field(name, value)
        except Mistake as mistake:
            raise self._wrong(mistake.said, token, mistake.hint) from None


def _child(node: "lark.Tree[lark.Token]", place: int) -> "lark.Tree[lark.Token]":
    return _children(node)[place]


def _children(node: "lark.Tree[lark.Token]") -> "list[lark.Tree[lark.Token]]":
    return node.children  # type: ignore[return-value]


def _token(node: "lark.Tree[lark.Token]") -> "lark.Token":
    return node.children[0]  # type: ignore[return-value]


def _joined(kind: type[All] | type[Either], parts: list[Tree]) -> Tree:
    """Parts joined; those that are joined in the same way already become parts of it."""
    flat: list[Tree] = []
    for part in parts:
        flat += part.parts if isinstance(part, kind) else [part]
    return flat[0] if len(flat) == 1 else kind(tuple(flat))
