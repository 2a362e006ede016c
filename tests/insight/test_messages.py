"""Messages found, counted and read: with filters, in pages, and never what the viewer may not see."""

import itertools
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.errors import BadSettings, NotAllowed, NotFound
from heedful.insight import messages
from heedful.insight.messages import Query, conversation, count, find, one
from heedful.privacy.viewer import Viewer
from heedful.records import GIVEN, STORED, TABLES
from heedful.store.facts import Store
from heedful.store.place import make
from heedful.store.search import Search, rank

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ANALYST = Viewer("analyst", frozenset({"analyst"}), smallest=1)
WORDS = "late parcel tea refund kind slow courier".split()
Send = Callable[..., Any]


@pytest.fixture
def search(store: Store, place: Any) -> Iterator[Search]:
    made = Search(place.data / "search.db")
    yield made
    made.close()


def message(id: str, text: str, **more: Any) -> dict[str, Any]:
    return {"id": id, "source": "t", "text": text, "occurred_at": "2026-11-01T10:00:00Z", **more}


def catch_up(store: Store, search: Search) -> None:
    while (texts := store.texts(search.through(), 100)).num_rows:
        search.add(texts, through=texts["n"][-1].as_py())


def read_as(store: Store, sentiments: dict[str, str]) -> None:
    """A reading for each message with a given text."""
    with store.view(ANALYST) as view:
        rows = view.frame("message").select("n", "id", "text").collect("pyarrow").to_arrow().to_pylist()
    shape = GIVEN["reading"]
    made = [
        {
            "n": row["n"],
            "message": row["id"],
            "version": "v",
            "read_at": datetime(2026, 11, 2),
            "language": "en",
            "sentiment": sentiments[row["text"]],
            "sentiment_negative": 0.75,
            "personal_data": [{"kind": "email", "start": 1, "end": 3, "score": 1.0}],
        }
        for row in rows
        if row["text"] in sentiments
    ]
    store.append_readings(pa.Table.from_pylist(made, schema=shape))


def texts(store: Store, search: Search, query: Query, viewer: Viewer = ANALYST, **more: Any) -> list[str]:
    with store.view(viewer) as view:
        found = find(view, search, query, now=NOW, **more)
        total = count(view, search, query, now=NOW)
    if "limit" not in more and "below" not in more:
        assert total == found.rows.num_rows
    return found.rows["text"].to_pylist()


def test_words_filters_and_period_narrow_together(store: Store, send: Send, search: Search) -> None:
    send(
        "message",
        [
            message("1", "late parcel", channel="email"),
            message("2", "late train", channel="call", occurred_at="2026-11-10T10:00:00Z"),
            message("3", "late bus", channel="email", occurred_at="2026-11-12T10:00:00Z"),
            message("4", "on time", channel="email", occurred_at="2026-11-12T10:00:00Z"),
            message("5", "late boat", channel="email", occurred_at=None),
        ],
    )
    catch_up(store, search)
    read_as(store, {"late bus": "negative", "on time": "positive"})
    assert texts(store, search, Query("late")) == ["late bus", "late train", "late parcel", "late boat"]
    assert texts(store, search, Query("late", (("channel", "email"),))) == ["late bus", "late parcel", "late boat"]
    assert texts(store, search, Query("late", since="2026-11-10")) == ["late bus", "late train"]
    assert texts(store, search, Query("late", until="2026-11-10")) == ["late parcel"]
    assert texts(store, search, Query("late", since="30d", until="10d")) == ["late train", "late parcel"]
    assert texts(store, search, Query("late", (("sentiment", "negative"),))) == ["late bus"]
    assert texts(store, search, Query("late", (("sentiment", None),))) == ["late train", "late parcel", "late boat"]
    assert texts(store, search, Query("", (("sentiment", "positive"),))) == ["on time"]
    assert texts(store, search, Query("  ")) == ["on time", "late bus", "late train", "late parcel", "late boat"]
    assert texts(store, search, Query("???")) == []


