"""Alerts on labelled series: windows hit, how soon, false alarms a week; and on simulated ones, quiet and with bursts.

`python bench/anomalies.py [--data FOLDER] [--only PART,...]`. Event-wise: a labelled window is hit or missed, an alert
outside is false, the first 15% of a series and windows that end within are left out. One rule turns every score into
alerts: one for an incident, which ends after an hour or a day below the threshold. Parts: tweets, settings, quiet,
bursts, seconds. The constants of the judge were settled while looking at all five labelled series; `settings` chooses
them anew on some and reports on the others.
"""

import argparse
import copy
import itertools
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from heedful.insight.anomalies import Judge, bar, judge, lasting
from heedful.insight.studies import Choices
from heedful.insight.studies.anomalies import of_file
from machine import quantile, save

DATA = Path(os.environ.get("HEEDFUL_TEST_DATA", Path(__file__).parents[2] / "shared" / "data"))
PEERS = Path(os.environ.get("HEEDFUL_PEERS", "/work/venvs/peers")) / "bin" / "python"
HOUR, DAY, WEEK = 3600, 86_400, 604_800
BUDGETS = (0.5, 0.75, 1.0, 1.5, 2.0)
"""Of our judge, budgets that the choice is among; of the others, thresholds at these parts of their scores."""
PARTS = tuple(1 - 10**-power for power in np.arange(1.0, 4.3, 0.1))
Floats = NDArray[np.float64]
Alerts = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Series:
    """Times in seconds, values, labelled windows as rows (first, after the last), and the first row that counts."""

    at: Floats
    value: Floats
    windows: tuple[tuple[int, int], ...]
    first: int

    @property
    def weeks(self) -> float:
        """How long alerts count."""
        return float(self.at[-1] - self.at[self.first]) / WEEK


def labelled(data: Path) -> dict[str, Series]:
    """The series of nab_tweet_volume."""
    table = pq.read_table(data / "nab_tweet_volume" / "series.parquet").sort_by("timestamp")
    made = {}
    for name in sorted(table["series"].unique().to_pylist()):
        rows = table.filter(pc.equal(table["series"], name))
        inside = rows["in_anomaly_window"].to_numpy().astype(np.int8)
        edges = np.diff(np.concatenate(([0], inside, [0])))
        windows = zip(np.flatnonzero(edges == 1).tolist(), np.flatnonzero(edges == -1).tolist(), strict=True)
        first = int(np.ceil(0.15 * len(inside)))
        at = rows["timestamp"].to_numpy().astype("datetime64[us]").astype(np.int64) / 1e6
        kept = tuple((begin, end) for begin, end in windows if end > first)
        made[name] = Series(at, rows["value"].to_numpy().astype(np.float64), kept, first)
    return made


def judged(series: Series, budget: float) -> Alerts:
    """Our alerts."""
    known = Judge.of(per_week=budget)
    rows = zip(series.at.tolist(), series.value.tolist(), strict=True)
    return np.flatnonzero([known.see(at, value).alert for at, value in rows])


def above(series: Series, score: Floats, threshold: float, calm: float) -> Alerts:
    """Alerts of a score: one for an incident, until so many seconds passed below the threshold."""
    rows = np.flatnonzero(score > threshold)
    if not len(rows):
        return rows
    return rows[np.concatenate(([True], np.diff(series.at[rows]) > calm))]


def rolling(series: Series) -> Floats:
    """Deviations from the mean of the day before."""
    sums, squares = (np.concatenate(([0.0], np.cumsum(series.value**power))) for power in (1, 2))
    rows = np.arange(len(series.value))
    begin = np.maximum(rows - 288, 0)
    number = np.maximum(rows - begin, 1)
    mean = (sums[rows] - sums[begin]) / number
    deviation = np.sqrt(np.maximum((squares[rows] - squares[begin]) / number - mean**2, 0))
    made: Floats = np.where(rows < 288, 0.0, (series.value - mean) / np.maximum(deviation, 0.5))
    return made


