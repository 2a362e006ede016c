"""Train the spam head on the finished encoder, and measure it on what neither has seen.

    python training/spam.py DATA_FOLDER RUN_FOLDER EARLIER_RUN_FOLDER

Measured on a fifth of the text messages, copies of a text in the same part, and on the comments of two videos, which
are left out whole. Across: on the encoder of the earlier run, which has seen no spam at all, learnt without any label
of the source that it is measured on, with the usual threshold of a half. What ships learnt from all. Every one of them
learns from sentences of our own (training/promotions.py) too, and from tweets, comments and service chat, which count
as wanted.
"""

import json
import random
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as nnf
from safetensors.torch import save_file
from torch import Tensor

import finish
import promotions
import scores
import tasks
import train
from heedful.language.normalise import normalise
from network import Encoder, Head

EPOCHS, RATE, DECAY = 8, 1e-3, 0.05
OTHERS = 1_500
"""Texts of each other kind that count as wanted."""
SEED = 20261121


@torch.no_grad()
def states(encoder: Encoder, texts: Sequence[str]) -> list[Tensor]:
    """What the encoder makes of each token, (length, 384) for each text."""
    encoder.eval()
    found: list[Tensor] = [torch.empty(0)] * len(texts)
    for rows, numbers, there in train.alike(train.tokenizer(), texts):
        for row, some, known in zip(rows, encoder(numbers, there), there, strict=True):
            found[row] = some[known].clone()
    return found


def batch(held: Sequence[Tensor], rows: Sequence[int]) -> tuple[Tensor, Tensor]:
    """States of some texts, padded, and which tokens are there."""
    lengths = torch.tensor([len(held[row]) for row in rows])
    tokens = torch.nn.utils.rnn.pad_sequence([held[row] for row in rows], batch_first=True)
    return tokens, torch.arange(tokens.shape[1])[None] < lengths[:, None]


def learn(held: Sequence[Tensor], true: np.ndarray, rows: np.ndarray, *, seed: int = SEED) -> Head:
    """A head from some texts; wanted and unwanted ones count alike."""
    torch.manual_seed(seed)
    chance = np.random.default_rng(seed)
    head = Head(2).train()
    share = np.bincount(true[rows], minlength=2) / len(rows)
    weight = torch.tensor(0.5 / share, dtype=torch.float32)
    optimiser = torch.optim.AdamW(head.parameters(), lr=RATE, weight_decay=DECAY)
    steps = EPOCHS * -(-len(rows) // 64)
    rates = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps + 1)
    for _ in range(EPOCHS):
        order = chance.permutation(rows)
        for start in range(0, len(order), 64):
            some = order[start : start + 64]
            loss = nnf.cross_entropy(head(*batch(held, some)), torch.tensor(true[some]), weight=weight)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            rates.step()
    return head.eval()


@torch.no_grad()
def logits(head: Head, held: Sequence[Tensor], rows: np.ndarray) -> np.ndarray:
    """Scores of some texts."""
    order = sorted(range(len(rows)), key=lambda at: len(held[rows[at]]))
    found = np.zeros((len(rows), 2))
    for start in range(0, len(order), 256):
        some = order[start : start + 256]
        found[some] = head(*batch(held, [rows[at] for at in some])).numpy()
    return found


def main() -> None:
    """Learn, measure, write."""
    data, run, earlier = (Path(name) for name in sys.argv[1:4])
    known = train.known(train.tokenizer())
    spam = tasks.spam_texts(data, known)
    true = spam.true
    texts, more = [normalise(text, known) for text in spam.texts], extra(data, known)
    others = np.arange(len(texts), len(texts) + len(more[0]))
    everything = np.concatenate([true, more[1]])
    first, second = (np.flatnonzero([bool(video) == of for video in spam.videos]) for of in (False, True))

    def encoded(folder: Path) -> list[Tensor]:
        return states(finish.network(folder).encoder, [*texts, *more[0]])

    held = encoded(earlier)
    across = {}
    for name, rows, left in (("sms_to_youtube", first, second), ("youtube_to_sms", second, first)):
        head = learn(held, everything, np.concatenate([rows, others]))
        across[name] = scores.figure("spam", true[left], logits(head, held, left).argmax(1))
    held = encoded(run)
    left = np.flatnonzero(spam.left)
    out = logits(learn(held, everything, np.concatenate([np.flatnonzero(spam.seen), others])), held, left)
    task = tasks.Task(
        "spam", tasks.LABELS["spam"], False, tuple(texts[at] for at in left), true[left], np.ones(len(left), np.float32)
    )
    crossed = finish.crossed(task, out)
    figures = {
        **finish.measured(task, crossed),
        "validated_on": "a fifth of the text messages and the comments of two videos, unseen by encoder and head",
        "sms": scores.figure("spam", true[left][left < len(first)], crossed.called[left < len(first)]),
        "youtube": scores.figure("spam", true[left][left >= len(first)], crossed.called[left >= len(first)]),
        **across,
    }
    print(json.dumps(figures, indent=1))
    (run / "spam.json").write_text(json.dumps({"head": crossed.head, "figures": figures}), encoding="utf-8")
    whole = learn(held, everything, np.arange(len(everything)))
    save_file({f"heads.spam.{name}": value for name, value in whole.state_dict().items()}, run / "spam.safetensors")


def extra(data: Path, known: tasks.Known) -> tuple[list[str], np.ndarray]:
    """Texts that belong to neither source: sentences of our own, and others' texts, which are wanted."""
    own = promotions.sentences(SEED)
    chance = random.Random(SEED)
    work = {task.name: task for task in tasks.training(data, known, seed=SEED)}
    wanted = [text for name in ("sentiment", "emotions") for text in chance.sample(work[name].texts, OTHERS)]
    wanted += tasks.unlabelled(data, known, OTHERS, seed=SEED)
    texts = [*(normalise(text, known) for text, _ in own), *wanted]
    return texts, np.array([label for _, label in own] + [0] * len(wanted))


if __name__ == "__main__":
    main()
