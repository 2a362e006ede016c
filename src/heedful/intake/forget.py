"""Erase people: first nobody can see anything of them any more, then every file is written anew without it.

Each step may be repeated, and `erasures.db` says how far the erasure is: it goes on after a crash. What arrives until
the first part has ended goes too; what arrives later is a new person's.
"""

import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from heedful.errors import NotAllowed, TryLater
from heedful.intake.drain import Drain
from heedful.privacy.forget import Marks, Wanted, person_digest, wanted
from heedful.privacy.viewer import Viewer
from heedful.store import uploads
from heedful.store.backup.snapshot import PREFIX
from heedful.store.erasures import Erasures, Receipt, Work
from heedful.store.place import Place
from heedful.store.rewrite import size
from heedful.store.search import Search

RESTORED = "restore"
"""Who asks where an erasure is done again in a restored backup."""


@dataclass(frozen=True)
class Forgetting:
    """What erasing needs; but for `preview`, nothing else may store, index or read messages meanwhile."""

    place: Place
    drain: Drain
    search: Search
    erasures: Erasures

    def ready(self) -> None:
        """TryLater while another erasure is under way."""
        if self.erasures.under_way():
            raise TryLater("another erasure is under way: ask again when it is done", after=10)

    def receipts(self, viewer: Viewer) -> list[Receipt]:
        """Every erasure there was, newest first."""
        may_erase(viewer)
        return self.erasures.receipts()

    def preview(self, people: Sequence[str], viewer: Viewer, now: datetime) -> dict[str, int]:
        """How much there is of people, by kind; nothing is changed. NotAllowed without the right `forget`."""
        may_erase(viewer)
        marks = self._marks(wanted(people, self.place.keys.person))
        found = self.drain.store.naming(marks)
        counts = found.counts | self._there(marks, found.gone)
        audit = self.place.audit()
        audit.write(viewer, [("preview erasure", {"people": len(marks.people)})], now)
        audit.close()
        return counts

    def _there(self, marks: Marks, gone: Sequence[int]) -> dict[str, int]:
        """How much there is of people beside the facts."""
        audit, views, searches = self.place.audit(), self.place.views(), self.place.searches()
        counts = {
            "identities": len(self.drain.identities.names(marks.people)),
            "search_entries": self.search.naming(gone),
            "waiting": self.drain.waiting_of(marks.people),
            "quarantined": len(self.drain.journal.naming(marks.in_record, until=time.time())),
            "audit": len(audit.naming(marks.cleaned_details)),
            "views": len(views.naming(marks.cleaned)),
            "searches": len(searches.naming(marks.cleaned)),
            "uploads": len(uploads.contents(self.place.data)),
        }
        for file in (audit, views, searches):
            file.close()
        return counts

    def forget(self, people: Sequence[str], viewer: Viewer, now: datetime) -> Receipt:
        """The first part: when it returns, nobody can see anything of these people; `compact` is the second.

        NotAllowed without the right `forget`; TryLater while another erasure is under way.
        """
        may_erase(viewer)
        self.ready()
        asked = wanted(people, self.place.keys.person)
        self.drain.through(self.drain.journal.last())
        receipt = self._first(self._begin(dict.fromkeys(asked.people), asked.names, viewer.name, now))
        audit = self.place.audit()
        audit.write(viewer, [("forget", {"receipt": receipt.id, "people": receipt.people})], now)
        audit.close()
        return receipt

    def resume(self) -> Receipt | None:
        """End the first part of an erasure that was interrupted in it."""
        work = self.erasures.under_way()
        if work is None or work.phase != "asked":
            return None
        self.search.clear()  # which of the messages whose text changes it has, nobody knows
        self.drain.through(self.drain.journal.last())
        return self._first(work)

    def compact(self) -> None:
        """The second part: write every file anew; the facts' copy is put in place when they are opened next."""
        work = self.erasures.under_way()
        if work is None or work.phase != "erased":
            return
        for left in self.place.data.glob(f"{PREFIX}*"):  # copies for backups that nobody has packed
            shutil.rmtree(left, ignore_errors=True)
        names = ("search.db", "journal.db", "identities.db", "audit.db", "views.db", "searches.db")
        files = [self.place.data / name for name in names]
        before = sum(map(size, files))
        self.search.compact()
        self.drain.journal.compact()
        self.drain.identities.compact()
        for file in (self.place.audit(), self.place.views(), self.place.searches()):
            file.compact()
            file.close()
        old, new = self.drain.store.copy()
        self.erasures.copied(work.id, before + old, sum(map(size, files)) + new)

    def again(self, now: datetime) -> Receipt | None:
        """The first part once more, for everybody who was erased before and is there; None where nobody is.

        What came in after somebody's erasure stays.
        """
        self.drain.through(self.drain.journal.last())
        known = self.erasures.people()
        there = self.drain.store.people() | self.drain.identities.people() if known else set()
        back = {person: at for person in there if (at := known.get(person_digest(person, self.place.keys)))}
        return self._first(self._begin(back, (), RESTORED, now)) if back else None

    def _begin(self, people: Mapping[int, datetime | None], names: tuple[str, ...], by: str, now: datetime) -> Work:
        marks = self._marks(Wanted(tuple(people), names))
        return self.erasures.begin(Work("", "asked", people, marks.names), by, now)

    def _marks(self, asked: Wanted) -> Marks:
        """With every identifier that is known of them."""
        known = self.drain.identities.names(asked.people)
        return Marks(frozenset(asked.people), tuple(dict.fromkeys([*asked.names, *known])), self.place.keys)

    def _first(self, work: Work) -> Receipt:
        marks = Marks(frozenset(work.people), work.names, self.place.keys)
        now = datetime.now(UTC).replace(tzinfo=None)
        times = {person: until or now for person, until in work.people.items()}
        at = max(times.values())
        store, search = self.drain.store, self.search
        with store.erasing(marks, work.people, at=at) as found:
            digests = {person_digest(person, self.place.keys): when for person, when in times.items()}
            self.erasures.remember(digests, found.records, at)
            self.erasures.count(work.id, found.counts | self._there(marks, found.gone) | {"waiting": 0})
            search.remove([*found.gone, *found.changed])
        if found.changed:
            search.add(store.texts_of([n for n in found.changed if n <= search.through()]), through=0)
        self.erasures.count(work.id, self._beside(work, marks, at))
        self.erasures.invisible(work.id, datetime.now(UTC))
        return self.erasures.receipt(work.id)

    def _beside(self, work: Work, marks: Marks, at: datetime) -> dict[str, int]:
        """What is kept beside the facts: identities, quarantine, audit."""
        journal, gone = self.drain.journal, marks.people
        if any(work.people.values()):
            gone = gone - self.drain.store.people()  # who came again since then keeps their identifiers
        journal.drop_fields(marks.cleaned_details)
        audit, views, searches = self.place.audit(), self.place.views(), self.place.searches()
        counts = {
            "identities": self.drain.identities.forget(gone),
            "quarantined": journal.drop(journal.naming(marks.in_record, until=at.replace(tzinfo=UTC).timestamp())),
            "audit": audit.clean(marks.cleaned_details),
            "views": views.drop_naming(marks.cleaned),
            "searches": searches.drop_naming(marks.cleaned),
            "uploads": _drop_uploads(self.place, marks),
        }
        for file in (audit, views, searches):
            file.close()
        return counts


