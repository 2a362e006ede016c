"""Models that users bring: what they read, in which languages, and what is wrong with a folder that cannot be used."""

import json
import logging
import math
import pickle
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from heedful.cli.commands import app
from heedful.errors import BadSettings
from heedful.language import annotate, own_models
from heedful.language.own_folders import plans
from heedful.language.own_models import load
from heedful.settings import OwnModel
from heedful.store.place import Place
from tiny_models import write_model

SENTIMENT = {"bon": [-2, 0, 3], "mauvais": [4, 0, -1], "train": [0, 2, 0], "cassé": [math.nan, 0, 0]}
ENTITIES = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC")
PEOPLE = {"Anna": [0, 5, 0, 0, 0], "Maria": [0, 0, 5, 0, 0], "Bern": [0, 0, 0, 5, 0], "lives": [5, 0, 0, 0, 0]}


def texts(*rows: str | None) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([pa.array(rows, pa.string())], ["text"])


def softmax(scores: list[float]) -> list[float]:
    powers = np.exp(np.array(scores, np.float64))
    return (powers / powers.sum()).tolist()


@pytest.fixture
def french(tmp_path: Path) -> OwnModel:
    folder = write_model(tmp_path / "french sentiment", ("NEG", "Neutral", "positive"), SENTIMENT)
    return OwnModel("sentiment", folder, ("fr",))


def only(own: OwnModel, *rows: str | None, language: str | None = "fr") -> list[dict]:
    return annotate.read(texts(*rows), language=language, own=(own,)).to_pylist()


def test_sentiment_is_read_with_the_probability_of_each_label(french):
    good, bad, train, nothing = only(french, "bon", "mauvais mauvais", "bon train", None)
    assert [row["sentiment"] for row in (good, bad, train, nothing)] == ["positive", "negative", "positive", None]
    shares = [
        [row[f"sentiment_{label}"] for label in ("negative", "neutral", "positive")] for row in (good, bad, train)
    ]
    assert shares[0] == pytest.approx(softmax([-2, 0, 3]))
    assert shares[1] == pytest.approx(softmax([4, 0, -1]))
    assert shares[2] == pytest.approx(softmax([-1, 1, 1.5]))
    assert nothing["sentiment_neutral"] is None


def test_it_reads_instead_of_ours_in_its_languages_only(french):
    everywhere = annotate.read(texts("bon", "I love it"), language="en", own=(french,))
    assert everywhere.equals(annotate.read(texts("bon", "I love it"), language="en"))
    english = replace(french, languages=("en",))
    (row,) = only(english, "I love it, mauvais", language="en")
    (ours,) = annotate.read(texts("I love it, mauvais"), language="en").to_pylist()
    assert row["sentiment"] == "negative"
    others = [name for name in row if not name.startswith("sentiment")]
    assert [row[name] for name in others] == [ours[name] for name in others]


def test_one_for_every_language_gives_way_to_one_for_this_language(french, tmp_path):
    folder = write_model(tmp_path / "any", ("negative", "positive"), {"bon": [9, 0]})
    whole = OwnModel("sentiment", folder, ("*",))
    for own in ((french, whole), (whole, french)):
        made = annotate.read(texts("bon"), language="fr", own=own).column("sentiment").to_pylist()
        assert made == ["positive"]
        made = annotate.read(texts("bon", "👍👍"), language="pl", own=own)
        assert made.column("sentiment").to_pylist() == ["negative"] * 2
        assert made.column("sentiment_neutral").to_pylist() == [0, 0]
    assert annotate.read(texts("👍👍"), own=(whole,)).column("sentiment").to_pylist()[0] == "negative"


def test_the_reason_goes_where_the_reading_was_made(french):
    text = "Où est le train pour la ville de Lyon, s'il vous plaît ?"
    before = annotate.read(texts(text), language="is").column("unread").to_pylist()
    assert "is is not read" in before[0]
    icelandic = replace(french, languages=("is",))
    assert annotate.read(texts(text), language="is", own=(icelandic,)).column("unread").to_pylist() == [None]


