"""Finding the topics of a workspace, at first and again, from what is known of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from heedful.insight.catalogue.model import Model, from_bytes
from heedful.insight.catalogue.sample import Sample
from heedful.insight.catalogue.sort import leaf_of
from heedful.insight.catalogue.topic import DELETED, Catalogue, Topic, catalogue, number
from heedful.insight.topics import Known, Leaf, Theme, Topics, discover, renew
from heedful.insight.topics.found import NONE, Floats, Numbers
from heedful.insight.topics.points import means, unit
from heedful.language.unread import READER
from heedful.store.facts import Store


@dataclass(frozen=True, eq=False)
class Before:
    """The topics of before as the search for topics takes them, their ids, and which of them are held."""

    known: Known
    held: tuple[int, ...]


def search(drawn: Sample, before: Before | None) -> Topics:
    """The topics of a sample; the part that takes long, and needs nothing but its arguments."""
    if before is None:
        return discover(drawn.texts, drawn.vectors, keys=drawn.ids, fine=True)
    return renew(before.known.topics, drawn.texts, drawn.vectors, keys=drawn.ids, held=before.held)


def before(store: Store, drawn: Sample) -> Before | None:
    """The topics there are, over a sample; None where none were found yet."""
    body = store.topics.model()
    if body is None:
        return None
    old, known = from_bytes(body), catalogue(store.topics.defined())
    owners = [_end(known, id) for id in old.ids]
    live = sorted({id for id in owners if id is not None}, key=number)
    places = {id: at for at, id in enumerate(live)}
    with store.view(READER) as view:
        rows = view.frame("assignment", ("topic",)).select("n", "topic").collect("pyarrow").to_arrow()
    belongs = dict(zip(rows["n"].to_pylist(), rows["topic"].to_pylist(), strict=True))
    belongs |= store.topics.kept_out([one.topic for one in known.topics.values() if one.state == DELETED])
    leaf = leaf_of([belongs.get(n) for n in drawn.n.tolist()], places)
    centroids = _middles(drawn, leaf, old, owners, live)
    kept = np.array([at for at, whose in enumerate(old.anchor_leaf.tolist()) if owners[whose] is not None], np.int64)
    anchor_leaf = np.array([places[str(owners[old.anchor_leaf[at]])] for at in kept.tolist()], np.int64)
    floor = np.array([min(old.floor[at] for at, id in enumerate(owners) if id == one) for one in live], np.float32)
    themes = sorted({known.topics[id].theme or "" for id in live}, key=number)
    leaves = tuple(_leaf(known.topics[id], themes) for id in live)
    above = tuple(Theme(id, (), 0, ()) for id in themes)
    sizes = np.ones(len(kept), np.float32)
    was = Topics(drawn.ids, leaf, leaves, above, centroids, old.anchors[kept], anchor_leaf, sizes, floor)
    given = [(id.partition("-")[0], number(id)) for id in store.topics.given()]
    most = {kind: max((held for name, held in given if name == kind), default=0) for kind in ("topic", "theme")}
    fixed = tuple(places[id] for id in live if known.topics[id].held or known.topics[id].state == DELETED)
    return Before(Known(was, tuple(live), tuple(themes), most["topic"], most["theme"]), fixed)


def _end(known: Catalogue, id: str) -> str | None:
    """The open or deleted topic that a topic ended in; None where it faded."""
    seen: set[str] = set()
    while id in known.topics and id not in seen:
        seen.add(id)
        topic = known.topics[id]
        if topic.open or topic.state == DELETED:
            return id
        if topic.into is None:
            return None
        id = topic.into
    return None


def _middles(drawn: Sample, leaf: Numbers, old: Model, owners: Sequence[str | None], live: Sequence[str]) -> Floats:
    """The mean direction of each topic's messages in the sample; of one that has none there, where it was."""
    held = leaf != NONE
    even = np.ones(int(held.sum()), np.float32)
    made = unit(means(drawn.vectors[held], leaf[held], len(live), even))
    sizes = np.bincount(leaf[held], minlength=len(live))
    for at in np.flatnonzero(sizes == 0).tolist():
        made[at] = unit(old.centroids[[place for place, id in enumerate(owners) if id == live[at]]].mean(axis=0)[None])
    return made


def _leaf(topic: Topic, themes: Sequence[str]) -> Leaf:
    return Leaf(topic.name, topic.words, 0, themes.index(topic.theme or ""), ())
