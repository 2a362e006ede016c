"""What the sentiment model looks at."""

from hypothesis import given
from hypothesis import strategies as st

from heedful.language.features import SIZE, features, tokens


def test_words_signs_and_habits():
    assert tokens("I'm SOOOO happy!!!! :-)") == ["<shout>", "<longer>", "i'm", "soo", "happy", "!!", "☺"]


def test_addresses_handles_and_placeholders_are_gone():
    assert tokens("@shop see https://example.com/x [email] @p_0123456789abcdef now") == ["see", "now"]


def test_escapes_of_other_programs_are_read():
    assert tokens("I can\\u2019t &amp; won&#39;t") == ["i", "can't", "&", "won't"]


def test_skin_colour_and_joiners_are_gone():
    assert tokens("👍🏽 👩‍🔧") == ["👍", "👩", "🔧"]


def test_a_negation_marks_what_follows_up_to_a_stop():
    flat, starts = features(["not good", "good", "not. good"])
    rows = [set(flat[starts[at] : starts[at + 1]].tolist()) for at in range(3)]
    assert not rows[0] & rows[1]
    assert len(rows[2] & rows[1]) > 5


def test_no_texts():
    flat, starts = features([])
    assert (len(flat), starts.tolist()) == (0, [0])


@given(st.lists(st.text(max_size=120)))
def test_each_feature_once_and_in_range(texts):
    flat, starts = features(texts)
    assert len(starts) == len(texts) + 1
    for at in range(len(texts)):
        row = flat[starts[at] : starts[at + 1]].tolist()
        assert row == sorted(set(row))
        assert all(0 <= number < SIZE for number in row)
