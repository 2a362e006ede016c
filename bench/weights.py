"""Raked weights beside those of `balance`, on a skewed sample of the American National Election Studies of 2020.

    python bench/weights.py --data ../shared/data --peer /path/to/python

The peer's Python has `balance` and pandas in an environment of its own (it pins numpy below 2). Of those asked, some
groups answer more readily: a sample with such a skew is weighted back to the margins of all by age, education and
gender. Told are how far the two sets of weights are apart, and the effective size that each finds.
"""

import argparse
import csv
import subprocess
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

import machine
from heedful.insight.raking import raked

BY = ("AgeGroup", "Education", "Gender")
EAGER = {"70 or older": 0.8, "Graduate": 0.7, "Bachelor's": 0.5}


def main() -> None:
    """Weigh, ask the peer, compare."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--data", type=Path, required=True)
    options.add_argument("--peer", type=Path, required=True)
    given = options.parse_args()
    table = pq.read_table(given.data / "anes_2020" / "all.parquet", columns=list(BY)).to_pylist()
    everybody = [row for row in table if all(row.values())]
    random = np.random.default_rng(20261122)
    sample = [row for row in everybody if random.random() < max(EAGER.get(cell, 0.15) for cell in row.values())]
    margins = {
        name: {group: count / len(everybody) for group, count in Counter(row[name] for row in everybody).items()}
        for name in BY
    }
    cells = Counter(tuple(row.values()) for row in sample)
    groups = {name: [cell[at] for cell in cells] for at, name in enumerate(BY)}
    made = raked(groups, margins, rows=list(cells.values()))
    of = dict(zip(cells, made.weight.tolist(), strict=True))
    ours = np.array([of[tuple(row.values())] for row in sample])
    theirs = _peer(given.peer, sample, everybody)
    theirs = theirs * len(theirs) / theirs.sum()
    machine.save(
        "weights",
        {
            "balance": {
                "peer": "balance 0.23.0, method rake, no trimming",
                "rows": len(sample),
                "cells": len(cells),
                "greatest_difference_of_a_weight": float(np.abs(ours / theirs - 1).max()),
                "design_effect": round(made.effect, 4),
                "design_effect_peer": round(float(len(theirs) * (theirs**2).sum() / theirs.sum() ** 2), 4),
                "effective_rows": round(made.effective, 1),
            }
        },
    )


def _peer(python: Path, sample: list[dict[str, str]], everybody: list[dict[str, str]]) -> np.ndarray:
    with tempfile.TemporaryDirectory() as folder:
        for name, rows in (("sample", sample), ("target", everybody)):
            with (Path(folder) / f"{name}.csv").open("w", newline="") as file:
                out = csv.writer(file)
                out.writerow(["id", *BY])
                out.writerows([at, *row.values()] for at, row in enumerate(rows))
        subprocess.run([python, Path(__file__).parent / "weights_peer.py", folder], check=True)
        with (Path(folder) / "weights.csv").open() as file:
            found = {int(row["id"]): float(row["weight"]) for row in csv.DictReader(file)}
    return np.array([found[at] for at in range(len(sample))])


if __name__ == "__main__":
    main()
