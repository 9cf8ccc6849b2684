"""A network as nodes of an ONNX graph. Imports onnx."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray

from ranvier.exports.onnx_graph import Graph
from ranvier.network.activations import Activation
from ranvier.network.columns import Category, Column, Periodic, Piecewise, Plain
from ranvier.network.embedding import EmbeddingLayer
from ranvier.network.layers import DenseLayer
from ranvier.network.network import Network

# Activations that are one operation, with its attributes.
OPERATIONS: Final[dict[str, tuple[str, dict[str, float]]]] = {
    "identity": ("Identity", {}),
    "relu": ("Relu", {}),
    "sigmoid": ("Sigmoid", {}),
    "tanh": ("Tanh", {}),
    "exp": ("Exp", {}),
    "softmax": ("Softmax", {"axis": -1}),
}
SELU, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772  # Klambauer et al. 2017
LIMITS: Final = {"relu6": (0, 6), "hard_tanh": (-1, 1)}


def network_model(net: Network) -> onnx.ModelProto:
    """Build an ONNX model: ``X`` (n, inputs) in, ``Y`` (n, outputs) out."""
    graph = Graph("ranvier network")
    kind = net.dtype.name
    X = graph.input("X", kind, ["rows", net.inputs])
    Y = add_network(graph, net, X)
    graph.output("Y", Y, kind, ["rows", net.outputs])
    return graph.model({"network": repr(net)})


def add_network(graph: Graph, net: Network, X: str) -> str:
    """Add a network's nodes, X (n, inputs) of its dtype; return (n, outputs)."""
    A = X
    if net.embedding is not None:
        A = _embed(graph, net.embedding, A, net.dtype)
    for layer in net.dense_layers:
        Z = graph.add("Gemm", A, graph.constant(layer.W), graph.constant(layer.b))
        A = _activate(graph, layer, Z)
    return A


def _activate(graph: Graph, layer: DenseLayer, Z: str) -> str:
    A = activate(graph, layer.activation, Z, layer.W.dtype)
    if layer.alpha is None:
        return A
    E = graph.add("Sub", A, Z)
    return graph.add("Add", Z, graph.add("Mul", E, graph.constant(layer.alpha)))


def activate(graph: Graph, f: Activation, z: str, dtype: np.dtype[Any]) -> str:
    """Add f(z).

    Attributes of ONNX operations are float32, and ONNX Runtime lacks some operations
    in float64, so that what has a parameter is written out.
    """

    def number(x: float) -> str:
        return graph.constant(np.asarray(x, dtype))

    def positive() -> str:
        return graph.add("Greater", z, number(0))

    def expm1(factor: float) -> str:  # factor (e^z - 1) where z <= 0
        power = graph.add("Exp", graph.add("Min", z, number(0)))
        return graph.add("Mul", graph.add("Sub", power, number(1)), number(factor))

    def softplus() -> str:  # max(z, 0) + log(1 + e^-|z|)
        power = graph.add("Exp", graph.add("Neg", graph.add("Abs", z)))
        rest = graph.add("Log", graph.add("Add", power, number(1)))
        return graph.add("Add", graph.add("Max", z, number(0)), rest)

    if f.name in OPERATIONS:
        operation, attributes = OPERATIONS[f.name]
        return graph.add(operation, z, **attributes)
    if f.name in LIMITS:
        low, high = LIMITS[f.name]
        return graph.add("Clip", z, number(low), number(high))
    match f.name:
        case "leaky_relu":
            below = graph.add("Mul", z, number(f.parameter))
            return graph.add("Where", positive(), z, below)
        case "elu":
            return graph.add("Where", positive(), z, expm1(f.parameter))
        case "selu":
            above = graph.add("Mul", z, number(SELU))
            return graph.add("Where", positive(), above, expm1(SELU * SELU_ALPHA))
        case "hard_sigmoid":
            line = graph.add("Add", graph.add("Mul", z, number(1 / 6)), number(0.5))
            return graph.add("Clip", line, number(0), number(1))
        case "softsign":
            size = graph.add("Add", graph.add("Abs", z), number(1))
            return graph.add("Div", z, size)
        case "silu":
            return graph.add("Mul", z, graph.add("Sigmoid", z))
        case "mish":
            return graph.add("Mul", z, graph.add("Tanh", softplus()))
        case "softplus":
            return softplus()
        case "gelu":  # ONNX Runtime has Erf of float alone
            turned = graph.cast(graph.add("Mul", z, number(np.sqrt(0.5))), "float32")
            erf = graph.cast(graph.add("Erf", turned), dtype.name)
            half = graph.add("Mul", graph.add("Add", erf, number(1)), number(0.5))
            return graph.add("Mul", z, half)
        case "gelu_tanh":
            cube = graph.add("Mul", z, graph.add("Mul", z, z))
            inner = graph.add("Add", z, graph.add("Mul", cube, number(0.044715)))
            u = graph.add("Mul", inner, number(2 * np.sqrt(2 / np.pi)))
            return graph.add("Mul", z, graph.add("Sigmoid", u))
        case "step":
            return graph.cast(graph.add("GreaterOrEqual", z, number(0)), dtype.name)
        case _:
            raise NotImplementedError(f"ONNX export of {f.name}")


