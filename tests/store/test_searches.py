"""Saved searches: names, versions, and what an erasure takes with it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from heedful.errors import BadSettings, NotFound
from heedful.store import searches
from heedful.store.searches import Searches

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Searches]:
    opened = Searches(tmp_path / "searches.db")
    yield opened
    opened.close()


def test_a_search_is_kept_under_its_name_and_gets_a_version_when_it_changes(kept: Searches, tmp_path: Path) -> None:
    first = kept.save(" late  parcels ", "late parcel", "user:ann", NOW)
    assert (first.name, first.version, first.saved_by) == ("late parcels", 1, "user:ann")
    assert kept.save("late parcels", "late parcel", "user:ben", NOW) == first
    assert kept.save("late parcels", "late OR slow", "user:ann", NOW).version == 2
    kept.save("another", "refund", "user:ann", NOW)
    kept.remove("late parcels")
    assert kept.save("late parcels", "late parcel", "user:ann", NOW).version == 4
    again = Searches(tmp_path / "searches.db")
    assert [one.name for one in again.all()] == ["another", "late parcels"]
    again.close()


@pytest.mark.parametrize(
    ("name", "query"), [("", "x"), ("a" * 101, "x"), ("a\x00", "x"), ("a/b", "x"), ("a", "x" * 10_001)]
)
def test_what_cannot_be_kept(kept: Searches, name: str, query: str) -> None:
    with pytest.raises(BadSettings):
        kept.save(name, query, "user:ann", NOW)
    assert kept.all() == []


def test_there_is_an_end_to_them(kept: Searches, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searches, "MOST", 1)
    kept.save("a", "x", "user:ann", NOW)
    kept.save("a", "y", "user:ann", NOW)
    with pytest.raises(BadSettings, match="remove one first"):
        kept.save("b", "x", "user:ann", NOW)


def test_what_is_not_there_cannot_be_removed_or_looked_at(kept: Searches) -> None:
    for act in (kept.remove, kept.get):
        with pytest.raises(NotFound):
            act("nothing")


def test_searches_that_name_somebody_go_with_them(kept: Searches, tmp_path: Path) -> None:
    for name, query in (
        ("a", 'late (author:"zanzibarqueen" OR x)'),
        ("b", '"zanzibarqueen"'),
        ("c", "late"),
        ("zanzibarqueen", "x"),
    ):
        kept.save(name, query, "user:ann", NOW)
    cleaned = lambda text: text if text != "zanzibarqueen" else "[erased]"  # noqa: E731
    assert kept.drop_naming(cleaned) == 3
    kept.compact()
    assert [one.name for one in kept.all()] == ["c"]
    assert b"zanzibarqueen" not in b"".join(path.read_bytes() for path in tmp_path.iterdir())