def _drop_uploads(place: Place, marks: Marks) -> int:
    """Remove files that somebody sent and nobody has taken: whom they name is not known, so all of them go.

    What is known of a file goes where its very name tells of somebody.
    """
    found = uploads.contents(place.data)
    for path in found:
        path.unlink(missing_ok=True)
    for record in uploads.records(place.data):
        told = record.read_text(encoding="utf-8")
        if marks.cleaned_details(told) != told:
            shutil.rmtree(record.parent)
    return len(found)


def may_erase(viewer: Viewer) -> None:
    """Refuse who may not, and tell this machine's user what would have to change."""
    if viewer.name.startswith("local:") and not viewer.may("forget"):
        raise NotAllowed(
            f"{viewer.name} may not erase anybody: that takes another role. Write `[local]` and below it "
            '`role = "privacy officer"` in heedful.toml, and start a running server anew'
        )
    viewer.must("forget")


@contextmanager
def opened(place: Place) -> Iterator[Forgetting]:
    """Everything that erasing needs, where no server runs; TryLater where one does."""
    with ExitStack() as closing:
        store = place.store()
        closing.callback(store.close)
        parts = (place.journal(), place.identities(), place.search(), place.erasures())
        for part in parts:
            closing.callback(part.close)
        journal, identities, search, erasures = parts
        yield Forgetting(place, Drain(journal, store, identities, place.keys, place.brands), search, erasures)


def go_on(place: Place) -> None:
    """End an erasure that was interrupted; nothing where there is none."""
    erasures = place.erasures()
    work = erasures.under_way()
    erasures.close()
    if work is None:
        return
    with opened(place) as forgetting:
        forgetting.resume()
        forgetting.compact()
    place.store().close()  # which puts the copy in place


def reapply(place: Place, now: datetime) -> Receipt | None:
    """Erase everybody again who was erased before, from what a restored backup brought back, to the last byte.

    `erasures.db` must be the newest there is (`Erasures.take_over` joins two): what it does not know stays.
    """
    go_on(place)
    with opened(place) as forgetting:
        receipt = forgetting.again(now)
        forgetting.compact()
    place.store().close()
    return receipt
