"""An explanation points at the words that carried a reading, and says how often such readings are right."""

from itertools import pairwise

import pytest

from heedful.errors import NotFound
from heedful.language.cards import confusion
from heedful.language.encoder import shipped
from heedful.language.readers import reader
from heedful.language.teach import teach
from heedful.language.why import FEWEST, PIECES, why
from heedful.settings import OwnModel
from tiny_models import write_model


def words(text: str, found, *, against: bool = False) -> list[str]:
    """The words of a text, those that speak most for (or against) a reading first."""
    ordered = sorted(found.parts, key=lambda part: part.effect, reverse=not against)
    return [text[part.start : part.end] for part in ordered]


@pytest.mark.parametrize(
    ("text", "label", "word"),
    [
        ("The driver was terrible and the box is in the hall", "negative", "terrible"),
        ("The room on the second floor was wonderful", "positive", "wonderful"),
        ("I spoke with the office on Monday and they were horrible", "negative", "horrible"),
    ],
)
def test_the_word_that_says_it_carries_most(text, label, word):
    found = why(text, reader("sentiment"))
    assert found.label == label
    assert words(text, found)[0] == word


def test_what_speaks_against_it_lowers_it():
    text = "Great food but the waiter was awful"
    found = why(text, reader("sentiment"), "negative")
    assert "awful" in words(text, found)[:2]
    assert words(text, found, against=True)[0] == "Great"


def test_the_parts_cover_every_word_and_nothing_else():
    text = "  One two,\n three   four  "
    assert [text[part.start : part.end] for part in why(text, reader("sentiment")).parts] == [
        "One",
        "two,",
        "three",
        "four",
    ]


@pytest.mark.parametrize(("length", "count"), [(100, PIECES), (300, 20), (1000, FEWEST)])
def test_a_long_text_is_taken_apart_in_a_bounded_number_of_runs(length, count):
    text = "word " * length
    parts = why(text, reader("sentiment")).parts
    assert len(parts) == count
    assert parts[0].start == 0
    assert all(one.end < two.start <= one.end + 2 for one, two in pairwise(parts))
    assert text[parts[-1].end :].strip() == ""


def test_a_text_that_is_too_long_is_refused():
    with pytest.raises(NotFound, match=r"6,001 words is too long to be explained; 6,000 are not"):
        why("word " * 6_001, reader("sentiment"))


def test_the_probability_is_that_of_the_reading():
    text = "The parcel never came."
    likely = shipped().read([text]).probabilities
    assert why(text, reader("sentiment"), "neutral").probability == pytest.approx(float(likely["sentiment"][0, 1]))
    assert why(text, reader("spam"), "yes").probability == pytest.approx(float(likely["spam"][0, 1]))
    assert why(text, reader("sentiment")) == why(text, reader("sentiment"))


def test_words_that_say_the_same_all_count():
    text = "The staff are awful, the food is awful, the rooms are awful"
    found = why(text, reader("sentiment"), "negative")
    said = [part for part in found.parts if text[part.start : part.end].startswith("awful")]
    assert all(part.effect > 0 for part in said)
    assert all(abs(part.without - found.probability) < 0.5 for part in said)


def test_it_says_how_often_such_readings_are_right():
    found = why("This is the worst service ever, I am furious.", reader("sentiment"))
    assert found.label == "negative"
    assert found.such is not None
    assert 0.6 <= found.such.right / found.such.rows <= 1


def test_what_cannot_be_explained_is_named():
    with pytest.raises(NotFound, match="no reading 'mood' of texts in 'en'; in English there are: sentiment"):
        reader("mood")
    with pytest.raises(NotFound, match="no reading 'irony' of texts in 'de'"):
        reader("irony", "de")
    with pytest.raises(NotFound, match="sentiment has no label 'sad'; it has: negative, neutral, positive"):
        why("text", reader("sentiment"), "sad")


def test_a_text_without_words_has_nothing_to_point_at():
    assert why("   ", reader("sentiment")).parts == ()


# Readings that the encoder does not make in English


def test_german_is_explained_too():
    text = "Der Fahrer war am Montag da und der Service ist schrecklich"
    found = why(text, reader("sentiment", "de"))
    assert found.label == "negative"
    assert words(text, found)[0] == "schrecklich"
    counts = confusion("sentiment", language="de").counts
    assert (found.such.right, found.such.rows) == (counts[0][0], sum(row[0] for row in counts))


def test_a_taught_category_is_explained_with_the_score_that_it_has(tmp_path):
    said = {"bags": ["my bag is lost", "where is the suitcase", "luggage never came", "they lost our bags"]}
    said |= {"refund": ["refund me", "i want my money back", "when is it refunded", "pay the money back"]}
    taught, _ = teach([(text, label) for label, texts in said.items() for text in texts], "topic")
    taught.save(tmp_path / "topic", {})
    read = reader("categories topic", "en", [OwnModel("categories", tmp_path / "topic", ("*",))])
    text = "hello on tuesday my luggage was gone"
    found = why(text, read)
    assert found.label == "bags"
    assert found.probability == pytest.approx(taught.read([text]).column("topic_score")[0].as_py())
    assert words(text, found)[0] == "luggage"
    assert found.model == "topic"


def test_a_model_of_ones_own_is_asked_where_it_reads(tmp_path):
    write_model(tmp_path / "m", ("negative", "positive"), {"train": [3, 0], "bon": [0, 3]})
    own = [OwnModel("sentiment", tmp_path / "m", ("fr",))]
    found = why("le train", reader("sentiment", "fr", own))
    assert (found.label, found.model) == ("negative", "m")
    assert words("le train", found)[0] == "train"
    assert reader("sentiment", "en", own).model == "encoder"
    write_model(tmp_path / "s", ("no", "spam"), {"gratis": [0, 3]})
    found = why("gratis", reader("spam", "fr", [OwnModel("spam", tmp_path / "s", ("*",))]), "yes")
    assert found.probability > 0.9
