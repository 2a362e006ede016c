"""How well topics are found, how steady they are, how fast: beside k-means, BERTopic, EVoC and UMAP with k-means.

    python bench/topics.py [quality|replay|scale|coherence] [SET,...]

All on the same embeddings (the shipped encoder's, kept in EMBEDDINGS), with the truth of the data sets. Peers run in an
environment of their own at PEERS, where there is one. Quality is the adjusted mutual information over all messages,
what is in no topic as a class of its own; steadiness the adjusted Rand index of two runs on what both have seen.
`chosen_on` names the sets on which anything was chosen.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from heedful.insight.topics import Known, Topics, discover, first, join, match, renew
from heedful.insight.topics.points import agreement
from heedful.insight.topics.words import folded, words
from heedful.language.encoder import shipped
from machine import save

DATA = Path(os.environ.get("HEEDFUL_DATA", Path(__file__).parents[2] / "shared" / "data"))
EMBEDDINGS = Path(os.environ.get("HEEDFUL_EMBEDDINGS", Path(tempfile.gettempdir()) / "heedful-embeddings"))
PEERS = Path(os.environ.get("HEEDFUL_PEERS", "/work/venvs/peers")) / "bin" / "python"

SHORT = "topics_short_text/"
SETS = {
    "tweet": (f"{SHORT}sttm_tweet_all.parquet", "text", "label", slice(None)),
    "m10": (f"{SHORT}m10_all.parquet", "text", "label", slice(None)),
    "searchsnippets": (f"{SHORT}sttm_searchsnippets_all.parquet", "text", "label", slice(None)),
    "googlenews": (f"{SHORT}sttm_googlenews_all.parquet", "text", "label", slice(None)),
    "dblp": (f"{SHORT}dblp_all.parquet", "text", "label", slice(None, None, 5)),
    "airline": ("airline_tweets/all.parquet", "text", "negative_reason", slice(None)),
    "news20": ("topics_20newsgroups/all.parquet", "body", "newsgroup", slice(8_000)),
}
"""File, column of texts, column of truth, and which rows are taken (of 20 newsgroups the first eight groups)."""
CHOSEN_ON = ["m10", "searchsnippets", "tweet"]
REVIEWS = "airbnb_reviews/albany_reviews_all.parquet"
WORDS = 10


def embedded(name: str, texts: Sequence[str | None]) -> Any:
    """Embeddings, made once."""
    path = EMBEDDINGS / f"{name}.npy"
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        np.save(
            path,
            np.concatenate(
                [shipped().read([t or "" for t in texts[a : a + 1000]]).embeddings for a in range(0, len(texts), 1000)]
            ),
        )
    return np.load(path).astype(np.float32)


def load(name: str) -> tuple[list[str], Any, Any]:
    """Texts, embeddings and truth of a set; rows without truth (airline: tweets that do not complain) are left out."""
    file, text, label, some = SETS[name]
    rows = pq.read_table(DATA / file, columns=[text, label]).to_pydict()
    texts, truth = rows[text][some], rows[label][some]
    embeddings = embedded(name, texts)
    held = [at for at, value in enumerate(truth) if value is not None]
    numbers = np.unique([str(truth[at]) for at in held], return_inverse=True)[1]
    return [texts[at] or "" for at in held], embeddings[held], numbers


def alike(one: Any, other: Any) -> float:
    """Agreement on what both runs have seen (-2: not seen)."""
    seen = (one > -2) & (other > -2)
    return round(agreement(one[seen] + 1, other[seen] + 1, np.ones(int(seen.sum()))), 3)


def told(truth: Any, runs: dict[str, Any]) -> dict[str, Any]:
    """What there is to say of runs' labels."""
    from sklearn.metrics import adjusted_mutual_info_score, normalized_mutual_info_score

    whole = runs["seed0"]
    found = {
        "ami": [round(adjusted_mutual_info_score(truth, runs[name]), 3) for name in ("seed0", "seed1")],
        "nmi": round(normalized_mutual_info_score(truth, whole), 3),
        "topics": len(np.unique(whole[whole >= 0])),
        "without_topic": round(float((whole == -1).mean()), 4),
        "two_seeds": alike(runs["seed0"], runs["seed1"]),
    }
    if "part0" in runs:
        found["two_samples"] = alike(runs["part0"], runs["part1"])
    return found


def timed(run: Callable[[], Any]) -> tuple[Any, dict[str, float]]:
    began, used = time.perf_counter(), time.process_time()
    made = run()
    return made, {
        "seconds": round(time.perf_counter() - began, 1),
        "core_seconds": round(time.process_time() - used, 1),
    }


