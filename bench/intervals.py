"""How often 95% intervals of shares hold the truth: simulated classifiers, and people's own labels of airline tweets.

`python bench/intervals.py [--repeats N]`. Beside the intervals of checked samples stand the naive ones, which take what
was read for the truth. `balance`-like peers are not needed here: the truth is known.
"""

import argparse
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heedful.insight.certainty import difference
from heedful.insight.prevalence import by_errors_of, quality, scored, shares, wilson
from heedful.language.many import read_texts
from machine import save

DATA = Path(os.environ.get("HEEDFUL_TEST_DATA", Path(__file__).parents[2] / "shared" / "data"))
CLASSES = ("negative", "neutral", "positive")
CASES = {
    "good, even": ((0.3, 0.4, 0.3), ((0.88, 0.09, 0.03), (0.08, 0.84, 0.08), (0.03, 0.09, 0.88))),
    "middling, even": ((0.3, 0.4, 0.3), ((0.72, 0.22, 0.06), (0.18, 0.66, 0.16), (0.07, 0.20, 0.73))),
    "middling, lopsided": ((0.63, 0.21, 0.16), ((0.76, 0.19, 0.05), (0.16, 0.69, 0.15), (0.06, 0.11, 0.83))),
    "middling, rare": ((0.05, 0.85, 0.10), ((0.70, 0.25, 0.05), (0.05, 0.90, 0.05), (0.02, 0.18, 0.80))),
}
Counts = NDArray[np.int64]


def sample(random: np.random.Generator, called: Counts, true: Counts, size: int) -> tuple[Counts, Counts]:
    """Counts as called, and of a random sample by (called, true)."""
    looked = random.choice(len(called), size, replace=False)
    checked = np.zeros((3, 3), np.int64)
    np.add.at(checked, (called[looked], true[looked]), 1)
    return np.bincount(called, minlength=3), checked


def population(random: np.random.Generator, case: str, rows: int) -> tuple[Counts, Counts]:
    """What rows were called, and what they are."""
    truth, rates = CASES[case]
    true = random.choice(3, rows, p=truth)
    called = (random.random(rows)[:, None] > np.cumsum(np.array(rates)[true], axis=1)).sum(axis=1).clip(0, 2)
    return called, true


class Tally:
    """How often intervals hold the truth, how wide they are, and how far the values are off."""

    def __init__(self) -> None:
        self.held: list[NDArray[np.bool_]] = []
        self.width: list[NDArray[Any]] = []
        self.off: list[NDArray[Any]] = []

    def add(self, value: Any, low: Any, high: Any, truth: Any) -> None:
        """One set of intervals."""
        self.held.append((np.asarray(low) - 1e-9 <= truth) & (truth <= np.asarray(high) + 1e-9))
        self.width.append(np.asarray(high) - low)
        self.off.append(np.asarray(value) - truth)

    def told(self) -> dict[str, float]:
        """In percent and in points."""
        return {
            "covered_percent": round(100 * float(np.mean(self.held)), 1),
            "least_covered_class_percent": round(100 * float(np.mean(self.held, axis=0).min()), 1),
            "mean_width_points": round(100 * float(np.mean(self.width)), 2),
            "bias_points": round(100 * float(np.abs(np.mean(self.off, axis=0)).max()), 2),
        }


