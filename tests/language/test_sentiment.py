"""Plain sentences are neutral, clear ones are right, and the card tells the truth about the rest."""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from heedful.errors import Bug, NotFound
from heedful.language import cards
from heedful.language.annotators import sentiment
from heedful.language.linear import load
from heedful.records import SENTIMENTS


def module(path: Path):
    spec = spec_from_file_location(path.stem, path)
    found = module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


sentences = module(Path(__file__).parent / "sentences.py")


def read(texts: list[str | None], language: str | None = "en") -> pa.RecordBatch:
    columns = [pa.array(texts, pa.string()), pa.array([language] * len(texts), pa.string())]
    return sentiment.annotate(pa.RecordBatch.from_arrays(columns, ["text", "language"]))


@pytest.mark.parametrize(
    ("texts", "label", "least"),
    [
        (sentences.NEUTRAL, "neutral", 0.9),
        (sentences.NEGATIVE, "negative", 0.88),
        (sentences.POSITIVE, "positive", 0.88),
    ],
    ids=["neutral", "negative", "positive"],
)
def test_sentences_whose_sentiment_anybody_sees(texts, label, least):
    found = read(texts).column("sentiment").to_pylist()
    wrong = [text for text, called in zip(texts, found, strict=True) if called != label]
    assert len(wrong) <= (1 - least) * len(texts), wrong


def test_there_are_enough_of_them():
    assert len(set(sentences.NEUTRAL)) >= 60
    assert len(set(sentences.NEGATIVE)) >= 25
    assert len(set(sentences.POSITIVE)) >= 25


def test_none_of_them_is_trained_on():
    plain = module(Path(__file__).parents[2] / "training" / "plain.py")
    trained = {text.lower().rstrip(".") for text, _ in plain.sentences(cards.card("sentiment")["seed"])}
    tested = {text.lower().rstrip(".") for text in sentences.NEUTRAL + sentences.NEGATIVE + sentences.POSITIVE}
    assert not trained & tested


def test_a_flight_that_leaves_is_not_bad_news():
    assert read(["The flight leaves at 9 from gate B."]).column("sentiment").to_pylist() == ["neutral"]


def test_probabilities_sum_to_one_and_the_label_is_the_likeliest():
    made = read(sentences.NEUTRAL + sentences.NEGATIVE + sentences.POSITIVE + ["👍", "12345", "?"])
    table = np.column_stack([made.column(f"sentiment_{label}").to_numpy() for label in SENTIMENTS])
    assert np.allclose(table.sum(axis=1), 1, atol=1e-6)
    assert (table > 0).all()
    assert [SENTIMENTS[at] for at in table.argmax(axis=1)] == made.column("sentiment").to_pylist()


@pytest.mark.parametrize(
    ("good", "bad"), [("I am happy with it", "I am not happy with it"), ("it works", "it never works")]
)
def test_a_negation_turns_it_round(good, bad):
    made = read([good, bad]).column("sentiment_negative").to_pylist()
    assert made[1] > 2 * made[0]


def test_a_language_that_is_not_read_is_null_not_a_guess():
    assert read(["no me gusta nada"], "es").to_pylist() == [dict.fromkeys(sentiment.ADDS.names)]
    assert read(["very good"], "xx").column("sentiment").null_count == 1


def test_every_language_that_is_read_was_measured_good_enough():
    card = cards.card("sentiment")
    assert set(card["languages"]) == set(card["by_language"])
    assert all(card["cross_validated_macro_recall"][code] >= 0.6 for code in card["languages"] if code != "en")
    assert not set(card["not_read"]) & set(card["languages"])


@pytest.mark.parametrize(
    ("language", "good", "bad"),
    [
        ("de", "Toller Service, vielen Dank!", "Schlechter Service, nie wieder!"),
        ("fr", "Merci, super service !", "Très déçu, service nul."),
    ],
)
def test_other_languages_that_are_read(language, good, bad):
    if language not in cards.card("sentiment")["languages"]:
        pytest.skip(f"{language} is not read")
    found = read([good, bad], language)
    assert found.column("sentiment_positive")[0].as_py() > found.column("sentiment_positive")[1].as_py()
    assert found.column("sentiment_negative")[0].as_py() < found.column("sentiment_negative")[1].as_py()


def test_only_the_start_of_a_very_long_text_counts():
    long = "thank you so much! " * 1000
    assert read([long]).equals(read([long + "terrible " * 50_000]))


def test_the_card_tells_the_errors():
    found = cards.confusion("sentiment")
    assert found.labels == SENTIMENTS
    assert found.version == sentiment.VERSION
    assert sum(map(sum, found.counts)) >= 3000
    assert all(row[at] == max(row) for at, row in enumerate(found.counts))
    assert "held back" in found.validated_on
    assert cards.confusion("sentiment", language="en").counts == found.counts
    assert cards.confusion("sentiment", language="xx") is None
    assert cards.confusion("weather") is None


def test_the_card_holds_what_a_reader_needs():
    card = cards.card("sentiment")
    assert {"data", "licence", "limits", "date", "seed", "figures"} <= set(card)
    assert all({"name", "licence", "used"} == set(entry) for entry in card["data"])


def test_a_card_that_does_not_fit_its_labels_is_a_bug(tmp_path, monkeypatch):
    (tmp_path / "mood.json").write_text(
        '{"labels": ["a", "b"], "confusion": [[1]], "version": "1", "validated_on": "x"}'
    )
    monkeypatch.setattr(cards, "place", lambda file: tmp_path / file)
    cards.card.cache_clear()
    with pytest.raises(Bug, match="2 labels"):
        cards.confusion("mood")
    with pytest.raises(NotFound, match="there are: mood"):
        cards.card("weather")
    cards.card.cache_clear()


def test_the_model_is_small():
    assert cards.place("sentiment.npz").stat().st_size < 4_000_000


def test_rebuilt_weights_are_whole_numbers():
    models = load(cards.place("sentiment.npz"))
    assert all(model.weights.dtype == np.int16 for model in models.values())
    assert "sklearn" not in sys.modules


@pytest.mark.parametrize(("least_recall", "least_accuracy"), [(0.66, 0.64)])
def test_tweets_of_the_second_half_of_validation(shared_data, least_recall, least_accuracy):
    from pyarrow import parquet

    rows = parquet.read_table(shared_data / "tweeteval/sentiment/validation.parquet").to_pylist()
    found = read([row["text"] for row in rows]).column("sentiment").to_pylist()
    right = {
        label: [f == label for f, r in zip(found, rows, strict=True) if r["label_name"] == label]
        for label in SENTIMENTS
    }
    assert np.mean([np.mean(hits) for hits in right.values()]) >= least_recall
    assert np.mean([hit for hits in right.values() for hit in hits]) >= least_accuracy
