"""What finding topics changes: what people corrected stays as they made it, and every message is sorted anew."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import narwhals.stable.v2 as nw
import pyarrow as pa
import pyarrow.compute as pc

from heedful.catalogue.find import Before
from heedful.catalogue.model import from_bytes, model, with_old
from heedful.catalogue.sample import Sample
from heedful.catalogue.sort import Sorting, assignments, placed, taught
from heedful.catalogue.topic import DELETED, FADED, MERGED, Catalogue, Topic, apart, catalogue, table
from heedful.insight.topics import Event, Known, Topics, first, match
from heedful.insight.topics.found import NONE
from heedful.insight.topics.points import likeness
from heedful.language.unread import READER
from heedful.records import GIVEN
from heedful.store.facts import Store
from heedful.store.topics import Change, Told

SORTED_AT_ONCE = 20_000
FOUND = "found"
FINDER = "heedful"


def outcome(store: Store, drawn: Sample, past: Before | None, found: Topics, *, on: int, now: datetime) -> Change:
    """Definitions, what sorts messages, and where every message belongs, as a change to be made on a version."""
    known, events = first(found, at=now) if past is None else match(past.known, found, at=now)
    defined = catalogue(store.topics.defined())
    born = _born(drawn, found, now)
    rows = {**_rows(defined, known, born), **_gone(defined, known, events)}
    after = Catalogue({**defined.topics, **rows})
    new = model(found, known.ids)
    if body := store.topics.model():
        new = with_old(new, from_bytes(body), _lasting(after))
    how = Sorting(new, after, taught(store, store.topics.examples(), new, after))
    other = [row for id, row in rows.items() if defined.topics.get(id) != row]
    return Change(
        FOUND,
        FINDER,
        now,
        {"messages": store.topics.embedded(), "topics": len(list(after))},
        topics=table(other) if other else None,
        assignments=_everywhere(store, drawn, found, known, how),
        story=[_told(event, dict(zip(known.ids, born, strict=True)) if past is None else {}) for event in events],
        model=new.to_bytes(),
        on=on,
    )


def _lasting(after: Catalogue) -> set[str]:
    """Topics that messages are sorted into, or away from, although they were not found again: held ones and parts."""
    held = {id for id in after.topics if (end := after.resolved(id)) is not None and end.held}
    return held | {id for id, topic in after.topics.items() if topic.state == DELETED}


def _told(event: Event, born: Mapping[str, datetime]) -> Told:
    return Told(event.kind, event.topic, event.of, born.get(event.topic, event.at))


def _born(drawn: Sample, found: Topics, now: datetime) -> list[datetime]:
    """The day on which the first message of each topic was written: its time would tell which message it was."""
    born = [now.replace(tzinfo=None)] * len(found.leaves)
    for at, leaf in zip(drawn.at, found.leaf.tolist(), strict=True):
        if at is not None and leaf != NONE:
            born[leaf] = min(born[leaf], at)
    return [at.replace(hour=0, minute=0, second=0, microsecond=0) for at in born]


def _rows(defined: Catalogue, known: Known, born: Sequence[datetime]) -> dict[str, Topic]:
    """Topics that were found, as they are defined now; new names only where the old ones do not fit any more.

    A topic stays in its theme, so that themes mean the same from one time to the next.
    """
    named = _theme_names(defined, known)
    rows: dict[str, Topic] = {}
    for at, (id, leaf) in enumerate(zip(known.ids, known.topics.leaves, strict=True)):
        old = defined.topics.get(id)
        # a first search may have seen the newest messages alone: older ones of the topic came later
        since = min(old.born_at, born[at]) if old else born[at]
        if old and (old.held or not old.open):
            rows[id] = replace(old, born_at=since)
            continue
        theme = old.theme if old and old.theme in named else known.theme_ids[leaf.theme]
        name, fixed = named[str(theme)]
        told = old.name if old and _fits(old.name, leaf.words) else leaf.name
        rows[id] = Topic(id, told, leaf.words, theme, name, since, theme_held=fixed)
    return _apart(rows, defined)


def _apart(rows: Mapping[str, Topic], defined: Catalogue) -> dict[str, Topic]:
    """No two open topics of one name: a later one is numbered."""
    taken = {topic.name for topic in defined if topic.topic not in rows}
    made: dict[str, Topic] = {}
    for id, topic in sorted(rows.items(), key=lambda one: not one[1].held):
        name = apart(topic.name, taken) if topic.open else topic.name
        taken.add(name)
        made[id] = replace(topic, name=name)
    return made


def _theme_names(defined: Catalogue, known: Known) -> dict[str, tuple[str, bool]]:
    """What each theme is called, and whether people called it so."""
    named = {topic.theme: (topic.theme_name or "", topic.theme_held) for topic in defined if topic.theme}
    for id, theme in zip(known.theme_ids, known.topics.themes, strict=True):
        if id not in named:
            named[id] = (apart(theme.name, {name for name, _ in named.values()}), False)
    return named


def _fits(name: str, words: Sequence[str]) -> bool:
    """Whether a name still has one of the words that tell a topic from the others."""
    said = {word.strip(",").casefold() for word in name.split()}
    return any(word.casefold() in said for word in words)


def _gone(defined: Catalogue, known: Known, events: Sequence[Event]) -> dict[str, Topic]:
    """Open topics that were not found again: merged or faded; held ones stay."""
    into = {old: event.topic for event in events if event.kind == "merged" for old in event.of}
    ends = {end.topic for id in known.ids if (end := defined.resolved(id))}  # of their parts some were found
    left = [topic for topic in defined if topic.topic not in ends and not topic.held]
    goes = {topic.topic: into.get(topic.topic) for topic in left}
    return {
        topic.topic: replace(topic, state=MERGED if goes[topic.topic] else FADED, into=goes[topic.topic])
        for topic in left
    }


def _everywhere(store: Store, drawn: Sample, found: Topics, known: Known, how: Sorting) -> pa.Table:
    """Assignments of all messages that belong elsewhere than before, or were not sorted yet."""
    with store.view(READER) as view:
        came = view.frame("message", ("id", "direction")).filter(nw.col("direction") == "in").select("n", "id")
        read = came.join(view.frame("reading").select("n"), on="n", how="semi").sort("n")
        rows = read.collect("pyarrow").to_arrow()
        sorted_ = view.frame("assignment", ("topic", "theme")).select("n", "topic", "theme")
        was = {n: (topic, theme) for n, topic, theme in sorted_.collect("pyarrow").iter_rows()}
    inside = _inside(drawn, found, known, how)
    inside |= _staying(how.catalogue, was, inside)
    parts = [GIVEN["assignment"].empty_table()]
    for at in range(0, len(rows), SORTED_AT_ONCE):
        made = _placed(store, how, rows.slice(at, SORTED_AT_ONCE), inside)
        now = zip(made["n"].to_pylist(), made["topic"].to_pylist(), made["theme"].to_pylist(), strict=True)
        parts.append(made.filter(pa.array([was.get(n) != (topic, theme) for n, topic, theme in now], pa.bool_())))
    return pa.concat_tables(parts)


def _staying(
    after: Catalogue, was: Mapping[int, tuple[str | None, str | None]], inside: Mapping[int, object]
) -> dict[int, tuple[Topic | None, float]]:
    """Messages outside the sample whose topic is held stay in it."""
    held = {topic.topic: topic for topic in after if topic.held}
    return {n: (held[id], 0.0) for n, (id, _) in was.items() if id in held and n not in inside}


def _inside(drawn: Sample, found: Topics, known: Known, how: Sorting) -> dict[int, tuple[Topic | None, float]]:
    """Where the messages of the sample belong: what people taught counts more than what was found."""
    owners = [*(how.catalogue.resolved(id) for id in known.ids), None]
    inside = found.leaf != NONE
    alike = likeness(drawn.vectors, found.centroids, found.leaf.clip(0)) * inside if len(owners) > 1 else inside * 0.0
    placed = {
        n: (owners[leaf], float(score))
        for n, leaf, score in zip(drawn.n.tolist(), found.leaf.tolist(), alike.tolist(), strict=True)
    }
    if how.taught is not None:
        topics, near = how.place(drawn.vectors)
        touched = {how.model.ids[leaf] for leaf in how.taught.leaf.tolist()}
        for n, topic, score in zip(drawn.n.tolist(), topics, near.tolist(), strict=True):
            was = placed[n][0]
            if (topic and topic.topic in touched) or (was and was.topic in touched):
                placed[n] = (topic, score)
    return placed


def _placed(store: Store, how: Sorting, rows: pa.Table, inside: Mapping[int, tuple[Topic | None, float]]) -> pa.Table:
    """Where messages belong: those of the sample as it says, others as they are sorted."""
    drawn = pa.array([n in inside for n in rows["n"].to_pylist()], pa.bool_())
    others = placed(store, how, rows.filter(pc.invert(drawn)))
    return pa.concat_tables([assignments(rows.filter(drawn), inside), others])
