"""Take a record out of quarantine and through the door again."""

from heedful.errors import BadRecord
from heedful.intake.door import look
from heedful.store.journal import Journal


def again(journal: Journal, id: int, fixed: bytes | None = None) -> None:
    """Move one record from quarantine to the journal, corrected where `fixed` is given; BadRecord leaves it there."""
    kept = journal.quarantined(id=id)[0]
    raw = fixed if fixed is not None else kept.raw
    looked = look(kept.table, raw, source=kept.source, most=1, import_id=kept.import_id)
    if reason := next((reason for reason in looked.reasons if reason), None):
        raise BadRecord(reason)
    if not looked.reasons:
        raise BadRecord("there is no record in it")
    journal.replay(id, looked.entry)
