"""The trained network as ONNX graphs whose results do not depend on the batch nor on the processor.

Every matrix product is of whole numbers: each row of the activations gets a scale of its own (dynamic), each column of
the weights too. Weights use 7 bits, since processors without VNNI add up pairs of products in 16 bits, and 255 times
127 twice does not fit there (255 times 63 twice does): with 8 bits the same text would be read differently on them.
Texts of one run have equal length, so that there is no padding and no mask.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto as Kind
from onnx import helper, numpy_helper

from network import EPSILON, HEADS, WIDTH

LARGEST = 63
"""Of a weight: 7 bits with sign."""
LOW, LEAST = 16, 0.1701
"""The byte that stands for 0 where values come from a GELU, and how far below 0 that can go."""
Array = NDArray[np.float32]


class Rows(NamedTuple):
    """Names of rows as bytes and of their scales; the byte that stands for 0."""

    whole: str
    scale: str
    middle: int


class Graph:
    """Nodes and constants under construction; each method adds some and returns the name of what they make."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.held: dict[str, onnx.TensorProto] = {}
        self.made = 0

    def constant(self, value: NDArray[np.generic], name: str = "") -> str:
        """A constant; equal names must mean equal values."""
        name = name or f"c{len(self.held)}"
        self.held[name] = numpy_helper.from_array(np.asarray(value, order="C"), name)
        return name

    def add(self, op: str, *inputs: str, domain: str = "", **more: object) -> str:
        """One node with one result."""
        self.made += 1
        name = f"t{self.made}"
        self.nodes.append(helper.make_node(op, list(inputs), [name], domain=domain, **more))
        return name

    def quantised(self, x: str, *, one_sided: bool = False) -> Rows:
        """Rows (n, width) as bytes around a middle, which is 128, and each row's scale (n, 1).

        One-sided rows come from a GELU, which is never below -0.17: their middle is LOW.
        """
        last = self.constant(np.array([1], np.int64), "last")
        high = self.add("ReduceMax", x, last, keepdims=0)
        if one_sided:
            middle = LOW
            scale = self.add("Max", self.add("Mul", high, self._number(1 / (255 - LOW))), self._number(LEAST / LOW))
        else:
            middle = 128
            most = self.add("Max", high, self.add("Neg", self.add("ReduceMin", x, last, keepdims=0)))
            scale = self.add("Max", self.add("Mul", most, self._number(1 / 127)), self._number(1e-9))
        middles = self.add("ConstantOfShape", self.add("Shape", scale), value=_bytes(middle))
        made = self.add("QuantizeLinear", x, scale, middles, axis=0)
        return Rows(made, self.add("Unsqueeze", scale, last), middle)

    def _number(self, value: float) -> str:
        return self.constant(np.array(value, np.float32), f"number {value!r}")

    def eased(self, x: str, divisors: Array) -> str:
        """Rows with each column divided: those that are large in all texts no longer coarsen the others."""
        return self.add("Mul", x, self.constant((1 / divisors).astype(np.float32)))

    def product(self, left: Rows, weight: Array) -> str:
        """Rows times a matrix (width, out), without bias."""
        whole, scale = columns(weight)
        middle = self.constant(np.array(left.middle, np.uint8), f"middle {left.middle}")
        held = left.whole, self.constant(whole), self._number(1.0), self.constant(scale), middle
        return self.add("Mul", self.add("MatMulIntegerToFloat", *held, domain="com.microsoft"), left.scale)

    def linear(self, left: Rows, weight: Array, bias: Array) -> str:
        """Rows times a matrix, and the bias."""
        return self.add("Add", self.product(left, weight), self.constant(bias))

    def normalised(self, x: str, weight: Array, bias: Array) -> str:
        """Layer normalisation over the last axis."""
        return self.add("LayerNormalization", x, self.constant(weight), self.constant(bias), axis=-1, epsilon=EPSILON)

    def model(self, inputs: dict[str, list[str]], outputs: dict[str, str], shapes: dict[str, list[object]]) -> bytes:
        """The whole as a file; `outputs` says which result bears which name."""
        for name, made in outputs.items():
            self.nodes.append(helper.make_node("Identity", [made], [name]))
        kinds = {"numbers": Kind.INT64}
        given = [helper.make_tensor_value_info(n, kinds.get(n, Kind.FLOAT), shape) for n, shape in inputs.items()]
        made_out = [helper.make_tensor_value_info(n, Kind.FLOAT, shapes[n]) for n in outputs]
        graph = helper.make_graph(self.nodes, "heedful", given, made_out, list(self.held.values()))
        opsets = [helper.make_opsetid("", 21), helper.make_opsetid("com.microsoft", 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=10).SerializeToString()


def _bytes(value: int) -> onnx.TensorProto:
    return helper.make_tensor("value", Kind.UINT8, [1], [value])


def columns(weight: Array) -> tuple[NDArray[np.int8], Array]:
    """A matrix (width, out) as 7-bit whole numbers and the scale of each column.

    Of several scales the one with the smallest squared error is taken: cutting off the largest weights can help.
    """
    most = np.abs(weight).max(0)
    best = np.full(weight.shape[1], np.inf)
    found = np.ones(weight.shape[1], np.float32)
    for share in np.linspace(0.7, 1.0, 16):
        scale = np.maximum(most * share / LARGEST, 1e-9).astype(np.float32)
        back = np.clip(np.round(weight / scale), -LARGEST, LARGEST) * scale
        error = ((back - weight) ** 2).sum(0)
        better = error < best
        best[better], found[better] = error[better], scale[better]
    return np.clip(np.round(weight / found), -LARGEST, LARGEST).astype(np.int8), found


def rows(table: Array) -> tuple[NDArray[np.int8], Array]:
    """A table as 8-bit whole numbers with a scale for each row, (rows, 1)."""
    scale = np.maximum(np.abs(table).max(1, keepdims=True) / 127, 1e-9).astype(np.float32)
    return np.round(table / scale).astype(np.int8), scale


def encoder(held: dict[str, Array], largest: Sequence[dict[str, Array]]) -> bytes:
    """Token numbers (texts, length), all of one length, to `tokens` (texts, length, WIDTH).

    `largest` has for each layer how large each column gets that goes into `qkv`, `out` and `up`, measured on texts.
    """
    graph = Graph()
    table, scale = rows(held["words.weight"])
    found = graph.add("Cast", graph.add("Gather", graph.constant(table), "numbers"), to=Kind.FLOAT)
    x = graph.add("Mul", found, graph.add("Gather", graph.constant(scale), "numbers"))
    table, scale = rows(held["places.weight"] + held["kind"])
    places = graph.constant(table), graph.constant(scale)
    zero = graph.constant(np.array([0], np.int64))
    second = graph.constant(np.array([1], np.int64), "last")
    length = graph.add("Slice", graph.add("Shape", "numbers"), second, graph.constant(np.array([2], np.int64)))
    some = [graph.add("Slice", part, zero, length, zero) for part in places]
    x = graph.add("Add", x, graph.add("Mul", graph.add("Cast", some[0], to=Kind.FLOAT), some[1]))
    x = graph.normalised(x, held["norm.weight"], held["norm.bias"])
    flat = graph.constant(np.array([-1, WIDTH], np.int64))
    deep = graph.add("Concat", graph.add("Shape", "numbers"), graph.constant(np.array([WIDTH], np.int64)), axis=0)
    x = graph.add("Reshape", x, flat)
    for at, most in enumerate(largest):
        mine = {name.removeprefix(f"layers.{at}."): v for name, v in held.items() if name.startswith(f"layers.{at}.")}
        x = _layer(graph, x, deep, flat, mine, most)
    tokens = graph.add("Reshape", x, deep)
    return graph.model({"numbers": ["texts", "length"]}, {"tokens": tokens}, {"tokens": ["texts", "length", WIDTH]})


def _layer(graph: Graph, x: str, deep: str, flat: str, mine: dict[str, Array], most: dict[str, Array]) -> str:
    easing = {name: divisors(largest, mine[f"{name}.weight"]) for name, largest in most.items()}
    weight, bias = mine["qkv.weight"] * easing["qkv"], mine["qkv.bias"].copy()
    # What the attention makes is a mixture of values: dividing those by columns costs nothing here.
    weight[2 * WIDTH :] /= easing["out"][:, None]
    bias[2 * WIDTH :] /= easing["out"]
    quantised = graph.quantised(graph.eased(x, easing["qkv"]))
    qkv = [graph.add("Reshape", graph.product(quantised, part.T), deep) for part in np.split(weight, 3)]
    seen = graph.add("MultiHeadAttention", *qkv, graph.constant(bias), domain="com.microsoft", num_heads=HEADS)
    seen = graph.quantised(graph.add("Reshape", seen, flat))
    x = graph.add("Add", x, graph.linear(seen, (mine["out.weight"] * easing["out"]).T, mine["out.bias"]))
    x = graph.normalised(x, mine["norm1.weight"], mine["norm1.bias"])
    up = graph.product(graph.quantised(graph.eased(x, easing["up"])), (mine["up.weight"] * easing["up"]).T)
    up = graph.add("BiasGelu", up, graph.constant(mine["up.bias"]), domain="com.microsoft")
    down = graph.linear(graph.quantised(up, one_sided=True), mine["down.weight"].T, mine["down.bias"])
    return graph.normalised(graph.add("Add", x, down), mine["norm2.weight"], mine["norm2.bias"])


def divisors(largest: Array, weight: Array) -> Array:
    """What to divide columns by so that they and their weights are equally hard (SmoothQuant, Xiao et al. 2023)."""
    return np.maximum(np.sqrt(largest / np.abs(weight).max(0)), 1e-3).astype(np.float32)


def heads(held: dict[str, dict[str, Array]], names: Sequence[str], kept: dict[str, Array]) -> bytes:
    """`tokens` (texts, length, WIDTH) to the scores of each head's labels, (texts, labels), and `embedding`."""
    graph = Graph()
    # The last query, nothing, looks at all tokens alike; ReduceMean adds up in another order for one text than many.
    queries = np.stack([*(held[name]["query"] for name in names), np.zeros(WIDTH)], 1) / WIDTH**0.5
    scores = graph.add("MatMul", "tokens", graph.constant(queries.astype(np.float32)))
    looks = graph.add("Softmax", graph.add("Transpose", scores, perm=[0, 2, 1]), axis=-1)
    seen = graph.add("MatMul", looks, "tokens")
    outputs, shapes = {}, {}
    for at, name in enumerate(names):
        mine = held[name]
        one = graph.add("Gather", seen, graph.constant(np.array(at, np.int64)), axis=1)
        inner = graph.product(graph.quantised(one), mine["inner.weight"].T)
        inner = graph.add("BiasGelu", inner, graph.constant(mine["inner.bias"]), domain="com.microsoft")
        outputs[name] = graph.linear(graph.quantised(inner, one_sided=True), mine["label.weight"].T, mine["label.bias"])
        shapes[name] = ["texts", len(mine["label.bias"])]
    mean = graph.add("Gather", seen, graph.constant(np.array(len(names), np.int64)), axis=1)
    outputs["embedding"] = graph.linear(graph.quantised(mean), kept["weight"].T, kept["bias"])
    shapes["embedding"] = ["texts", WIDTH]
    return graph.model({"tokens": ["texts", "length", WIDTH]}, outputs, shapes)
