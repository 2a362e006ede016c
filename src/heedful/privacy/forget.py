"""Who is to be forgotten, and the marks by which everything that names them is found and blotted out."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from typing import Any

from heedful.errors import BadSettings
from heedful.privacy.pseudonym import Keys, identify, person_number, row_hash

NOBODY = "0" * 16
"""Stands where others mention an erased pseudonym; as long as that, so that places in texts stay where they are."""
ERASED = "[erased]"
"""Stands in the audit where somebody asked for an erased person."""
SHORTEST = 6
PSEUDONYM = re.compile(r"[pa]_([0-9a-f]{16})")
LONGEST = 320
"""Characters of an address; a longer run of them is none."""
_RUN = re.compile(r"[^\s\"'<>()\[\]{},;]+")
_END = re.compile(r"\W+$")


@dataclass(frozen=True)
class Wanted:
    """People as they were named: their pseudonyms, and the identifiers given."""

    people: tuple[int, ...]
    names: tuple[str, ...]


def wanted(given: Sequence[str], key: bytes) -> Wanted:
    """Understand keys: a pseudonym (p_ and 16 hexadecimal digits), or an identifier as it came in."""
    if not given or not all(one.strip() for one in given):
        raise BadSettings("nobody is named: give an e-mail, handle, phone, customer number or p_... pseudonym")
    found = [(one.strip(), PSEUDONYM.fullmatch(one.strip())) for one in given]
    people = [int(match[1], 16) if match else person_number(one, key) for one, match in found]
    return Wanted(tuple(dict.fromkeys(people)), tuple(dict.fromkeys(one for one, match in found if not match)))


@dataclass(frozen=True)
class Marks:
    """What gives people away: their pseudonyms, and identifiers in the form they were written."""

    people: frozenset[int]
    names: tuple[str, ...]
    keys: Keys = field(repr=False)

    @cached_property
    def digits(self) -> tuple[str, ...]:
        """The 16 hexadecimal digits of pseudonyms (p_, a_) and of the stand-ins of addresses in names (x_)."""
        addresses = [form for name in self.names for form in (name, identify(name)[1]) if "@" in form]
        stand_ins = [row_hash(form, self.keys.row)[:8].hex() for form in addresses]
        return tuple(dict.fromkeys([*(f"{person:016x}" for person in sorted(self.people)), *stand_ins]))

    @cached_property
    def pattern(self) -> str:
        """Finds them in a text (RE2 and Python); group 1 is the sign before the digits."""
        return f"([pax]_)({'|'.join(self.digits)})"

    @cached_property
    def words(self) -> dict[int, str]:
        """Identifiers that can be nothing else, such as bob_42: by length, what finds them whole whatever their case.

        Six characters or more, with a letter and something that is none: handles that are words of a language, and
        plain numbers, stay where others wrote them without an @.
        """
        forms = [form for name in self.names for form in (name.removeprefix("@"), identify(name)[1])]
        told = sorted({form for form in forms if _peculiar(form)}, key=lambda form: (len(form), form))
        return {size: f"(?i)(?:{'|'.join(map(_whole, some))})" for size, some in groupby(told, len)}

    def cleaned(self, text: str) -> str:
        """A text that somebody asked with, without them."""
        if self._is_one(text):
            return ERASED
        text = _RUN.sub(lambda found: self._run(found[0]), text) if "@" in text else text
        for pattern in (f"@?{self.pattern}", *self.words.values()):
            text = re.sub(pattern, ERASED, text)
        return text

    def _run(self, run: str) -> str:
        """A run of characters without a blank: erased where it is an address of theirs, but for signs at its end."""
        if "@" not in run or len(run) > LONGEST:
            return run
        address = _END.sub("", run)
        return f"{ERASED}{run[len(address) :]}" if self._is_one(address) else run

    def cleaned_details(self, details: str) -> str:
        """The details of an audit row without them: JSON, or a plain text."""
        try:
            told = json.loads(details)
        except ValueError:
            return self.cleaned(details)
        clean = self._cleaned_json(told)
        return details if clean == told else json.dumps(clean)

    def _cleaned_json(self, told: Any) -> Any:
        if isinstance(told, str):
            return self.cleaned(told)
        if isinstance(told, list):
            return [self._cleaned_json(one) for one in told]
        if isinstance(told, dict):
            return {key: self._cleaned_json(one) for key, one in told.items()}
        return told

    def in_record(self, raw: bytes) -> bool:
        """Whether a raw record, JSON or anything else, names one of them."""
        text = raw.decode("utf-8", "replace")
        try:
            strings = list(_strings(json.loads(text)))
        except (ValueError, RecursionError):
            strings = re.findall(r"'([^']*)'|\"([^\"]*)\"", text)
            strings = [part for pair in strings for part in pair if part]
        return self.cleaned(text) != text or any(self._is_one(one) or self.cleaned(one) != one for one in strings)

    def _is_one(self, text: str) -> bool:
        return bool(text.strip()) and person_number(text, self.keys.person) in self.people


def person_digest(person: int, keys: Keys) -> bytes:
    """16 bytes by which an erased person is known again in a restored backup, and nowhere else."""
    return row_hash(f"erased\x1f{person:016x}", keys.row)


def _peculiar(name: str) -> bool:
    return len(name) >= SHORTEST and any(c.isalpha() for c in name) and not all(c.isalpha() for c in name)


def _whole(name: str) -> str:
    before, after = (r"\b" if re.match(r"\w", end, re.ASCII) else "" for end in (name[0], name[-1]))
    return f"{before}{re.escape(name)}{after}"


def _strings(told: Any) -> Iterator[str]:
    if isinstance(told, str | int) and not isinstance(told, bool):
        yield str(told)
    elif isinstance(told, list | dict):
        for one in told.values() if isinstance(told, dict) else told:
            yield from _strings(one)
