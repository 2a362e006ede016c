"""Weights by `balance` for two tables: `weights.py` runs it in an environment of its own.

    python bench/weights_peer.py FOLDER

The folder holds `sample.csv` and `target.csv`; weights come back in `weights.csv`, one for each row of the sample.
"""

import sys
from pathlib import Path

import pandas as pd
from balance import Sample


def main() -> None:
    """Rake without changing the variables or trimming, as Heedful does."""
    folder = Path(sys.argv[1])
    sample, target = (
        Sample.from_frame(pd.read_csv(folder / f"{name}.csv", dtype=str), id_column="id")
        for name in ("sample", "target")
    )
    made = sample.set_target(target).adjust(
        method="rake", transformations=None, weight_trimming_mean_ratio=None, max_iteration=1000, convergence_rate=1e-12
    )
    made.df[["id", "weight"]].to_csv(folder / "weights.csv", index=False)


if __name__ == "__main__":
    main()
