"""How well influence ranks by simulated cascades, how good communities are, how fast: beside the usual measures.

    python bench/influence.py [congress|mentions|communities|scale] ...

Congress: Fink and others' chances that a tweet of the source is taken up by the target, so news goes from source to
target; the study's convention is the other way round (a source points at whom it hears), hence the map
`source=target,target=source`, here as on the command line. Truth is the mean number of others reached over simulated
cascades (independent cascade), all nodes in each draw of live edges. Mentions: who mentions whom in the airline tweets,
by counts; there a source passes on its targets' news by their shares. Peers: rustworkx (PageRank, in-strength,
in-degree, k-core) and scikit-network (Louvain, Leiden) have to be importable; Heedful needs neither.
"""

import csv
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray
from scipy.stats import kendalltau, spearmanr

from heedful.insight.influence import Graph, communities, graph, reach
from heedful.insight.influence.reach import chances
from machine import save

DATA = Path(os.environ.get("HEEDFUL_TEST_DATA", Path(__file__).parents[2] / "shared" / "data"))
CONGRESS = DATA / "social_graphs"
RUNS = 200_000
STRONGER = {1: RUNS, 3: 20_000, 8: 2_000}
"""How many times the file's chances, and draws of each: what holds on a quiet network may not on a loud one."""
EDGES, NODES, CIRCLES = 1_000_000, 100_000, 200
Floats = NDArray[np.float64]


def congress(*, times: float = 1) -> Graph:
    """The network of the Congress, every chance so many times what it is, at most 1."""
    table = pq.read_table(CONGRESS / "congress_edges_all.parquet")
    source, target, weight = (table[name].to_pylist() for name in ("source", "target", "weight"))
    named = [[f"{one:03}" for one in ends] for ends in (target, source)]  # swapped: the target hears
    return graph(*named, [repr(min(1.0, one * times)) for one in weight])


def mentions() -> Graph:
    """Who mentions whom in the airline tweets."""
    rows = pq.read_table(DATA / "airline_tweets" / "all.parquet", columns=["user_name", "text"]).to_pylist()
    pairs = [
        (row["user_name"].casefold(), name.casefold())
        for row in rows
        if row["user_name"]
        for name in re.findall(r"@(\w+)", row["text"])
    ]
    return graph([one for one, _ in pairs], [other for _, other in pairs], [None] * len(pairs))


def simulated(found: Graph, runs: int, seed: int) -> tuple[Floats, Floats]:
    """The mean number of others reached, and its standard error: all nodes in each of many draws of live edges."""
    random, chance = np.random.default_rng(seed), chances(found)
    total, squares = np.zeros(len(found.names)), np.zeros(len(found.names))
    for _ in range(runs):
        live = np.flatnonzero(random.random(len(chance)) < chance)
        onward: dict[int, list[int]] = {}
        for hears, says in zip(found.source[live].tolist(), found.target[live].tolist(), strict=True):
            onward.setdefault(says, []).append(hears)
        for start in onward:
            seen, waiting = {start}, [start]
            while waiting:
                new = [one for one in onward.get(waiting.pop(), ()) if one not in seen]
                seen.update(new)
                waiting += new
            total[start] += len(seen) - 1
            squares[start] += (len(seen) - 1) ** 2
    mean = total / runs
    return mean, np.sqrt(np.maximum(squares / runs - mean**2, 0) / runs)


def measures(found: Graph) -> dict[str, Floats]:
    """Ours with more and fewer steps, and the usual ones; of those that have a direction, news goes to the source."""
    import rustworkx as rx

    size = len(found.names)
    made = {"heedful": reach(found)} | {f"heedful, {steps} steps": reach(found, steps=steps) for steps in (2, 3, 8)}
    made["in-strength"] = np.bincount(found.target, found.weight, size)
    made["in-degree"] = np.bincount(found.target, minlength=size).astype(np.float64)
    made["out-strength"] = np.bincount(found.source, found.weight, size)
    for name, (one, other) in {
        "pagerank": (found.source, found.target),
        "pagerank, turned round": (found.target, found.source),
    }.items():
        network = rx.PyDiGraph()
        network.add_nodes_from(range(size))
        network.add_edges_from(list(zip(one.tolist(), other.tolist(), found.weight.tolist(), strict=True)))
        ranked = rx.pagerank(network, weight_fn=float, max_iter=500)
        made[name] = np.array([ranked[at] for at in range(size)])
    cores = rx.core_number(network)
    made["k-core"] = np.array([cores[at] for at in range(size)], np.float64)
    return made


