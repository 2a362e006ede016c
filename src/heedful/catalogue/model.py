"""What sorts messages: where each topic lies among the embeddings."""

import io
from dataclasses import dataclass

import numpy as np

from heedful.insight.topics.found import Floats, Numbers, Topics

NEVER = 2.0
"""No message is so like a topic's middle."""
LEAST = 3
"""Middles of fewer messages are not kept: the middle of one message would be that message's own embedding."""


@dataclass(frozen=True, eq=False)
class Model:
    """Topics by their place: ids, middles, how like a middle a message must be, and the middles of parts."""

    ids: tuple[str, ...]
    centroids: Floats
    floor: Floats
    anchors: Floats
    anchor_leaf: Numbers

    def places(self) -> dict[str, list[float]]:
        """Where to draw each topic, so that like ones stand near each other: x and y between -1 and 1.

        Classical scaling (Torgerson 1952) of the distances between the middles; the topics share the height evenly,
        and half of the width, so that their names can be read.
        """
        if len(self.ids) < 3:
            return {id: [0.0, float(at)] for at, id in enumerate(self.ids)}
        spread = (self.centroids - self.centroids.mean(axis=0)).astype(np.float64)
        left, size, _ = np.linalg.svd(spread, full_matrices=False)
        drawn = left[:, :2] * size[:2]
        drawn *= np.sign(drawn[np.abs(drawn).argmax(axis=0), [0, 1]])
        even = 2 * drawn.argsort(axis=0).argsort(axis=0) / (len(drawn) - 1) - 1
        x = (drawn[:, 0] / np.abs(drawn[:, 0]).max() + even[:, 0]) / 2
        return dict(zip(self.ids, np.stack([x, even[:, 1]], axis=1).tolist(), strict=True))

    def to_bytes(self) -> bytes:
        """As the store keeps it; numbers of 16 bits."""
        body = io.BytesIO()
        arrays = {name: getattr(self, name).astype(np.float16) for name in ("centroids", "floor", "anchors")}
        np.savez_compressed(body, ids=np.array(self.ids, np.str_), anchor_leaf=self.anchor_leaf, **arrays)
        return body.getvalue()


def from_bytes(body: bytes) -> Model:
    """What `to_bytes` made."""
    with np.load(io.BytesIO(body), allow_pickle=False) as held:
        wide = {name: held[name].astype(np.float32) for name in ("centroids", "floor", "anchors")}
        return Model(tuple(held["ids"].tolist()), anchor_leaf=held["anchor_leaf"].astype(np.int64), **wide)


def model(found: Topics, ids: tuple[str, ...]) -> Model:
    """What sorts messages into found topics."""
    large = found.anchor_sizes >= LEAST
    small = np.array([leaf.size < LEAST for leaf in found.leaves], np.bool_)
    centroids, floor = found.centroids.copy(), found.floor.copy()
    centroids[small], floor[small] = 0, NEVER
    anchors = np.concatenate([found.anchors[large], centroids])
    whose = np.concatenate([found.anchor_leaf[large], np.arange(len(ids))])
    return Model(ids, centroids, floor, anchors, whose)


def with_old(new: Model, old: Model, ids: set[str]) -> Model:
    """A model that goes on sorting into some topics of an earlier one, which were not found again."""
    kept = [at for at, id in enumerate(old.ids) if id in ids and id not in new.ids]
    if not kept:
        return new
    place = {at: len(new.ids) + number for number, at in enumerate(kept)}
    rows = np.flatnonzero(np.isin(old.anchor_leaf, kept))
    whose = np.array([place[at] for at in old.anchor_leaf[rows].tolist()], np.int64)
    return Model(
        (*new.ids, *(old.ids[at] for at in kept)),
        np.concatenate([new.centroids, old.centroids[kept]]),
        np.concatenate([new.floor, old.floor[kept]]),
        np.concatenate([new.anchors, old.anchors[rows]]),
        np.concatenate([new.anchor_leaf, whose]),
    )