def test_a_text_that_breaks_a_model_costs_no_other_its_reading(french, caplog):
    good, broken, bad = only(french, "bon", "cassé bon secret", "mauvais")
    assert (good["sentiment"], bad["sentiment"]) == ("positive", "negative")
    assert (good["unread"], bad["unread"]) == (None, None)
    assert broken["sentiment"] is None
    assert broken["sentiment_negative"] is None
    assert "french-sentiment broke (ValueError)" in broken["unread"]
    assert "french-sentiment broke on one message: ValueError" in caplog.text
    assert "secret" not in caplog.text


def test_several_labels_may_mean_the_same_and_one_may_mean_nothing(tmp_path):
    labels = {"1 star": "negative", "2 stars": "negative", "4 stars": "positive", "5 stars": "positive"}
    stars = tuple(f"{n} star{'s' if n > 1 else ''}" for n in range(1, 6))
    folder = write_model(tmp_path / "stars", stars, {"bon": [1, 2, 3, 4, 5]})
    (row,) = only(OwnModel("sentiment", folder, ("fr",), tuple(labels.items())), "bon")
    shares = softmax([1, 2, 3, 4, 5])
    assert row["sentiment"] == "positive"
    assert row["sentiment_negative"] == pytest.approx(shares[0] + shares[1])
    assert row["sentiment_positive"] == pytest.approx(shares[3] + shares[4])
    assert row["sentiment_neutral"] == 0


def test_what_holds_or_not_is_in_labels_from_the_threshold_on(tmp_path):
    folder = write_model(tmp_path / "spam", ("ham", "spam"), {"win": [0, 1], "free": [0, 3], "hello": [3, 0]})
    own = OwnModel("spam", folder, ("en",))
    text = ("win", "free", "hello")
    ours = annotate.read(texts(*text), language="en").column("labels").to_pylist()
    others = [[label for label in row if label != "spam"] for row in ours]
    made = annotate.read(texts(*text), language="en", own=(own,))
    assert made.column("spam").to_pylist() == pytest.approx([softmax([0, n])[1] for n in (1, 3, -3)])
    held = made.column("labels").to_pylist()
    assert ["spam" in row for row in held] == [True, True, False]
    assert [[label for label in row if label != "spam"] for row in held] == others
    strict = annotate.read(texts(*text), language="en", own=(replace(own, threshold=0.9),))
    assert ["spam" in row for row in strict.column("labels").to_pylist()] == [False, True, False]
    polish = annotate.read(texts(*text, None), language="pl", own=(replace(own, languages=("pl",)),))
    assert polish.column("labels").to_pylist() == [["spam"], ["spam"], [], None]


def test_a_reading_that_we_do_not_make_becomes_a_column(tmp_path):
    folder = write_model(tmp_path / "complaints", ("complaint",), {"late": [2]})
    own = OwnModel("complaint", folder, ("en",))
    (row,) = only(own, "late", language="en")
    assert row["complaint"] == pytest.approx(1 / (1 + math.exp(-2)))
    assert "complaint" in row["labels"]
    assert "complaint" not in annotate.added()
    assert "complaint" in annotate.added(own=(own,))


def test_of_many_labels_each_has_a_probability_of_its_own(tmp_path):
    multi = {"problem_type": "multi_label_classification"}
    labels = ("joy", "anger", "glee")
    folder = write_model(tmp_path / "feelings", labels, {"hooray": [2, -1, 3]}, config=multi)
    own = OwnModel("emotions", folder, ("fr",), (("joy", "joy"), ("anger", "anger"), ("glee", "joy")))
    (row,) = only(own, "hooray")
    assert row["emotions"]["joy"] == pytest.approx(1 / (1 + math.exp(-3)))
    assert row["emotions"]["anger"] == pytest.approx(1 / (1 + math.exp(1)))
    assert row["emotions"]["grief"] is None
    assert row["labels"] == ["joy"]
    four = write_model(tmp_path / "four", ("anger", "joy", "optimism", "sadness"), {"hooray": [0, 2, 1, 0]})
    (row,) = only(OwnModel("emotion", four, ("fr",)), "hooray")
    assert [row[f"emotion_{label}"] for label in ("anger", "joy")] == pytest.approx(softmax([0, 2, 1, 0])[:2])


