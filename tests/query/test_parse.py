"""The language: what is understood, and what a mistake says and points at."""
# ruff: noqa: E501

import time

import pytest

from heedful.errors import BadSettings, NotAllowed
from heedful.privacy.pseudonym import person_number
from heedful.privacy.viewer import Viewer
from heedful.query.handles import Handles
from heedful.query.mistake import Mistake
from heedful.query.parse import parse
from heedful.query.tree import All, Either, Field, Near, Not, Phrase, Rating, Raw, Tag, Tree, written
from heedful.records import pseudonym


def word(text: str) -> Phrase:
    return Phrase((text,))


@pytest.mark.parametrize(
    ("query", "tree"),
    [
        ("late parcel", All((word("late"), word("parcel")))),
        ("late AND parcel", All((word("late"), word("parcel")))),
        ("late and parcel", All((word("late"), word("and"), word("parcel")))),
        ("a b OR c", Either((All((word("a"), word("b"))), word("c")))),
        ("a (b OR c)", All((word("a"), Either((word("b"), word("c")))))),
        ("late -parcel", All((word("late"), Not(word("parcel"))))),
        ("late NOT parcel", All((word("late"), Not(word("parcel"))))),
        ("NOT NOT late", word("late")),
        ("Crème", word("creme")),
        ("wi-fi", Phrase(("wi", "fi"))),
        ('"Not on time"', Phrase(("not", "on", "time"))),
        ("“not here”", Phrase(("not", "here"))),
        ('"AND"', word("and")),
        ("delay* w?rd", All((word("delay*"), word("w?rd")))),
        ("配送*", Phrase(("配", "送"))),
        ("a NEAR/3 b", Near((word("a"),), (word("b"),), 3)),
        ("late NEAR/5f (refund OR money)", Near((word("late"),), (word("refund"), word("money")), 5, True)),
        ("x a NEAR/1 b", All((word("x"), Near((word("a"),), (word("b"),), 1)))),
        ("raw:Apple", Raw("Apple")),
        ('raw:"C++"', Raw("C++")),
        ("#Late @acme [email]", All((Tag("#late"), Tag("@acme"), Tag("[email]")))),
        ("CHANNEL:Review", Field("channel", "review")),
        ("channel:(chat OR email)", Either((Field("channel", "chat"), Field("channel", "email")))),
        ("channel:(chat email)", None),
        ("site:https://www.Example.com/", Field("site", "example.com")),
        ('brand:"Blue Door"', Field("brand", "blue door")),
        ("rating:<3", Rating("<", 3, 3)),
        ("rating:1..2", Rating("..", 1, 2)),
        ("rating:=4", Rating("", 4, 4)),
    ],
)
def test_what_is_understood(query: str, tree: Tree | None) -> None:
    if tree is None:
        with pytest.raises(Mistake):
            parse(query)
        return
    assert parse(query) == tree
    assert parse(written(tree)) == tree


@pytest.mark.parametrize(
    ("query", "said", "pointed"),
    [
        ("autor:jane late", "did you mean author:?", "autor:jane"),
        ("late (parcel", "never closed", "("),
        ("late parcel)", "nothing opens", ")"),
        ('late "parcel', "never closed", '"'),
        ("late NEAR parcel", "NEAR within how many words?", "NEAR"),
        ("late NEAR/x parcel", "NEAR within how many words?", "NEAR/x"),
        ("late near/5 parcel", "did you mean NEAR/5?", "near/5"),
        ("a NEAR/3 b NEAR/4 c", "two sides", "NEAR/4"),
        ("late NEAR/5 #tag", "one of its sides is something else", "NEAR/5"),
        ("late NEAR/5 (a b)", "one of its sides is something else", "NEAR/5"),
        ("late AND", "AND of what?", "AND"),
        ("(late OR)", "OR of what?", "OR"),
        ("OR late", "nothing stands before OR", "OR"),
        ("late OR OR x", "nothing stands before OR", "OR"),
        ("NOT", "NOT of what?", "NOT"),
        ("()", "nothing stands in these parentheses", "()"),
        ("late & parcel", 'raw:"&"', "&"),
        ("channel:chta", "did you mean chat?", "channel:chta"),
        ("rating:9", "stars from 1 to 5", "rating:9"),
        ("rating:bad", "stars from 1 to 5", "rating:bad"),
        ("site:x.com/y", "write links:x.com/y", "site:x.com/y"),
        ("channel:", "Write the value right after the colon", "channel:"),
        ("late a*", "at least 3 letters", "a*"),
        ("", "nothing to look for", ""),
    ],
)
def test_a_mistake_says_what_is_wrong_and_where(query: str, said: str, pointed: str) -> None:
    with pytest.raises(BadSettings) as told:
        parse(query)
    mistake = told.value
    assert isinstance(mistake, Mistake)
    assert said in str(mistake)
    assert query[mistake.start : mistake.end] == pointed
    line, carets = str(mistake).split("\n")[-2:]
    assert line[carets.index("^") : carets.rindex("^") + 1] == pointed or not pointed


def test_of_a_long_search_what_is_near_the_mistake_is_shown() -> None:
    with pytest.raises(Mistake) as told:
        parse("late " * 300 + "autor:jane" + " late" * 300)
    assert len(str(told.value)) < 500
    assert str(told.value).rpartition("\n")[2].strip() == "^" * len("autor:jane")


@pytest.mark.parametrize(
    "query",
    ["a " * 4_900, "(" * 9_000, "NOT " * 2_400 + "a", "-" * 9_000 + "a", '"' * 9_999, "a OR " * 1_900 + "a", "x" * 50_000,
     "(a " * 39 + "b" + ")" * 39, "*a*b*c*d" * 900, "NEAR/5 " * 1_400, "channel:(" * 1_000, "é" * 9_000 + "*"],
)  # fmt: skip
def test_no_search_takes_long(query: str) -> None:
    began = time.process_time()
    try:
        tree = parse(query)
    except Mistake:
        tree = None
    assert time.process_time() - began < 3
    if tree is not None:
        assert parse(written(tree)) == tree


def test_handles_become_pseudonyms_but_for_those_of_brands() -> None:
    officer, agent = (Viewer("v", frozenset({role})) for role in ("privacy officer", "agent"))
    handles = Handles(b"key", frozenset({"acme", "acme.help"}))
    jane = pseudonym(person_number("jane", b"key"))
    resolved = handles.resolved(parse("author:@Jane OR (@jane -@acme)"), officer)
    assert written(resolved) == f"author:{jane} OR (@{jane} AND NOT @acme)"
    brand = pseudonym(person_number("acme", b"key"))
    assert handles.resolved(parse("author:acme"), agent) == Field("author", brand)
    assert handles.resolved(parse(f"author:{jane} @{jane}"), agent) == parse(f"author:{jane} @{jane}")
    assert handles.resolved(parse("@acme.help"), agent) == All((Tag("@acme"), Phrase(("acme", "help"))))
    for query in ("author:jane", "late @jane", "NOT (late OR author:jane)"):
        with pytest.raises(NotAllowed, match="identities"):
            handles.resolved(parse(query), agent)
