"""Undoing a change of topics: what it changed goes back, and what was changed again since stays."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import narwhals.stable.v2 as nw
import pyarrow as pa

from heedful.catalogue.model import from_bytes
from heedful.catalogue.outcome import FOUND
from heedful.catalogue.sort import AT_ONCE, Sorting, placed, taught
from heedful.catalogue.topic import MERGED, Catalogue, Topic, catalogue, table
from heedful.errors import BadSettings, NotFound
from heedful.language.unread import READER
from heedful.records import GIVEN
from heedful.store.facts import Store
from heedful.store.topics import Change, Move, Past, Told

UNDO = "undo"


def undo(store: Store, version: int, *, who: str, now: datetime) -> Change:
    """The change that undoes another one; BadSettings where that cannot be."""
    past = next((one for one in store.topics.changes(10_000) if one.version == version), None)
    if past is None:
        raise NotFound(f"no change of topics has the number {version}")
    _check(past)
    before, known = store.topics.before(version), catalogue(store.topics.defined())
    rows = dict(catalogue([_merged(*one) for one in before.topics if one[0] is not None]).topics)
    rows |= _same_theme(store, past, rows)
    born = [str(now_row["topic"]) for was, _, now_row in before.topics if was is None]
    away, moves = _unborn(store, past, born)
    moves += [Move(id, id, row.theme) for id, row in rows.items() if row.open and known[id].theme != row.theme]
    restored = pa.concat_tables([before.assignments, _since(store, past, before.assignments, rows)])
    story = [Told("undone", id, (), now) for id in sorted({*rows, *born})]
    return Change(
        UNDO,
        who,
        now,
        {"action": past.action, **{name: past.details[name] for name in ("topic", "name") if name in past.details}},
        topics=table([*rows.values(), *away]) if rows or away else None,
        assignments=restored if restored.num_rows else None,
        moves=moves,
        story=story,
        undoes=version,
    )


def _check(past: Past) -> None:
    if past.undone:
        raise BadSettings(f"change {past.version} is undone already")
    if past.action == UNDO:
        raise BadSettings("an undoing is not undone: do again what it undid")
    if past.action == FOUND:
        raise BadSettings("topics that were found are corrected, not undone: rename, merge, split, move or delete them")


def _merged(was: Mapping[str, Any] | None, made: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """A topic as it is now, with what the change altered as it was before, where nobody altered it again."""
    old = was or {}
    return {
        name: old[name] if old.get(name) != made[name] and value == made[name] else value for name, value in now.items()
    }


def _since(store: Store, past: Past, back: pa.Table, rows: Mapping[str, Topic]) -> pa.Table:
    """Messages that came in since and would have been sorted into the topic that comes back, merged or deleted."""
    none = GIVEN["assignment"].empty_table()
    body = store.topics.model()
    if past.action not in ("merge", "delete") or body is None:
        return none
    known = catalogue(store.topics.defined())
    id, went = str(past.details["topic"]), past.details.get("into")
    end = known.resolved(went) if went else None  # it may have gone on since
    into = end.topic if end else None
    model, after = from_bytes(body), Catalogue({**known.topics, **rows})
    with store.view(READER) as view:
        where = nw.col("topic").is_null() if into is None else nw.col("topic") == nw.lit(into)
        held = view.frame("assignment", ("message", "topic")).filter(where)
        every = held.select("n", nw.col("message").alias("id")).sort("n").collect("pyarrow").to_arrow()
    there = set(back["n"].to_pylist())
    new = every.filter(pa.array([n not in there for n in every["n"].to_pylist()], pa.bool_()))
    how, parts = Sorting(model, after, taught(store, store.topics.examples(), model, after)), [none]
    for at in range(0, len(new), AT_ONCE):
        made = placed(store, how, new.slice(at, AT_ONCE))
        parts.append(made.filter(pa.array([topic == id for topic in made["topic"].to_pylist()], pa.bool_())))
    return pa.concat_tables(parts)


def _same_theme(store: Store, past: Past, rows: Mapping[str, Topic]) -> dict[str, Topic]:
    """Of a theme's new name: topics that joined the theme since lose it too."""
    if past.action != "rename theme":
        return {}
    called, old = past.details["name"], str(past.details["before"])
    joined = catalogue(store.topics.defined()).themes().get(str(past.details["theme"]), [])
    return {
        one.topic: replace(one, theme_name=old, theme_held=False)
        for one in joined
        if one.topic not in rows and one.theme_name == called
    }


def _unborn(store: Store, past: Past, born: list[str]) -> tuple[list[Topic], list[Move]]:
    """A topic that the change made goes back into the one that it was split from."""
    known = catalogue(store.topics.defined())
    if not born:
        return [], []
    back = known.resolved(str(past.details["topic"]))
    if back is None or back.topic in born:
        raise BadSettings(f"{past.details['name']!r} went on as another topic since: undo that first")
    gone = [known[id] for id in born if known[id].open]
    return [replace(one, state=MERGED, into=back.topic) for one in gone], [
        Move(one.topic, back.topic, back.theme) for one in gone
    ]
