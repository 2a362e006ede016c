"""Cases of what a reader of messages must be able to do: they are well made, and the encoder meets most of them."""

import re
from importlib.util import module_from_spec, spec_from_file_location
from itertools import chain
from pathlib import Path

import pytest

FLOORS = {"is": 0.87, "not": 0.83, "same": 0.96, "more": 0.95}
"""Shares that must hold, by kind: a model that calls everything the same would hold all of `same`."""
SEEDS = (1, 20261120)
YES_NO = ("irony", "offensive", "hateful", "spam")
HEAD = "# a comment\n\n## praise: praise is positive\n"
GOOD = "is | sentiment=positive | So nice"


def module(path: Path):
    spec = spec_from_file_location(path.stem, path)
    found = module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


HERE = Path(__file__).parent
TRAINING = HERE.parents[1] / "training"
abilities = module(TRAINING / "abilities.py")
plain = module(TRAINING / "plain.py")
CASES = abilities.load(HERE / "abilities.txt")


def bare(text: str) -> str:
    return text.lower().strip(" .!?")


def written(folder: Path, text: str) -> Path:
    path = folder / "some.txt"
    path.write_text(text, encoding="utf-8")
    return path


def test_there_are_enough_of_them():
    assert len(CASES) >= 300
    counts = [of for _, of in abilities.by_ability(CASES, [True] * len(CASES)).values()]
    assert len(counts) >= 25
    assert min(counts) >= 10


def test_every_reading_and_every_label_but_rare_emotions_is_tested():
    tested = {(case.reading, case.label) for case in CASES if case.label}
    for reading, labels in abilities.LABELS.items():
        if reading != "emotions":
            assert {(reading, label) for label in labels} <= tested
    assert len({label for reading, label in tested if reading == "emotions"}) >= 12


def test_no_case_is_there_twice():
    seen = [(case.kind, case.reading, case.label, *sorted((case.text, case.other or ""))) for case in CASES]
    assert not [case for case in seen if seen.count(case) > 1]


def test_no_text_is_called_two_things():
    said: dict[tuple[str, str], set[str]] = {}
    for case in CASES:
        if case.kind == "is" and case.reading != "emotions":
            said.setdefault((case.reading, case.text), set()).add(case.label)
    assert not [text for text, labels in said.items() if len(labels) > 1]


@pytest.mark.parametrize("seed", SEEDS)
def test_none_of_them_is_trained_on(seed):
    trained = {bare(text) for text, _ in plain.sentences(seed)}
    assert not trained & {bare(text) for text in abilities.texts(CASES)}


def test_no_pattern_of_the_training_sentences_makes_one_with_any_seed():
    slots = {name: "(?:" + "|".join(map(re.escape, fills)) + ")" for name, fills in plain.SLOTS.items()}
    patterns = [
        "".join(slots[part] if at % 2 else re.escape(part) for at, part in enumerate(re.split(r"\{(\w+)\}", pattern)))
        for pattern in (
            bare(pattern)
            for pattern in chain(
                *(plain.NEGATIVE, plain.NEUTRAL, plain.POSITIVE, plain.MOCKERY, plain.TURNED_BAD, plain.TURNED_GOOD)
            )
        )
    ]
    made = re.compile("|".join(patterns), re.IGNORECASE)
    assert made.fullmatch("the parcel is late again")
    assert not [text for text in abilities.texts(CASES) if made.fullmatch(bare(text))]


def test_none_of_them_is_a_sentence_of_the_other_tests():
    sentences = module(HERE / "sentences.py")
    others = {bare(text) for text in sentences.NEUTRAL + sentences.NEGATIVE + sentences.POSITIVE}
    assert not others & {bare(text) for text in abilities.texts(CASES)}


