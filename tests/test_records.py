"""The shapes agree with each other: what comes in, what is stored, what people see."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.records import (
    ABOUT,
    DEFAULTS,
    FACTS,
    INCOMING,
    PLURAL,
    READ_BESIDE,
    SORTED_BESIDE,
    STORED,
    STORED_TIME,
    TABLES,
    TIME,
    outward,
    person_number,
    plural,
    pseudonym,
)


@pytest.mark.parametrize("table", sorted(FACTS))
def test_what_comes_in_has_the_contracts_columns_but_the_time_of_intake(table: str) -> None:
    assert INCOMING[table].names == [name for name in FACTS[table].names if name != "ingested_at"]
    loose = {f.name for f in INCOMING[table] if f.nullable} - {f.name for f in FACTS[table] if f.nullable}
    assert loose == ({"id", "source", *DEFAULTS.get(table, {})} & set(INCOMING[table].names))


@pytest.mark.parametrize("table", sorted(TABLES))
def test_what_is_stored_has_the_contracts_columns_and_the_stores_own(table: str) -> None:
    extra = [name for name in STORED[table].names if name not in TABLES[table].names]
    own = ["n", "key", "version"] if table in FACTS else ["n", "r"] if table in ABOUT else ["r"]
    own += ["person", "occurred_at"] if table in ABOUT else []
    own += ["who"] if table in ("message", "event", "answer") else []
    beside = [f"read_{name}" for name in (*READ_BESIDE, *SORTED_BESIDE)]
    own += ["parent_key", *beside] if table == "message" else []
    assert set(extra) - {"ingested_at"} == {name for name in own if name not in TABLES[table].names}
    for field in TABLES[table]:
        kept = STORED[table].field(field.name)
        changed = field.type == TIME or field.name in ("person", "mentions")
        if changed:
            assert kept.type in (STORED_TIME, pa.uint64(), pa.list_(pa.uint64()))
        else:
            assert kept.type == field.type or field.name == "version"


@pytest.mark.parametrize("table", sorted(FACTS))
def test_no_raw_identifier_fits_into_a_stored_person(table: str) -> None:
    for name in {"person", "mentions"} & set(STORED[table].names):
        assert STORED[table].field(name).type in (pa.uint64(), pa.list_(pa.uint64()))


def test_every_table_has_one_plural() -> None:
    assert set(PLURAL.values()) == set(FACTS)
    assert {plural(one): one for one in FACTS} == PLURAL


@given(st.integers(0, 2**64 - 1))
def test_a_pseudonym_and_its_number_are_one(number: int) -> None:
    shown = pseudonym(number)
    assert len(shown) == 18
    assert person_number(shown) == number


@pytest.mark.parametrize("wrong", ["", "p_", "anna@example.org", "p_123", "q_0123456789abcdef", "p_0123456789abcdeg"])
def test_what_is_no_pseudonym_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"pseudonym|invalid literal"):
        person_number(wrong)


@pytest.mark.parametrize("table", sorted(TABLES))
def test_empty_stored_rows_turn_outward(table: str) -> None:
    assert outward(STORED[table].empty_table(), table).schema.names == TABLES[table].names


def test_stored_rows_turn_outward_with_pseudonyms_and_utc() -> None:
    shape = pa.schema([STORED["message"].field(n) for n in ("n", "person", "mentions", "occurred_at")])
    rows = pa.table([[1, 2], [255, None], [[1], None], [0, None]], schema=shape)
    assert outward(rows, "message").to_pylist()[1] == {"person": None, "mentions": None, "occurred_at": None}
    first = outward(rows, "message").to_pylist()[0]
    assert (first["person"], first["mentions"]) == ("p_00000000000000ff", ["p_0000000000000001"])
    assert first["occurred_at"].isoformat() == "1970-01-01T00:00:00+00:00"
