"""The facts: one DuckDB file that one process owns; write sealed rows, read as somebody.

The position in the journal is stored in the transaction that stores its rows: both or neither.
"""

import re
import threading
from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import numpy as np
import pyarrow as pa

from heedful.errors import Bug, NotFound, TryLater
from heedful.privacy.forget import Marks
from heedful.privacy.sealed import Sealed
from heedful.privacy.viewer import Viewer
from heedful.privacy.visible import Choices, Frame
from heedful.records import GIVEN, NUMBERED, READ_BESIDE, SORTED_BESIDE, STORED
from heedful.store import append, erase, rewrite, say, undo, withdraw
from heedful.store.arrays import own
from heedful.store.duck import connect
from heedful.store.erased import Erased
from heedful.store.schema import BESIDE, KEPT, prepare
from heedful.store.seen import MOST, Seen
from heedful.store.topics import Shelf
from heedful.store.view import Extent, View

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


_Chosen = frozenset[tuple[str, bool, bool]]
"""Which choices there are: purpose, granted, and whether it has ended."""


@dataclass(frozen=True)
class Arrival:
    """One sealed batch, the import it belongs to, and its source."""

    sealed: Sealed
    import_id: str
    source: str


@dataclass(frozen=True)
class Tally:
    """What became of the records of one import, source and table."""

    import_id: str
    source: str
    table: str
    taken: int = 0
    already: int = 0
    quarantined: int = 0


@dataclass(frozen=True)
class SourceTally:
    """What one source has brought of one table; times in UTC."""

    source: str
    table: str
    taken: int
    already: int
    quarantined: int
    last_at: datetime
    day: int


