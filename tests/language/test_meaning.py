"""Plain sentences are neutral, clear ones are right, and the card tells the truth about the rest."""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from heedful.errors import Bug, NotFound
from heedful.language import cards
from heedful.language.annotators import meaning
from heedful.language.encoder import shipped
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
    return meaning.annotate(pa.RecordBatch.from_arrays(columns, ["text", "language"]))


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
    trained = {text.lower().rstrip(".") for text, _ in plain.sentences(1, each=10)}
    tested = {text.lower().rstrip(".") for text in sentences.NEUTRAL + sentences.NEGATIVE + sentences.POSITIVE}
    assert not trained & tested


def test_a_flight_that_leaves_is_not_bad_news():
    assert read(["The flight leaves at 9 from gate B."]).column("sentiment").to_pylist() == ["neutral"]


def test_probabilities_sum_to_one_and_the_label_is_the_likeliest():
    made = read(sentences.NEUTRAL + sentences.NEGATIVE + sentences.POSITIVE + ["👍", "12345", "?"])
    table = np.column_stack([made.column(f"sentiment_{label}").to_numpy() for label in SENTIMENTS])
    assert np.allclose(table.sum(axis=1), 1, atol=1e-5)
    assert (table > 0).all()
    assert [SENTIMENTS[at] for at in table.argmax(axis=1)] == made.column("sentiment").to_pylist()


@pytest.mark.parametrize(
    ("good", "bad"), [("I am happy with it", "I am not happy with it"), ("it works", "it never works")]
)
def test_a_negation_turns_it_round(good, bad):
    made = read([good, bad]).column("sentiment_negative").to_pylist()
    assert made[1] > 2 * made[0]


def test_a_language_that_is_not_read_is_null_not_a_guess():
    assert read(["全然好きじゃない"], "ja").to_pylist() == [dict.fromkeys(meaning.ADDS.names)]
    assert read(["very good"], "xx").column("sentiment").null_count == 1


def test_every_language_that_is_read_was_measured_good_enough():
    languages = cards.card("encoder")["others"]["languages"]
    assert languages
    for code in languages:
        counts = cards.confusion("sentiment", language=code).counts
        assert np.mean([row[at] / sum(row) for at, row in enumerate(counts)]) >= 0.6


def test_long_texts_in_other_languages_are_read_to_their_end():
    if "de" not in cards.card("encoder")["others"]["languages"]:
        pytest.skip("German is not read")
    plain = "Die Lieferung kam am Montag und lag vor der Tür. " * 30
    mild, angry = (read([plain + end], "de").column("sentiment_negative")[0].as_py() for end in ("", ANGRY * 20))
    assert angry > mild


ANGRY = "So ein schlechter Service, ich bin wütend und enttäuscht, nie wieder! "


@pytest.mark.parametrize(
    ("language", "good", "bad"),
    [
        ("de", "Toller Service, vielen Dank!", "Schlechter Service, nie wieder!"),
        ("fr", "Merci, super service !", "Très déçu, service nul."),
        ("es", "¡Qué buen servicio, muchas gracias!", "Qué servicio tan malo, nunca más."),
        ("it", "Servizio ottimo, grazie mille!", "Servizio pessimo, che vergogna."),
        ("pt", "Ótimo serviço, muito obrigado!", "Péssimo serviço, que vergonha."),
    ],
)
def test_other_languages_that_are_read(language, good, bad):
    if language not in cards.card("encoder")["others"]["languages"]:
        pytest.skip(f"{language} is not read")
    found = read([good, bad], language)
    assert found.column("sentiment_positive")[0].as_py() > found.column("sentiment_positive")[1].as_py()
    assert found.column("sentiment_negative")[0].as_py() < found.column("sentiment_negative")[1].as_py()


def test_the_card_tells_the_errors():
    found = cards.confusion("sentiment")
    assert found.labels == SENTIMENTS
    assert found.version == meaning.VERSION
    assert sum(map(sum, found.counts)) >= 2000
    assert all(row[at] == max(row) for at, row in enumerate(found.counts))
    assert "validation" in found.validated_on
    assert cards.confusion("sentiment", language="de").validated_on == "the validation file of UMSAB"
    assert cards.confusion("sentiment", language="xx") is None
    assert cards.confusion("weather") is None