def test_a_long_text_is_read_in_windows_that_count_by_their_tokens(tmp_path):
    folder = write_model(tmp_path / "short", ("negative", "positive"), {"bon": [0, 2], "mauvais": [1, 0]}, truncate=5)
    own = OwnModel("sentiment", folder, ("fr",))
    (row,) = only(own, "bon bon bon mauvais")
    expected = (3 * softmax([0, 2])[1] + softmax([1, 0])[1]) / 4
    assert row["sentiment_positive"] == pytest.approx(expected)
    (long,) = only(own, " ".join(["bon"] * 24 + ["mauvais"] * 500 + ["bon"] * 24))
    assert long["sentiment_positive"] == pytest.approx(softmax([0, 2])[1])


@pytest.mark.parametrize(
    ("config", "truncate", "window"),
    [
        ({}, None, 512),
        ({}, 600, 600),
        ({"max_position_embeddings": 40}, None, 40),
        ({"max_position_embeddings": 40}, 600, 40),
        ({"max_position_embeddings": 8192}, None, 512),
        ({"max_position_embeddings": 42, "model_type": "xlm-roberta"}, None, 40),
        ({"max_position_embeddings": 41, "model_type": "camembert", "pad_token_id": 0}, None, 40),
        ({"max_position_embeddings": -1}, None, 512),
    ],
)
def test_a_window_is_as_long_as_the_model_takes(tmp_path, config, truncate, window):
    folder = write_model(tmp_path / "one", ("negative", "positive"), {"bon": [0, 2]}, config=config, truncate=truncate)
    model = load(plans([OwnModel("sentiment", folder, ("fr",))])[0])
    assert next(len(part.ids) for _, part in model._windows("bon " * 700)) == window


@given(rows=st.lists(st.one_of(st.none(), st.sampled_from(["bon", "mauvais", "bon train"]), st.text(max_size=30))))
def test_a_text_is_read_the_same_whatever_is_read_beside_it(rows, tmp_path_factory):
    folder = tmp_path_factory.getbasetemp() / "beside"
    if not folder.exists():
        write_model(folder, ("negative", "neutral", "positive"), SENTIMENT)
    own = OwnModel("sentiment", folder, ("*",))
    logging.disable()
    whole = only(own, *rows)
    assert whole == [only(own, row)[0] for row in rows]
    assert only(own, *rows[::-1]) == whole[::-1]
    logging.disable(logging.NOTSET)


def test_a_million_signs_are_read_soon(french):
    for text in ("a" * 1_000_000, "bon " * 250_000, "😡" * 1_000_000):
        assert only(french, text)[0]["sentiment"] in ("positive", "neutral", "negative")


# Entities


def spans(folder: Path, text: str, labels: tuple[tuple[str, str], ...] = ()) -> list[tuple[str, str]]:
    (row,) = only(OwnModel("entities", folder, ("en",), labels), text, language="en")
    assert all(0.5 < span["score"] <= 1 for span in row["entities"])
    return [(span["kind"], text[span["start"] : span["end"]]) for span in row["entities"]]


def test_tags_are_joined_to_spans_of_the_text(tmp_path):
    folder = write_model(tmp_path / "names", ENTITIES, PEOPLE, tokens=True)
    assert spans(folder, "👍🏽 Anna Maria lives, Bern Bern lives Maria") == [
        ("per", "Anna Maria"),
        ("loc", "Bern"),
        ("loc", "Bern"),
        ("per", "Maria"),
    ]
    assert spans(folder, "Maria Bern") == [("per", "Maria"), ("loc", "Bern")]
    assert spans(folder, "lives") == []


def test_a_span_goes_on_over_the_end_of_a_window(tmp_path):
    folder = write_model(tmp_path / "names", ENTITIES, PEOPLE, tokens=True, truncate=4)
    assert spans(folder, "lives Anna Maria lives Maria Maria Maria") == [
        ("per", "Anna Maria"),
        ("per", "Maria Maria Maria"),
    ]