def test_a_page_holds_the_readings_in_contract_shape(store: Store, send: Send, search: Search) -> None:
    send("message", [message("1", "merci", language="fr", person="ann@example.com"), message("2", "late")])
    catch_up(store, search)
    read_as(store, {"late": "negative"})
    with store.view(ANALYST) as view:
        rows = find(view, search, Query(), now=NOW).rows
    assert rows.schema.names[: len(TABLES["message"])] == TABLES["message"].names
    late, merci = rows.to_pylist()
    assert (late["language"], late["sentiment"], late["sentiment_negative"]) == ("en", "negative", 0.75)
    assert late["personal_data"] == [{"kind": "email", "start": 1, "end": 3, "score": 1.0}]
    assert (merci["language"], merci["sentiment"]) == ("fr", None)
    assert merci["person"].startswith("p_")
    assert merci["occurred_at"].tzinfo is not None


def test_an_edit_is_found_by_its_new_words_only(store: Store, send: Send, search: Search) -> None:
    send("message", [message("1", "the lamp is broken")])
    catch_up(store, search)
    send("message", [message("1", "the lamp works again")])
    assert texts(store, search, Query("broken")) == []
    catch_up(store, search)
    assert texts(store, search, Query("broken")) == []
    assert texts(store, search, Query("lamp")) == ["the lamp works again"]


def test_a_person_who_refused_is_neither_found_nor_counted(store: Store, send: Send, search: Search) -> None:
    send(
        "message",
        [message("1", "my tea", person="ann@example.com"), message("2", "your tea", person="bob@example.com")],
    )
    consent = {"person": "ann@example.com", "purpose": "insight", "granted": False, "source": "t", "proof": "form"}
    send("consent", [{"id": "c", "occurred_at": "2026-11-05T00:00:00Z", **consent}])
    catch_up(store, search)
    for query in (Query("tea"), Query("my"), Query(), Query("-absent"), Query("te* OR my")):
        assert "my tea" not in texts(store, search, query)
    with store.view(Viewer("officer", frozenset({"admin"}), purpose="service")) as view:
        ids = find(view, search, Query("my"), now=NOW).rows["id"].to_pylist()
        assert len(ids) == 1
        assert one(view, ids[0]) is not None
    with store.view(ANALYST) as view:
        assert one(view, ids[0]) is None
        assert conversation(view, ids[0]).num_rows == 0


def test_text_is_for_those_who_may_read_it(store: Store, send: Send, search: Search) -> None:
    send("message", [message("1", "late")])
    with store.view(Viewer("viewer", frozenset({"viewer"}))) as view:
        for ask in (find, count):
            with pytest.raises(NotAllowed):
                ask(view, search, Query("late"), now=NOW)
        for look in (one, conversation):
            with pytest.raises(NotAllowed):
                look(view, "0" * 32)


def test_mistakes_are_named(store: Store, search: Search) -> None:
    with store.view(ANALYST) as view:
        with pytest.raises(NotFound, match="channel"):
            find(view, search, Query("late", (("chanel", "email"),)), now=NOW)
        with pytest.raises(BadSettings, match="yesterday"):
            find(view, search, Query("late", since="yesterday"), now=NOW)


def test_one_message_and_its_conversation(store: Store, send: Send, search: Search) -> None:
    send(
        "message",
        [
            message("1", "hello", thread="x", occurred_at="2026-11-01T10:00:00Z"),
            message("2", "we look into it", thread="x", direction="out", occurred_at="2026-11-01T10:05:00Z"),
            message("3", "thanks", thread="x", occurred_at="2026-11-01T10:09:00Z"),
            message("4", "other", thread="y"),
            message("5", "first post", occurred_at="2026-11-02T10:00:00Z"),
            message("6", "a reply", parent="5", occurred_at="2026-11-02T10:01:00Z"),
            message("7", "another reply", parent="5", occurred_at="2026-11-02T10:02:00Z"),
        ],
    )
    catch_up(store, search)
    read_as(store, {"thanks": "positive"})
    with store.view(ANALYST) as view:
        ids = {row["text"]: row["id"] for row in find(view, search, Query(), now=NOW).rows.to_pylist()}
        thanks = one(view, ids["thanks"])
        assert thanks is not None
        assert (thanks["sentiment"], thanks["irony"], thanks["text"]) == ("positive", None, "thanks")
        for id in ("", "x" * 32, "0" * 32, "' or 1=1"):
            assert one(view, id) is None
        assert conversation(view, ids["hello"])["text"].to_pylist() == ["hello", "we look into it", "thanks"]
        assert conversation(view, ids["thanks"], limit=2)["text"].to_pylist() == ["we look into it", "thanks"]
        assert conversation(view, ids["hello"], limit=1)["text"].to_pylist() == ["hello"]
        replies = ["first post", "a reply", "another reply"]
        assert conversation(view, ids["first post"])["text"].to_pylist() == replies
        assert conversation(view, ids["a reply"])["text"].to_pylist() == replies


