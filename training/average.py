"""Average a run with the one that it went on from, and bring the embedding back to where the original has it.

    python training/average.py DATA_FOLDER EARLIER_RUN_FOLDER RUN_FOLDER OUT_FOLDER

Between two runs of one descent lies a network that does better than either (Wortsman et al. 2022, model soups); how far
between was chosen on the validation files among 0.5, 0.7 and 1. Heads that only the later run has stay as they are. The
embedding's matrix is the least-squares answer on service chat and training texts, held near the one that was learnt.
"""

import shutil
import sys
from pathlib import Path

import torch
import torch.nn.functional as nnf
from safetensors.torch import load_file, save_file
from torch import Tensor

import finish
import tasks
import train
from network import Network, mean

SHARE = 0.7
"""Of the later run."""
CHAT, OTHERS = 6_000, 6_000
"""Texts that the embedding's matrix is fitted on; a fifth more only measure it."""
HELD = 0.02
"""How strongly the matrix is held near the one that was learnt, as a part of the states' mean square."""
SEED = 20261121


def main() -> None:
    """Average, fit, measure, write."""
    data, earlier, run, out = (Path(name) for name in sys.argv[1:5])
    before, after = (load_file(folder / "weights.safetensors") for folder in (earlier, run))
    out.mkdir(parents=True, exist_ok=True)
    averaged = {
        name: torch.lerp(before[name], value, SHARE) if name in before and not name.startswith("kept.") else value
        for name, value in after.items()
    }
    save_file(averaged, out / "weights.safetensors")
    shutil.copy(run / "log.jsonl", out)
    network = finish.network(out)
    fit(network, data)
    save_file(network.state_dict(), out / "weights.safetensors")


@torch.no_grad()
def fit(network: Network, data: Path) -> None:
    """Put the fitted matrix into the network; print how alike embeddings are before and after."""
    made = train.tokenizer()
    known = train.known(made)
    generator = torch.Generator().manual_seed(SEED)
    work = [text for task in tasks.training(data, known, seed=SEED) for text in task.texts]
    some = torch.randperm(len(work), generator=generator)[: OTHERS * 6 // 5].tolist()
    texts = [*tasks.unlabelled(data, known, CHAT * 6 // 5, seed=SEED), *(work[at] for at in some)]
    theirs = train.originals(made, texts).float()
    states = torch.zeros(len(texts), theirs.shape[1])
    for rows, numbers, there in train.alike(made, texts):
        states[rows] = mean(network.encoder(numbers, there), there)
    measured = torch.arange(len(texts)) % 6 == 0
    print("alike before", alike(network, states[measured], theirs[measured]))
    given = torch.cat([states, torch.ones(len(states), 1)], 1)[~measured]
    # The original's embeddings have length 1; what is learnt is the direction, at the length that ours have.
    wanted = theirs[~measured] * network.kept(states[~measured]).norm(dim=1).mean()
    learnt = torch.cat([network.kept.weight.T, network.kept.bias[None]])
    held = HELD * given.square().mean() * len(given) * torch.eye(given.shape[1])
    found = torch.linalg.solve(given.T @ given + held, given.T @ wanted + held @ learnt)
    network.kept.weight.copy_(found[:-1].T)
    network.kept.bias.copy_(found[-1])
    print("alike after", alike(network, states[measured], theirs[measured]))


def alike(network: Network, states: Tensor, theirs: Tensor) -> float:
    """The mean cosine between our embeddings and the original's."""
    return round(float((nnf.normalize(network.kept(states), dim=-1) * theirs).sum(1).mean()), 4)


if __name__ == "__main__":
    main()
