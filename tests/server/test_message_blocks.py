import pytest

from heedful.server import messages as shown


@pytest.mark.parametrize(
    ("value", "said", "stars"),
    [
        (0.0, "1 of 5 stars", "★☆☆☆☆"),
        (1.0, "5 of 5 stars", "★★★★★"),
        (0.5, "3 of 5 stars", "★★★☆☆"),
        (0.9, "4.6 of 5 stars", "★★★★★"),
    ],
)
def test_a_rating_is_shown_as_stars(value: float, said: str, stars: str) -> None:
    found = shown.rating(value)
    assert found
    assert (found.words, found.stars) == (said, stars)
    assert shown.rating(None) is None


def test_placeholders_become_marks_and_words_stand_out_between_them() -> None:
    found = shown.parts("Call [phone] or @p_0123456789abcdef, LAMP [later]", shown._pattern("lamp call"))
    assert [(part.kind, part.text) for part in found] == [
        ("match", "Call"),
        ("text", " "),
        ("removed", "phone"),
        ("text", " or "),
        ("removed", "@p_012345"),
        ("text", ", "),
        ("match", "LAMP"),
        ("text", " [later]"),
    ]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"sentiment": "neutral"}, None),
        ({}, "not read yet"),
        ({"unread": "language pt is not read"}, "Portuguese is not read"),
        ({"unread": "no text"}, "no text"),
    ],
)
def test_why_a_message_is_unread_is_said_in_words(row: dict[str, str], said: str | None) -> None:
    assert shown._unread(row) == said


def test_a_hostile_text_takes_no_time() -> None:
    long = "[email" * 200_000
    assert "".join(part.text for part in shown.parts(long, shown._pattern("email"))) == long
