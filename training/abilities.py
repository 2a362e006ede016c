"""Test cases of what a reader of messages must be able to do, in the manner of CheckList (Ribeiro et al. 2020).

The cases stand in a text file, `tests/language/abilities.txt`, whose head tells its form. No case is trained on. But
sentences of some kinds are (`TRAINED`), written after an earlier model had failed on cases like these: there the cases
show that it learnt the kind, and not how it would do on kinds that nobody thought of.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from heedful.language import annotate
from heedful.records import EMOTIONS, GOEMOTIONS, SENTIMENTS

TRAINED = frozenset(
    ["sarcastic praise", "irony", "slang", "then and now", "no complaints", "emoji alone", "spam", "not spam"]
)
"""Abilities for which training/plain.py and training/promotions.py have sentences of the same kind."""
YES_NO = ("irony", "offensive", "hateful", "spam")
LABELS: dict[str, tuple[str, ...]] = {
    "sentiment": tuple(SENTIMENTS),
    "emotion": tuple(EMOTIONS),
    "emotions": tuple(GOEMOTIONS),
    **dict.fromkeys(YES_NO, ("no", "yes")),
}
"""The readings and what each can call a text."""

FIELDS = {"is": 3, "not": 3, "same": 4, "more": 4}
"""The kinds of case and how many fields a line of each has."""

LONG = (
    "I am writing about the order that was placed on the second of May under the number 40718. It contains a table, "
    "four chairs and a bench. The table is for the dining room and the bench is for the hall. The delivery is planned "
    "for the week after next, between eight and twelve. Our flat is on the third floor, and the entrance is in the "
    "yard behind the gate. The code for the gate is on the note that was sent with the order. There is a lift that "
    "holds six people. The bill goes to the office in Station Street, the goods go to the flat. The person who will "
    "be at home on that day has a copy of the papers. The old furniture stays where it is and does not have to be "
    "collected. The measures of the door are ninety by two hundred centimetres. The phone number is the same as before."
)
"""What `<long>` stands for: about 150 words that praise nothing and complain of nothing."""


FILE = Path(__file__).parents[1] / "tests" / "language" / "abilities.txt"


@dataclass(frozen=True)
class Case:
    """One expectation: `is`, `not`, `same` or `more`; `other` is the second text of `same` and `more`."""

    ability: str
    kind: str
    reading: str
    label: str | None
    text: str
    other: str | None


def load(path: Path) -> list[Case]:
    """The cases of a file in its order; ValueError names the line that is wrong, and why."""
    found: list[Case] = []
    seen: dict[object, int] = {}
    ability = ""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        stripped = line.strip()
        try:
            if stripped.startswith("##"):
                ability = _ability(stripped)
                _once(ability, seen, number)
            elif stripped and not stripped.startswith("#"):
                found.append(_case(stripped, ability))
                _once(replace(found[-1], ability=""), seen, number)
        except ValueError as problem:
            raise ValueError(f"{path.name}, line {number}: {problem}") from None
    return found


def texts(cases: Sequence[Case]) -> list[str]:
    """The distinct texts that must be read to check the cases."""
    return list(dict.fromkeys(text for case in cases for text in (case.text, case.other) if text is not None))


def called(texts: Sequence[str]) -> dict[str, dict[str, object]]:
    """What the models that ship call each text."""
    batch = pa.RecordBatch.from_arrays([pa.array(texts, pa.string())], ["text"])
    rows = annotate.read(batch, language="en").to_pylist()
    return {text: _called(row) for text, row in zip(texts, rows, strict=True)}


def _called(row: Mapping[str, Any]) -> dict[str, object]:
    emotion = {name: row[f"emotion_{name}"] for name in EMOTIONS}
    held = frozenset(row["labels"])
    return {
        "sentiment": row["sentiment"],
        "emotion": max(EMOTIONS, key=emotion.__getitem__),
        "emotions": held & frozenset(GOEMOTIONS),
        **{name: "yes" if name in held else "no" for name in YES_NO},
        "probabilities": {
            "sentiment": {name: row[f"sentiment_{name}"] for name in SENTIMENTS},
            "emotion": emotion,
            "emotions": row["emotions"],
            **{name: {"yes": row[name]} for name in YES_NO},
        },
    }


def check(cases: Sequence[Case], called: Mapping[str, Mapping[str, object]]) -> list[bool]:
    """Whether each case holds; `called` has for each text what each reading called it, and `probabilities`.

    What `emotions` called is a set of names. `probabilities` has numbers by reading and label; of a yes/no reading
    "yes" is enough.
    """
    return [_holds(case, called) for case in cases]


def by_ability(cases: Sequence[Case], passed: Sequence[bool]) -> dict[str, tuple[int, int]]:
    """How many cases of each ability hold, and of how many."""
    owner = np.array([case.ability for case in cases])
    held = np.array(passed, np.bool_)
    if held.shape != owner.shape:
        raise ValueError(f"{len(cases)} cases, but {len(passed)} results")
    names = dict.fromkeys(case.ability for case in cases)
    return {name: (int(held[owner == name].sum()), int((owner == name).sum())) for name in names}


def _once(what: object, seen: dict[object, int], number: int) -> None:
    if what in seen:
        raise ValueError(f"the same as in line {seen[what]}")
    seen[what] = number


def _ability(line: str) -> str:
    name, colon, told = (part.strip() for part in line[2:].partition(":"))
    if not (line.startswith("## ") and name and colon and told):
        raise ValueError("an ability is '## name: what is expected'")
    return name


def _case(line: str, ability: str) -> Case:
    if not ability:
        raise ValueError("a case before the first '## ' ability")
    kind, *rest = (field.strip() for field in line.split("|"))
    if kind not in FIELDS:
        raise ValueError(f"{kind!r} is no kind of case; there are {', '.join(FIELDS)}")
    if len(rest) + 1 != FIELDS[kind]:
        raise ValueError(f"{kind!r} has {FIELDS[kind]} fields, here are {len(rest) + 1}")
    reading, label = _what(kind, rest[0])
    first, *others = (field.replace("<long>", LONG) for field in rest[1:])
    if not first or "" in others:
        raise ValueError("a text is empty")
    if first in others:
        raise ValueError("both texts are the same")
    return Case(ability, kind, reading, label, first, others[0] if others else None)


def _what(kind: str, field: str) -> tuple[str, str | None]:
    """The reading and the label that a case is about."""
    reading, equals, label = field.partition("=")
    if reading not in LABELS:
        raise ValueError(f"{reading!r} is no reading; there are {', '.join(LABELS)}")
    if kind == "same":
        if equals:
            raise ValueError("'same' takes a reading without a label")
        return reading, None
    if label not in LABELS[reading]:
        raise ValueError(f"{label!r} is no label of {reading}; there are {', '.join(LABELS[reading])}")
    return reading, label


def _holds(case: Case, called: Mapping[str, Mapping[str, object]]) -> bool:
    first = called[case.text]
    if case.other is None:
        return _is(first[case.reading], case.label) == (case.kind == "is")
    second = called[case.other]
    if case.kind == "same":
        return first[case.reading] == second[case.reading]
    return _likely(first, case) > _likely(second, case)


def _is(found: object, label: str | None) -> bool:
    return label in found if isinstance(found, (set, frozenset)) else found == label


def _likely(told: Mapping[str, object], case: Case) -> float:
    numbers = told["probabilities"][case.reading]
    return 1 - numbers["yes"] if case.label == "no" and "no" not in numbers else numbers[case.label]
