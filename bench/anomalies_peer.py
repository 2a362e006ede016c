"""How unusual each value is to statsmodels' STL and to river's half-space trees: `anomalies.py` runs it for them.

    python bench/anomalies_peer.py FOLDER

The folder holds `NAME.npz` with `at` (seconds) and `value` for each series; scores come back as `PEER-NAME.npy`. Both
know earlier values only. Needs statsmodels and river in an environment of its own; Heedful itself does not.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

DAY = 288
"""Values of five minutes in a day."""
DAYS = 14


def stl(_: Any, value: Any) -> Any:
    """Each day by a robust scale of what STL of up to 14 days before leaves: trend and last season go on."""
    from statsmodels.tsa.seasonal import STL

    scores = np.zeros(len(value))
    for start in range(2 * DAY, len(value), DAY):
        past = value[max(0, start - DAYS * DAY) : start]
        past = past[len(past) % DAY :]
        fit = STL(past, period=DAY, seasonal=7, trend_jump=48, low_pass_jump=48).fit()
        ahead = value[start : start + DAY]
        expected = fit.trend[-1] + fit.seasonal[-DAY:][: len(ahead)]
        scale = 1.4826 * np.median(np.abs(fit.resid - np.median(fit.resid)))
        scores[start : start + DAY] = (ahead - expected) / max(scale, 1.0)
    return scores


def trees(at: Any, value: Any) -> Any:
    """Half-space trees of the value, its logarithm and the hour of the day."""
    from river import anomaly, compose, preprocessing

    model = compose.Pipeline(preprocessing.MinMaxScaler(), anomaly.HalfSpaceTrees(window_size=DAY, seed=1))
    scores = np.zeros(len(value))
    for row, (moment, one) in enumerate(zip(at.tolist(), value.tolist(), strict=True)):
        seen = {"value": one, "log": float(np.log1p(one)), "hour": moment / 3600 % 24}
        scores[row] = model.score_one(seen)
        model.learn_one(seen)
    return scores


PEERS: dict[str, Callable[[Any, Any], Any]] = {"stl": stl, "trees": trees}


def main() -> None:
    """Judge every series."""
    place = Path(sys.argv[1])
    for path in sorted(place.glob("*.npz")):
        series = np.load(path)
        for name, score in PEERS.items():
            np.save(place / f"{name}-{path.stem}.npy", score(series["at"], series["value"]))
            print(name, path.stem, flush=True)


if __name__ == "__main__":
    main()
