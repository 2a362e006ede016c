"""New messages sorted into the topics that there are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import narwhals.stable.v2 as nw
import numpy as np
import pyarrow as pa

from heedful.catalogue.model import Model, from_bytes
from heedful.catalogue.topic import Catalogue, Topic, catalogue
from heedful.insight.topics.found import Floats
from heedful.insight.topics.join import Taught, join
from heedful.language.unread import READER
from heedful.records import GIVEN
from heedful.store.facts import Store
from heedful.store.topics import TAXONOMY, Example

AT_ONCE = 5_000
"""Messages that are sorted at a time."""


@dataclass(frozen=True, eq=False)
class Sorting:
    """Everything that says where a message belongs."""

    model: Model
    catalogue: Catalogue
    taught: Taught | None
    version: int = 0

    def place(self, vectors: Floats) -> tuple[list[Topic | None], Floats]:
        """The topic of each message, or None, and how like its middle it is."""
        leaf, alike = join(self.model, vectors, self.taught)
        owners = [*(self.catalogue.resolved(id) for id in self.model.ids), None]  # no leaf is the last one
        return [owners[at] for at in leaf.tolist()], alike


def sorting(store: Store) -> Sorting | None:
    """What sorts messages today; None where no topics were found yet."""
    version, body = store.topics.version(), store.topics.model()
    if body is None:
        return None
    model = from_bytes(body)
    known = catalogue(store.topics.defined())
    return Sorting(model, known, taught(store, store.topics.examples(), model, known), version)


def taught(store: Store, examples: Sequence[Example], model: Model, known: Catalogue) -> Taught | None:
    """Examples as they count in sorting; those of topics that are gone count for what they went into."""
    leaves = {id: at for at, id in enumerate(model.ids)}
    owned = [(one, topic) for one in examples if (topic := known.resolved(one.topic)) and topic.topic in leaves]
    n, vectors = store.topics.vectors([one.n for one, _ in owned])
    place = {number: at for at, number in enumerate(n.tolist())}
    held = [(place[one.n], leaves[topic.topic], one.more) for one, topic in owned if one.n in place]
    if not held:
        return None
    rows, leaf, more = (np.array(column, np.int64) for column in zip(*held, strict=True))
    return Taught(vectors[rows], leaf, more)


def waiting(store: Store, most: int, after: int = 0) -> tuple[pa.Table, int]:
    """Messages (n, id) that were read and not sorted yet, and the number of the last reading that there was.

    Only readings numbered after one are looked through: those before were sorted.
    """
    with store.view(READER) as view:
        came = view.frame("message", ("id", "direction")).filter(nw.col("direction") == "in").select("n", "id")
        read = view.frame("reading", ("r",)).filter(nw.col("r") > after).select("n")
        done = view.frame("assignment", ("topic",)).select("n")
        left = came.join(read, on="n", how="semi").join(done, on="n", how="anti")
        found: pa.Table = left.sort("n").head(most).collect("pyarrow").to_arrow()
        last = int(view.as_of.partition("-")[2])
    return found, last


def sort_new(store: Store, how: Sorting, after: int = 0) -> tuple[int, int]:
    """Sort some of the messages read after a reading; how many there were, and after which one to go on."""
    rows, last = waiting(store, AT_ONCE, after)
    if rows.num_rows:
        store.topics.sort(placed(store, how, rows), on=how.version)
    return int(rows.num_rows), after if rows.num_rows == AT_ONCE else last


def placed(store: Store, how: Sorting, rows: pa.Table) -> pa.Table:
    """Assignments of messages (n, id); one without an embedding belongs nowhere."""
    n, vectors = store.topics.vectors(rows["n"].to_pylist())
    topics, alike = how.place(vectors)
    found = {number: (topic, score) for number, topic, score in zip(n.tolist(), topics, alike.tolist(), strict=True)}
    return assignments(rows, found)


def assignments(rows: pa.Table, found: Mapping[int, tuple[Topic | None, float]]) -> pa.Table:
    """As the store takes them."""
    numbers = rows["n"].to_pylist()
    placed = [found.get(number, (None, 0.0)) for number in numbers]
    columns = {
        "n": rows["n"],
        "message": rows["id"],
        "taxonomy": pa.repeat(TAXONOMY, len(numbers)),
        "version": pa.repeat("", len(numbers)),
        "topic": [topic and topic.topic for topic, _ in placed],
        "theme": [topic and topic.theme for topic, _ in placed],
        "score": [score if topic else None for topic, score in placed],
    }
    shape = GIVEN["assignment"]
    return pa.table([columns[name] for name in shape.names], schema=shape)
