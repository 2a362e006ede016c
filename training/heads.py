"""Train the sentiment head further on the finished encoder, with harder sentences of our own among the tweets.

    python training/heads.py DATA_FOLDER RUN_FOLDER OUT_FOLDER

The encoder and the other heads stay to the last bit. Mockery, "then and now", slang and emoji by themselves hardly
stand in the tweets; the head can learn them, since the encoder tells such words apart. A few minutes.
"""

import random
import shutil
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as nnf
from safetensors.torch import load_file, save_file

import finish
import plain
import spam
import tasks
import train
from heedful.language.normalise import normalise
from heedful.records import SENTIMENTS

SEED = 20261121
TWEETS = 16_000
"""Tweets learnt from, a third of each sentiment."""
EPOCHS, RATE, HARD, ALONE = 4, 2e-4, 0.7, 12.0
"""Rounds, highest learning rate, and what a harder sentence and an emoji alone count where a tweet counts 1."""


def main() -> None:
    """Learn, measure, write."""
    data, run, out = (Path(name) for name in sys.argv[1:4])
    known = train.known(train.tokenizer())
    network = finish.network(run)
    task = tasks.training(data, known, seed=SEED)[0]
    chance = random.Random(SEED)
    rows = [
        row
        for label in range(len(SENTIMENTS))
        for row in chance.sample([int(at) for at in np.flatnonzero(task.targets == label)], TWEETS // 3)
    ]
    hard = plain.hard(SEED)
    texts = [*(task.texts[row] for row in rows), *(normalise(text, known) for text, _ in hard)]
    true = np.array([*(task.targets[row] for row in rows), *(SENTIMENTS.index(label) for _, label in hard)])
    alone = [ALONE if not any(sign.isalnum() for sign in text) else HARD for text, _ in hard]
    counts = torch.tensor([1.0] * len(rows) + alone)
    held = spam.states(network.encoder, texts)
    torch.manual_seed(SEED)
    head = network.heads["sentiment"].train()
    optimiser = torch.optim.AdamW(head.parameters(), lr=RATE, weight_decay=0.01)
    steps = EPOCHS * -(-len(texts) // 64)
    rates = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps + 1)
    order = np.random.default_rng(SEED)
    for epoch in range(EPOCHS):
        places = order.permutation(len(texts))
        losses = []
        for start in range(0, len(places), 64):
            some = places[start : start + 64]
            each = nnf.cross_entropy(head(*spam.batch(held, some)), torch.tensor(true[some]), reduction="none")
            loss = (each * counts[some]).mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            rates.step()
            losses.append(float(loss.detach()))
        print(epoch, round(float(np.mean(losses)), 4), flush=True)
    out.mkdir(parents=True, exist_ok=True)
    for path in run.glob("spam.*"):
        shutil.copy(path, out)
    kept = load_file(run / "weights.safetensors")
    kept |= {f"heads.sentiment.{name}": value for name, value in head.state_dict().items()}
    save_file(kept, out / "weights.safetensors")
    validation = tasks.validation(data, known)[:1]
    print(train.measured(network, train.tokenizer(), validation))


if __name__ == "__main__":
    main()
