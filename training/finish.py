"""Export a trained run, fit its probabilities on validation texts, measure it as it ships, and write its card.

    python training/finish.py DATA_FOLDER RUN_FOLDER [RUN_FOLDER of other seeds ...] [--after EARLIER_RUN_FOLDER]

The first run ships; the others only say how much figures move with the seed. Everything is measured on the exported,
quantised model, through the code that users run. Of each validation file one random half fits temperatures and
thresholds and the other measures them, then the other way round; what ships was fitted on the first half.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from safetensors.torch import load_file

import card
import domains
import export
import fit
import others
import scores
import tasks
import train
from heedful.language import encoder as runtime
from network import Network

OUT = Path(__file__).parents[1] / "src" / "heedful" / "models"
SEED = 20261121
SHARES = {"hateful": 0.1}
"""How often yes is taken to hold in the world, where a threshold is chosen. The set was collected by words that hateful
tweets hold, and 42% of it is hateful: at that share it pays to call hateful whatever has such a word."""
BALANCE = 0.7
"""How far three or more labels count alike when probabilities are fitted: 0 as in the file, 1 all alike. A seventh of
the validation tweets is negative, of what is said to companies more than half."""


def network(run: Path) -> Network:
    """A run's averaged weights, and its spam head where it has one."""
    held = load_file(run / "weights.safetensors")
    spam = run / "spam.safetensors"
    held |= load_file(spam) if spam.exists() else {}
    names = dict.fromkeys(name.split(".")[1] for name in held if name.startswith("heads."))
    made = Network({name: len(tasks.LABELS[name]) for name in names})
    made.load_state_dict(held)
    return made.eval()


def shipped(name: str, scale: Sequence[float], shift: Sequence[float], least: Sequence[float]) -> dict[str, Any]:
    """A head as heads.json holds it."""
    return {
        "name": name,
        "labels": list(tasks.LABELS[name]),
        "many": name in tasks.MANY,
        "scale": [round(float(value), 5) for value in scale],
        "shift": [round(float(value), 5) for value in shift],
        "thresholds": [round(float(value), 4) for value in least],
    }


def plain_heads(names: Sequence[str]) -> list[dict[str, Any]]:
    """Heads as trained, before anything is fitted."""
    counts = {name: len(tasks.LABELS[name]) for name in names}
    return [shipped(name, [1.0] * count, [0.0] * count, [0.5] * count) for name, count in counts.items()]


def raw(read: runtime.Encoder, task: tasks.Task) -> np.ndarray:
    """Scores of a task's head for its texts, from probabilities with nothing fitted."""
    likely = read.read(list(task.texts)).probabilities[task.name].astype(np.float64)
    likely = likely.clip(1e-7, 1 - 1e-7)
    return np.log(likely / (1 - likely)) if task.many else np.log(likely)


def fitted(task: tasks.Task, logits: np.ndarray, rows: np.ndarray) -> dict[str, Any]:
    """What ships for a head, fitted on some rows."""
    labels = len(task.labels)
    true = task.targets[rows]
    if task.many:
        scale, shift = fit.each(logits[rows], true)
        least = fit.f1_thresholds(true, 1 / (1 + np.exp(-(logits[rows] * scale + shift))))
    else:
        counts = (1 / np.bincount(true, minlength=labels)[true]) ** (BALANCE if labels > 2 else 0.0)
        one, shift = fit.softened(logits[rows], true, weights=counts)
        scale, least = np.full(labels, one), np.full(labels, 0.5)
        if labels == 2:
            likely = fit.softmax(logits[rows] * scale + shift)[:, 1]
            least[1] = fit.threshold(task.name, true, likely, share=SHARES.get(task.name))
            least[0] = 1 - least[1]
    return shipped(task.name, scale, shift, least)


