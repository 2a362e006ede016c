"""What a sample of a column looks like: the evidence that guesses are made from."""

from collections.abc import Iterable
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

from heedful.intake.files import ratings, times
from heedful.intake.files.names import plain
from heedful.intake.files.values import as_answer, as_key, as_label, as_number

_SCIENTIFIC = r"^\d(?:\.\d+)?[eE]\+\d+$"
_LINK = r"^(?:https?://|www\.)\S+$"
_CONTACTS = {
    "e-mail addresses": r"^\s*[^@\s,;]+@[^@\s,;]+\.[^@\s.,;]+\s*$",
    "phone numbers": r"^\s*(?:(?:\+|00)[1-9][\d\s()./-]{6,18}|\(?0\d{1,5}\)?[\s/-][\d\s/-]{4,14})$",
    "handles": r"^\s*@\w[\w.-]{0,60}(?:@[\w-]+(?:\.[\w-]+)+)?\s*$",
}
"""What people are reached by, the surest first. Digits alone may be anything."""
CONTACTS = tuple(_CONTACTS)
_MOST = 0.8


class Look:
    """One column's sample, with what is asked of it worked out once."""

    def __init__(self, name: str, column: pa.Array, *, answers: bool = False) -> None:
        """Keep the column; nothing is computed yet. Among `answers`, None can be what somebody chose."""
        self._labelled = as_answer if answers else as_label
        self.name = name
        self.plain = plain(name)
        self.column = column

    @cached_property
    def labels(self) -> pa.Array:
        """The values that are there, as text."""
        return self._labelled(self.column).drop_null()

    @cached_property
    def filled(self) -> int:
        """How many values are there."""
        return len(self.labels)

    @cached_property
    def distinct(self) -> int:
        """How many different values."""
        return int(pc.count_distinct(self.labels).as_py())

    @cached_property
    def numeric(self) -> float:
        """The share of values that are numbers."""
        found = (
            len(as_number(self.column, comma=self.comma).drop_null())
            if not pa.types.is_timestamp(self.column.type)
            else 0
        )
        return found / self.filled if self.filled else 0.0

    @cached_property
    def whole(self) -> bool:
        """Whether its numbers are whole."""
        number = as_number(self.column).drop_null()
        return bool(pc.all(pc.equal(pc.round(number), number)).as_py())

    @cached_property
    def least(self) -> float:
        """The smallest number."""
        return float(pc.min(as_number(self.column)).as_py() or 0.0)

    @cached_property
    def words(self) -> float:
        """Words in a value, on average."""
        return float(pc.mean(pc.count_substring_regex(self.labels, r"\S+")).as_py() or 0.0)

    @cached_property
    def length(self) -> float:
        """Characters in a value, on average."""
        return float(pc.mean(pc.utf8_length(self.labels)).as_py() or 0.0)

    @cached_property
    def linked(self) -> float:
        """The share of values that are web addresses."""
        return self.share(_LINK)

    @cached_property
    def contact(self) -> str | None:
        """What its values are, where most are something that one reaches a person by; None for dates."""
        found = (kind for kind, pattern in _CONTACTS.items() if self.share(pattern) >= _MOST)
        return next(found, None) if self.filled and not self.plain_time else None

    @cached_property
    def mangled(self) -> bool:
        """Whether a spreadsheet turned long numbers into 5.7E+17, so that different ones became equal."""
        fraction = pa.types.is_floating(self.column.type) and (float(pc.max(self.column).as_py() or 0)) > 2.0**53
        return fraction or (self.filled > 0 and self.share(_SCIENTIFIC) > 0.1)

    @cached_property
    def time(self) -> tuple[str, str | None] | None:
        """How its times are written where its name says that it holds times."""
        return times.find(self.column, named=True)

    @cached_property
    def plain_time(self) -> bool:
        """Whether the values look like times whatever the name."""
        return times.find(self.column, named=False) is not None

    @cached_property
    def scale(self) -> str | None:
        """The scale of its ratings, where it can hold some."""
        return ratings.find_scale(self.column, self.name)

    @cached_property
    def comma(self) -> bool:
        """Whether numbers are written 1.234,50."""
        if not pa.types.is_string(self.column.type) or not self.filled:
            return False
        return self.share(r"\d,\d{1,2}(?:\D*)$") > 0.3 and self.share(r"\d\.\d{1,2}(?:\D*)$") < 0.05

    @property
    def is_prose(self) -> bool:
        """Whether people wrote it freely: several words, mostly different."""
        return self.words >= 3 and self.distinct > 0.3 * self.filled and self.numeric < 0.5 and self.linked < 0.5

    def share(self, pattern: str) -> float:
        """The share of values that a pattern is found in."""
        if not self.filled:
            return 0.0
        return float(pc.sum(pc.match_substring_regex(self.labels, pattern)).as_py()) / self.filled

    def share_in(self, words: Iterable[str]) -> float:
        """The share of values that are among some words, in small letters."""
        if not self.filled:
            return 0.0
        known = pa.array(sorted(words), pa.string())
        return float(pc.sum(pc.is_in(pc.utf8_lower(self.labels), known)).as_py()) / self.filled

    def keys(self) -> pa.Array:
        """Every value as an identifier, empty ones null."""
        return as_key(self.column)