# Against a model: filter and sort all rows in Python


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Search, list[dict[str, Any]]]]:
    """600 messages stored without the door, many of them in the same second, some without a time."""
    place = make(tmp_path_factory.mktemp("many") / "w")
    store, search = place.store(), Search(place.data / "search.db")
    chance = random.Random(5)
    start = datetime(2026, 11, 1)
    rows = [
        {
            "n": n,
            "id": f"{n:032x}",
            "key": 0,
            "version": 0,
            "source": "t",
            "channel": chance.choice(["email", "call", "social"]),
            "kind": "post",
            "direction": "in",
            "text": " ".join(chance.choices(WORDS, [9, 6, 4, 3, 2, 1, 0.2], k=chance.randint(0, 4))),
            "occurred_at": chance.choice([None, start, start + timedelta(seconds=chance.random() * 40)]),
            "ingested_at": start,
        }
        for n in range(1, 601)
    ]
    table = pa.Table.from_pylist(rows, schema=STORED["message"])
    with store._transaction() as con:
        con.register("made", table)
        con.execute("insert into facts.message by name select * from made")
    search.add(table, through=600)
    yield store, search, rows
    search.close()
    store.close()


@given(
    wanted=st.lists(st.sampled_from(WORDS), max_size=2),
    unwanted=st.sampled_from(["", *WORDS]),
    channel=st.sampled_from([None, "email", "call"]),
    since=st.sampled_from([None, "2026-11-01T00:00:10", "2026-11-01T00:00:20.5"]),
    first_page=st.integers(1, 300),
    pages=st.lists(st.integers(1, 5), max_size=12),
    small=st.booleans(),
)
def test_pages_together_are_what_filtering_in_python_gives(
    many: Any,
    wanted: list[str],
    unwanted: str,
    channel: str | None,
    since: str | None,
    first_page: int,
    pages: list[int],
    small: bool,
) -> None:
    """A first page of any length, some short ones from where that ends, and long ones to the end."""
    store, search, rows = many
    first = datetime.fromisoformat(since) if since else None
    expected = [
        row
        for row in rows
        if all(word in row["text"].split() for word in wanted)
        and (not unwanted or unwanted not in row["text"].split())
        and (channel is None or row["channel"] == channel)
        and (first is None or (row["occurred_at"] is not None and row["occurred_at"] >= first))
    ]
    expected.sort(key=lambda row: rank.rank(row["occurred_at"], row["n"]), reverse=True)
    query = Query(
        " ".join([*wanted, f"-{unwanted}" if unwanted else ""]),
        (("channel", channel),) if channel else (),
        since,
    )
    seen: list[str] = []
    with store.view(ANALYST) as view, pytest.MonkeyPatch.context() as patch:
        if small:  # so that the second way of searching is taken
            patch.setattr(messages, "LOOK_AT", 5)
            patch.setattr(rank, "MANY", 100)
        below = None
        for limit in itertools.chain([first_page], pages, itertools.repeat(200)):
            found = find(view, search, query, below=below, limit=limit, now=NOW)
            seen += found.rows["id"].to_pylist()
            if (below := found.next) is None:
                break
        assert count(view, search, query, now=NOW) == len(expected)
    assert seen == [row["id"] for row in expected]


def test_too_many_hits_are_not_counted(many: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    store, search, rows = many
    monkeypatch.setattr(messages, "MOST_COUNTED", 20)
    with store.view(ANALYST) as view:
        assert count(view, search, Query("late"), now=NOW) is None
        assert count(view, search, Query(), now=NOW) == len(rows)