class Store:
    """The owner of one facts database."""

    def __init__(
        self, path: Path, *, basis: Mapping[str, str], memory: str = "2GB", erased: Erased | None = None
    ) -> None:
        """Open or make it; TryLater where another process owns it. Records that were `erased` are not taken again."""
        self._con = connect(path, memory=memory)
        self._path, self._erased, self._left = path, erased or Erased(), False
        self._con.execute("set global TimeZone = 'UTC'")
        prepare(self._con, str(path))
        self._erased.join("message", *withdraw.known(self._con))
        self._con.execute("set lock_configuration = true")
        self._basis = basis
        self._writing = threading.Lock()
        self._seen: dict[str, Seen | None] = {}
        self._extents: dict[tuple[str, str], Extent] = {}
        self._everybody = _everybody(self._con)
        self._known: tuple[_Chosen, dict[Hashable, str]] = (_chosen(self._con), {})
        self.topics = Shelf(self._con, self._transaction)

    def close(self) -> None:
        """Write everything into the one file and let go of it.

        Where somebody still reads, the file is left to the process's end: the write-ahead log holds everything.
        """
        import duckdb

        with self._writing, suppress(duckdb.ResourceInUseException):
            self._con.close()

    # Writing

    @contextmanager
    def _transaction(self) -> Iterator["DuckDBPyConnection"]:
        import duckdb

        with self._writing, self._con.cursor() as con:
            if self._left:
                raise TryLater(f"{self._path} is being replaced by a copy of it", after=1)
            con.begin()
            try:
                yield con
                con.commit()
            except (duckdb.IOException, duckdb.OutOfMemoryException, duckdb.TransactionException) as error:
                # the last when the log is full
                raise TryLater(f"nothing was stored, the disk said: {error}", after=5) from error

    def append(
        self,
        arrivals: Sequence[Arrival],
        *,
        position: int,
        bad: Sequence[Tally],
        now: datetime,
        gone: Sequence[withdraw.Withdrawal] = (),
    ) -> list[Tally]:
        """Store rows of any tables together with the journal position they come from: all or nothing.

        `bad` tells how many records of the same stretch of the journal went to quarantine, `gone` what was withdrawn
        at its origin after those rows.
        """
        tallies = list(bad)
        for arrival in arrivals:
            _check(arrival)
        with self._transaction() as con:
            n = con.execute("select n from facts.progress").fetchall()[0][0]
            for table in dict.fromkeys(arrival.sealed.table for arrival in arrivals):
                group = [arrival for arrival in arrivals if arrival.sealed.table == table]
                for source in dict.fromkeys(arrival.source for arrival in group):
                    n, more = self._add(con, table, source, [a for a in group if a.source == source], n)
                    tallies += more
            if gone:
                n += self._withdraw(con, gone, now.replace(tzinfo=None))
            con.execute("update facts.progress set position = ?, n = ?", [position, n])
            self._everybody = _everybody(con)  # before anybody can see them
            _count(con, tallies, now)
            if any(arrival.sealed.table == "consent" for arrival in arrivals):
                self._choose_anew(con)
        return tallies

    def _withdraw(self, con: "DuckDBPyConnection", gone: Sequence[withdraw.Withdrawal], now: datetime) -> int:
        """Take out what is gone; by how much the clock goes on, for answers of before are as of another moment."""
        found = withdraw.withdraw(con, gone, now)
        if found:  # also where the transaction fails: it is done again before anything else is stored
            self._erased.add({"message": found}, np.datetime64(now, "us"))
        return int(bool(found))

    def withdrawn(self) -> dict[str, int]:
        """How many messages of each source are gone at their origin, and therefore here."""
        with self._con.cursor() as con:
            return withdraw.counts(con)

    def _choose_anew(self, con: "DuckDBPyConnection") -> None:
        con.execute(_CHOICES)
        # who opens a view from here on, on whichever side of the commit, looks for old and new kinds of choice
        self._known = (self._known[0] | _chosen(con), {})

    def _add(
        self, con: "DuckDBPyConnection", table: str, source: str, arrivals: Sequence[Arrival], n: int
    ) -> tuple[int, list[Tally]]:
        rows = pa.Table.from_batches([arrival.sealed.batch for arrival in arrivals], GIVEN[table])
        names = [arrival.import_id for arrival in arrivals for _ in range(arrival.sealed.batch.num_rows)]
        erased: Counter[str] = Counter()
        if (again := self._erased.again(table, rows)) is not None and again.any():
            erased.update(name for name, known in zip(names, again, strict=True) if known)
            names = [name for name, known in zip(names, again, strict=True) if not known]
            rows = rows.filter(pa.array(~again))
        if table not in self._seen:
            self._seen[table] = Seen.of(con, table)
        seen, new = self._seen[table], False
        if seen is not None:
            fresh = seen.fresh(own(rows["key"]))
            new = len(fresh) == rows.num_rows
            # also where the transaction fails: a key too many costs a look, one too few a second row
            seen.add(fresh)
            self._seen[table] = seen if len(seen) <= MOST else None
        added = append.add(con, table, rows, pa.array(names, pa.string()), n, new=new)
        already = Counter(added.already) + erased
        counted = added.taken.keys() | already.keys()
        tallies = [Tally(i, source, table, added.taken.get(i, 0), already[i]) for i in sorted(counted)]
        return added.last_n, tallies

    def append_readings(self, readings: pa.Table, embeddings: pa.Table | None = None) -> None:
        """Store readings (stored shape without `r`), and embeddings; a reading that is there moves to the past."""
        with self._transaction() as con, say.saying(con, "reading", readings, ("n",)):
            con.execute(BESIDE.format(made="made"))
            if embeddings is not None:
                say.embed(con, embeddings)

    def append_verdicts(self, verdicts: pa.Table) -> None:
        """Store verdicts (stored shape without `r`); an earlier one of the same person moves to the past."""
        with self._transaction() as con, say.saying(con, "verdict", verdicts, ("n", "reading", "checker")):
            pass

    @contextmanager
    def still(self) -> Iterator["DuckDBPyConnection"]:
        """Nothing is written in the block, so that the file and its log can be copied; nobody who reads waits."""
        with self._writing, self._con.cursor() as con:
            yield con

    # Erasing

    def naming(self, marks: Marks) -> erase.Cut:
        """What there is of people."""
        with self._con.cursor() as con:
            return erase.choose(con, marks, {})

    @contextmanager
    def erasing(self, marks: Marks, until: Mapping[int, datetime | None], *, at: datetime) -> Iterator[erase.Cut]:
        """Cut people out when the block ends: all or nothing; of some only what came in until a time (naive UTC).

        What is cut out does not come back: records erased `at` that time (naive UTC) are not taken again.
        """
        with self._transaction() as con:
            found = erase.choose(con, marks, until)
            erase.cut(con, marks)
            con.execute(_CHOICES)
            self._erased.add(found.records, np.datetime64(at, "us"))
            self._seen.clear()
            yield found

    # Taking an import back

    def brought(self, import_id: str) -> undo.Brought:
        """What an import brought and is still there."""
        with self._con.cursor() as con:
            return undo.choose(con, import_id)

    def take_back(self, import_id: str, *, by: str, now: datetime) -> undo.Brought:
        """Take out the rows of an import, and let the versions that they replaced come back: all or nothing.

        `loose` then tells what is left to do in other files.
        """
        with self._transaction() as con:
            found = undo.choose(con, import_id)
            undo.cut(con, found, by, now)
            if "consent" in found.rows:
                self._choose_anew(con)
        return found

    def imports(self) -> list[undo.Past]:
        """Every import there was, the latest first, with what became of it."""
        with self._con.cursor() as con:
            return undo.past(con)

    def loose(self, kind: undo.Loose, most: int) -> list[int]:
        """What taking imports back has left to do: row numbers of messages (`index`), or people (`person`)."""
        with self._con.cursor() as con:
            return undo.loose(con, kind, most)

    def tied(self, kind: undo.Loose, done: Sequence[int]) -> None:
        """Note that it is done; people without a row lose their number."""
        with self._transaction() as con:
            undo.tied(con, kind, list(done))
            if kind == "person":
                undo.nobody(con, list(done))

    # Copying

    def copy(self) -> tuple[int, int]:
        """Write a copy without anything that was deleted, and take no more rows: `rewrite.put_in_place` comes next.

        How many bytes the file had, and how many the copy has. TryLater where the disk refuses.
        """
        with self._writing, self._con.cursor() as con:
            sizes = rewrite.write(con, self._path)
            self._left = True
        return sizes

    # Reading

    def position(self) -> int:
        """How far the journal is stored."""
        return int(self._one("select position from facts.progress"))

    def rows(self) -> dict[str, int]:
        """How many rows each table has, of latest versions."""
        counts = ", ".join(f"(select count(*) from facts.{table})" for table in KEPT)
        with self._con.cursor() as con:
            return dict(zip(KEPT, con.execute(f"select {counts}").fetchall()[0], strict=True))

    def clock(self) -> str:
        """The moment that answers given now are as of: it changes with every change of the facts or readings."""
        return str(self._one("select n || '-' || r from facts.progress"))

    def tallies(self, import_id: str) -> list[Tally]:
        """What became of one import so far."""
        with self._con.cursor() as con:
            found = con.execute(
                'select import, source, "table", taken, already, quarantined from facts.intake where import = ?',
                [import_id],
            ).fetchall()
        return [Tally(*row) for row in found]

    def sources(self, now: datetime) -> list[SourceTally]:
        """What each source has brought, the latest first; `day` is how many rows came within the last 24 hours."""
        with self._con.cursor() as con:
            found = con.execute(_BY_SOURCE, {"day": now.replace(tzinfo=None) - timedelta(days=1)}).fetchall()
        return [SourceTally(*row) for row in found]

    def readers(self) -> list[tuple[str, int, datetime]]:
        """Which versions of the annotators made the readings of today: version, messages, the last time."""
        with self._con.cursor() as con:
            found: list[tuple[str, int, datetime]] = con.execute(
                "select version, count(*), max(read_at) from facts.reading group by version order by max(read_at) desc"
            ).fetchall()
        return found

    def texts(self, after: int, limit: int) -> pa.Table:
        """Row number, time, title and text of messages after a row number, oldest first: for the search index."""
        with self._con.cursor() as con:
            return con.sql(
                "select n, occurred_at, title, text from facts.message where n > $after order by n limit $limit",
                params={"after": after, "limit": limit},
            ).to_arrow_table()

    def texts_of(self, numbers: Sequence[int]) -> pa.Table:
        """The same of messages with these row numbers."""
        with self._con.cursor() as con:
            return con.sql(
                "select n, occurred_at, title, text from facts.message where n in (select unnest($n)) order by n",
                params={"n": list(numbers)},
            ).to_arrow_table()

    def people(self) -> set[int]:
        """Every pseudonym in the facts: of people with rows, and of those whom somebody mentions."""
        with self._con.cursor() as con:
            return erase.everybody(con)

    def view(self, viewer: Viewer, *, as_of: str | None = None) -> View:
        """Read as somebody, on a snapshot; `as_of` (of an earlier answer) undoes what came since."""
        asked = _moment(as_of) if as_of else None
        con = self._con.cursor()
        con.begin()
        now = con.execute("select n || '-' || r from facts.progress").fetchall()[0][0]
        moment = asked if as_of != now else None
        chosen, cuts = self._known
        return View(
            viewer,
            _Tables(con, moment),
            choices=lambda: self._choices(con, viewer.purpose, chosen),
            as_of=as_of or now,
            con=con,
            everybody=self._everybody,
            cuts=cuts if moment is None else {},
            extents=self._extents,
        )

    def _choices(self, con: "DuckDBPyConnection", purpose: str, known: _Chosen) -> Choices:
        def chosen(granted: bool) -> Frame | None:
            if not {(purpose, granted, False), (purpose, granted, True)} & known:
                return None
            table: Frame = nw.from_native(con.table("facts.choice"))
            return table.filter((nw.col("purpose") == purpose) & (nw.col("granted") == granted)).drop(
                "purpose", "granted"
            )

        ended = (purpose, False, True) in known
        return Choices(self._basis[purpose], chosen(False), chosen(True), ended)

    def _one(self, query: str) -> Any:
        with self._con.cursor() as con:
            return con.execute(query).fetchall()[0][0]


