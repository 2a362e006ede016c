"""Tokens with their tags become spans."""

import pytest

from heedful.language.tags import Token, spans


def found(text: str, *tagged: tuple[str, str]) -> list[tuple[str, str]]:
    """Spans where each piece of the text, in its order, bears a tag."""
    tokens, at = [], 0
    for piece, tag in tagged:
        start = text.index(piece, at)
        at = start + len(piece)
        tokens.append(Token(start, at, tag, 0.9))
    return [(one["kind"], text[one["start"] : one["end"]]) for one in spans(text, tokens)]


@pytest.mark.parametrize(
    ("tagged", "expected"),
    [
        ([("Ana", "B-PER"), ("Lima", "I-PER")], [("per", "Ana Lima")]),
        ([("Ana", "B-PER"), ("Lima", "B-PER")], [("per", "Ana"), ("per", "Lima")]),
        ([("Ana", "I-PER"), ("Lima", "I-LOC")], [("per", "Ana"), ("loc", "Lima")]),
        ([("Ana", "I-PER"), ("Lima", "E-PER")], [("per", "Ana Lima")]),
        ([("Ana", "S-PER"), ("Lima", "S-LOC")], [("per", "Ana"), ("loc", "Lima")]),
        ([("Ana", "PER"), ("Lima", "PER")], [("per", "Ana Lima")]),
        ([("Ana", "O"), ("Lima", "O")], []),
    ],
)
def test_each_way_of_tagging(tagged, expected):
    assert found("Ana Lima", *tagged) == expected


def test_the_rest_of_a_word_goes_with_its_first_token():
    pieces = [("Heid", "B-LOC"), ("el", "O"), ("berg", "B-PER"), (".", "O")]
    assert found("In Heidelberg.", ("In", "O"), *pieces) == [("loc", "Heidelberg")]
    assert found("unheard", ("un", "O"), ("heard", "B-PER")) == []


def test_words_that_are_written_without_spaces_are_tagged_token_by_token():
    assert found("我在北京。", ("我", "O"), ("在", "O"), ("北", "B-LOC"), ("京", "I-LOC"), ("。", "O")) == [
        ("loc", "北京")
    ]


def test_spaces_that_a_tokenizer_counts_to_a_word_are_not_of_the_span():
    assert found("to  Ana  now", ("to", "O"), ("  Ana ", "B-PER"), (" ", "I-PER"), ("now", "O")) == [("per", "Ana")]


def test_a_span_ends_where_words_are_left_out():
    assert found("Ana (and so on) Lima", ("Ana", "B-PER"), ("Lima", "I-PER")) == [("per", "Ana"), ("per", "Lima")]


def test_the_score_is_the_mean_of_those_that_were_tagged():
    tokens = [Token(0, 3, "B-PER", 0.8), Token(4, 6, "I-PER", 0.6), Token(6, 8, "O", 0.1)]
    (one,) = spans("Ana Lima", tokens)
    assert one["score"] == pytest.approx(0.7)
