"""Write the trained network as the files that ship."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor

import graph
from graph import Array
from network import Encoder, Network
from train import padded


@torch.no_grad()
def largest(encoder: Encoder, made: Tokenizer, texts: Sequence[str]) -> list[dict[str, Array]]:
    """How large each column gets that goes into a layer's `qkv`, `out` and `up`, over these texts."""
    most = [{name: torch.full((384,), 1e-6) for name in ("qkv", "out", "up")} for _ in encoder.layers]
    removed = []
    for at, layer in enumerate(encoder.layers):
        for name in most[at]:

            def see(_: object, given: tuple[Tensor], at: int = at, name: str = name) -> None:
                most[at][name] = torch.maximum(most[at][name], given[0].abs().amax((0, 1)))

            removed.append(getattr(layer, name).register_forward_pre_hook(see))
    encoder.eval()
    for encoding in made.encode_batch(list(texts)):
        encoder(*padded([encoding.ids]))
    for one in removed:
        one.remove()
    return [{name: np.asarray(found) for name, found in layer.items()} for layer in most]


def arrays(part: torch.nn.Module) -> dict[str, Array]:
    """Its parameters by name."""
    return {name: value.detach().cpu().numpy() for name, value in part.state_dict().items()}


def write(network: Network, made: Tokenizer, texts: Sequence[str], names: Sequence[str], out: Path) -> None:
    """Write encoder.onnx, heads.onnx and tokenizer.json; `texts` are what the encoder's columns are measured on."""
    out.mkdir(parents=True, exist_ok=True)
    sizes = largest(network.encoder, made, texts)
    (out / "encoder.onnx").write_bytes(graph.encoder(arrays(network.encoder), sizes))
    held = {name: arrays(network.heads[name]) for name in names}
    (out / "heads.onnx").write_bytes(graph.heads(held, names, arrays(network.kept)))
    plain = Tokenizer.from_str(made.to_str())
    plain.no_padding()
    plain.no_truncation()
    plain.save(str(out / "tokenizer.json"), pretty=False)
