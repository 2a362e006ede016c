"""Who belongs together: communities with more ties within than chance would have, by Leiden's algorithm.

Traag, Waltman and van Eck, "From Louvain to Leiden: guaranteeing well-connected communities" (2019), after Newman's
modularity; ties count in both directions.
"""

import numpy as np

from heedful.insight.influence.graph import Graph, Numbers

ROUNDS = 2
"""How often the whole of Leiden's algorithm is gone through, each time from what the last one found."""


def communities(graph: Graph, *, seed: int = 0) -> Numbers:
    """The community of each node, 1 for the largest; of equally large ones the one with the first name comes first.

    A node without ties is alone. The same graph and seed give the same communities.
    """
    from graspologic_native import leiden_csr
    from scipy.sparse import coo_array

    size = len(graph.names)
    found = np.arange(size)
    if len(graph.source):
        one_way = coo_array((graph.weight, (graph.source, graph.target)), (size, size)).tocsr()
        ties = (one_way + one_way.T).tocsr()
        ties.sort_indices()
        starts, others = ties.indptr.astype(np.int64), ties.indices.astype(np.int32)
        _, of = leiden_csr(starts, others, ties.data, size, seed=seed & 0xFFFF_FFFF, iterations=ROUNDS)
        tied = np.diff(starts) > 0
        found = np.array([of[at] if tied[at] else size + at for at in range(size)], np.int64)
    _, first, kind, sizes = np.unique(found, return_index=True, return_inverse=True, return_counts=True)
    rank = np.empty(len(first), np.int64)
    rank[np.lexsort((first, -sizes))] = np.arange(1, len(first) + 1)
    return rank[kind]
