"""Messages with known topics: texts of a topic's own words, embeddings around its own direction."""

from dataclasses import dataclass

import numpy as np

WORDS = {
    "delivery": "parcel courier shipping depot address tracking package doorstep postman van",
    "refund": "refund money account charged repayment credit invoice bank amount cheque",
    "login": "password login locked username email reset code screen browser session",
    "food": "pizza cold soup waiter salad spicy menu dessert table kitchen",
    "room": "bed shower towel pillow balcony view carpet noisy window lamp",
    "battery": "battery charger empty cable plug percent overnight drains power socket",
}
FILL = "the and was it my this that with very not when they have for again please"


@dataclass(frozen=True)
class Planted:
    texts: list[str | None]
    embeddings: np.ndarray
    keys: list[str]
    truth: np.ndarray


def planted(each: int, *, topics: int = 6, spread: float = 0.6, seed: int = 5, start: int = 0) -> Planted:
    """So many messages of each of the first topics, mixed."""
    random = np.random.default_rng(seed)
    middles = np.random.default_rng(1).normal(size=(len(WORDS), 384)) / np.sqrt(384)
    truth = random.permutation(np.repeat(np.arange(topics), each))
    names = list(WORDS)
    texts: list[str | None] = []
    for topic in truth.tolist():
        own, fill = WORDS[names[topic]].split(), FILL.split()
        said = [*random.choice(own, 4, replace=False), *random.choice(fill, 5)]
        texts.append(" ".join(random.permutation(said).tolist()) + f" {random.integers(100_000)}")
    points = middles[truth] + spread * random.normal(size=(len(truth), 384)) / np.sqrt(384)
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    keys = [f"m{start + at:06d}" for at in range(len(truth))]
    return Planted(texts, points.astype(np.float32), keys, truth)
