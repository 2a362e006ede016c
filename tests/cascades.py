"""Independent cascades, simulated: whoever is reached may reach those who hear them, each by its chance, once."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray


def cascades(
    says: NDArray[np.int64], hears: NDArray[np.int64], chance: NDArray[np.float64], *, size: int, runs: int, seed: int
) -> NDArray[np.float64]:
    """The mean number of others that each of `size` nodes reaches over so many draws of live edges."""
    random, total = np.random.default_rng(seed), np.zeros(size)
    for _ in range(runs):
        live = random.random(len(chance)) < chance
        onward = _onward(zip(says[live].tolist(), hears[live].tolist(), strict=True))
        for start in onward:
            seen, waiting = {start}, [start]
            while waiting:
                new = [one for one in onward.get(waiting.pop(), ()) if one not in seen]
                seen.update(new)
                waiting += new
            total[start] += len(seen) - 1
    return total / runs


def _onward(edges: Iterable[tuple[int, int]]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for one, other in edges:
        found.setdefault(one, []).append(other)
    return found