def test_places_count_in_the_whole_text_where_its_middle_is_left_out(tmp_path, monkeypatch):
    monkeypatch.setattr(own_models, "LONGEST", 40)
    folder = write_model(tmp_path / "names", ENTITIES, PEOPLE, tokens=True)
    text = f"Anna lives {'lives ' * 20}Maria Maria lives in Bern"
    assert spans(folder, text) == [("per", "Anna"), ("per", "Maria"), ("loc", "Bern")]


def test_kinds_may_bear_other_names(tmp_path):
    folder = write_model(tmp_path / "names", ENTITIES, PEOPLE, tokens=True)
    assert spans(folder, "Anna Maria lives Bern", (("PER", "Person"),)) == [("person", "Anna Maria")]
    plain = write_model(tmp_path / "plain", ("LABEL_0", "LABEL_1"), {"Anna": [0, 5], "lives": [5, 0]}, tokens=True)
    assert spans(plain, "lives Anna Anna", (("LABEL_1", "B-person"),)) == [("person", "Anna"), ("person", "Anna")]


# The version


def test_the_version_names_the_model_and_changes_with_whatever_changes_readings(french):
    def mark(own: OwnModel) -> str:
        version = annotate.version(own=(own,))
        assert version.startswith(annotate.version())
        return version.removeprefix(annotate.version()).strip()

    first = mark(french)
    name, _, digits = first.partition("@")
    assert name == "sentiment[fr]=french-sentiment"
    assert len(digits) == 8
    assert mark(french) == first
    assert mark(replace(french, languages=("it", "fr"))) == f"sentiment[fr,it]=french-sentiment@{digits}"
    others = [mark(replace(french, labels=(("NEG", "positive"),))), mark(replace(french, threshold=0.7))]
    write_model(french.folder, ("NEG", "Neutral", "positive"), {**SENTIMENT, "ainsi": [0, 0, 1]})
    others.append(mark(french))
    (french.folder / "model.onnx_data").write_bytes(b"weights kept apart")
    others.append(mark(french))
    config = json.loads((french.folder / "config.json").read_text())
    (french.folder / "config.json").write_text(json.dumps({**config, "max_position_embeddings": 64}))
    others.append(mark(french))
    assert len({first, *others}) == 6


def test_the_order_in_heedful_toml_does_not_matter_to_the_version(french):
    other = replace(french, languages=("it",))
    assert annotate.version(own=(french, other)) == annotate.version(own=(other, french))


def test_a_changed_file_is_read_with_at_once(french):
    assert only(french, "bon")[0]["sentiment"] == "positive"
    write_model(french.folder, ("NEG", "Neutral", "positive"), {"bon": [9, 0, 0], "train": [0, 0, 0]})
    assert only(french, "bon")[0]["sentiment"] == "negative"


def test_a_model_in_the_settings_can_be_sent_to_another_process(french):
    assert pickle.loads(pickle.dumps(french)) == french


# Folders that cannot be used


def test_a_folder_as_the_hub_has_it(tmp_path, french):
    hub = write_model(tmp_path / "hub", ("negative", "positive"), {"bon": [0, 2]}, file="onnx/model.onnx")
    shutil.copy(hub / "onnx/model.onnx", hub / "onnx/model_quantized.onnx")
    assert only(OwnModel("sentiment", hub, ("fr",)), "bon")[0]["sentiment"] == "positive"
    (french.folder / "model.onnx").rename(french.folder / "better.onnx")
    assert only(french, "bon")[0]["sentiment"] == "positive"
    inputs = ("input_ids", "attention_mask", "token_type_ids")
    typed = write_model(tmp_path / "typed", ("negative", "positive"), {"bon": [0, 2]}, inputs=inputs)
    assert only(OwnModel("sentiment", typed, ("fr",)), "bon")[0]["sentiment"] == "positive"
    (typed / "config.json").write_text("{}")
    named = (("LABEL_0", "negative"), ("LABEL_1", "positive"))
    assert only(OwnModel("sentiment", typed, ("fr",), named), "bon")[0]["sentiment"] == "positive"


