"""How often the readings that ship err, as figures made from them need to know it."""

from heedful.insight.certainty import Confusion
from heedful.language import cards


def measured(reading: str) -> Confusion | None:
    """The measured errors of a reading; None where nobody has measured them."""
    found = cards.confusion(reading)
    return None if found is None else Confusion(found.labels, found.counts, found.version, found.validated_on)