@pytest.mark.parametrize("model", cards.MODELS)
def test_a_card_holds_what_a_reader_needs(model):
    card = cards.card(model)
    assert {"what", "data", "licence", "limits", "date", "version", "readings"} <= set(card)
    assert all({"name", "licence"} <= set(entry) for entry in card["data"])


def test_every_head_has_its_figures_on_the_card():
    readings = cards.card("encoder")["readings"]
    assert {*readings, "sentiment_other"} == set(shipped().heads)
    for told in readings.values():
        assert told["low"] <= told["value"] <= told["high"]
        assert {"metric", "rows", "calibration_error", "validated_on"} <= set(told)


def test_a_card_that_does_not_fit_its_labels_is_a_bug(tmp_path, monkeypatch):
    held = '{"mood": {"labels": ["a", "b"], "validated_on": "x", "by_language": {"en": {"confusion": [[1]]}}}}'
    (tmp_path / "encoder.json").write_text(f'{{"version": "1", "readings": {held}}}')
    monkeypatch.setattr(cards, "place", lambda file: tmp_path / file)
    cards.card.cache_clear()
    with pytest.raises(Bug, match="2 labels"):
        cards.confusion("mood")
    with pytest.raises(NotFound, match="there are: encoder"):
        cards.card("weather")
    cards.card.cache_clear()


def test_labels_are_the_answers_past_their_thresholds():
    texts = sentences.NEGATIVE[:20] + sentences.POSITIVE[:20]
    heads = shipped().heads
    for row in read(texts).to_pylist():
        said = {name for name in meaning.READS if row[name] >= heads[name].thresholds[-1]}
        least = dict(zip(heads["emotions"].labels, heads["emotions"].thresholds, strict=True))
        said |= {name for name, likely in row["emotions"].items() if likely >= np.float32(least[name])}
        assert set(row["labels"]) == said
        assert abs(sum(row[f"emotion_{name}"] for name in heads["emotion"].labels) - 1) < 1e-5


@pytest.mark.parametrize(
    ("text", "column", "high"),
    [
        ("WINNER!! Claim your free prize now, text WIN to 80086", "spam", True),
        ("check out my channel and subscribe please", "spam", True),
        ("My router stopped working this morning.", "spam", False),
        ("you are a pathetic idiot, shut up", "offensive", True),
        ("Could you send me the invoice, please?", "offensive", False),
        ("I am so happy today, what a wonderful surprise!", "emotion_joy", True),
        ("I miss her so much, I can't stop crying", "emotion_sadness", True),
        ("This makes me furious, I am outraged", "emotion_anger", True),
    ],
)
def test_what_anybody_sees(text, column, high):
    assert (read([text]).column(column)[0].as_py() > 0.5) == high


@pytest.mark.parametrize(
    ("text", "emotion"),
    [
        ("Thank you so much for your help!", "gratitude"),
        ("I love this, it is so beautiful", "love"),
        ("How does that work? I wonder why it blinks.", "curiosity"),
        ("The parcel was sent on Monday.", "neutral"),
    ],
)
def test_emotions_anybody_sees(text, emotion):
    assert emotion in read([text]).column("labels")[0].as_py()


def test_in_another_language_only_sentiment_is_read():
    row = read(["Toller Service, vielen Dank!"], "de").to_pylist()[0]
    assert row["sentiment"] == "positive"
    assert all(row[name] is None for name in ("emotion_joy", "emotions", "irony", "labels"))


def test_rebuilt_weights_are_whole_numbers():
    models = load(cards.place("linear.npz"))
    assert all(model.weights.dtype == np.int16 for model in models.values())
    assert "sklearn" not in sys.modules


@pytest.mark.soak
@pytest.mark.parametrize(("least_recall", "least_accuracy"), [(0.70, 0.68)])
def test_tweets_of_validation(shared_data, least_recall, least_accuracy):
    from pyarrow import parquet

    rows = parquet.read_table(shared_data / "tweeteval/sentiment/validation.parquet").to_pylist()
    found = read([row["text"] for row in rows]).column("sentiment").to_pylist()
    right = {
        label: [f == label for f, r in zip(found, rows, strict=True) if r["label_name"] == label]
        for label in SENTIMENTS
    }
    assert np.mean([np.mean(hits) for hits in right.values()]) >= least_recall
    assert np.mean([hit for hits in right.values() for hit in hits]) >= least_accuracy