# ---------------------------------------------------------------- embedding


def _embed(graph: Graph, layer: EmbeddingLayer, X: str, dtype: np.dtype[Any]) -> str:
    """Add what each column becomes, (n, units); plain neighbours stay together."""
    parts, first = [], 0
    while first < layer.inputs:
        last = first + 1
        if isinstance(layer.columns[first], Plain):
            while last < layer.inputs and isinstance(layer.columns[last], Plain):
                last += 1
        x = _slice(graph, X, first, last)
        column, values = layer.columns[first], layer.values[first]
        parts.append(_column(graph, column, dict(values), x, dtype))
        first = last
    A = parts[0] if len(parts) == 1 else graph.add("Concat", *parts, axis=1)
    if layer.scale is None:
        return A
    return graph.add("Mul", A, graph.constant(layer.scale))


def _slice(graph: Graph, X: str, first: int, last: int) -> str:
    bounds = [graph.constant(np.array([k])) for k in (first, last, 1)]
    return graph.add("Slice", X, *bounds)


def _column(
    graph: Graph,
    column: Column,
    values: dict[str, NDArray[Any]],
    x: str,
    dtype: np.dtype[Any],
) -> str:
    """Add what one column x (n, 1) becomes, (n, outputs)."""

    def number(name: str, factor: float = 1) -> str:
        return graph.constant(np.asarray(values[name] * factor, dtype))

    match column:
        case Plain():
            return x
        case Category():
            code = graph.cast(
                graph.add("Squeeze", x, graph.constant(np.array([1]))), "int64"
            )
            return graph.add("Gather", graph.constant(values["table"]), code)
        case Periodic():
            angle = graph.add("Mul", x, number("w", 2 * np.pi))
            waves = graph.add("Cos", graph.add("Add", angle, number("b")))
            mixed = graph.add("Gemm", waves, number("V"), number("v"))
            return graph.add("Concat", mixed, x, axis=1)
        case Piecewise():
            p = _bins(graph, column, x, dtype)
            c = graph.add("Gemm", p, number("M"), number("v"))
            if not column.linear:
                return c
            a = graph.constant(values["a"][None])
            return graph.add("Add", c, graph.add("MatMul", x, a))


def _bins(graph: Graph, column: Piecewise, x: str, dtype: np.dtype[Any]) -> str:
    """Add p(x): how far x is through each bin."""
    edges = np.array(column.edges)
    start = graph.constant(edges[:-1].astype(dtype))
    per_width = graph.constant((1 / np.diff(edges)).astype(dtype))
    low, high = np.zeros(column.bins, dtype), np.ones(column.bins, dtype)
    low[0], high[-1] = -np.inf, np.inf
    p = graph.add("Mul", graph.add("Sub", x, start), per_width)
    p = graph.add("Max", p, graph.constant(low))
    return graph.add("Min", p, graph.constant(high))
