# ruff: noqa: E501
import pyarrow as pa
import pytest

from heedful.intake.files import ratings
from heedful.intake.files.values import as_count, as_flag, as_key, as_number, as_text, as_words, join_present, number_of


def test_text_keeps_itself_and_numbers_are_plain():
    assert as_text(pa.array([" a ", "", None])).to_pylist() == [" a ", None, None]
    assert as_text(pa.array([5.0, 0.1, float("nan"), None, 1e18])).to_pylist() == ["5", "0.1", None, None, "1e+18"]
    assert as_text(pa.array([5.0, 7.0])).to_pylist() == ["5", "7"]
    assert as_text(pa.array([True, False])).to_pylist() == ["true", "false"]
    assert as_text(pa.array([10**15, 10**15 + 500_000]).cast(pa.timestamp("us"))).to_pylist() == [
        "2001-09-09 01:46:40",
        "2001-09-09 01:46:40.500000",
    ]


def test_a_value_reads_the_same_whatever_its_neighbours():
    for values in ([5.0], [5.0, 0.5], [5.0, None], [5.0, 1e300]):
        assert as_text(pa.array(values))[0].as_py() == "5"


def test_keys_lose_what_a_spreadsheet_added():
    assert as_key(pa.array(["12.0", " a1 ", "nan", "1.5"])).to_pylist() == ["12", "a1", None, "1.5"]
    assert as_key(pa.array([12.0, None])).to_pylist() == ["12", None]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("$93.00", 93), ("1,234.5", 1234.5), ("10,000+", 10000), ("45%", 45), ("-3", -3), ("€ 12", 12), ("12 EUR", 12),
        ("(5.00)", -5), ("-$5.00", -5), ("1 234", 1234), ("1'234.50", 1234.5), ("5,000,000+", 5_000_000),
        ("abc", None), ("1.2.3", None), ("4.0.3 and up", None), ("12 Main Street 5", None), ("", None), ("1,23", None),
    ],
)  # fmt: skip
def test_numbers_as_people_write_them(text, value):
    assert number_of(text) == value


def test_decimal_commas():
    assert as_number(pa.array(["1.234,50", "3,5", "7"]), comma=True).to_pylist() == [1234.5, 3.5, 7.0]


def test_counts_flags_and_words():
    assert as_count(pa.array(["3", "1,024", "2.5", None])).to_pylist() == [3, 1024, None, None]
    assert as_flag(pa.array(["Yes", "opt-out", "1", "0.0", "maybe", "In Stock", None])).to_pylist() == [
        True,
        False,
        True,
        False,
        None,
        True,
        None,
    ]
    assert as_words(pa.array(["a, b;c", "['x', 'y']", '["p"]', "[]", None]), part=",;").to_pylist() == [
        ["a", "b", "c"],
        ["x", "y"],
        ["p"],
        None,
        None,
    ]


def test_joining_keeps_every_row():
    parts = [pa.array(["a", None, None, "d"]), pa.array(["b", None, "c", None])]
    assert join_present(parts, "\n\n").to_pylist() == ["a\n\nb", "", "c", "d"]


@pytest.mark.parametrize(
    ("values", "name", "scale", "first"),
    [
        ([1, 3, 5], "rating", "1-5", 0.0), ([0, 3, 5], "stars", "0-5", 0.0), ([1, 10, 4], "rating", "1-10", 0.0),
        ([0, 10, 4], "score", "0-10", 0.0), ([100, 50, 80], "score", "0-100", 1.0), ([3, 9], "nps_score", "0-10", 0.3),
        (["4 stars", "5 stars"], "stars", "1-5", 0.75), (["4/5", "1/5"], "rating", "1-5", 0.75),
        (["4.0 out of 5 stars", "1.0 out of 5 stars"], "rating", "1-5", 0.75), (["8/10", "3/10"], "rating", "0-10", 0.8),
        (["★★★★☆", "★★★★★"], "rating", "1-5", 0.75), ([0.25, 0.5], "rating", "0-1", 0.25), ([-1, 1], "score", None, None),
        (["good", "bad"], "rating", None, None), ([500, 3], "score", None, None), ([1, 7, 4] * 20, "q", "1-7", 0.0),
    ],
)  # fmt: skip
def test_scales(values, name, scale, first):
    column = pa.array(values)
    assert ratings.find_scale(column, name) == scale
    if scale:
        assert ratings.scaled(column, scale)[0].as_py() == pytest.approx(first)


def test_ratings_beyond_the_scale_are_null():
    assert ratings.scaled(pa.array([1, 5, 7, None]), "1-5").to_pylist() == [0.0, 1.0, None, None]