def _everybody(con: "DuckDBPyConnection") -> int:
    """People have numbers below this one."""
    return int(con.execute("select coalesce(max(who) + 1, 1) from facts.person").fetchall()[0][0])


def _chosen(con: "DuckDBPyConnection") -> _Chosen:
    return frozenset(con.execute("select distinct purpose, granted, until is not null from facts.choice").fetchall())


class _Tables(Mapping[str, Frame]):
    """Stored tables as frames, made when somebody looks."""

    def __init__(self, con: "DuckDBPyConnection", moment: tuple[int, int] | None) -> None:
        self._con = con
        self._moment = moment

    def __getitem__(self, name: str) -> Frame:
        if name not in KEPT:
            raise KeyError(name)
        current: Frame = nw.from_native(self._con.table(f"facts.{name}"))
        # The columns of an upgraded table stand in another order than those of a new one.
        current = current.select(STORED[name].names)
        if self._moment is None:
            return current
        column, moment = ("r", self._moment[1]) if name in NUMBERED else ("n", self._moment[0])
        past: Frame = nw.from_native(self._con.table(f"past.{name}"))
        then = past.filter((nw.col(column) <= moment) & (nw.col("until") > moment)).select(STORED[name].names)
        rows = nw.concat([current.filter(nw.col(column) <= moment), then])
        return self._read_then(rows) if name == "message" else rows

    def _read_then(self, messages: Frame) -> Frame:
        """Messages with the readings and topics of the moment beside them, instead of those of today."""
        for table, names in (("reading", READ_BESIDE), ("assignment", SORTED_BESIDE)):
            then = self[table].select("n", *(nw.col(name).alias(f"read_{name}") for name in names))
            messages = messages.drop([f"read_{name}" for name in names]).join(then, on="n", how="left")
        return messages.select(STORED["message"].names)

    def __contains__(self, name: object) -> bool:
        return name in KEPT

    def __iter__(self) -> Iterator[str]:
        return iter(KEPT)

    def __len__(self) -> int:
        return len(KEPT)


