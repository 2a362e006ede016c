"""Tiny model folders, made as an export would write them: a graph, a tokenizer of whole words and a config.

A word's scores stand in a table, so that what a text should be read as can be worked out by hand: a sequence
classifier gives the mean of its words' scores, a token classifier each word's own.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

SPECIAL = ("[UNK]", "[CLS]", "[SEP]")


def write_model(
    folder: Path,
    labels: Sequence[str],
    words: Mapping[str, Sequence[float]],
    *,
    tokens: bool = False,
    inputs: Sequence[str] = ("input_ids", "attention_mask"),
    truncate: int | None = None,
    config: Mapping[str, Any] | None = None,
    file: str = "model.onnx",
) -> Path:
    """A model whose word list is `words`, each with its score for every label; other words score 0."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / file).parent.mkdir(exist_ok=True)
    scores = np.zeros((len(SPECIAL) + len(words), len(labels)), np.float32)
    for at, row in enumerate(words.values(), len(SPECIAL)):
        scores[at] = row
    write_graph(folder / file, scores, tokens=tokens, inputs=inputs)
    write_tokenizer(folder / "tokenizer.json", words, truncate)
    told = {"id2label": {str(at): label for at, label in enumerate(labels)}, **(config or {})}
    (folder / "config.json").write_text(json.dumps(told))
    return folder


def write_graph(path: Path, scores: Any, *, tokens: bool, inputs: Sequence[str]) -> None:
    """Each token's row of the table; of a sequence classifier their sum by the sum of the attention mask less 2."""
    from onnx import TensorProto, checker, helper, numpy_helper, save

    given = [helper.make_tensor_value_info(name, TensorProto.INT64, ["rows", "tokens"]) for name in inputs]
    rank = ["rows", "tokens", len(scores[0])] if tokens else ["rows", len(scores[0])]
    made = helper.make_tensor_value_info("logits", TensorProto.FLOAT, rank)
    held = [numpy_helper.from_array(scores, "table"), numpy_helper.from_array(np.array([1]), "axis")]
    held.append(numpy_helper.from_array(np.array(2, np.float32), "ends"))
    nodes = [helper.make_node("Gather", ["table", "input_ids"], ["logits" if tokens else "each"])]
    if not tokens:
        nodes += [
            helper.make_node("ReduceSum", ["each", "axis"], ["sum"], keepdims=0),
            helper.make_node("Cast", [inputs[1] if len(inputs) > 1 else inputs[0]], ["mask"], to=TensorProto.FLOAT),
            helper.make_node("ReduceSum", ["mask", "axis"], ["count"], keepdims=1),
            helper.make_node("Sub", ["count", "ends"], ["words"]),
            helper.make_node("Div", ["sum", "words"], ["logits"]),
        ]
    graph = helper.make_graph(nodes, "tiny", given, [made], held)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    checker.check_model(model)
    save(model, path)


def write_tokenizer(path: Path, words: Mapping[str, object], truncate: int | None) -> None:
    """Words and signs, each a token, between [CLS] and [SEP]."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    numbers = {word: at for at, word in enumerate((*SPECIAL, *words))}
    tokenizer = Tokenizer(models.WordLevel(numbers, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    ends = [(word, numbers[word]) for word in ("[CLS]", "[SEP]")]
    tokenizer.post_processor = processors.TemplateProcessing("[CLS] $A [SEP]", special_tokens=ends)
    if truncate:
        tokenizer.enable_truncation(truncate)
    tokenizer.save(str(path))
