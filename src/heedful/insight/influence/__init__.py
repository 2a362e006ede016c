"""Who matters: how far what each one says spreads among those who mention, answer, repost or link, and in what circles.

`graph` makes a `Graph` of who points at whom, `reach` tells how many others each one reaches, and `communities` who
belongs together.
"""

from heedful.insight.influence.circles import communities
from heedful.insight.influence.graph import Graph, graph
from heedful.insight.influence.reach import reach

__all__ = ["Graph", "communities", "graph", "reach"]
