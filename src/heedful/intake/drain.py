"""The one worker behind the door: journal -> seal -> facts, in order, each record once.

The facts keep the journal position in the transaction that stores the rows, so a crash anywhere between
leaves either the batch in the journal or its rows in the facts; what is in both is skipped by position.
"""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

import pyarrow as pa

from heedful.errors import Bug, HeedfulError
from heedful.intake.shapes import decode_many, to_arrow
from heedful.privacy.pseudonym import Keys, person_number
from heedful.privacy.seal import keys_of, seal
from heedful.privacy.sealed import Sealed
from heedful.records import INCOMING
from heedful.store.facts import Arrival, Store, Tally
from heedful.store.identities import Identities
from heedful.store.journal import GONE, Bad, Batch, Journal
from heedful.store.withdraw import Withdrawal

RECORDS = 50_000
SIZE = 32_000_000
CANNOT = (pa.ArrowException, ValueError, TypeError, OverflowError, HeedfulError)
"""What a record that cannot be sealed raises."""


@dataclass(frozen=True)
class Drain:
    """What draining needs: where records wait, where they go, and the keys and brands to seal them with."""

    journal: Journal
    store: Store
    identities: Identities
    keys: Keys
    brands: frozenset[str]
    records: int = RECORDS

    def step(self) -> list[Tally]:
        """Store one stretch of the journal; an empty list when nothing waits."""
        position = self.store.position()
        batches = _until_gone(list(self.journal.pending(position, records=self.records, size=SIZE)))
        if not batches:
            return []
        gone = [self._gone(batch) for batch in batches if batch.encoding == GONE]
        said = [batch for batch in batches if batch.encoding != GONE]
        arrivals: list[Arrival] = []
        bad: Counter[tuple[str, str, str]] = Counter()
        for group in _alike(said):
            sealed, lost = self._sealed([batch for batch in group if batch.records])
            arrivals += sealed
            first = group[0]
            bad[first.import_id, first.source, first.table] += lost + sum(batch.bad for batch in group)
        self.identities.keep([one for arrival in arrivals for one in arrival.sealed.identities])
        tallies = [Tally(*which, quarantined=count) for which, count in bad.items() if count]
        tallies += [Tally("", one.source, "message") for one in gone]
        last = batches[-1].seq
        done = self.store.append(arrivals, position=last, bad=tallies, now=datetime.now(UTC), gone=gone)
        self.journal.remove(last)
        return done

    def all(self, told: Callable[[list[Tally]], None] = lambda _: None) -> None:
        """Store everything that waits."""
        while tallies := self.step():
            told(tallies)

    def through(self, last: int) -> None:
        """Store everything up to a number of the journal."""
        while self.store.position() < last and self.step():
            pass

    def waiting_of(self, people: frozenset[int]) -> int:
        """How many records of people wait in the journal; nothing is stored."""
        waiting, after = 0, self.store.position()
        while batches := list(self.journal.pending(after, records=self.records, size=SIZE)):
            after = batches[-1].seq
            for batch in batches:
                waiting += self._records_of(batch, people) if batch.records and batch.encoding != GONE else 0
        return waiting

    def _gone(self, batch: Batch) -> Withdrawal:
        """What a batch says is gone at its origin, by the keys that the records have here."""
        ids: list[str] = json.loads(batch.body)
        return Withdrawal(batch.source, keys_of(batch.source, ids, self.keys.row))

    def _records_of(self, batch: Batch, people: frozenset[int]) -> int:
        """How many records of a batch that are not bad are of these people."""
        rows = _incoming(batch)
        if "person" not in rows.schema.names:
            return 0
        named = (person_number(raw, self.keys.person) for raw in rows["person"].to_pylist() if raw and raw.strip())
        return sum(person in people for person in named)

    def _sealed(self, group: Sequence[Batch]) -> tuple[list[Arrival], int]:
        """Batches of one table, source and import, sealed together, and how many bad records were set aside alone."""
        if not group:
            return [], 0
        first = group[0]
        try:
            whole = pa.Table.from_batches([_incoming(batch) for batch in group]).combine_chunks()
            batches = whole.to_batches()
            return [self._arrival(first, self._seal(first, batch)) for batch in batches], 0
        except CANNOT as error:
            if isinstance(error, Bug):
                raise
        parts = [self._in_halves(batch) for batch in group]
        arrivals = [self._arrival(first, sealed) for several, _ in parts for sealed in several]
        return arrivals, sum(count for _, count in parts)

    def _in_halves(self, batch: Batch) -> tuple[list[Sealed], int]:
        """Seal what can be sealed: halves of halves until the bad records stand alone."""
        rows = _incoming(batch)
        sealed: list[Sealed] = []
        bad: list[Bad] = []
        left = [range(rows.num_rows)]
        while left:
            some = left.pop()
            try:
                sealed.append(self._seal(batch, rows.take(list(some))))
            except CANNOT as error:
                if isinstance(error, Bug):
                    raise
                if len(some) > 1:
                    middle = some.start + len(some) // 2
                    left += [range(middle, some.stop), range(some.start, middle)]
                    continue
                raw = str(rows.take([some.start]).to_pylist()[0]).encode("utf-8", "replace")
                bad.append(Bad(f"batch {batch.seq} record {some.start}", f"{type(error).__name__}: {error}", raw))
        self.journal.quarantine(batch, bad)
        return sealed, len(bad)

    def _seal(self, batch: Batch, rows: pa.RecordBatch) -> Sealed:
        at = rows.schema.get_field_index("source")
        if at >= 0 and rows.column(at).null_count:
            source = rows.column(at).fill_null(batch.source)
            rows = rows.set_column(at, rows.schema.field(at), source)
        now = datetime.fromtimestamp(batch.at, UTC)
        return seal(batch.table, rows, keys=self.keys, brands=self.brands, now=now)

    def _arrival(self, batch: Batch, sealed: Sealed) -> Arrival:
        return Arrival(sealed, batch.import_id, batch.source)


def _until_gone(batches: list[Batch]) -> list[Batch]:
    """Batches until some say what is gone, and those: what comes back after it is stored in the next step."""
    ends = (i for i, (one, after) in enumerate(pairwise(batches), 1) if one.encoding == GONE != after.encoding)
    return batches[: next(ends, len(batches))]


def _alike(batches: Sequence[Batch]) -> list[list[Batch]]:
    """Neighbouring batches of one table, source, import and encoding, together; the order stays."""
    groups: list[list[Batch]] = []
    for batch in batches:
        last = groups[-1][-1] if groups else None
        if last and _kind(last) == _kind(batch):
            groups[-1].append(batch)
        else:
            groups.append([batch])
    return groups


def _kind(batch: Batch) -> tuple[str, str, str, str]:
    return batch.table, batch.source, batch.import_id, batch.encoding


def _incoming(batch: Batch) -> pa.RecordBatch:
    """A journaled batch in the incoming shape."""
    if batch.encoding == "json":
        return to_arrow(batch.table, decode_many(batch.table, batch.body))
    if batch.encoding != "arrow":
        raise Bug(f"journal batch {batch.seq} has the unknown encoding {batch.encoding!r}")
    table = pa.ipc.open_stream(batch.body).read_all().cast(INCOMING[batch.table]).combine_chunks()
    found = table.to_batches()
    return found[0] if found else pa.RecordBatch.from_pylist([], INCOMING[batch.table])