def test_a_file_is_read_line_by_line(tmp_path):
    lines = (
        "is   | emotions=joy     | Hurray",
        "not | spam=yes | Hello, see <long>",
        "",
        "  # another comment",
        "## names: names change nothing",
        "same | sentiment | Ann came | Tom came",
        "more | irony=yes | Oh great | Great",
    )
    cases = abilities.load(written(tmp_path, HEAD + "\n".join(lines)))
    assert cases == [
        abilities.Case("praise", "is", "emotions", "joy", "Hurray", None),
        abilities.Case("praise", "not", "spam", "yes", f"Hello, see {abilities.LONG}", None),
        abilities.Case("names", "same", "sentiment", None, "Ann came", "Tom came"),
        abilities.Case("names", "more", "irony", "yes", "Oh great", "Great"),
    ]
    assert 130 <= len(abilities.LONG.split()) <= 170


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("was | sentiment=positive | So nice", "'was' is no kind of case; there are is, not, same, more"),
        ("is | sentiment=positive", "'is' has 3 fields, here are 2"),
        ("is | sentiment=positive | So nice | and so on", "'is' has 3 fields, here are 4"),
        ("same | sentiment | So nice", "'same' has 4 fields, here are 3"),
        ("is | mood=positive | So nice", "'mood' is no reading"),
        ("is | sentiment=good | So nice", "'good' is no label of sentiment; there are negative, neutral, positive"),
        ("is | sentiment | So nice", "'' is no label of sentiment"),
        ("is | spam=positive | So nice", "'positive' is no label of spam; there are no, yes"),
        ("same | sentiment=positive | So nice | So good", "'same' takes a reading without a label"),
        ("is | sentiment=positive | ", "a text is empty"),
        ("more | sentiment=positive | So nice | ", "a text is empty"),
        ("same | sentiment | So nice | So nice", "both texts are the same"),
        (f"{GOOD}\n{GOOD}", "the same as in line 4"),
        (f"{GOOD}\n## again: in another ability\n{GOOD}", "the same as in line 4"),
        ("## praise: once more", "the same as in line 3"),
        ("## praise", "an ability is '## name: what is expected'"),
        ("##names: names change nothing", "an ability is '## name: what is expected'"),
        ("## praise: ", "an ability is '## name: what is expected'"),
    ],
)
def test_a_bad_line_is_named(tmp_path, line, says):
    number = 4 + line.count("\n")
    with pytest.raises(ValueError, match=f"^some.txt, line {number}: {re.escape(says)}"):
        abilities.load(written(tmp_path, f"{HEAD}{line}\n"))


def test_a_case_needs_an_ability(tmp_path):
    with pytest.raises(ValueError, match="line 1: a case before the first '## ' ability"):
        abilities.load(written(tmp_path, GOOD))


FINE = {
    "sentiment": "positive",
    "emotion": "joy",
    "emotions": frozenset({"joy", "love"}),
    "spam": "no",
    "probabilities": {"sentiment": {"positive": 0.8}, "emotions": {"joy": 0.7}, "spam": {"yes": 0.1}},
}
BAIT = {
    "sentiment": "positive",
    "emotion": "optimism",
    "emotions": frozenset({"joy"}),
    "spam": "yes",
    "probabilities": {"sentiment": {"positive": 0.8}, "emotions": {"joy": 0.9}, "spam": {"yes": 0.6}},
}


@pytest.mark.parametrize(
    ("line", "holds"),
    [
        ("is | sentiment=positive | fine", True),
        ("is | sentiment=negative | fine", False),
        ("not | sentiment=negative | fine", True),
        ("not | sentiment=positive | fine", False),
        ("is | emotion=joy | fine", True),
        ("is | emotion=joy | bait", False),
        ("is | emotions=love | fine", True),
        ("is | emotions=love | bait", False),
        ("not | emotions=love | bait", True),
        ("is | spam=no | fine", True),
        ("not | spam=yes | bait", False),
        ("same | sentiment | fine | bait", True),
        ("same | emotions | fine | bait", False),
        ("same | spam | fine | bait", False),
        ("more | spam=yes | bait | fine", True),
        ("more | spam=yes | fine | bait", False),
        ("more | spam=no | fine | bait", True),
        ("more | emotions=joy | bait | fine", True),
        ("more | sentiment=positive | bait | fine", False),
    ],
)
def test_what_a_case_asks(tmp_path, line, holds):
    cases = abilities.load(written(tmp_path, HEAD + line))
    assert abilities.check(cases, {"fine": FINE, "bait": BAIT}) == [holds]


def test_the_results_are_counted_by_ability(tmp_path):
    lines = "is | spam=no | a\nis | spam=no | b\n## second: of one case\nsame | spam | a | c\n"
    cases = abilities.load(written(tmp_path, HEAD + lines))
    assert abilities.texts(cases) == ["a", "b", "c"]
    assert abilities.by_ability(cases, [True, False, True]) == {"praise": (1, 2), "second": (1, 1)}
    with pytest.raises(ValueError, match="3 cases, but 1 results"):
        abilities.by_ability(cases, [True])


@pytest.fixture(scope="module")
def passed() -> list[bool]:
    return abilities.check(CASES, abilities.called(abilities.texts(CASES)))


@pytest.mark.parametrize("kind", FLOORS)
def test_the_encoder_meets_most_of_them(passed, kind):
    held = [(case, right) for case, right in zip(CASES, passed, strict=True) if case.kind == kind]
    failed = [case for case, right in held if not right]
    assert sum(right for _, right in held) >= FLOORS[kind] * len(held), failed
