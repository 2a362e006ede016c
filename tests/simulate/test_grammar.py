"""Phrase lines are parsed and expanded; every slot of every phrase file can be filled."""

from importlib import resources
from random import Random

import pytest

from heedful.errors import Bug
from heedful.simulate.grammar import Choice, Line, Slot, expand, fillers, parse, stories

IN_SCENE = set(
    "brand place first last name who she her rival rival2 day day2 again risepct risemonth today they their them app "
    "router box item plan fast thing amount account d1 d2".split()
)
ELSEWHERE = {"phone", "mail", "door", "street", "postcode", "card", "iban", "ip", "lastday", "month_es", "month_it"}


def files() -> list[str]:
    folder = resources.files("heedful.simulate") / "phrases"
    return sorted(path.name.removesuffix(".txt") for path in folder.iterdir() if path.name.endswith(".txt"))


def slots(line: Line) -> set[str]:
    found: set[str] = set()
    for part in line:
        if isinstance(part, Slot):
            found.add(part.name)
        elif isinstance(part, Choice):
            found = found.union(*(slots(way) for way in part.ways))
    return found


def test_choice_and_slot():
    line = parse("[my|our] line in {place} is [down|[stone |]dead]")
    said = {expand(line, Random(seed).random, {"place": "Thornby"}) for seed in range(60)}
    assert said == {
        f"{whose} line in Thornby is {how}" for whose in ("my", "our") for how in ("down", "dead", "stone dead")
    }


def test_sticky_slot_says_the_same_thing_twice():
    line = parse("{amount} here and {amount} there")
    first, second = expand(line, Random(3).random, {}).split(" here and ")
    assert second == f"{first} there"


@pytest.mark.parametrize("text", ["[open", "closed]", "{slot", "[a|b"])
def test_broken_phrases_are_refused(text):
    with pytest.raises(Bug):
        parse(text)


def test_unknown_slot_is_named():
    with pytest.raises(Bug, match="nowhere"):
        expand(parse("{nowhere}"), Random(1).random, {})


@pytest.mark.parametrize("file", files())
def test_every_slot_of_a_phrase_file_can_be_filled(file):
    known = IN_SCENE | ELSEWHERE | set(fillers())
    for story in stories(file):
        for name, lines in story.parts.items():
            assert lines, f"{file} {story.name} {name} is empty"
            for line in lines:
                assert slots(line) <= known, f"{file} {story.name} {name}: {slots(line) - known}"


@pytest.mark.parametrize("file", files())
def test_stories_are_complete(file):
    for story in stories(file):
        assert story.sentiment in ("negative", "neutral", "positive", "any", "reply")
        if story.intent == "question":
            assert "ask" in story.parts, f"{file} {story.name}"
        if story.sentiment == "reply":
            assert {"first", "solved", "pending"} <= set(story.parts)