def test_every_folder_with_a_mistake_is_told_at_once(tmp_path, french):
    (tmp_path / "empty").mkdir()
    two = write_model(tmp_path / "two", ("negative", "positive"), {}, file="a.onnx")
    shutil.copy(two / "a.onnx", two / "b.onnx")
    untold = write_model(tmp_path / "untold", ("LABEL_0", "LABEL_1"), {})
    damaged = write_model(tmp_path / "damaged", ("negative", "positive"), {})
    (damaged / "config.json").write_text("[")
    number = write_model(tmp_path / "number", ("score",), {}, config={"problem_type": "regression"})
    wordless = write_model(tmp_path / "wordless", ("negative", "positive"), {})
    (wordless / "tokenizer.json").unlink()
    folders = [tmp_path / "empty", two, untold, damaged, number, wordless]
    own = [OwnModel("sentiment", folder, ("fr",)) for folder in folders]
    own.append(replace(french, labels=(("bad", "negative"),)))
    own.append(OwnModel("entities", untold, ("fr",)))
    with pytest.raises(BadSettings) as error:
        annotate.version(own=own)
    said = str(error.value)
    for part in (
        "empty has no model.onnx",
        "several models (a.onnx, b.onnx); call the one to use model.onnx",
        "untold: the model's labels are LABEL_0, LABEL_1, and those of sentiment are negative, neutral, positive; "
        'say in heedful.toml which is which, such as labels = { "LABEL_0" = "negative", "LABEL_1" = "neutral" }',
        "damaged/config.json cannot be understood",
        "regression",
        "wordless has no tokenizer.json",
        "labels in heedful.toml has bad, which the model does not have; it has: NEG, Neutral, positive",
        'labels = { LABEL_1 = "B-person" }',
    ):
        assert part in said


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"reading": "entities", "labels": (("positive", "b"),)}, "needs a token classifier"),
        ({"inputs": ("input_ids", "position_ids")}, "asks for position_ids"),
        ({"config": {"id2label": {"0": "negative", "1": "neutral", "2": "positive"}}}, "with the 3 labels of config"),
        ({"graph": b"no graph"}, "cannot be run"),
        ({"tokens": True}, "needs a sequence classifier"),
    ],
)
def test_a_graph_that_does_not_fit_says_what_would(tmp_path, change, says):
    kept = {name: value for name, value in change.items() if name in ("inputs", "tokens", "config")}
    folder = write_model(tmp_path / "odd", ("negative", "positive"), {"bon": [0, 2]}, **kept)
    if "graph" in change:
        (folder / "model.onnx").write_bytes(change["graph"])
    own = OwnModel(change.get("reading", "sentiment"), folder, ("fr",), change.get("labels", ()))
    with pytest.raises(BadSettings, match=says):
        only(own, "bon")


# The command line


def test_heedful_read_reads_with_the_models_of_the_workspace(place: Place, tmp_path, monkeypatch):
    write_model(place.folder / "models" / "french", ("negative", "positive"), {"train": [3, 0]})
    toml = place.folder / "heedful.toml"
    model = '[[models]]\nreading = "sentiment"\nfolder = "models/french"\nlanguages = ["fr"]\n'
    toml.write_text(f"{toml.read_text()}\n{model}")
    (tmp_path / "in.csv").write_text("text\ntrain\n")
    monkeypatch.chdir(tmp_path)

    def sentiment(*more: str) -> str:
        arguments = ["read", "in.csv", "--out", "out.jsonl", "--language", "fr", *more]
        done = CliRunner().invoke(app, arguments)
        assert done.exit_code == 0, done.output
        return json.loads((tmp_path / "out.jsonl").read_text())["sentiment_negative"]

    wanted = pytest.approx(softmax([3, 0])[0])
    assert sentiment() != wanted
    assert sentiment("--workspace", str(place.folder)) == wanted
    monkeypatch.setenv("HEEDFUL_WORKSPACE", str(place.folder))
    assert sentiment() == wanted
    monkeypatch.delenv("HEEDFUL_WORKSPACE")
    monkeypatch.chdir(place.folder)
    shutil.copy(tmp_path / "in.csv", place.folder)
    done = CliRunner().invoke(app, ["read", "in.csv", "--language", "fr", "--out", str(tmp_path / "out.jsonl")])
    assert done.exit_code == 0, done.output
    assert json.loads((tmp_path / "out.jsonl").read_text())["sentiment_negative"] == wanted