def _moment(as_of: str) -> tuple[int, int]:
    found = re.fullmatch(r"([0-9]{1,18})-([0-9]{1,18})", as_of)
    if not found:
        raise NotFound(f"{as_of[:80]!r} is not a moment: take `as_of` from an answer")
    return int(found[1]), int(found[2])


def _check(arrival: Arrival) -> None:
    if not isinstance(arrival.sealed, Sealed):
        raise Bug(f"the store takes what privacy.seal() returns, not {type(arrival.sealed).__name__}")


def _count(con: "DuckDBPyConnection", tallies: Sequence[Tally], now: datetime) -> None:
    for t in tallies:
        con.execute(
            'insert into facts.intake values ($1, $2, $3, $4, $5, $6, $7) on conflict (import, source, "table") '
            "do update set taken = taken + excluded.taken, already = already + excluded.already, "
            "quarantined = quarantined + excluded.quarantined, last_at = excluded.last_at",
            [t.import_id, t.source, t.table, t.taken, t.already, t.quarantined, now.replace(tzinfo=None)],
        )


_CHOICES = """
    delete from facts.choice;
    insert into facts.choice
    select person, purpose, since, lead(since) over (partition by person, purpose order by since, n), granted
    from (select *, coalesce(occurred_at, ingested_at) as since from facts.consent);
    delete from facts.choice where until = since;
"""
"""A choice holds from its time until the person's next one for the same purpose."""
_BY_SOURCE = """
    with came as (
        select t, source, count(*) as day
        from (select 'message' as t, source from facts.message where ingested_at > $day
              union all select 'event', source from facts.event where ingested_at > $day)
        group by all)
    select i.source, i."table", sum(taken)::bigint, sum(already)::bigint, sum(quarantined)::bigint, max(last_at),
        any_value(coalesce(came.day, 0))
    from facts.intake i left join came on came.t = i."table" and came.source = i.source
    group by i.source, i."table" order by max(last_at) desc limit 200
"""
"""Only messages and events bear their source."""