def weekly(series: Series) -> Floats:
    """Robust deviations from the median of the same hour of all weeks before (of all hours, before there is one)."""
    hour = (series.at // HOUR).astype(np.int64)
    score = np.zeros(len(hour))
    for one in np.unique(hour):
        now = np.flatnonzero(hour == one)
        past = np.arange(now[0])[hour[: now[0]] % 168 == one % 168]
        before = series.value[past] if len(past) else series.value[: now[0]]
        if len(before):
            middle = np.median(before)
            scale = 1.4826 * np.median(np.abs(before - middle))
            score[now] = (series.value[now] - middle) / max(scale, 1.0)
    return score


def peers(series: Mapping[str, Series]) -> dict[str, dict[str, Floats]]:
    """The scores of libraries, from their own environment."""
    if not PEERS.exists():
        print(f"libraries are left out: there is no {PEERS}")
        return {}
    with tempfile.TemporaryDirectory() as folder:
        for name, one in series.items():
            np.savez(Path(folder) / f"{name}.npz", at=one.at, value=one.value)
        subprocess.run([str(PEERS), str(Path(__file__).with_name("anomalies_peer.py")), folder], check=True)
        return {
            peer: {name: np.load(Path(folder) / f"{peer}-{name}.npy") for name in series} for peer in ("stl", "trees")
        }


@dataclass(frozen=True)
class Met:
    """Of one series: windows and how many hours until each was hit (None: missed), alerts inside and false, weeks."""

    delays: tuple[float | None, ...]
    inside: int
    false: int
    weeks: float


def met(series: Series, alerts: Alerts) -> Met:
    """What alerts on a series met."""
    alerts = alerts[alerts >= series.first]
    inside = sum(any(begin <= row < end for begin, end in series.windows) for row in alerts)
    delays = []
    for begin, end in series.windows:
        hits = alerts[(alerts >= begin) & (alerts < end)]
        delays.append(float(series.at[hits[0]] - series.at[begin]) / HOUR if len(hits) else None)
    return Met(tuple(delays), inside, len(alerts) - inside, series.weeks)


def figures(all_met: Sequence[Met]) -> dict[str, float]:
    """F1 of windows hit and alerts inside, its parts, and false alarms for a series and week."""
    hit = [delay for one in all_met for delay in one.delays if delay is not None]
    windows = sum(len(one.delays) for one in all_met)
    alerts = sum(one.inside + one.false for one in all_met)
    recall = len(hit) / windows
    precision = sum(one.inside for one in all_met) / alerts if alerts else 0.0
    rates = [one.false / one.weeks for one in all_met]
    return {
        "f1": 2 * precision * recall / (precision + recall) if precision + recall else 0.0,
        "recall": recall,
        "precision": precision,
        "false_a_week": float(np.mean(rates)),
        "worst_false_a_week": max(rates),
        "median_delay_hours": quantile(hit, 0.5) if hit else float("nan"),
    }


def sooner(ours: Mapping[str, Met], theirs: Mapping[str, Met]) -> dict[str, Any]:
    """Windows that one hits and the other misses, and where both do, by how many hours we are sooner."""
    pairs = [pair for name in ours for pair in zip(ours[name].delays, theirs[name].delays, strict=True)]
    both = [other - one for one, other in pairs if one is not None and other is not None]
    return {
        "only_we": sum(one is not None and other is None for one, other in pairs),
        "only_they": sum(one is None and other is not None for one, other in pairs),
        "both": len(both),
        "sooner_or_equal": sum(hours >= 0 for hours in both),
        "mean_hours": round(float(np.mean(both)), 2) if both else None,
    }


def whole(by_series: Mapping[str, Met]) -> dict[str, Any]:
    """The figures of all series, with 95% intervals of series drawn again, and each series by itself."""
    random = np.random.default_rng(1)
    names = list(by_series)
    drawn = [figures([by_series[names[at]] for at in random.integers(0, len(names), len(names))]) for _ in range(2000)]
    made: dict[str, Any] = {key: round(value, 3) for key, value in figures(list(by_series.values())).items()}
    for key in ("f1", "recall", "precision", "false_a_week"):
        made[f"{key}_interval"] = [round(quantile([one[key] for one in drawn], part), 3) for part in (0.025, 0.975)]
    made["series"] = {
        name: {
            "windows": len(one.delays),
            "hit": sum(delay is not None for delay in one.delays),
            "false_a_week": round(one.false / one.weeks, 2),
            "delay_hours": [None if delay is None else round(delay, 1) for delay in one.delays],
        }
        for name, one in by_series.items()
    }
    return made


def chosen(options: Mapping[Any, Mapping[str, Met]], names: Sequence[str]) -> Any:
    """The option with the best F1 on some series, among those of at most one false alarm a week on them."""
    found = {option: figures([by_series[name] for name in names]) for option, by_series in options.items()}
    held = {option: one for option, one in found.items() if one["false_a_week"] <= 1} or found
    return max(held, key=lambda option: (held[option]["f1"], -held[option]["false_a_week"]))


def held_out(options: Mapping[Any, Mapping[str, Met]], names: Sequence[str]) -> dict[str, Any]:
    """Chosen on two or three of the series, reported on the others: all twenty ways to part them."""
    made, choices = [], []
    for size in (2, 3):
        for some in itertools.combinations(names, size):
            option = chosen(options, some)
            choices.append(str(option))
            made.append(figures([options[option][name] for name in names if name not in some]))
    told: dict[str, Any] = {key: round(float(np.nanmean([one[key] for one in made])), 3) for key in made[0]}
    told["f1_least_to_most"] = [round(min(one["f1"] for one in made), 3), round(max(one["f1"] for one in made), 3)]
    told["budget_held"] = f"{sum(one['worst_false_a_week'] <= 1 for one in made)} of {len(made)}"
    told["chosen"] = {option: choices.count(option) for option in sorted(set(choices))}
    return told


def tweets(data: Path) -> dict[str, Any]:
    """Ours and the others on the labelled series: as they come, and chosen on some and reported on others."""
    series = labelled(data)
    ours = {budget: {name: met(one, judged(one, budget)) for name, one in series.items()} for budget in BUDGETS}
    made: dict[str, Any] = {"windows": sum(len(one.windows) for one in series.values())}
    made["ours"] = {"as_it_comes": whole(ours[1.0]), "held_out": held_out(ours, list(series))}
    made["ours"]["by_budget"] = {
        budget: {key: round(value, 3) for key, value in figures(list(one.values())).items()}
        for budget, one in ours.items()
    }
    rules: dict[str, Callable[[Series], Floats]] = {"rolling": rolling, "weekly": weekly}
    scores = {rule: {name: score(one) for name, one in series.items()} for rule, score in rules.items()}
    for peer, by_series in (scores | peers(series)).items():
        pooled = np.concatenate([by_series[name][one.first :] for name, one in series.items()])
        options = {
            (round(threshold, 3), calm): {
                name: met(one, above(one, by_series[name], threshold, calm)) for name, one in series.items()
            }
            for threshold in sorted({float(np.quantile(pooled, part)) for part in PARTS})
            for calm in (HOUR, DAY)
        }
        usual = {name: met(one, above(one, by_series[name], 3.0, HOUR)) for name, one in series.items()}
        made[peer] = {"held_out": held_out(options, list(series))}
        best = chosen(options, list(series))
        made[peer]["best_on_all"] = whole(options[best]) | {"option": str(best)}
        made[peer]["ours_sooner"] = sooner(ours[1.0], options[best])
        if peer != "trees":
            made[peer]["above_3"] = whole(usual)
        print(peer, json.dumps(made[peer]["held_out"]), flush=True)
    return made


def settings(data: Path) -> dict[str, Any]:
    """The judge's own constants chosen on two or three of the series, and reported on the others."""
    series = labelled(data)
    options = {}
    for least, margin, span in itertools.product((2.0, 2.5, 3.0), (1.1, 1.2, 1.35), (1200.0, 1800.0, 3600.0)):
        lasting.LEAST, bar.MARGIN, judge.SPANS = least, margin, (0.0, span, 4.0 * HOUR)
        options[least, margin, span] = {name: met(one, judged(one, 1.0)) for name, one in series.items()}
    every = [figures(list(one.values())) for one in options.values()]
    made = {"held_out": held_out(options, list(series)), "options": len(options)}
    for key in ("f1", "recall", "false_a_week", "worst_false_a_week"):
        values = [one[key] for one in every]
        made[key] = {
            part: round(float(of(values)), 3) for part, of in (("least", min), ("mean", np.mean), ("most", max))
        }
    return made


def counts(random: np.random.Generator, at: Floats, rate: float, size: float | None) -> Floats:
    """Counts with a rhythm of days and weeks, Poisson's or with heavier tails (negative binomial of a size)."""
    mean = rate * np.exp(0.8 * np.sin((at / HOUR % 24 - 9) / 24 * 2 * np.pi) - 0.5 * (at // DAY % 7 > 4))
    if size:
        mean = mean * random.gamma(size, 1 / size, len(at))
    return random.poisson(mean).astype(np.float64)


def quiet() -> dict[str, Any]:
    """False alarms a week where nothing happens for twelve weeks (a year of days), at rates of 0.1 to 1,000 a step."""
    made: dict[str, Any] = {}
    for step, weeks, repeats in ((300, 12, 1), (HOUR, 12, 6), (DAY, 52, 6)):
        at = 1.4e9 + np.arange(0, weeks * WEEK, step, dtype=np.float64)
        for size, rate in itertools.product((None, 3.0), (0.1, 1, 10, 100, 1000)):
            rates = []
            for seed in range(repeats):
                random = np.random.default_rng([seed, int(rate * 10), step])
                series = Series(at, counts(random, at, rate, size), (), 0)
                rates.append(len(judged(series, 1.0)) / weeks)
            key = f"{step} s, {'Poisson' if size is None else 'size 3'}, {rate}"
            made[key] = {"false_a_week": round(float(np.mean(rates)), 3), "worst": round(max(rates), 3)}
    made["mean"] = {"false_a_week": round(float(np.mean([one["false_a_week"] for one in made.values()])), 3)}
    return made


def bursts() -> dict[str, Any]:
    """After how many steps a burst of three hours is told, planted every 27 hours of a week after five of history."""
    made: dict[str, Any] = {}
    for step, rate, size in itertools.product((300, HOUR), (0.1, 1, 10, 100), (None, 3.0)):
        at = 1.4e9 + np.arange(0, 6 * WEEK, step, dtype=np.float64)
        random = np.random.default_rng([7, int(rate * 10), step])
        value = counts(random, at, rate, size)
        known, starts = Judge.of(), {int((5 * WEEK + part * 27 * HOUR) / step) for part in range(1, 6)}
        delays: dict[int, list[float]] = {2: [], 3: [], 10: []}
        for row in range(max(starts) + 1):
            if row in starts:
                for times, found in delays.items():
                    if (delay := _delay(known, at, value, random, row, times)) is not None:
                        found.append(delay)
            known.see(float(at[row]), float(value[row]))
        key = f"{step} s, {'Poisson' if size is None else 'size 3'}, {rate}"
        made[key] = {
            f"times_{times}": {
                "bursts": len(found),
                "told": sum(one < float("inf") for one in found),
                "median_steps": None if not found or quantile(found, 0.5) == float("inf") else quantile(found, 0.5),
            }
            for times, found in delays.items()
        }
    return made


def _delay(known: Judge, at: Floats, value: Floats, random: np.random.Generator, row: int, times: int) -> float | None:
    """Steps until the alert of a burst; None where an incident is under way already."""
    if known.above is not None:
        return None
    trial = copy.deepcopy(known)
    steps = int(3 * HOUR / (at[1] - at[0]))
    for step in range(steps):
        burst = value[row + step] + random.poisson((times - 1) * max(value[row : row + steps].mean(), 0.01))
        if trial.see(float(at[row + step]), float(burst)).alert:
            return step
    return float("inf")


def seconds() -> dict[str, Any]:
    """How long a file of a million rows takes, in ten series and in five thousand (processor time of one core)."""
    made: dict[str, Any] = {}
    for series, rows in ((10, 100_000), (5_000, 200)):
        random = np.random.default_rng(1)
        at = np.tile(1_400_000_000 + 300 * np.arange(rows), series)
        columns = {
            "occurred_at": [str(one) for one in at.tolist()],
            "value": [str(one) for one in random.poisson(20, len(at)).tolist()],
            "series": np.repeat(np.arange(series), rows).astype(str).tolist(),
        }
        began = time.process_time()
        of_file(columns, Choices())
        made[f"{series} series"] = {"rows": len(at), "seconds": round(time.process_time() - began, 1)}
        print(made, flush=True)
    return made


def main() -> None:
    """Measure and save."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--data", type=Path, default=DATA)
    options.add_argument("--only", default="tweets,bursts,quiet,seconds,settings")
    given = options.parse_args()
    parts: dict[str, Callable[[], dict[str, Any]]] = {
        "tweets": lambda: tweets(given.data),
        "settings": lambda: settings(given.data),
        "bursts": bursts,
        "quiet": quiet,
        "seconds": seconds,
    }
    for name in given.only.split(","):  # settings come last, for they change constants
        save("anomalies", {name: parts[name]()})


if __name__ == "__main__":
    main()
