"""How often the readings that ship err, as figures made from them need to know it."""

from collections.abc import Callable, Sequence

from heedful.language.cards import Confusion, confusion
from heedful.settings import OwnModel


def measured(reading: str, language: str = "en") -> Confusion | None:
    """The measured errors of a reading in a language; None where nobody has measured them."""
    return confusion(reading, language=language)


def measured_beside(own: Sequence[OwnModel]) -> Callable[[str, str], Confusion | None]:
    """The same where users bring models: a reading that one of them makes has errors that nobody has measured."""
    theirs = {model.reading for model in own}
    return lambda reading, language: None if reading in theirs else measured(reading, language)
