"""Messages that are gone at their origin: gone from the facts, from search, and for good; counts say so."""

import json

from heedful.intake import undo
from heedful.intake.drain import Drain
from heedful.privacy.viewer import Viewer
from heedful.store.facts import Store
from heedful.store.journal import GONE, Entry, Journal
from heedful.store.place import Place


def gone(*ids: str, source: str = "test") -> Entry:
    return Entry("message", source, GONE, len(ids), json.dumps(ids).encode())


def said(*ids: str, text: str = "text") -> Entry:
    body = [
        {"id": id, "text": f"{text} {id}", "person": f"@p{id}", "occurred_at": "2026-01-01T00:00:00Z"} for id in ids
    ]
    return Entry("message", "test", "json", len(ids), json.dumps(body).encode())


def texts(store: Store) -> list[str]:
    with store.view(Viewer("test", frozenset({"analyst"}), smallest=1)) as view:
        return sorted(view.frame("message").select("text").collect("pyarrow").to_arrow()["text"].to_pylist())


def test_every_version_goes_and_a_late_copy_does_not_come_back(journal: Journal, drain: Drain, store: Store) -> None:
    journal.append([said("1", "2"), said("1", text="edited")])
    drain.all()
    before = store.clock()
    journal.append([gone("1", "never here")])
    drain.all()
    assert texts(store) == ["text 2"]
    assert store.clock() != before
    assert store.withdrawn() == {"test": 1}
    with store.still() as con:
        assert con.execute("select count(*) from past.message").fetchall() == [(0,)]
    journal.append([said("1", "3")])
    drain.all()
    assert texts(store) == ["text 2", "text 3"]


def test_what_is_gone_and_what_comes_are_stored_in_their_order(journal: Journal, drain: Drain, store: Store) -> None:
    later = Entry("message", "test", "json", 1, b'[{"id": "1", "text": "anew", "occurred_at": "2099-01-01T00:00:00Z"}]')
    journal.append([said("1"), gone("1"), later, said("2"), gone("2"), gone("3"), said("3")])
    drain.all()
    assert texts(store) == ["anew", "text 3"]
    assert store.withdrawn() == {"test": 2}
    assert drain.journal.backlog().records == 0


def test_only_the_source_that_it_came_from_can_take_it_away(journal: Journal, drain: Drain, store: Store) -> None:
    journal.append([said("1"), gone("1", source="another")])
    drain.all()
    assert texts(store) == ["text 1"]
    assert store.withdrawn() == {}


def test_it_is_remembered_when_the_store_is_opened_again(place: Place) -> None:
    store, journal, identities = place.store(), place.journal(), place.identities()
    journal.append([said("1"), gone("1")])
    Drain(journal, store, identities, place.keys, place.brands).all()
    store.close()
    store = place.store()
    journal.append([said("1")])
    Drain(journal, store, identities, place.keys, place.brands).all()
    assert texts(store) == []
    for one in (store, journal, identities):
        one.close()


def test_people_and_the_index_are_tidied_up(place: Place, journal: Journal, drain: Drain, store: Store) -> None:
    journal.append([said("1", "2")])
    drain.all()
    search = place.search()
    search.add(store.texts(0, 10), through=2)
    assert len(drain.identities.people()) == 2
    journal.append([gone("1")])
    drain.all()
    assert undo.mend(store, search)
    assert [hit.n for hit in search.find("text", limit=10)] == [2]
    undo.finish(drain)
    assert len(drain.identities.people()) == 1
    search.close()
