"""Finding the topics of a workspace, at first and again, from what is known of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from heedful.catalogue.model import from_bytes
from heedful.catalogue.sample import Sample
from heedful.catalogue.topic import DELETED, Catalogue, Topic, catalogue, number
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
    """The topics there are, over a sample; None where none were found yet.

    Topics that people merged are still told apart here: what went into another one is a part of it, found by itself.
    """
    body = store.topics.model()
    if body is None:
        return None
    old, known = from_bytes(body), catalogue(store.topics.defined())
    ends = [known.end(id) for id in old.ids]
    live = [at for at, end in enumerate(ends) if end is not None]
    owners = [end.topic for end in ends if end is not None]
    leaf = _leaves(store, drawn, known, old.centroids[live], owners)
    place = np.full(len(old.ids), NONE, np.int64)
    place[live] = np.arange(len(live))
    kept = np.flatnonzero(place[old.anchor_leaf] != NONE)
    themes = sorted({known.topics[id].theme or "" for id in owners}, key=number)
    leaves = tuple(_leaf(known.topics[id], themes) for id in owners)
    was = Topics(
        drawn.ids,
        leaf,
        leaves,
        tuple(Theme(id, (), 0, ()) for id in themes),
        _middles(drawn, leaf, old.centroids[live]),
        old.anchors[kept],
        place[old.anchor_leaf[kept]],
        np.ones(len(kept), np.float32),
        old.floor[live],
    )
    given = [(id.partition("-")[0], number(id)) for id in store.topics.given()]
    most = {kind: max((held for name, held in given if name == kind), default=0) for kind in ("topic", "theme")}
    fixed = tuple(at for at, id in enumerate(owners) if known.topics[id].held or known.topics[id].state == DELETED)
    ids = tuple(old.ids[at] for at in live)
    return Before(Known(was, ids, tuple(themes), most["topic"], most["theme"]), fixed)


def _leaves(store: Store, drawn: Sample, known: Catalogue, middles: Floats, owners: Sequence[str]) -> Numbers:
    """The part that each message of the sample is in: of the parts of its topic the one that it is most like."""
    with store.view(READER) as view:
        rows = view.frame("assignment", ("topic",)).select("n", "topic").collect("pyarrow").to_arrow()
    belongs = dict(zip(rows["n"].to_pylist(), rows["topic"].to_pylist(), strict=True))
    belongs |= store.topics.kept_out([one.topic for one in known.topics.values() if one.state == DELETED])
    topics = np.array([belongs.get(n) or "" for n in drawn.n.tolist()])
    leaf = np.full(len(topics), NONE, np.int64)
    for id in set(owners):
        parts = np.array([at for at, owner in enumerate(owners) if owner == id], np.int64)
        mine = np.flatnonzero(topics == id)
        leaf[mine] = parts[(drawn.vectors[mine] @ middles[parts].T).argmax(axis=1)]
    return leaf


def _middles(drawn: Sample, leaf: Numbers, old: Floats) -> Floats:
    """The mean direction of each part's messages in the sample; of one that has none there, where it was."""
    held = leaf != NONE
    made = unit(means(drawn.vectors[held], leaf[held], len(old), np.ones(int(held.sum()), np.float32)))
    none = np.bincount(leaf[held], minlength=len(old)) == 0
    made[none] = old[none]
    return made


def _leaf(topic: Topic, themes: Sequence[str]) -> Leaf:
    return Leaf(topic.name, topic.words, 0, themes.index(topic.theme or ""), ())
