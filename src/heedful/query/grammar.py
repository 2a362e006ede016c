"""The grammar of searches, for lark. OR binds least, then AND (which need not be written), NOT, NEAR."""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lark import Lark

GRAMMAR = r"""
start: either
either: both (_OR both)*
both: one (_AND? one)*
one: negation* near
!negation: NOT | MINUS
near: _atom (NEAR _atom)*
_atom: word | phrase | field | listed | group
word: WORD
phrase: PHRASE
field: FIELD
listed: LIST _OPEN value (_OR value)* _CLOSE
!value: WORD | PHRASE
group: _OPEN either _CLOSE

PHRASE.9: /"[^"]*"/
_OR.8: /OR(?=[\s()"]|$)/
_AND.8: /AND(?=[\s()"]|$)/
NOT.8: /NOT(?=[\s()"]|$)/
NEAR.8: /NEAR(\/[^\s()"]*)?(?=[\s()"]|$)/
LIST.7: /[A-Za-z]+:(?=\()/
FIELD.6: /[A-Za-z]+:("[^"]*"|[^\s()"]*)/
MINUS.5: /-(?=[^\s)])/
_OPEN: "("
_CLOSE: ")"
WORD.1: /[^\s()"]+/
%ignore /\s+/
"""


@cache
def parser() -> "Lark":
    """The parser, made once."""
    from lark import Lark

    return Lark(GRAMMAR, parser="lalr", lexer="basic", propagate_positions=True)
