"""A network as nodes of an ONNX graph. Imports onnx."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from ranvier.exports.labels import Labels
from ranvier.exports.onnx_activations import activate
from ranvier.exports.onnx_graph import Graph, Tensor
from ranvier.network.columns import Category, Column, Periodic, Piecewise, Plain
from ranvier.network.embedding import EmbeddingLayer
from ranvier.network.layers import DenseLayer
from ranvier.network.network import Network


def network_model(net: Network, labels: Labels | None = None) -> onnx.ModelProto:
    """Build an ONNX model: ``X`` (n, inputs) in, ``Y`` (n, outputs) out.

    Of classes, ``label`` and ``probabilities`` are the outputs instead, or for several
    labels (n, k) 0 and 1; of a formula of logic, a truth for each variable is an input,
    and ``label`` the output.
    """
    if labels is not None and labels.inputs:
        return _logic_model(net, labels.inputs)
    graph = Graph("ranvier network")
    kind = net.dtype.name
    X = graph.input("X", kind, ["rows", net.inputs])
    Y = add_network(graph, net, X)
    if labels is None:
        graph.output("Y", Y, kind, ["rows", net.outputs])
    else:
        _add_labels(graph, labels, Tensor(graph, Y, net.dtype), net.outputs)
    return graph.model({"network": repr(net)})


def _add_labels(graph: Graph, labels: Labels, P: Tensor, outputs: int) -> None:
    """Name the class of each row, and the probabilities of all."""
    kind = P.dtype.name
    above = P.apply("Greater", 0.5).cast("int64").name
    if labels.several:
        graph.output("label", above, "int64", ["rows", outputs])
        graph.output("probabilities", P.name, kind, ["rows", outputs])
        return
    if outputs == 1:
        code = graph.add("Squeeze", above, graph.constant(np.array([1])))
        both = graph.add("Concat", (P * -1 + 1).name, P.name, axis=1)
    else:
        code, both = graph.add("ArgMax", P.name, axis=1, keepdims=0), P.name
    graph.output("label", *_classes(graph, labels.classes, code), ["rows"])
    graph.output("probabilities", both, kind, ["rows", len(labels.classes)])


def _classes(graph: Graph, classes: NDArray[Any], code: str) -> tuple[str, str]:
    """Return the classes of codes, and their type."""
    kinds = {"b": "bool", "i": "int64", "u": "int64", "f": "float64", "O": "string"}
    kind = kinds[classes.dtype.kind]
    typed = classes if kind == "string" else classes.astype(kind)
    return graph.add("Gather", graph.constant(typed), code), kind


def _logic_model(net: Network, variables: Sequence[str]) -> onnx.ModelProto:
    """Build the model of a formula: a truth for each variable in, ``label`` out."""
    prefix, label = "ranvier_", "label"
    while any(name.startswith(prefix) for name in variables):
        prefix += "_"
    while label in variables:
        label += "_"
    graph, axis = Graph("ranvier formula", prefix), np.array([1])
    columns = []
    for name in variables:
        x = graph.cast(graph.input(name, "bool", ["rows"]), net.dtype.name)
        columns.append(graph.add("Unsqueeze", x, graph.constant(axis)))
    Y = add_network(graph, net, graph.add("Concat", *columns, axis=1))
    truth = Tensor(graph, Y, net.dtype).apply("Greater", 0.5).name
    graph.output(
        label, graph.add("Squeeze", truth, graph.constant(axis)), "bool", ["rows"]
    )
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
