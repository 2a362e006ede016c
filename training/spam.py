"""Train the spam head on the finished encoder, which has seen no label of spam, and measure it on what it has not seen.

    python training/spam.py DATA_FOLDER RUN_FOLDER

Text messages: five parts, copies of a text in the same one. Comments: each video left out whole. Across: trained
without any label of the source that it is measured on, with the usual threshold of a half. What ships learnt from all.
Every one of them learns from sentences of our own (training/promotions.py) too, and from tweets, comments and service
chat, which count as wanted.
"""

import json
import random
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import torch
import torch.nn.functional as nnf
from safetensors.torch import save_file
from torch import Tensor

import finish
import fit
import promotions
import scores
import tasks
import train
from heedful.language.normalise import normalise
from network import Encoder, Head

EPOCHS, RATE, DECAY = 8, 1e-3, 0.05
FOLDS = 5
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
    data, run = Path(sys.argv[1]), Path(sys.argv[2])
    known = train.known(train.tokenizer())
    sms = pq.read_table(data / "spam_text/sms_all.parquet").to_pydict()
    comments = pq.read_table(data / "spam_text/youtube_all.parquet").to_pydict()
    texts = [normalise(text, known) for text in [*sms["text"], *comments["text"]]]
    true = np.array([int(label == "spam") for label in sms["label"]] + [int(label) for label in comments["label"]])
    count, both = len(sms["text"]), len(texts)
    first, second = np.arange(count), np.arange(count, both)
    more, labels = extra(data, known)
    held = states(finish.network(run).encoder, [*texts, *more])
    everything = np.concatenate([true, labels])
    others = np.arange(both, len(everything))

    def learnt(rows: np.ndarray) -> Head:
        return learn(held, everything, np.concatenate([rows, others]))

    out = np.zeros((both, 2))
    folds = np.array([hash_of(text) % FOLDS for text in texts])
    for fold in range(FOLDS):
        left = first[folds[:count] == fold]
        out[left] = logits(learnt(np.concatenate([first[folds[:count] != fold], second])), held, left)
    videos = np.array(comments["video"])
    for video in sorted(set(videos)):
        left = second[videos == video]
        out[left] = logits(learnt(np.concatenate([first, second[videos != video]])), held, left)
    scale, shift = fit.softened(out, true, weights=np.ones(len(true)))
    likely = fit.softmax(out * scale + shift)[:, 1]
    least = fit.threshold("spam", true, likely)
    said = (likely >= least).astype(np.int64)
    across = {
        "sms_to_youtube": scores.figure("spam", true[second], logits(learnt(first), held, second).argmax(1)),
        "youtube_to_sms": scores.figure("spam", true[first], logits(learnt(second), held, first).argmax(1)),
    }
    figures = {
        "metric": scores.OFFICIAL["spam"],
        "validated_on": "text messages in five parts and YouTube comments by video, each left out in turn",
        **scores.figure("spam", true, said),
        "sms": scores.figure("spam", true[first], said[first]),
        "youtube": scores.figure("spam", true[second], said[second]),
        **across,
        "calibration_error": round(100 * scores.calibration_error(true, fit.softmax(out * scale + shift)), 2),
        "confusion": scores.confusion(true, said, 2),
    }
    print(json.dumps(figures, indent=1))
    head = finish.shipped("spam", [scale] * 2, shift, [1 - least, least])
    (run / "spam.json").write_text(json.dumps({"head": head, "figures": figures}), encoding="utf-8")
    whole = learnt(np.arange(both))
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


def hash_of(text: str) -> int:
    """The same number for the same words, whatever their case and digits."""
    from zlib import crc32

    return crc32("".join(sign for sign in text.lower() if sign.isalpha()).encode())


if __name__ == "__main__":
    main()
