"""How many others what somebody says reaches: an expectation over cascades, without drawing any.

What one says reaches those who point at one, each by a chance, and goes on from them (independent cascades: Goldenberg,
Libai and Muller, "Talk of the network", 2001; Kempe, Kleinberg and Tardos, "Maximizing the spread of influence through
a social network", 2003). Where weights count, a chance is the target's share of all that the source points at: Kempe's
linear threshold, in which everybody passes on what one of those one points at says.

Reach is added up along paths that do not turn back at once, of so many steps. Where there is one way from each to each,
that is exact; where there are several, who is reached twice counts twice, but never more than all others.
"""

import numpy as np

from heedful.insight.influence.graph import Floats, Graph, Numbers

STEPS = 4
"""Real cascades seldom go further (Goel, Watts and Goldstein, "The structure of online diffusion networks", 2012)."""


def reach(graph: Graph, *, steps: int = STEPS) -> Floats:
    """Of each node how many others are expected to be reached by what it says, within some steps."""
    size = len(graph.names)
    chance, back = chances(graph), _back(graph)
    passed = np.zeros(len(chance) + 1)  # the last stands for an edge that is not there
    for _ in range(steps):
        onward = np.bincount(graph.target, passed[:-1], size)[graph.source] - passed[back]
        passed[:-1] = chance * (1 + onward)
    return np.minimum(np.bincount(graph.target, passed[:-1], size), size - 1)


def chances(graph: Graph) -> Floats:
    """Of each edge the chance that the source passes on what the target says."""
    if graph.chances:
        return graph.weight
    given = np.bincount(graph.source, graph.weight, len(graph.names))
    shares: Floats = graph.weight / given[graph.source]
    return shares


def _back(graph: Graph) -> Numbers:
    """Of each edge the place of the one that leads back; -1 where there is none."""
    size = len(graph.names)
    there, wanted = graph.source * size + graph.target, graph.target * size + graph.source
    place = np.searchsorted(there, wanted)
    found = there[np.minimum(place, len(there) - 1)] == wanted
    return np.where(found, place, -1)