def simulated(repeats: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Shares, slices and differences of simulated classifiers."""
    for case in CASES:
        for rows, size in ((10_000, 200), (10_000, 50), (400, 25)):
            random, tally, naive = np.random.default_rng(11), Tally(), Tally()
            for _ in range(repeats):
                called, true = population(random, case, rows)
                counts, checked = sample(random, called, true, size)
                truth = np.bincount(true, minlength=3) / rows
                made = shares(counts, checked)
                tally.add(made.value, made.low, made.high, truth)
                naive.add(counts / rows, *wilson(counts, rows), truth)
            label = f"share: {case}, {size} of {rows:,} checked"
            yield label, {"corrected": tally.told(), "naive": naive.told(), "repeats": repeats}
    random, slices, changes = np.random.default_rng(12), Tally(), Tally()
    for _ in range(repeats):
        ends = []
        for case in ("middling, even", "middling, lopsided"):
            called, true = population(random, case, 2_000)
            made = shares(*sample(random, called, true, 60))
            truth = np.bincount(true, minlength=3) / 2_000
            slices.add(made.value, made.low, made.high, truth)
            ends.append((made, truth))
        (one, truth), (other, truth2) = ends
        pairs = [
            difference((one.value[c], one.low[c], one.high[c]), (other.value[c], other.low[c], other.high[c]))
            for c in range(3)
        ]
        changes.add(one.value - other.value, *np.array(pairs).T, truth - truth2)
    yield "slices: 60 of 2,000 checked in each", {"corrected": slices.told(), "repeats": repeats}
    yield "differences of two slices", {"corrected": changes.told(), "repeats": repeats}


RARE = {
    "very good": (0.95, 0.001),
    "good": (0.8, 0.005),
    "middling": (0.6, 0.02),
    "poor": (0.3, 0.01),
}
"""How often what is so is called so, and what is not."""


def looked_in_turn(random: np.random.Generator, called: Any, true: Any, each: int) -> tuple[Counts, Counts]:
    """Sizes of what was called yes and no, and of as many looked at in each (fewer where there are not so many)."""
    size, checked = np.array([called.sum(), (~called).sum()]), np.zeros((2, 2), np.int64)
    for stratum, those in enumerate((called, ~called)):
        some = random.choice(np.flatnonzero(those), min(each, int(size[stratum])), replace=False)
        checked[stratum] = (true[some].sum(), (~true[some]).sum())
    return size, checked


def rare(repeats: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yes/no readings of what is rare, as many looked at that were called so as that were not."""
    yes = np.array([[1.0, 0.0]])
    for prevalence in (0.01, 0.05):
        for name, (found, false) in RARE.items():
            for each in (20, 50, 100):
                random, tally, naive, recall = np.random.default_rng(14), Tally(), Tally(), Tally()
                for _ in range(repeats):
                    true = random.random(10_000) < prevalence
                    called = np.where(true, random.random(10_000) < found, random.random(10_000) < false)
                    size, checked = looked_in_turn(random, called, true, each)
                    made = scored(size, checked, yes)
                    tally.add(made.value, made.low, made.high, true.mean())
                    naive.add(size[0] / 10_000, *wilson(int(size[0]), 10_000), true.mean())
                    if sure := quality(size, checked).recall[0]:
                        recall.add(*sure, called[true].mean())
                label = f"rare: {prevalence:.0%}, {name}, {each} of each looked at"
                told = {"corrected": tally.told(), "naive": naive.told(), "recall": recall.told()}
                yield label, {**told, "repeats": repeats}


def elsewhere(repeats: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Other groups of 500, four times as common, corrected by the errors found among 10,000 messages."""
    for name, (found, false) in RARE.items():
        random, tally, naive = np.random.default_rng(15), Tally(), Tally()
        for _ in range(repeats):
            true = random.random(10_000) < 0.05
            called = np.where(true, random.random(10_000) < found, random.random(10_000) < false)
            size, checked = looked_in_turn(random, called, true, 50)
            there = random.random(500) < 0.2
            read = np.where(there, random.random(500) < found, random.random(500) < false)
            made = by_errors_of(np.array([[read.sum(), (~read).sum()]]), size, checked)
            tally.add(made.value, made.low, made.high, there.mean())
            naive.add(read.mean(), *wilson(int(read.sum()), 500), there.mean())
        yield (
            f"errors of the workspace, {name}",
            {"corrected": tally.told(), "naive": naive.told(), "repeats": repeats},
        )


def airline(repeats: int, size: int = 200) -> dict[str, Any]:
    """People's labels of airline tweets: a random 200 shown to the method, all others as the truth."""
    import pyarrow.parquet as pq

    table = pq.read_table(DATA / "airline_tweets" / "all.parquet", columns=["text", "sentiment", "airline"]).to_pydict()
    began = time.perf_counter()
    read = read_texts(table["text"], default="en").column("sentiment").to_pylist()
    seconds = time.perf_counter() - began
    rows = [at for at, label in enumerate(read) if label]
    called = np.array([CLASSES.index(read[at]) for at in rows])
    true = np.array([CLASSES.index(table["sentiment"][at]) for at in rows])
    random, tally, naive = np.random.default_rng(13), Tally(), Tally()
    for _ in range(repeats):
        looked = random.choice(len(called), size, replace=False)
        checked = np.zeros((3, 3), np.int64)
        np.add.at(checked, (called[looked], true[looked]), 1)
        rest = np.delete(true, looked)
        truth = np.bincount(rest, minlength=3) / len(rest)
        counts = np.bincount(called, minlength=3)
        made = shares(counts, checked)
        tally.add(made.value, made.low, made.high, truth)
        naive.add(counts / len(called), *wilson(counts, len(called)), truth)
    return {
        "tweets": len(rows),
        "checked": size,
        "repeats": repeats,
        "reading_seconds": round(seconds),
        "true_percent": _percent(np.bincount(true, minlength=3) / len(true)),
        "read_percent": _percent(np.bincount(called, minlength=3) / len(called)),
        "corrected": tally.told(),
        "naive": naive.told(),
    }


def _percent(values: Sequence[float] | NDArray[Any]) -> dict[str, float]:
    return {label: round(100 * float(value), 1) for label, value in zip(CLASSES, values, strict=True)}


def main() -> None:
    """Measure, and save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=1_000)
    repeats = parser.parse_args().repeats
    found = {**dict(simulated(repeats)), **dict(rare(repeats)), **dict(elsewhere(repeats))}
    if (DATA / "airline_tweets").is_dir():
        found["airline tweets"] = airline(500)
    else:
        print(f"the airline tweets are not at {DATA}")
    save("intervals", found)


if __name__ == "__main__":
    main()
