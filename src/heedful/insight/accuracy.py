"""How often the readings that ship err, as figures made from them need to know it."""

from heedful.language.cards import Confusion, confusion


def measured(reading: str) -> Confusion | None:
    """The measured errors of a reading; None where nobody has measured them."""
    return confusion(reading)
