"""What a viewer may read: a choice counts at the time of the event and at the time of use, on every engine."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import duckdb
import narwhals.stable.v2 as nw
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heedful.privacy.viewer import Viewer
from heedful.privacy.visible import Choices, Frame, visible
from heedful.records import STORED
from in_turn import EXAMPLES

MARCH = datetime(2026, 3, 1)
ANALYST = Viewer("ann", frozenset({"analyst"}), smallest=1)
ANNA, BERT, CORA, DORA = 1, 2, 2**63 + 3, 2**64 - 1


def day(number: int | None) -> datetime | None:
    return None if number is None else MARCH + timedelta(days=number)


@dataclass(frozen=True)
class Choice:
    """From one day until another (None: still)."""

    person: int
    since: int
    until: int | None
    granted: bool


Row = tuple[int, int | None, int | None]
"""Number, person, day."""
Make = Callable[[str, pa.Table], Frame]


def on_polars(name: str, table: pa.Table) -> Frame:
    return nw.from_native(pl.DataFrame(pl.from_arrow(table)).lazy())


def duckdb_engine() -> Make:
    con = duckdb.connect()

    def make(name: str, table: pa.Table) -> Frame:
        con.register("arrow", table)
        con.execute(f"create or replace table {name} as from arrow")
        return nw.from_native(con.table(name))

    return make


ENGINES: dict[str, Callable[[], Make]] = {"duckdb": duckdb_engine, "polars": lambda: on_polars}


def rows_of(rows: list[Row]) -> pa.Table:
    shape = pa.schema([("n", pa.int64()), ("person", pa.uint64()), ("occurred_at", pa.timestamp("us"))])
    columns = [[n for n, _, _ in rows], [p for _, p, _ in rows], [day(d) for _, _, d in rows]]
    return pa.table(columns, schema=shape)


def choices_of(make: Make, basis: str, chosen: list[Choice]) -> Choices:
    shape = pa.schema([("person", pa.uint64()), ("since", pa.timestamp("us")), ("until", pa.timestamp("us"))])

    def frame(name: str, granted: bool) -> Frame | None:
        some = [c for c in chosen if c.granted == granted]
        columns = [[c.person for c in some], [day(c.since) for c in some], [day(c.until) for c in some]]
        return make(name, pa.table(columns, schema=shape)) if some else None

    return Choices(basis, frame("refused", False), frame("granted", True))


def seen(engine: str, basis: str, chosen: list[Choice], rows: list[Row]) -> list[int]:
    make = ENGINES[engine]()
    frame = visible("message", make("message", rows_of(rows)), ANALYST, choices_of(make, basis, chosen))
    assert frame is not None
    return sorted(frame.collect("pyarrow").to_arrow()["n"].to_pylist())


ROWS: list[Row] = [(1, ANNA, 5), (2, BERT, 5), (3, CORA, 5), (4, DORA, 5), (5, None, 5), (6, ANNA, None), (7, BERT, 20)]

both = pytest.mark.parametrize("engine", sorted(ENGINES))


@both
def test_without_choices_legitimate_interest_reads_everything_and_consent_nobody(engine: str) -> None:
    assert seen(engine, "legitimate interest", [], ROWS) == [1, 2, 3, 4, 5, 6, 7]
    assert seen(engine, "contract", [], ROWS) == [1, 2, 3, 4, 5, 6, 7]
    assert seen(engine, "consent", [], ROWS) == [5]


@both
def test_who_refuses_today_is_not_read_at_all(engine: str) -> None:
    refused = [Choice(BERT, 10, None, False), Choice(DORA, 0, None, False)]
    assert seen(engine, "legitimate interest", refused, ROWS) == [1, 3, 5, 6]


@both
def test_who_refused_then_and_allows_it_now_is_read_outside_that_time(engine: str) -> None:
    chosen = [Choice(BERT, 0, 10, False), Choice(BERT, 10, None, True)]
    assert seen(engine, "legitimate interest", chosen, ROWS) == [1, 3, 4, 5, 6, 7]
    assert seen(engine, "consent", chosen, ROWS) == [5, 7]


@both
def test_who_granted_and_withdrew_is_not_read_even_for_the_time_of_the_grant(engine: str) -> None:
    chosen = [Choice(ANNA, 0, 10, True), Choice(ANNA, 10, None, False)]
    assert seen(engine, "consent", chosen, ROWS) == [5]
    assert 1 not in seen(engine, "legitimate interest", chosen, ROWS)


@both
def test_a_grant_reads_from_its_moment_on_and_a_refusal_from_its_own(engine: str) -> None:
    rows: list[Row] = [(1, ANNA, 4), (2, ANNA, 5), (3, ANNA, 6)]
    assert seen(engine, "consent", [Choice(ANNA, 5, None, True)], rows) == [2, 3]
    past = [Choice(ANNA, 4, 6, False), Choice(ANNA, 6, None, True)]
    assert seen(engine, "legitimate interest", past, rows) == [3]


@both
def test_a_grant_given_again_reads_both_times_and_not_the_gap(engine: str) -> None:
    chosen = [Choice(ANNA, 0, 3, True), Choice(ANNA, 3, 6, False), Choice(ANNA, 6, None, True)]
    rows: list[Row] = [(1, ANNA, 1), (2, ANNA, 3), (3, ANNA, 5), (4, ANNA, 6), (5, ANNA, -1)]
    assert seen(engine, "consent", chosen, rows) == [1, 4]
    assert seen(engine, "legitimate interest", chosen, rows) == [1, 4, 5]


@both
def test_undated_rows_go_by_the_choice_of_today(engine: str) -> None:
    rows: list[Row] = [(1, ANNA, None), (2, BERT, None)]
    chosen = [Choice(ANNA, 0, 5, False), Choice(ANNA, 5, None, True), Choice(BERT, 0, 5, True)]
    assert seen(engine, "consent", chosen, rows) == [1]
    assert seen(engine, "legitimate interest", chosen, rows) == [1, 2]


@both
def test_a_legal_duty_reads_whatever_was_chosen(engine: str) -> None:
    chosen = [Choice(person, 0, None, False) for person in (ANNA, BERT, CORA, DORA)]
    assert seen(engine, "legal duty", chosen, ROWS) == [1, 2, 3, 4, 5, 6, 7]
    assert seen(engine, "legitimate interest", chosen, ROWS) == [5]


@pytest.mark.parametrize("table", sorted(STORED))
def test_columns_and_tables_by_role(table: str) -> None:
    empty: Frame = nw.from_native(pl.DataFrame(pl.from_arrow(STORED[table].empty_table())).lazy())
    choices = Choices("legitimate interest")

    def columns(role: str) -> set[str]:
        frame = visible(table, empty, Viewer("x", frozenset({role})), choices)
        return set() if frame is None else set(frame.collect_schema().names())

    everything = set(STORED[table].names)
    assert columns("analyst") == everything
    texts = {"title", "text", "url", "links", "attributes", "path", "referrer", "aspects"} & everything
    if table in ("profile", "consent"):
        assert columns("viewer") == columns("demo") == set()
    elif table != "item":
        assert columns("viewer") == everything - texts
        assert columns("demo") == everything
    assert visible(table, empty, Viewer("x", frozenset()), choices) is None


PEOPLE = st.sampled_from([None, ANNA, BERT, CORA])
DAYS = st.none() | st.integers(-2, 12)


@st.composite
def histories(draw: st.DrawFn) -> list[Choice]:
    """For each person a chain of choices, each until the next."""
    found = []
    for person in (ANNA, BERT, CORA):
        days = sorted(draw(st.sets(st.integers(0, 10), max_size=4)))
        for since, until in zip(days, [*days[1:], None], strict=False):
            found.append(Choice(person, since, until, draw(st.booleans())))
    return found


def allowed(row: Row, basis: str, chosen: list[Choice]) -> bool:
    """The rule in words: what the person chose then (an undated row: now), and what they choose now."""
    _, person, at = row
    if person is None or basis == "legal duty":
        return True
    mine = [c for c in chosen if c.person == person]
    now = next((c.granted for c in mine if c.until is None), None)
    held = (c.granted for c in mine if at is not None and c.since <= at and (c.until is None or at < c.until))
    then = now if at is None else next(held, None)
    return (now is True and then is True) if basis == "consent" else (now is not False and then is not False)


@settings(max_examples=3 * EXAMPLES, deadline=None)
@given(
    chosen=histories(),
    people=st.lists(st.tuples(PEOPLE, DAYS), max_size=12),
    basis=st.sampled_from(["consent", "contract", "legitimate interest", "legal duty"]),
    engine=st.sampled_from(sorted(ENGINES)),
)
def test_both_engines_follow_the_rule(
    chosen: list[Choice], people: list[tuple[int | None, int | None]], basis: str, engine: str
) -> None:
    rows = [(n, person, at) for n, (person, at) in enumerate(people)]
    assert seen(engine, basis, chosen, rows) == [row[0] for row in rows if allowed(row, basis, chosen)]