def ranking() -> dict[str, Any]:
    """Rank correlation with simulated cascades on the Congress, with its own chances and with stronger ones."""
    found: dict[str, Any] = {"map": "source=target,target=source,weight=weight"}
    for times, runs in STRONGER.items():
        network = congress(times=times)
        halves = [simulated(network, runs // 2, seed) for seed in (11, 12)]
        truth = (halves[0][0] + halves[1][0]) / 2
        known = measures(network)
        if times == 1:
            known["the file's published ranking"] = published(network)
        found[f"chances times {times}"] = {
            "nodes": len(network.names),
            "edges": len(network.source),
            "draws": runs,
            "mean_reached": round(float(truth.mean()), 4),
            "most_reached": round(float(truth.max()), 3),
            "largest_standard_error": round(float(max(half[1].max() for half in halves) / np.sqrt(2)), 5),
            "spearman_of_two_halves_of_the_draws": round(float(spearmanr(halves[0][0], halves[1][0])[0]), 4),
            "told_over_simulated": round(float(known["heedful"].sum() / truth.sum()), 3),
            "spearman": {name: round(float(spearmanr(one, truth)[0]), 4) for name, one in known.items()},
            "kendall": {name: round(float(kendalltau(one, truth)[0]), 4) for name, one in known.items()},
        }
        print(times, json.dumps(found[f"chances times {times}"], indent=1), flush=True)
    return found


def published(network: Graph) -> Floats:
    """PageRank as the file's source published it; who is not in it stands last."""
    text = (CONGRESS / "congress_pagerank_reference.txt").read_text()
    ranked = {
        f"{int(node):03}": float(value) for node, value in re.findall(r"Rank \d+: \S+ (\d+) \(([\d.e-]+)\)", text)
    }
    return np.array([ranked.get(name, 0.0) for name in network.names])


def by_mentions() -> dict[str, Any]:
    """The same where edges count: the network of mentions."""
    network = mentions()
    truth, error = simulated(network, 3_000, 13)
    order = np.argsort(-reach(network))[:10]
    return {
        "nodes": len(network.names),
        "edges": len(network.source),
        "draws": 3_000,
        "largest_standard_error": round(float(error.max()), 4),
        "told_over_simulated": round(float(reach(network).sum() / truth.sum()), 3),
        "spearman": {name: round(float(spearmanr(one, truth)[0]), 4) for name, one in measures(network).items()},
        "most_influential": [network.names[at] for at in order],
    }


def modularity(found: Graph, of: NDArray[Any]) -> float:
    """How many more of the ties lie within communities than chance would have, by weight."""
    size = len(found.names)
    strength = np.bincount(found.source, found.weight, size) + np.bincount(found.target, found.weight, size)
    total, inner = found.weight.sum(), found.weight[of[found.source] == of[found.target]].sum()
    return float(inner / total - (np.bincount(of, strength) ** 2).sum() / (2 * total) ** 2)


def circles() -> dict[str, Any]:
    """Modularity beside scikit-network's Louvain and Leiden, agreement of seeds, and with parties or planted ones."""
    parties = {
        f"{row['node_id']:03}": row["party"] for row in pq.read_table(CONGRESS / "congress_nodes.parquet").to_pylist()
    }
    network = congress()
    planted, truth = circular(EDGES, seed=5)
    sets = {
        "congress": (network, np.unique([parties[name] for name in network.names], return_inverse=True)[1]),
        "mentions": (mentions(), None),
        "planted": (planted, truth),
    }
    return {name: _circles(*one) for name, one in sets.items()}


def _circles(found: Graph, truth: NDArray[Any] | None) -> dict[str, Any]:
    from scipy.sparse import csr_matrix
    from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score
    from sknetwork.clustering import Leiden, Louvain

    size = len(found.names)
    matrix = csr_matrix((found.weight, (found.source, found.target)), (size, size))
    ties = (matrix + matrix.T).tocsr()
    ways: dict[str, Callable[[int], NDArray[Any]]] = {
        "heedful": lambda seed: communities(found, seed=seed),
        "louvain (scikit-network)": lambda seed: Louvain(random_state=seed, shuffle_nodes=True).fit_predict(ties),
        "leiden (scikit-network)": lambda seed: Leiden(random_state=seed, shuffle_nodes=True).fit_predict(ties),
    }
    told: dict[str, Any] = {"nodes": size, "edges": len(found.source)}
    for name, way in ways.items():
        began = time.perf_counter()
        one, other = way(0), way(1)
        told[name] = {
            "modularity": [round(modularity(found, of), 4) for of in (one, other)],
            "communities": len(np.unique(one)),
            "two_seeds_agree": round(float(adjusted_rand_score(one, other)), 3),
            "seconds_each": round((time.perf_counter() - began) / 2, 2),
        }
        if truth is not None:
            told[name]["agrees_with_truth"] = round(float(adjusted_mutual_info_score(truth, one)), 3)
        print(name, told[name], flush=True)
    return told


def circular(edges: int, *, seed: int) -> tuple[Graph, NDArray[Any]]:
    """A network with circles of many sizes: most edges stay within one, and few are pointed at by many."""
    source, target, circle = _drawn(edges, seed)
    found = graph([f"u{one}" for one in source.tolist()], [f"u{one}" for one in target.tolist()], [None] * edges)
    return found, np.array([circle[int(name[1:])] for name in found.names])


def _drawn(edges: int, seed: int) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    random = np.random.default_rng(seed)
    circle = np.sort((CIRCLES * random.random(NODES) ** 1.5).astype(np.int64))
    first, sizes = np.searchsorted(circle, np.arange(CIRCLES)), np.bincount(circle, minlength=CIRCLES)
    source = random.integers(0, NODES, edges)
    near = random.random(edges) < 0.75
    skewed = random.random(edges) ** 3
    inner = first[circle[source]] + (sizes[circle[source]] * skewed).astype(np.int64)
    return source, np.where(near, inner, (NODES * skewed).astype(np.int64)), circle


def scale() -> dict[str, Any]:
    """The whole study of a file with a million edges, in a process of its own: seconds and memory."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "edges.csv"
        source, target, _ = _drawn(EDGES, 6)
        with path.open("w", newline="") as file:
            lines = csv.writer(file)
            lines.writerow(["source", "target"])
            lines.writerows((f"user{one}", f"user{other}") for one, other in zip(source, target, strict=True))
        done = subprocess.run([sys.executable, __file__, "once", str(path)], capture_output=True, text=True, check=True)
    return {"edges": EDGES, **json.loads(done.stdout.splitlines()[-1])}


def once(path: Path) -> None:
    """Study one file; seconds of the whole, of its parts, and the memory it took."""
    from heedful.insight.on_file import study_file
    from heedful.insight.studies import Choices

    began, used = time.perf_counter(), time.process_time()
    found = study_file("influence", path, mapping={}, choices=Choices(), out=path.with_suffix(".out.csv"))
    told = {
        "seconds": round(time.perf_counter() - began, 2),
        "core_seconds": round(time.process_time() - used, 2),
        "memory_gb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, 2),
        "nodes": found.num_rows,
        "communities": int(max(found["community"].to_pylist())),
    }
    print(json.dumps(told))


def main() -> None:
    """Measure and save."""
    if sys.argv[1:2] == ["once"]:
        once(Path(sys.argv[2]))
        return
    parts = {"congress": ranking, "mentions": by_mentions, "communities": circles, "scale": scale}
    for name in sys.argv[1:] or parts:
        save("influence", {name: parts[name]()})


if __name__ == "__main__":
    main()
