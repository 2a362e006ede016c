"""Take back a whole import: its rows go, versions that they replaced come back, and its file can be brought in again.

The facts change in one transaction, which also notes what is left to do in other files; that is done right after, and
after a crash at the next start. Every step may be repeated.
"""

from datetime import datetime

from heedful.errors import BadSettings
from heedful.intake.drain import Drain
from heedful.privacy.viewer import Viewer
from heedful.store.facts import Store
from heedful.store.place import Place
from heedful.store.search import Search
from heedful.store.undo import Brought, Past

NEEDS = "operate"
"""The right: who may bring records in may take them back."""
PEOPLE_AT_ONCE = 100_000
INDEX_AT_ONCE = 5_000


def past(store: Store, viewer: Viewer) -> list[Past]:
    """Every import there was, the latest first, with what became of it."""
    viewer.must(NEEDS)
    return store.imports()


def preview(drain: Drain, import_id: str, viewer: Viewer) -> Brought:
    """What would go and what would come back; nothing is changed."""
    viewer.must(NEEDS)
    return drain.store.brought(import_id)


def take_back(place: Place, drain: Drain, import_id: str, viewer: Viewer, now: datetime) -> Brought:
    """Take an import back; when it returns, no figure, page or search shows its rows.

    Nothing else may store records meanwhile. What of it waits in the journal is stored first and goes too.
    """
    viewer.must(NEEDS)
    drain.through(drain.journal.last())
    there = drain.store.brought(import_id)
    if not there.rows and not drain.journal.quarantined_of(import_id):
        raise BadSettings("there is nothing of this import any more")
    audit = place.audit()
    told = {"import": import_id, "rows": sum(there.rows.values()), "returning": there.returning}
    audit.write(viewer, [("take back import", told)], now)
    audit.close()
    found = drain.store.take_back(import_id, by=viewer.name, now=now)
    finish(drain)
    return found


def finish(drain: Drain) -> None:
    """Remove identifiers of people who came with an import that was taken back and are nowhere else, and bad records.

    Nothing else may store records meanwhile.
    """
    for one in drain.store.imports():
        if one.undone_at is not None and not one.taken:
            drain.journal.drop(drain.journal.quarantined_of(one.import_id))
    while people := drain.store.loose("person", PEOPLE_AT_ONCE):
        drain.identities.forget(set(people) - drain.store.people())
        drain.store.tied("person", people)


def mend(store: Store, search: Search) -> bool:
    """Have the search index look again at some of the messages that went or came back; False where none is left."""
    numbers = store.loose("index", INDEX_AT_ONCE)
    if numbers:
        search.remove(numbers)
        through = search.through()
        search.add(store.texts_of([n for n in numbers if n <= through]), through=0)
        store.tied("index", numbers)
    return bool(numbers)
