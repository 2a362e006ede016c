"""The encoder with its heads, in torch: BERT's layers (Devlin et al. 2019) as all-MiniLM-L6-v2 has them.

Each head looks at the tokens through an attention of its own (one learnt query); the embedding is the mean over the
tokens through one matrix, which brings it back to where the original had it.
"""

from collections.abc import Mapping
from pathlib import Path

import torch
import torch.nn.functional as nnf
from safetensors.torch import load_file
from torch import Tensor, nn

WIDTH, INNER, HEADS, WORDS, PLACES = 384, 1536, 12, 30_522, 512
HIDDEN = 256
"""Width of a head's one inner layer."""
EPSILON = 1e-12


class Layer(nn.Module):
    """Self-attention and a feed-forward part, each added and normalised."""

    def __init__(self) -> None:
        super().__init__()
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH)
        self.out = nn.Linear(WIDTH, WIDTH)
        self.up = nn.Linear(WIDTH, INNER)
        self.down = nn.Linear(INNER, WIDTH)
        self.norm1 = nn.LayerNorm(WIDTH, EPSILON)
        self.norm2 = nn.LayerNorm(WIDTH, EPSILON)

    def forward(self, x: Tensor, mask: Tensor, drop: float) -> Tensor:
        """Tokens (texts, length, WIDTH) and an additive mask (texts, 1, 1, length) to tokens."""
        texts, length, _ = x.shape
        q, k, v = self.qkv(x).view(texts, length, 3, HEADS, WIDTH // HEADS).permute(2, 0, 3, 1, 4)
        seen = nnf.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        seen = self.out(seen.transpose(1, 2).reshape(texts, length, WIDTH))
        x = self.norm1(x + nnf.dropout(seen, drop, self.training))
        done = self.down(nnf.gelu(self.up(x)))
        return self.norm2(x + nnf.dropout(done, drop, self.training))


class Encoder(nn.Module):
    """Token numbers to a vector per token."""

    def __init__(self, layers: int = 6) -> None:
        super().__init__()
        self.words = nn.Embedding(WORDS, WIDTH)
        self.places = nn.Embedding(PLACES, WIDTH)
        self.kind = nn.Parameter(torch.zeros(WIDTH))
        self.norm = nn.LayerNorm(WIDTH, EPSILON)
        self.layers = nn.ModuleList(Layer() for _ in range(layers))
        self.drop = 0.1

    def forward(self, numbers: Tensor, there: Tensor) -> Tensor:
        """Numbers and whether a token is there, both (texts, length), to (texts, length, WIDTH)."""
        x = self.words(numbers) + self.places.weight[: numbers.shape[1]] + self.kind
        x = nnf.dropout(self.norm(x), self.drop, self.training)
        mask = torch.zeros(there.shape, dtype=x.dtype, device=x.device).masked_fill(~there, -1e4)[:, None, None, :]
        for layer in self.layers:
            x = layer(x, mask, self.drop)
        return x


class Head(nn.Module):
    """One reading: looks at the tokens with its own query, then one inner layer."""

    def __init__(self, labels: int) -> None:
        super().__init__()
        self.query = nn.Parameter(torch.zeros(WIDTH))
        self.inner = nn.Linear(WIDTH, HIDDEN)
        self.label = nn.Linear(HIDDEN, labels)

    def forward(self, tokens: Tensor, there: Tensor) -> Tensor:
        """Scores of the labels, (texts, labels)."""
        weights = (tokens @ self.query / WIDTH**0.5).masked_fill(~there, -1e4).softmax(-1)
        seen = (weights[:, :, None] * tokens).sum(1)
        return self.label(nnf.dropout(nnf.gelu(self.inner(nnf.dropout(seen, 0.1, self.training))), 0.1, self.training))


class Network(nn.Module):
    """The encoder and a head per task."""

    def __init__(self, labels: Mapping[str, int], layers: int = 6) -> None:
        super().__init__()
        self.encoder = Encoder(layers)
        self.heads = nn.ModuleDict({name: Head(count) for name, count in labels.items()})
        self.kept = nn.Linear(WIDTH, WIDTH)
        nn.init.eye_(self.kept.weight)
        nn.init.zeros_(self.kept.bias)

    def embedding(self, tokens: Tensor, there: Tensor) -> Tensor:
        """What stays like the original's embedding, of length 1: (texts, WIDTH)."""
        return nnf.normalize(self.kept(mean(tokens, there)), dim=-1)


def mean(tokens: Tensor, there: Tensor) -> Tensor:
    """The mean over the tokens that are there: (texts, WIDTH)."""
    count = there.sum(1, keepdim=True).clamp(min=1)
    return (tokens * there[:, :, None]).sum(1) / count


def embedding(tokens: Tensor, there: Tensor) -> Tensor:
    """The original's embedding, the mean with length 1: (texts, WIDTH)."""
    return nnf.normalize(mean(tokens, there), dim=-1)


def original(folder: Path) -> Encoder:
    """all-MiniLM-L6-v2 as its package holds it."""
    held = load_file(folder / "model.safetensors")
    held = {name.removeprefix("bert."): value.float() for name, value in held.items()}
    made = Encoder()
    renamed = {
        "words.weight": held["embeddings.word_embeddings.weight"],
        "places.weight": held["embeddings.position_embeddings.weight"],
        "kind": held["embeddings.token_type_embeddings.weight"][0],
        "norm.weight": held["embeddings.LayerNorm.weight"],
        "norm.bias": held["embeddings.LayerNorm.bias"],
    }
    for at in range(len(made.layers)):
        old, new = f"encoder.layer.{at}.", f"layers.{at}."
        for part in ("weight", "bias"):
            qkv = [held[f"{old}attention.self.{name}.{part}"] for name in ("query", "key", "value")]
            renamed[f"{new}qkv.{part}"] = torch.cat(qkv)
            for ours, theirs in (
                ("out", "attention.output.dense"),
                ("norm1", "attention.output.LayerNorm"),
                ("up", "intermediate.dense"),
                ("down", "output.dense"),
                ("norm2", "output.LayerNorm"),
            ):
                renamed[f"{new}{ours}.{part}"] = held[f"{old}{theirs}.{part}"]
    made.load_state_dict(renamed)
    return made
