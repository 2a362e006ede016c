"""Whose errors are known."""

from pathlib import Path

import pytest

import heedful
from heedful.insight import accuracy
from heedful.insight.accuracy import measured_beside
from heedful.insight.ask import Question
from heedful.language.cards import Confusion
from heedful.settings import OwnModel
from heedful.store.place import Place

KNOWN = Confusion(("negative", "neutral", "positive"), ((8, 1, 1), (1, 8, 1), (1, 1, 8)))


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accuracy, "confusion", lambda _reading, language: KNOWN if language == "en" else None)


def test_our_errors_do_not_correct_what_a_model_of_the_users_reads() -> None:
    spam = OwnModel("spam", Path("spam"), ("fr",))
    assert measured_beside([])("sentiment", "en") == KNOWN
    assert measured_beside([])("sentiment", "nl") is None
    assert measured_beside([spam])("sentiment", "en") == KNOWN
    assert measured_beside([spam, OwnModel("sentiment", Path("french"), ("fr",))])("sentiment", "en") is None


def test_a_figure_says_that_nobody_checked_it(place: Place) -> None:
    assert heedful.open(place.folder).ask(Question("net_sentiment"))["checked"] == "measured"
    dutch = Question("net_sentiment", where=(("language", "nl"),))
    assert heedful.open(place.folder).ask(dutch)["checked"] == "not checked"
    (place.folder / "french").mkdir()
    toml = place.folder / "heedful.toml"
    model = '[[models]]\nreading = "sentiment"\nfolder = "french"\nlanguages = ["fr"]\n'
    toml.write_text(f"{toml.read_text()}\n{model}")
    assert heedful.open(place.folder).ask(Question("net_sentiment"))["checked"] == "not checked"
