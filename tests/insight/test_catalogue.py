"""Topics of a workspace: found, joined, corrected by people, found again, undone; every figure follows."""

from collections import Counter
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from shutil import copytree

import numpy as np
import pytest
from starlette.requests import Request

import shop
from canary import put
from heedful.catalogue.doing import do
from heedful.catalogue.edit import rename
from heedful.catalogue.find import before, search
from heedful.catalogue.model import LEAST, from_bytes
from heedful.catalogue.outcome import outcome
from heedful.catalogue.quotes import quotes
from heedful.catalogue.renewal import due
from heedful.catalogue.sample import Sample, sample
from heedful.catalogue.sort import sort_new, sorting
from heedful.errors import BadSettings, NotAllowed, NotFound, TryLater
from heedful.intake.forget import opened
from heedful.privacy.viewer import Viewer
from heedful.store.place import Place, make
from planted import WORDS, planted
from spoken import ANALYST, NOW, act, agreement, belongs, counts, defined, found, kept, read, records

FIRST = planted(40, spread=0.4)
MORE = planted(20, spread=0.4, seed=9, start=10_000)


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A workspace whose messages are read and whose topics are found."""
    place = make(tmp_path_factory.mktemp("spoken") / "workspace", name="Test")
    put(place, "message", records(FIRST))
    with opened(place) as parts:
        parts.drain.all()
    with closing(place.store()) as store:
        read(store, FIRST)
        found(store)
    return place.folder


@pytest.fixture
def place(tmp_path, template, request):
    """A copy of it for each test that asks for `spoken`, else an empty workspace."""
    if "spoken" not in request.fixturenames:
        return make(tmp_path / "workspace", name="Test")
    return Place.at(Path(copytree(template, tmp_path / "workspace")))


@pytest.fixture
def spoken(store):
    return store


def of(store, truth):
    """The id of the topic that holds most messages of a true one."""
    where = belongs(store)
    held = Counter(where[text] for text, one in zip(FIRST.texts, FIRST.truth, strict=True) if one == truth)
    return held.most_common(1)[0][0]


def more(store, send):
    """A third more messages come in, are read and sorted, and topics are found again."""
    send("message", records(MORE, start=10_000))
    read(store, FIRST, MORE)
    kept(store)


def test_topics_are_those_that_were_planted_and_named_in_their_words(spoken):
    assert agreement(FIRST, belongs(spoken)) > 0.98
    for truth, words in enumerate(WORDS.values()):
        name = defined(spoken)[of(spoken, truth)].name
        assert set(name.replace(",", "").casefold().split()) & set(words.split()), name


def test_every_message_is_in_one_topic_or_nowhere(spoken):
    whole = counts(spoken)
    assert sum(whole.values()) == len(FIRST.texts)
    assert sum(counts(spoken, "theme").values()) == len(FIRST.texts)
    assert whole.get("", 0) < 0.05 * len(FIRST.texts)


def test_new_messages_join_and_topics_keep_their_ids_when_they_are_found_again(spoken, send):
    first = {truth: of(spoken, truth) for truth in range(6)}
    names = {topic.topic: topic.name for topic in defined(spoken)}
    version = spoken.topics.version()
    send("message", records(planted(2, spread=0.4, seed=11), start=20_000))
    read(spoken, FIRST, planted(2, spread=0.4, seed=11))
    kept(spoken)
    assert spoken.topics.version() == version, "a few messages join, and nothing is found again"
    assert sum(counts(spoken).values()) == len(FIRST.texts) + 12
    assert not due(spoken)
    more(spoken, send)
    assert spoken.topics.version() == version + 1
    assert {truth: of(spoken, truth) for truth in range(6)} == first
    assert {topic.topic: topic.name for topic in defined(spoken)} == names
    assert agreement(MORE, belongs(spoken)) > 0.98


def test_the_same_messages_in_another_order_give_the_same_topics(spoken):
    drawn = sample(spoken)
    rows = np.random.default_rng(3).permutation(len(drawn.n))
    mixed = Sample(
        drawn.n[rows],
        *(tuple(column[row] for row in rows) for column in (drawn.ids, drawn.texts, drawn.at)),
        drawn.vectors[rows],
    )
    one, other = search(drawn, None), search(mixed, None)
    assert [leaf.name for leaf in one.leaves] == [leaf.name for leaf in other.leaves]
    assert one.leaf[rows].tolist() == other.leaf.tolist()


def test_a_name_is_kept_and_figures_bear_it(spoken, send):
    id = of(spoken, 0)
    act(spoken, "rename", topic=id, name="  Late   parcels ")
    assert counts(spoken)["Late parcels"] == 40
    more(spoken, send)
    assert defined(spoken)[id].name == "Late parcels"
    assert counts(spoken)["Late parcels"] == 60
    with pytest.raises(BadSettings, match="there is a topic"):
        act(spoken, "rename", topic=of(spoken, 1), name="late parcels")


def test_a_merge_moves_all_messages_past_and_future_and_can_be_undone(spoken, send):
    first, second, before_ = of(spoken, 0), of(spoken, 1), belongs(spoken)
    moment = spoken.clock()
    version = act(spoken, "merge", topic=first, into=second)
    name = defined(spoken)[second].name
    assert counts(spoken)[name] == 80
    assert counts(spoken, as_of=moment)[name] == 40
    more(spoken, send)
    assert counts(spoken)[name] == 120
    assert of(spoken, 0) == of(spoken, 1) == second
    act(spoken, "undo", version=str(version))
    after = belongs(spoken)
    assert {text: after[text] for text in FIRST.texts} == before_
    assert defined(spoken)[first].open
    assert agreement(MORE, after) > 0.98, "what came in since goes back too"
    with pytest.raises(BadSettings, match="undone already"):
        act(spoken, "undo", version=str(version))


def test_a_deleted_topic_stays_away_and_comes_back_when_that_is_undone(spoken, send):
    id, before_ = of(spoken, 2), belongs(spoken)
    held = {text for text, topic in before_.items() if topic == id}
    version = act(spoken, "delete", topic=id)
    assert {belongs(spoken)[text] for text in held} == {None}
    more(spoken, send)
    assert id not in {topic.topic for topic in defined(spoken)}
    new = {belongs(spoken)[text] for text, truth in zip(MORE.texts, MORE.truth, strict=True) if truth == 2}
    assert new == {None}, "later messages like them belong nowhere too"
    assert {belongs(spoken)[text] for text in held} == {None}
    act(spoken, "undo", version=str(version))
    assert {belongs(spoken)[text] for text in held} == {id}
    assert agreement(MORE, belongs(spoken)) > 0.98


def test_a_topic_is_split_in_two_and_joined_again(spoken, send):
    first, second = of(spoken, 0), of(spoken, 1)
    act(spoken, "merge", topic=first, into=second)
    merged = {text for text, id in belongs(spoken).items() if id == second}
    version = act(spoken, "split", topic=second)
    new = next(told.topic for told in spoken.topics.story(second) if told.kind == "split")
    where = belongs(spoken)
    assert {where[text] for text in merged} == {second, new}
    halves = {
        truth: {where[t] for t, one in zip(FIRST.texts, FIRST.truth, strict=True) if one == truth} for truth in (0, 1)
    }
    assert halves[0] != halves[1]
    assert all(len(half) == 1 for half in halves.values())
    more(spoken, send)
    assert agreement(MORE, belongs(spoken)) > 0.98
    act(spoken, "undo", version=str(version))
    assert {belongs(spoken)[text] for text in merged} == {second}


def test_a_topic_goes_under_another_theme_and_every_figure_by_theme_follows(spoken, send):
    id = of(spoken, 3)
    version = act(spoken, "move", topic=id, theme="Kitchen")
    assert counts(spoken, "theme")["Kitchen"] == 40
    more(spoken, send)
    assert counts(spoken, "theme")["Kitchen"] == 60
    act(spoken, "undo", version=str(version))
    assert "Kitchen" not in counts(spoken, "theme")


def test_themes_are_renamed_for_good(spoken, send):
    theme = defined(spoken)[of(spoken, 0)].theme
    act(spoken, "rename theme", theme=theme, name="Our service")
    assert "Our service" in counts(spoken, "theme")
    more(spoken, send)
    assert defined(spoken)[of(spoken, 0)].theme_name == "Our service"
    with pytest.raises(NotFound, match="no theme"):
        act(spoken, "rename theme", theme="theme-99", name="x")


def test_a_topic_is_as_old_as_its_oldest_message_whenever_that_came(spoken, send):
    first = {id: topic.born_at for id, topic in defined(spoken).topics.items()}
    act(spoken, "rename", topic=of(spoken, 1), name="Mine")
    earlier = planted(10, spread=0.4, seed=3, start=50_000)
    old = [row | {"occurred_at": "2019-02-03T04:05:06Z"} for row in records(earlier, start=50_000)]
    send("message", old)
    read(spoken, FIRST, earlier)
    kept(spoken)
    for truth in range(6):
        topic = defined(spoken).topics[of(spoken, truth)]
        assert topic.born_at.isoformat() == "2019-02-03T00:00:00" < first[topic.topic].isoformat()


def test_teaching_moves_what_is_alike_and_what_comes_later(spoken, send):
    id, other = of(spoken, 0), of(spoken, 1)
    with spoken.view(ANALYST) as view:
        rows = view.frame("message", ("id", "text")).select("id", "text").collect("pyarrow").to_arrow().to_pylist()
    one = next(row for row in rows if belongs(spoken)[row["text"]] == other)
    version = act(spoken, "teach", topic=id, message=one["id"], like="more")
    assert belongs(spoken)[one["text"]] == id
    more(spoken, send)
    assert belongs(spoken)[one["text"]] == id, "what was taught survives"
    act(spoken, "undo", version=str(version))
    assert belongs(spoken)[one["text"]] == other
    act(spoken, "teach", topic=other, message=one["id"], like="less")
    assert belongs(spoken)[one["text"]] != other


def test_of_two_examples_of_one_message_the_last_counts_until_it_is_undone(spoken):
    with spoken.view(ANALYST) as view:
        row = (
            view.frame("message", ("id", "text")).select("id", "text").head(1).collect("pyarrow").to_arrow().to_pylist()
        )
    id = belongs(spoken)[row[0]["text"]]
    act(spoken, "teach", topic=id, message=row[0]["id"], like="more")
    last = act(spoken, "teach", topic=id, message=row[0]["id"], like="less")
    assert [one.more for one in spoken.topics.examples()] == [False]
    act(spoken, "undo", version=str(last))
    assert [one.more for one in spoken.topics.examples()] == [True]
    assert belongs(spoken)[row[0]["text"]] == id


def test_what_people_hold_is_neither_split_nor_merged_later(spoken, send):
    for topic in list(defined(spoken)):
        act(spoken, "pin", topic=topic.topic)
    held = belongs(spoken)
    more(spoken, send)
    assert {text: belongs(spoken)[text] for text in held if held[text]} == {t: id for t, id in held.items() if id}
    act(spoken, "unpin", topic=of(spoken, 0))
    assert not defined(spoken)[of(spoken, 0)].held


def test_an_undoing_leaves_alone_what_was_changed_again_since(spoken):
    id = of(spoken, 0)
    version = act(spoken, "rename", topic=id, name="Parcels")
    act(spoken, "rename", topic=id, name="Post")
    act(spoken, "undo", version=str(version))
    assert defined(spoken)[id].name == "Post"


def test_answers_as_of_an_earlier_moment_keep_its_topics_and_names(spoken):
    id, moment, before_ = of(spoken, 0), spoken.clock(), counts(spoken)
    act(spoken, "rename", topic=id, name="Post")
    act(spoken, "merge", topic=of(spoken, 1), into=id)
    assert counts(spoken, as_of=moment) == before_
    assert counts(spoken) != before_


def test_the_negative_share_of_a_topic_is_that_of_its_messages(spoken):
    id = of(spoken, 0)
    texts = [text for text, topic in belongs(spoken).items() if topic == id]
    naive = 100 * sum(text[-1] in "02468" for text in texts) / len(texts)
    found_ = counts(spoken, metric="negative_share")[defined(spoken)[id].name]
    assert abs(found_ - naive) < 1e-6


def test_who_may_not_change_topics_cannot(spoken):
    agent = Viewer("user:ben", frozenset({"agent"}))
    with pytest.raises(NotAllowed, match="operate"):
        do(spoken, "rename", {"topic": of(spoken, 0), "name": "Mine"}, agent, NOW)


@pytest.mark.parametrize(
    ("action", "fields", "said"),
    [
        ("explode", {}, "cannot be done to topics; there are: rename"),
        ("rename", {"topic": "topic-1"}, "say also: name"),
        ("rename", {"topic": "topic-1", "name": " "}, "1 to 80 characters"),
        ("rename", {"topic": "topic-1", "name": "x" * 81}, "this one has 81"),
        ("merge", {"topic": "topic-1", "into": "topic-1"}, "into itself"),
        ("teach", {"topic": "topic-1", "message": "m", "like": "much"}, "more or less"),
        ("undo", {"version": "-1"}, "not the number of a change"),
        ("undo", {"version": "1"}, "corrected, not undone"),
    ],
)
def test_what_cannot_be_done_is_said(spoken, action, fields, said):
    with pytest.raises(BadSettings, match=said):
        do(spoken, action, fields, ANALYST, NOW)


def test_a_topic_that_is_gone_is_not_changed(spoken):
    act(spoken, "delete", topic=of(spoken, 0))
    gone = next(topic for topic in defined(spoken).topics.values() if not topic.open)
    with pytest.raises(BadSettings, match="is deleted"):
        act(spoken, "rename", topic=gone.topic, name="x")
    with pytest.raises(NotFound, match="no topic 'topic-99'"):
        act(spoken, "rename", topic="topic-99", name="x")


def test_a_change_on_an_older_version_is_refused(spoken):
    id = of(spoken, 0)
    late = replace(rename(spoken, id, "Late", who="user:ann", now=NOW), on=spoken.topics.version())
    act(spoken, "rename", topic=id, name="First")
    with pytest.raises(TryLater, match="at the same time"):
        spoken.topics.change(late)
    assert defined(spoken)[id].name == "First"


def test_a_search_that_was_overtaken_by_a_change_is_not_used(spoken):
    on, drawn = spoken.topics.version(), sample(spoken)
    past = before(spoken, drawn)
    made = search(drawn, past)
    act(spoken, "rename", topic=of(spoken, 0), name="First")
    with pytest.raises(TryLater):
        spoken.topics.change(outcome(spoken, drawn, past, made, on=on, now=NOW))


def test_no_embedding_of_a_message_is_kept_in_what_sorts(spoken):
    model = from_bytes(spoken.topics.model())
    own = np.concatenate([FIRST.embeddings.astype(np.float16).astype(np.float32)])
    alike = model.anchors @ own.T
    assert alike.max() < 0.999, f"parts of fewer than {LEAST} messages are left out"


def test_quotes_are_of_the_topic_and_differ(spoken):
    id = of(spoken, 4)
    with spoken.view(ANALYST) as view:
        numbers = quotes(view, id, 4)
        rows = view.frame("message", ("text",)).select("n", "text").collect("pyarrow").to_arrow().to_pylist()
    texts = [row["text"] for row in rows if row["n"] in numbers]
    assert len(set(texts)) == 4
    assert {belongs(spoken)[text] for text in texts} == {id}


def test_what_is_erased_leaves_no_embedding_example_or_assignment(tmp_path):
    full = shop.open_shop(tmp_path / "shop")
    full.take("message", records(FIRST), read=False)
    read(full.store, FIRST)
    found(full.store)
    with full.store.view(ANALYST) as view:
        rows = view.frame("message").select("id", "n", "person").collect("pyarrow").to_arrow().to_pylist()
    person = rows[0]["person"]
    theirs = {row["n"] for row in rows if row["person"] == person}
    act(full.store, "teach", topic="topic-1", message=rows[0]["id"], like="more")
    officer = Viewer("user:pia", frozenset({"privacy officer"}))
    with full.upkeep(Request({"type": "http", "query_string": b""})) as upkeep:
        upkeep.erasing.forget([f"p_{person:016x}"], officer, shop.NOW)
    left, _ = full.store.topics.vectors(sorted(row["n"] for row in rows))
    assert set(left.tolist()) == {row["n"] for row in rows} - theirs
    assert full.store.topics.examples() == []
    with full.store.view(ANALYST) as view:
        assigned = view.frame("assignment").select("n").collect("pyarrow").to_arrow()["n"].to_pylist()
    assert set(assigned) & theirs == set()
    full.close()


def test_what_people_refused_is_neither_looked_at_nor_counted(place, send, store):
    send("message", records(FIRST))
    send("consent", [{"person": "p3", "purpose": "insight", "granted": False, "basis": "consent", "source": "form"}])
    read(store, FIRST)
    found(store)
    refused = {one["text"] for one in records(FIRST) if one["person"] == "p3"}
    assert not refused & set(sample(store).texts)
    assert sum(counts(store).values()) == len(FIRST.texts) - len(refused)


def test_parts_of_a_merged_topic_that_are_joined_later_leave_it_its_messages(spoken, send):
    first, second = of(spoken, 0), of(spoken, 1)
    act(spoken, "merge", topic=first, into=second)
    act(spoken, "unpin", topic=second)
    more(spoken, send)
    where = {of(spoken, truth) for truth in (0, 1)}
    assert None not in where
    assert all(defined(spoken)[id].open for id in where)


def test_a_merge_is_undone_after_a_split_of_what_it_made(spoken, send):
    first, second = of(spoken, 0), of(spoken, 1)
    before_ = belongs(spoken)
    merged = act(spoken, "merge", topic=first, into=second)
    divided = act(spoken, "split", topic=second)
    act(spoken, "undo", version=str(divided))
    act(spoken, "undo", version=str(merged))
    assert belongs(spoken) == before_
    more(spoken, send)
    assert agreement(MORE, belongs(spoken)) > 0.98
    assert {of(spoken, 0), of(spoken, 1)} == {first, second}


def test_a_split_that_was_merged_the_other_way_is_not_undone_into_nothing(spoken):
    id = of(spoken, 0)
    version = act(spoken, "split", topic=id)
    new = next(told.topic for told in spoken.topics.story(id) if told.kind == "split")
    act(spoken, "merge", topic=id, into=new)
    with pytest.raises(BadSettings, match="undo that first"):
        act(spoken, "undo", version=str(version))
    assert defined(spoken)[new].open


def test_a_merge_that_went_on_is_undone_with_its_messages(spoken):
    first, second, third = (of(spoken, truth) for truth in range(3))
    before_ = belongs(spoken)
    one = act(spoken, "merge", topic=first, into=second)
    act(spoken, "merge", topic=second, into=third)
    act(spoken, "undo", version=str(one))
    mine = {text for text, id in before_.items() if id == first}
    assert {belongs(spoken)[text] for text in mine} == {first}


def test_undoing_a_move_leaves_no_message_under_a_theme_that_is_gone(spoken, send):
    id = of(spoken, 3)
    version = act(spoken, "move", topic=id, theme="Kitchen")
    few = planted(2, spread=0.4, seed=11)
    send("message", records(few, start=20_000))
    read(spoken, FIRST, few)
    kept(spoken)
    act(spoken, "undo", version=str(version))
    assert set(counts(spoken, "theme")) <= {*(topic.theme_name for topic in defined(spoken)), ""}


def test_messages_are_not_sorted_by_topics_that_changed_meanwhile(spoken, send):
    how = sorting(spoken)
    few = planted(2, spread=0.4, seed=11)
    send("message", records(few, start=20_000))
    read(spoken, FIRST, few)
    act(spoken, "merge", topic=of(spoken, 0), into=of(spoken, 1))
    with pytest.raises(TryLater, match="changed while"):
        sort_new(spoken, how)
    kept(spoken)
    assert all(defined(spoken)[id].open for id in belongs(spoken).values() if id)


def test_an_identifier_in_a_name_goes_with_the_person(tmp_path):
    full = shop.open_shop(tmp_path / "shop")
    full.take("message", [*records(FIRST), {"id": "bob", "text": "parcel", "person": "bob_4242"}], read=False)
    read(full.store, FIRST)
    found(full.store)
    act(full.store, "rename", topic="topic-1", name="Complaints of bob_4242")
    officer = Viewer("user:pia", frozenset({"privacy officer"}))
    with full.upkeep(Request({"type": "http", "query_string": b""})) as upkeep:
        upkeep.erasing.forget(["bob_4242"], officer, shop.NOW)
    left = [topic.name for topic in defined(full.store).topics.values()]
    told = [str(past.details) for past in full.store.topics.changes()]
    assert not any("bob" in text for text in (*left, *told))
    assert any("Complaints of ____" in text for text in left)
    full.close()
