"""What people do to topics: each is one change, which can be undone."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import narwhals.stable.v2 as nw
import numpy as np
import pyarrow as pa

from heedful.catalogue.model import LEAST, Model, from_bytes
from heedful.catalogue.sort import Sorting, assignments, placed, taught
from heedful.catalogue.topic import DELETED, MERGED, Catalogue, Topic, apart, catalogue, number, table
from heedful.errors import BadSettings, NotFound
from heedful.insight.topics.discover import discover
from heedful.insight.topics.found import Floats
from heedful.language.unread import READER
from heedful.records import GIVEN
from heedful.store.facts import Store
from heedful.store.topics import Change, Example, Move, Told

LONGEST = 80
"""Characters of a name."""
MOST_SPLIT = 5_000
"""Messages of a topic that are looked at where it is split."""
AT_ONCE = 20_000
FEW = 10
"""Fewer messages that moved are not counted for everybody to read."""
ALIKE = 0.5
"""Messages that are less like every example (cosine) stay where they are when a topic is taught."""


def rename(store: Store, id: str, name: str, *, who: str, now: datetime) -> Change:
    """Another name."""
    known = catalogue(store.topics.defined())
    topic = _open(known, id)
    called = _name(known, name, but=id)
    details = {"topic": id, "name": called, "before": topic.name}
    changed = replace(topic, name=called, held=True)
    return _change("rename", who, now, details, [changed], [_told("renamed", id, now)])


def rename_theme(store: Store, id: str, name: str, *, who: str, now: datetime) -> Change:
    """Another name for a theme."""
    known = catalogue(store.topics.defined())
    topics = known.themes().get(id)
    if not topics:
        raise NotFound(f"there is no theme {id[:40]!r}; /topics shows those there are")
    called = _said(name)
    details = {"theme": id, "name": called, "before": topics[0].theme_name}
    changed = [replace(topic, theme_name=called, theme_held=True) for topic in topics]
    return _change("rename theme", who, now, details, changed)


def merge(store: Store, id: str, into: str, *, who: str, now: datetime) -> Change:
    """All messages of a topic go into another one."""
    known = catalogue(store.topics.defined())
    topic, other = _open(known, id), _open(known, into)
    if topic.topic == other.topic:
        raise BadSettings("a topic cannot be merged into itself: choose another one")
    rows = [replace(topic, state=MERGED, into=into), replace(other, held=True)]
    details = {"topic": id, "name": topic.name, "into": into, "into_name": other.name}
    told = [Told("merged", into, (id,), now)]
    return _change("merge", who, now, details, rows, told, moves=[Move(id, into, other.theme)])


def move(store: Store, id: str, theme: str, *, who: str, now: datetime) -> Change:
    """Under another theme: one that there is, or else a new one of that name."""
    known = catalogue(store.topics.defined())
    topic = _open(known, id)
    if theme in known.themes():
        above = known.themes()[theme][0]
        named = (theme, above.theme_name, above.theme_held)
    else:
        named = (f"theme-{_next(store, 'theme')}", _said(theme), True)
    changed = replace(topic, theme=named[0], theme_name=named[1], theme_held=named[2], held=True)
    details = {"topic": id, "name": topic.name, "theme": named[1], "before": topic.theme_name}
    return _change("move", who, now, details, [changed], [_told("moved", id, now)], moves=[Move(id, id, named[0])])


def hold(store: Store, id: str, held: bool, *, who: str, now: datetime) -> Change:
    """Whether later runs leave it as it is."""
    topic = _open(catalogue(store.topics.defined()), id)
    details = {"topic": id, "name": topic.name}
    return _change("pin" if held else "unpin", who, now, details, [replace(topic, held=held)])


def delete(store: Store, id: str, *, who: str, now: datetime) -> Change:
    """No topic: its messages belong nowhere, and so do later ones that are like them."""
    topic = _open(catalogue(store.topics.defined()), id)
    details = {"topic": id, "name": topic.name}
    rows, told = [replace(topic, state=DELETED)], [_told("deleted", id, now)]
    return _change("delete", who, now, details, rows, told, moves=[Move(id, None, None)])


def split(store: Store, id: str, *, who: str, now: datetime) -> Change:
    """In two: the larger part goes on as the topic, the other one is a new topic."""
    known = catalogue(store.topics.defined())
    topic = _open(known, id)
    n, ids, texts = _members(store, id)
    numbers, vectors = store.topics.vectors(n[:MOST_SPLIT])
    place = {number: at for at, number in enumerate(n)}
    said = [texts[place[number]] for number in numbers.tolist()]
    keys = [ids[place[number]] for number in numbers.tolist()]
    if len({" ".join((text or "").casefold().split()) for text in said}) < 2:
        raise BadSettings(f"{topic.name} has too few different messages to be split")
    found = discover(said, vectors, keys=keys, count=2)
    if min(leaf.size for leaf in found.leaves) < LEAST:
        raise BadSettings(f"{topic.name} has no two halves of {LEAST} messages at least: it is not split")
    smaller = 1
    born = replace(
        topic,
        topic=f"topic-{_next(store, 'topic')}",
        name=apart(found.leaves[smaller].name, {one.name for one in known}),
        words=found.leaves[smaller].words,
        held=True,
        born_at=now.replace(tzinfo=None),
    )
    old = from_bytes(store.topics.model() or b"")
    new = _halved(old, known, topic.topic, born.topic, found.centroids)
    rows = [replace(topic, held=True), born]
    details = {"topic": id, "name": topic.name, "new": born.topic, "new_name": born.name}
    told = [Told("split", born.topic, (id,), now)]
    moved = _second_half(store, n, ids, born, found.centroids)
    return _change("split", who, now, details, rows, told, sorted_=moved, model=new.to_bytes())


def teach(store: Store, id: str, message: str, more: bool, *, who: str, now: datetime) -> Change:
    """More like this message, or less: it and those like it are sorted anew."""
    known = catalogue(store.topics.defined())
    topic = _open(known, id)
    with store.view(READER) as view:
        found = view.frame("message", ("id",)).filter(nw.col("id") == message).select("n").collect("pyarrow").to_arrow()
    if not found.num_rows:
        raise NotFound(f"there is no message {message[:80]!r}")
    n = found["n"][0].as_py()
    _, vector = store.topics.vectors([n])
    old = from_bytes(store.topics.model() or b"")
    if not len(vector):
        raise BadSettings("this message has no text to learn from")
    examples = [one for one in store.topics.examples() if (one.n, one.topic) != (n, id)]
    example = Example(n, id, more)
    rows = [replace(topic, held=True)]
    after = Catalogue({**known.topics, id: rows[0]})
    how = Sorting(old, after, taught(store, [*examples, example], old, after))
    moved = _learned(store, how, id, vector, more)
    told_of = {} if moved.num_rows < FEW else {"moved": moved.num_rows}
    details = {"topic": id, "name": topic.name, "more": more, **told_of}
    told = [_told("taught", id, now)]
    return _change("teach", who, now, details, rows, told, sorted_=moved, taught=[example])


def _learned(store: Store, how: Sorting, id: str, vector: Floats, more: bool) -> pa.Table:
    """Messages that belong elsewhere by a new example: those of the topic, and for more of it all that are like it."""
    with store.view(READER) as view:
        rows = view.frame("assignment", ("message", "topic")).select("n", nw.col("message").alias("id"), "topic")
        every = (rows if more else rows.filter(nw.col("topic") == id)).sort("n").collect("pyarrow").to_arrow()
    parts = [GIVEN["assignment"].empty_table()]
    for at in range(0, len(every), AT_ONCE):
        some = every.slice(at, AT_ONCE)
        n, vectors = store.topics.vectors(some["n"].to_pylist())
        near = set(n[(vectors @ vector[0]) >= ALIKE].tolist())
        held = some.filter(pa.array([number in near for number in some["n"].to_pylist()], pa.bool_()))
        made = placed(store, how, held)
        other = [was != now for was, now in zip(held["topic"].to_pylist(), made["topic"].to_pylist(), strict=True)]
        touched = [id in pair for pair in zip(held["topic"].to_pylist(), made["topic"].to_pylist(), strict=True)]
        parts.append(made.filter(pa.array([a and b for a, b in zip(other, touched, strict=True)], pa.bool_())))
    return pa.concat_tables(parts)


def _second_half(store: Store, n: Sequence[int], ids: Sequence[str], born: Topic, centroids: Floats) -> pa.Table:
    """Assignments of the messages that are nearer the second of two middles."""
    away: dict[int, tuple[Topic | None, float]] = {}
    for at in range(0, len(n), AT_ONCE):
        numbers, vectors = store.topics.vectors(n[at : at + AT_ONCE])
        alike = vectors @ centroids.T
        for number_, (first, second) in zip(numbers.tolist(), alike.tolist(), strict=True):
            if second > first:
                away[number_] = (born, second)
    rows = pa.table({"n": pa.array(n, pa.int64()), "id": pa.array(ids, pa.string())})
    return assignments(rows.filter(pa.array([one in away for one in n], pa.bool_())), away)


def _members(store: Store, id: str) -> tuple[list[int], list[str], list[str | None]]:
    """Messages of a topic in the order of their keys: row numbers, ids, texts."""
    with store.view(READER) as view:
        frame = view.frame("message", ("id", "key", "text", "read_topic")).filter(nw.col("read_topic") == id)
        rows = frame.sort("key").select("n", "id", "text").collect("pyarrow").to_arrow()
    return rows["n"].to_pylist(), rows["id"].to_pylist(), rows["text"].to_pylist()


def _halved(old: Model, known: Catalogue, id: str, new: str, centroids: Floats) -> Model:
    """A model in which a topic, and all that went into it, has two halves: each part is whose middle it is nearest."""
    resolved = [topic.topic if (topic := known.resolved(one)) else None for one in old.ids]
    mine = [at for at, one in enumerate(resolved) if one == id]
    if id not in old.ids:
        raise BadSettings("nothing is sorted into this topic any more: merge it into another one, or delete it")
    place, last = old.ids.index(id), len(old.ids)
    half = (old.anchors @ centroids.T).argmax(axis=1)
    inside = np.isin(old.anchor_leaf, mine)
    whose = np.where(inside & (half == 1), last, old.anchor_leaf)
    middles = np.concatenate([old.centroids, centroids[1:]])
    middles[place] = centroids[0]
    lowest = min(float(old.floor[at]) for at in mine)
    floor = np.append(old.floor, np.float32(lowest)).astype(np.float32)
    floor[place] = lowest
    anchors = np.concatenate([old.anchors, centroids])
    return Model((*old.ids, new), middles, floor, anchors, np.concatenate([whose, [place, last]]))


def _change(
    action: str,
    who: str,
    now: datetime,
    details: Mapping[str, object],
    rows: Sequence[Topic],
    story: Sequence[Told] = (),
    *,
    moves: Sequence[Move] = (),
    sorted_: pa.Table | None = None,
    model: bytes | None = None,
    taught: Sequence[Example] = (),
) -> Change:
    return Change(
        action,
        who,
        now,
        details,
        table(rows),
        sorted_,
        moves,
        story,
        model,
        taught,
    )


def _told(kind: str, id: str, now: datetime) -> Told:
    return Told(kind, id, (), now)


def _open(known: Catalogue, id: str) -> Topic:
    topic = known[id]
    if not topic.open:
        raise BadSettings(f"the topic {topic.name!r} is {topic.state}: undo that first")
    return topic


def _said(name: str) -> str:
    plain = " ".join(name.split())
    if not plain or len(plain) > LONGEST:
        raise BadSettings(f"a name has 1 to {LONGEST} characters; this one has {len(plain)}")
    return plain


def _name(known: Catalogue, name: str, *, but: str) -> str:
    plain = _said(name)
    if any(topic.name.casefold() == plain.casefold() and topic.topic != but for topic in known):
        raise BadSettings(f"there is a topic {plain!r} already: merge them, or take another name")
    return plain


def _next(store: Store, kind: str) -> int:
    return 1 + max((number(id) for id in store.topics.given() if id.startswith(f"{kind}-")), default=0)
