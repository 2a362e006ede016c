"""What the models learn from: only what may ship, nothing they are measured on, each sentence as it is meant."""

import gzip
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

from heedful.language.encoder import shipped
from heedful.language.normalise import normalise

TRAINING = Path(__file__).parents[2] / "training"
SHIPS = ("yes", "with a note")


@pytest.fixture
def tasks(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module of `training/`, which is no part of the package."""
    monkeypatch.syspath_prepend(str(TRAINING))
    before = set(sys.modules)
    import tasks

    yield tasks
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(TRAINING)):
            del sys.modules[name]


def test_the_encoder_sees_no_text_that_spam_is_measured_on(tasks, shared_data):
    found = tasks.spam_texts(shared_data, shipped().known)
    messages = [left for left, video in zip(found.left, found.videos, strict=True) if not video]
    assert 0.15 < sum(messages) / len(messages) < 0.25
    assert {video for video, left in zip(found.videos, found.left, strict=True) if left} - {""} == tasks.SPAM_VIDEOS
    assert {int(label) for label, left in zip(found.true, found.left, strict=True) if left} == {0, 1}
    import promotions

    learnt = tasks.training(shared_data, shipped().known, seed=1, further=True)
    (spam,) = [task for task in learnt if task.name == "spam"]
    own = {normalise(text, shipped().known) for text, _ in promotions.sentences(1)}
    theirs = {tasks.letters(text) for text in spam.texts if text not in own}
    left = [text for text, may in zip(found.texts, found.left, strict=True) if may]
    measured = {tasks.letters(normalise(text, shipped().known)) for text in left}
    assert len(measured) > 1000
    assert not measured & theirs


def test_no_validation_text_of_tweets_is_learnt(tasks, shared_data):
    known = shipped().known
    held = {task.name: set(task.texts) for task in tasks.validation(shared_data, known)}
    for task in tasks.training(shared_data, known, seed=1, further=True):
        both = held.get(task.name, set()) & set(task.texts)
        assert len(both) <= 0.01 * max(1, len(held.get(task.name, ()))), (task.name, sorted(both)[:3])


def test_only_sets_that_may_ship_are_learnt_from(shared_data):
    rows = [line.split("|") for line in (shared_data / "README.md").read_text(encoding="utf-8").splitlines()]
    may = {row[1].strip(): row[5].strip() for row in rows if len(row) == 7}
    source = "".join(path.read_text(encoding="utf-8") for path in (TRAINING / "tasks.py", TRAINING / "plain.py"))
    used = {name for name in may if f"{name}/" in source or f'"{name}"' in source}
    assert {"tweeteval", "goemotions", "spam_text"} <= used
    assert {name: may[name] for name in used if may[name] not in SHIPS} == {}
    assert not used & {"banking77", "clinc150", "airline_tweets"}


def test_mockery_and_what_is_meant_stand_beside_each_other(tasks):
    import plain

    rows = plain.mockery(1)
    mocking = [text for text, meant in rows if meant]
    assert len(rows) == 3 * len(mocking)
    assert len({text for text, _ in rows}) == len(rows)
    assert "Thanks for nothing" in "".join(mocking)


def test_a_sentence_whose_aspects_disagree_is_not_learnt(tasks, shared_data):
    learnt = dict(tasks._reviews(shared_data))
    said: dict[str, set[str]] = {}
    with gzip.open(shared_data / "absa_semeval2014/restaurant/train.jsonl.gz", "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            said[row["text"]] = {part["polarity"] for part in [*row["aspect_terms"], *row["aspect_categories"]]}
    mixed = [text for text, found in said.items() if len(found) > 1]
    assert len(mixed) > 100
    assert not learnt.keys() & set(mixed)
    clear = {text: next(iter(found)) for text, found in said.items() if len(found) == 1}
    assert {text: learnt[text] for text in clear if text in learnt}.items() <= clear.items()
