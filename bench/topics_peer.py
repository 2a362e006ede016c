"""Topics by BERTopic, EVoC and UMAP with k-means on given embeddings: `topics.py` runs it in their environment.

    python bench/topics_peer.py FOLDER

The folder holds `texts.json`, `embeddings.npy`, `samples.npy` (two rows of true and false) and `truth.npy`; labels come
back as NAME-RUN.npy, seconds and words of topics in `peers.json`. Needs bertopic, evoc, umap-learn, hdbscan and pyyaml
in an environment of its own; Heedful itself does not.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

WORDS = 10


def bertopic(texts: list[str], embeddings: Any, seed: int, told: dict[str, Any]) -> Any:
    """BERTopic as it comes, but for the seed of UMAP, where its chance is."""
    from bertopic import BERTopic
    from umap import UMAP

    reduce = UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", random_state=seed)
    model = BERTopic(umap_model=reduce, embedding_model=None, calculate_probabilities=False)
    labels, _ = model.fit_transform(texts, embeddings)
    told["words"] = [
        [word for word, _ in model.get_topic(topic)][:WORDS] for topic in sorted(set(labels)) if topic >= 0
    ]
    return np.array(labels)


def evoc(_texts: list[str], embeddings: Any, seed: int, _told: dict[str, Any]) -> Any:
    """EVoC as it comes."""
    from evoc import EVoC

    return EVoC(random_state=seed).fit_predict(embeddings)


def umap_kmeans(_texts: list[str], embeddings: Any, seed: int, told: dict[str, Any]) -> Any:
    """UMAP to 5 dimensions, and k-means with the true number."""
    from sklearn.cluster import KMeans
    from umap import UMAP

    made = UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", random_state=seed).fit_transform(
        embeddings
    )
    return KMeans(told["count"], n_init=10, random_state=seed).fit_predict(made)


PEERS: dict[str, Callable[..., Any]] = {"bertopic": bertopic, "evoc": evoc, "umap_kmeans": umap_kmeans}


def main() -> None:
    """Run each peer: two seeds, two samples."""
    folder = Path(sys.argv[1])
    texts, embeddings = json.loads((folder / "texts.json").read_text()), np.load(folder / "embeddings.npy")
    samples, count = np.load(folder / "samples.npy"), len(np.unique(np.load(folder / "truth.npy")))
    small = np.sort(np.random.default_rng(0).choice(len(texts), min(1_000, len(texts)), replace=False))
    every = np.arange(len(texts))
    chosen = sys.argv[2].split(",") if len(sys.argv) > 2 else list(PEERS)
    found: dict[str, Any] = {}
    for name in chosen:
        peer = PEERS[name]
        runs = {"seed0": (0, every), "seed1": (1, every)}
        if name != "umap_kmeans":
            runs |= {"part0": (2, np.flatnonzero(samples[0])), "part1": (3, np.flatnonzero(samples[1]))}
        told: dict[str, Any] = {"count": count}
        peer([texts[row] for row in small], embeddings[small], 0, dict(told))  # compiles
        for run, (seed, rows) in runs.items():
            began, used = time.perf_counter(), time.process_time()
            labels = np.full(len(texts), -2)
            labels[rows] = peer([texts[row] for row in rows], embeddings[rows], seed, told)
            if run == "seed0":
                told |= {"seconds": time.perf_counter() - began, "core_seconds": time.process_time() - used}
                told["first_words"] = told.get("words")
            np.save(folder / f"{name}-{run}.npy", labels)
        found[name] = told
    (folder / "peers.json").write_text(json.dumps(found))


if __name__ == "__main__":
    main()
