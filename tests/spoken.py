"""A workspace of messages with known topics, read and embedded as a real one is."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa

from heedful.catalogue.doing import do
from heedful.catalogue.renewal import find, keep
from heedful.catalogue.topic import Catalogue, catalogue
from heedful.insight.ask import Question, ask
from heedful.language.annotate import MADE
from heedful.language.many import VECTOR
from heedful.language.unread import read_these, unread
from heedful.privacy.viewer import Viewer
from heedful.store.facts import Store
from planted import Planted

ANALYST = Viewer("user:ann", frozenset({"analyst"}), smallest=1)
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
BEGAN = datetime(2026, 5, 3, 8, tzinfo=UTC)


def records(of: Planted, *, start: int = 0) -> list[dict[str, object]]:
    """As they come in: one an hour, each from one of twenty people."""
    return [
        {"id": f"{start + at:06d}", "text": text, "person": f"p{at % 20}", "channel": ("chat", "review")[at % 2]}
        | {"occurred_at": (BEGAN + timedelta(hours=start + at)).isoformat()}
        for at, text in enumerate(of.texts)
    ]


def read(store: Store, *sets: Planted) -> None:
    """Read what waits: every second message is negative, and embeddings are the planted ones."""
    known = {text: vector for one in sets for text, vector in zip(one.texts, one.embeddings, strict=True)}

    def annotate(batch: pa.RecordBatch) -> pa.RecordBatch:
        texts = batch.column("text").to_pylist()
        made = {name: pa.nulls(len(texts), MADE.field(name).type) for name in MADE.names}
        made["sentiment"] = pa.array(["negative" if text[-1] in "02468" else "positive" for text in texts])
        vectors = [known[text].astype("<f2").tobytes() if text in known else None for text in texts]
        whole = pa.RecordBatch.from_arrays(list(made.values()), schema=MADE)
        return whole.append_column(VECTOR, pa.array(vectors, pa.binary()))

    if waiting := unread(store, "rule=1"):
        read_these(store, waiting, "rule=1", annotate)


def defined(store: Store) -> Catalogue:
    return catalogue(store.topics.defined())


def act(store: Store, action: str, **fields: str) -> int:
    return do(store, action, fields, ANALYST, NOW)


def counts(store: Store, by: str = "topic", *, as_of: str | None = None, metric: str = "volume") -> dict[str, float]:
    """A metric of each topic by its name; of those that belong nowhere under ''."""
    with store.view(ANALYST, as_of=as_of) as view:
        answer = ask(view, Question(metric, (by,), (("direction", "in"),)), now=NOW)
    return {answer.names.get(f.group[by] or "", f.group[by] or ""): f.value or 0 for f in answer.figures}


def belongs(store: Store) -> dict[str, str | None]:
    """The topic of each message, by its text."""
    with store.view(ANALYST) as view:
        rows = view.frame("message", ("text", "read_topic")).select("text", "read_topic").collect("pyarrow").to_arrow()
    return dict(zip(rows["text"].to_pylist(), rows["read_topic"].to_pylist(), strict=True))


def agreement(of: Planted, where: Mapping[str, str | None]) -> float:
    """The share of messages whose topic is that of most messages of their true topic."""
    held = np.array([where[text] or "" for text in of.texts])
    right = 0
    for topic in set(of.truth.tolist()):
        _, sizes = np.unique(held[of.truth == topic], return_counts=True)
        right += int(sizes.max())
    return right / len(held)


def found(store: Store) -> None:
    find(store, now=NOW)


def kept(store: Store) -> None:
    while keep(store):
        pass