def ours(
    texts: list[str], embeddings: Any, truth: Any, samples: Any, count: int | None
) -> tuple[Topics, dict[str, Any]]:
    """Heedful: two seeds, two samples; that shuffled rows give the same to the last bit is tested."""
    keys = [f"{at:08d}" for at in range(len(texts))]
    every = np.arange(len(texts))
    parts = [np.flatnonzero(sample) for sample in samples]
    asked = {"seed0": (0, every), "seed1": (1, every), "part0": (2, parts[0]), "part1": (3, parts[1])}
    runs: dict[str, Any] = {}
    kept: dict[str, Any] = {}
    for name, (seed, rows) in asked.items():

        def run(rows: Any = rows, seed: int = seed) -> Topics:
            chosen = [texts[row] for row in rows]
            return discover(chosen, embeddings[rows], keys=[keys[row] for row in rows], count=count, seed=seed)

        made, took = timed(run)
        kept.setdefault("topics", made)
        kept.setdefault("took", took)
        runs[name] = np.full(len(texts), -2)
        runs[name][rows] = made.leaf
    return kept["topics"], {**told(truth, runs), **kept["took"]}


def kmeans(embeddings: Any, truth: Any, samples: Any) -> dict[str, Any]:
    """k-means with the true number, best of ten starts (three where there are more than 50)."""
    from sklearn.cluster import KMeans

    count = len(np.unique(truth))
    runs: dict[str, Any] = {}
    took: dict[str, float] = {}
    every = np.arange(len(truth))
    parts = [np.flatnonzero(sample) for sample in samples]
    for name, seed, rows in (("seed0", 0, every), ("seed1", 1, every), ("part0", 2, parts[0]), ("part1", 3, parts[1])):
        model = KMeans(count, n_init=10 if count <= 50 else 3, random_state=seed)
        runs[name] = np.full(len(truth), -2)
        runs[name][rows], spent = timed(lambda model=model, rows=rows: model.fit_predict(embeddings[rows]))
        took = took or spent
    return {**told(truth, runs), **took}


def peers(texts: list[str], embeddings: Any, truth: Any, samples: Any, chosen: str) -> dict[str, Any]:
    """BERTopic, EVoC, UMAP with k-means; nothing where they are not installed."""
    if not PEERS.exists():
        print(f"peers are left out: there is no {PEERS}")
        return {}
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        (place / "texts.json").write_text(json.dumps(texts))
        for what, held in (("embeddings", embeddings), ("samples", samples), ("truth", truth)):
            np.save(place / f"{what}.npy", held)
        script = Path(__file__).with_name("topics_peer.py")
        quiet = {**os.environ, "PYTHONPATH": "", "PYTHONWARNINGS": "ignore", "TOKENIZERS_PARALLELISM": "false"}
        subprocess.run([PEERS, script, place, chosen], check=True, env=quiet)
        for peer, one in json.loads((place / "peers.json").read_text()).items():
            runs = {path.stem.partition("-")[2]: np.load(path) for path in place.glob(f"{peer}-*.npy")}
            took = {key: round(one[key], 1) for key in ("seconds", "core_seconds")}
            found[peer] = {**told(truth, runs), **took}
            if one.get("first_words"):
                found[peer]["npmi"] = npmi(texts, one["first_words"])
    return found


def npmi(texts: Sequence[str], listed: Sequence[Sequence[str]]) -> float:
    """Coherence: the mean normalised pointwise mutual information of pairs of a topic's ten words, over the texts."""
    wanted = {word for some in listed for word in some}
    folds = {folded(word) for word in wanted}
    held: dict[str, set[int]] = {word: set() for word in folds}
    for at, text in enumerate(texts):
        for word in folds & ({folded(word) for word in words(text)} | set(text.casefold().split())):
            held[word].add(at)
    scores = []
    for some in listed:
        plain = list(dict.fromkeys(word for word in map(folded, some) if held[word]))[:WORDS]
        pairs = [(held[a], held[b]) for at, a in enumerate(plain) for b in plain[at + 1 :]]
        scores.append(np.mean([_npmi(a, b, len(texts)) for a, b in pairs]) if pairs else 0.0)
    return round(float(np.mean(scores)), 3)


def _npmi(one: set[int], other: set[int], count: int) -> float:
    both = len(one & other)
    if both == 0:
        return -1.0
    if both == count:
        return 1.0
    return float(np.log(both * count / (len(one) * len(other))) / -np.log(both / count))


