"""How reviews of several kinds are read, none of which anything was trained on: those with few stars, and with most."""

import random
from pathlib import Path
from typing import NamedTuple

import pyarrow.parquet as pq

from heedful.language import encoder as runtime
from heedful.records import SENTIMENTS

SEED = 20261121
EACH = 250
"""Reviews of each kind with few stars, and as many with most."""


class Domain(NamedTuple):
    """A set of reviews: its file, the columns of text and stars, up to how many are few, from how many on most."""

    name: str
    file: str
    text: str
    stars: str
    few: int
    most: int


DOMAINS = (
    Domain("beauty products", "amazon_all_beauty_5core/all.parquet", "text", "rating", 2, 5),
    Domain("voice assistants", "amazon_alexa_reviews/all.parquet", "text", "rating", 2, 5),
    Domain("apps", "app_store_reviews/maalej_original.parquet", "review", "rating", 2, 5),
    Domain("medicines", "druglib_reviews/train.parquet", "comments_review", "rating", 3, 9),
)


def rows(read: runtime.Encoder, data: Path) -> list[list[object]]:
    """For each kind and its few or most stars: in percent, what its reviews are called; how many there were."""
    found: list[list[object]] = []
    for domain in DOMAINS:
        table = pq.read_table(data / domain.file, columns=[domain.text, domain.stars]).to_pylist()
        known = [row for row in table if row[domain.text] and row[domain.stars] is not None]
        groups = {
            f"up to {domain.few}": [row[domain.text] for row in known if row[domain.stars] <= domain.few],
            f"{domain.most} and more": [row[domain.text] for row in known if row[domain.stars] >= domain.most],
        }
        for stars, texts in groups.items():
            some = random.Random(SEED).sample(texts, min(EACH, len(texts)))
            called = read.read(some).probabilities["sentiment"].argmax(1)
            shares = [round(100 * float((called == at).mean()), 1) for at in range(len(SENTIMENTS))]
            found.append([domain.name, stars, *shares, len(some)])
    return found