def called(head: dict[str, Any], logits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities, and what is called: label numbers, or rows of 0 and 1."""
    x = logits * np.array(head["scale"]) + np.array(head["shift"])
    if head["many"]:
        likely = 1 / (1 + np.exp(-x))
        return likely, (likely >= np.array(head["thresholds"])).astype(np.int64)
    likely = fit.softmax(x)
    if len(head["labels"]) == 2:
        return likely, (likely[:, 1] >= head["thresholds"][1]).astype(np.int64)
    return likely, likely.argmax(1)


@dataclass(frozen=True)
class Crossed:
    """A head as it ships, and what it calls: each half of the texts with what was fitted on the other."""

    head: dict[str, Any]
    likely: np.ndarray
    called: np.ndarray
    second: np.ndarray
    """The half that what ships was not fitted on."""


def crossed(task: tasks.Task, logits: np.ndarray) -> Crossed:
    """Fit a head on either half of the texts and call the other with it."""
    order = np.random.default_rng(SEED).permutation(len(task.targets))
    halves = np.sort(order[: len(order) // 2]), np.sort(order[len(order) // 2 :])
    head = fitted(task, logits, halves[0])
    likely, said = np.zeros(logits.shape), np.zeros(task.targets.shape, np.int64)
    for use, rows in ((fitted(task, logits, halves[1]), halves[0]), (head, halves[1])):
        likely[rows], said[rows] = called(use, logits[rows])
    return Crossed(head, likely, said, halves[1])


def measured(task: tasks.Task, found: Crossed) -> dict[str, Any]:
    """The figures of a head."""
    true, likely, said, half = task.targets.astype(np.int64), found.likely, found.called, found.second
    told: dict[str, Any] = {"metric": scores.OFFICIAL[task.name], **scores.figure(task.name, true, said)}
    if task.many:
        gaps = [scores.yes_error(true[half, at], likely[half, at]) for at in range(true.shape[1])]
        told["calibration_error"] = round(100 * float(np.mean(gaps)), 2)
        told["by_label"] = {
            name: round(100 * scores.score("irony", true[:, at], said[:, at]), 1) for at, name in enumerate(task.labels)
        }
    else:
        told["calibration_error"] = round(100 * scores.calibration_error(true[half], likely[half]), 2)
        told["calibration_error_by_chance"] = round(100 * scores.calibration_by_chance(likely[half]), 2)
        told["confusion"] = scores.confusion(true, said, len(task.labels))
        told["reliability"] = scores.reliability(task.labels, true, said, likely)
    return told


def elsewhere(read: runtime.Encoder, data: Path) -> dict[str, Any]:
    """Sentiment of airline tweets, which nothing was trained or chosen on."""
    held = pq.read_table(data / "airline_tweets/all.parquet").to_pydict()
    labels = tasks.LABELS["sentiment"]
    true = np.array([labels.index(label) for label in held["sentiment"]])
    likely = read.read(held["text"]).probabilities["sentiment"].astype(np.float64)
    said = likely.argmax(1)
    return {
        "metric": "macro recall",
        **scores.figure("sentiment", true, said),
        "accuracy": round(100 * float((true == said).mean()), 2),
        "calibration_error": round(100 * scores.calibration_error(true, likely), 2),
        "confusion": scores.confusion(true, said, 3),
    }


def agreement(made: Network, read: runtime.Encoder, held: Sequence[tasks.Task]) -> dict[str, float]:
    """How often the exported model calls what the network calls, in percent."""
    found = {}
    for task in held:
        if not task.many:
            exact = train.logits_of(made, train.tokenizer(), task.texts, [task.name])[task.name]
            ours = read.read(task.texts).probabilities[task.name].argmax(1)
            same = read.heads[task.name].probabilities(exact).argmax(1) == ours
            found[task.name] = round(100 * float(same.mean()), 2)
    return found


def main() -> None:
    """Export, fit, measure, write."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("data", type=Path)
    asked.add_argument("runs", type=Path, nargs="+", help="the run that ships, and others with other seeds")
    asked.add_argument("--after", type=Path, action="append", default=[], help="the run that the first went on from")
    given = asked.parse_args()
    data, runs, earlier = given.data, given.runs, given.after
    tokenizer = train.tokenizer()
    known = train.known(tokenizer)
    held = [task for task in tasks.validation(data, known) if task.name != "sentiment_other"]
    sample = tasks.training(data, known, seed=1)[0].texts[:600]
    seeds: dict[str, list[float]] = {}
    for run in reversed(runs):
        made = network(run)
        fitted_elsewhere = {"spam": (run / "spam.json").exists(), "slurs": False}
        names = [name for name in tasks.LABELS if name in made.heads and fitted_elsewhere.get(name, True)]
        folder = OUT / "encoder" if run is runs[0] else run / "exported"
        export.write(made, tokenizer, sample, names, folder)
        (folder / "heads.json").write_text(json.dumps(plain_heads(names)), encoding="utf-8")
        read = runtime.load(folder)
        heads, figures = {}, {}
        if "spam" in names:
            told = json.loads((run / "spam.json").read_text())
            heads["spam"], figures["spam"] = told["head"], told["figures"]
        others_read = others.fitted(read, data)
        together = others_read.together
        scale, least = [together.scale] * 3, [0.5] * 3
        heads["sentiment_other"] = shipped("sentiment_other", scale, together.shift, least)
        print("other languages", json.dumps({**others_read.by_language, "power": together.power}))
        for task in held:
            found = crossed(task, raw(read, task))
            heads[task.name], figures[task.name] = found.head, measured(task, found)
            seeds.setdefault(task.name, []).append(figures[task.name]["value"])
            print(
                run.name, task.name, {name: value for name, value in figures[task.name].items() if name != "by_label"}
            )
        lines = ",\n".join(json.dumps(heads[name]) for name in names)
        (folder / "heads.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    read = runtime.load(folder)
    away = elsewhere(read, data)
    print("airline", away)
    same = agreement(made, read, held)
    print("agreement", same)
    told = card.Measured(
        *(figures, others_read, away, domains.rows(read, data), same),
        *({name: sorted(values) for name, values in seeds.items()}, [*earlier, *runs[:1]]),
    )
    (OUT / "encoder.json").write_text(json.dumps(card.card(told), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