def quality(names: Sequence[str], chosen: str) -> None:
    """Each set: found by itself, with the true number, and the peers."""
    for name in names:
        texts, embeddings, truth = load(name)
        samples = np.random.default_rng(11).random((2, len(texts))) < 0.9
        count = len(np.unique(truth))
        found: dict[str, Any] = {"messages": len(texts), "true_number": count, "chosen_on": CHOSEN_ON}
        if "heedful" in chosen:
            topics, figures = ours(texts, embeddings, truth, samples, None)
            found["heedful"] = {**figures, "npmi": npmi(texts, [leaf.words for leaf in topics.leaves])}
            topics, figures = ours(texts, embeddings, truth, samples, count)
            found["heedful_given_number"] = {**figures, "npmi": npmi(texts, [leaf.words for leaf in topics.leaves])}
        if "kmeans" in chosen:
            found["kmeans_given_number"] = kmeans(embeddings, truth, samples)
        if others := ",".join(peer for peer in ("bertopic", "evoc", "umap_kmeans") if peer in chosen):
            found |= peers(texts, embeddings, truth, samples, others)
        keep(f"topics_{name}", found)


def keep(name: str, found: dict[str, Any]) -> None:
    """Save, beside what an earlier run of other parts measured."""
    path = Path(__file__).parent / "results" / "topics.json"
    before = json.loads(path.read_text())["figures"].get(name, {}) if path.exists() else {}
    before.pop("measured", None)
    save("topics", {name: {**before, **found}})


def replay(every: int, how: str) -> None:
    """Reviews of Albany's lodgings month by month: what keeps its id, and its messages."""
    rows = pq.read_table(DATA / REVIEWS).to_pydict()
    embeddings = embedded("airbnb", rows["text"])
    texts, keys = [text or "" for text in rows["text"]], [str(key) for key in rows["review_id"]]
    month = np.array([str(day)[:7] for day in rows["date"]])
    ends = [m for m in sorted(set(month)) if (month <= m).sum() >= 500][::every]
    known: Known | None = None
    steps = []
    for end in ends:
        at = np.flatnonzero(month <= end)
        given = ([texts[row] for row in at], embeddings[at])
        some = [keys[row] for row in at]
        again = known is not None and how == "renew"
        made = renew(known.topics, *given, keys=some) if known and again else discover(*given, keys=some)
        now = datetime.fromisoformat(f"{end}-28")
        if known is None:
            known = first(made, at=now)[0]
            continue
        after, _ = match(known, made, at=now)
        steps.append(step(known, after))
        known = after
    agreed, kept = np.array(steps).T
    keep(
        f"replay_{how}_every_{every}",
        {
            "messages": len(texts),
            "versions": len(ends),
            "topics_at_end": len(known.ids) if known else 0,
            "ids_kept": round(float(kept.mean()), 4),
            "agreement_mean": round(float(agreed.mean()), 4),
            "agreement_least": round(float(agreed.min()), 4),
            "versions_at_least_0.9": round(float((agreed >= 0.9).mean()), 4),
        },
    )


def step(before: Known, after: Known) -> tuple[float, float]:
    """Agreement of two versions on messages of both, and the share of ids that went on."""
    was = dict(zip(before.topics.keys, before.topics.leaf.tolist(), strict=True))
    one = np.array([was.get(key, -2) for key in after.topics.keys])
    return alike(one, after.topics.leaf), len({*before.ids} & {*after.ids}) / len(before.ids)


def scale() -> None:
    """100,000 messages found in, and 1,000 joining a million."""
    import resource

    names = ["googlenews", "searchsnippets", "m10", "airline", "tweet"]
    parts = [load(name) for name in names]
    texts = [text for part in parts for text in part[0]]
    base = np.concatenate([part[1] for part in parts])
    random = np.random.default_rng(1)
    at = np.resize(np.arange(len(texts)), 100_000)
    embeddings = base[at] + 0.02 * random.normal(size=(100_000, base.shape[1])).astype(np.float32)
    embeddings /= np.linalg.norm(embeddings, axis=1, keepdims=True)
    many = [f"{texts[row]} {number // len(texts)}x" for number, row in enumerate(at.tolist())]
    keys = [f"{number:08d}" for number in range(100_000)]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    topics, took = timed(lambda: discover(many, embeddings, keys=keys))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    _, joined = timed(lambda: join(topics, embeddings[:1_000]))
    figures = {"messages": 100_000, **took, "peak_mb_before": before // 1024, "peak_mb": peak // 1024}
    keep("scale", {**figures, "topics": len(topics.leaves), "join_1000": joined})


def main() -> None:
    """Measure, print, save."""
    what = sys.argv[1] if len(sys.argv) > 1 else "quality"
    if what == "quality":
        names = sys.argv[2].split(",") if len(sys.argv) > 2 else list(SETS)
        quality(names, sys.argv[3] if len(sys.argv) > 3 else "heedful,kmeans,bertopic,evoc,umap_kmeans")
    elif what == "replay":
        replay(int(sys.argv[2]), sys.argv[3])
    else:
        scale()


if __name__ == "__main__":
    main()
