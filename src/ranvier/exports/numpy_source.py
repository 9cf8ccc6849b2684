"""A network as a Python program that needs NumPy alone, to read and to teach with."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import indent
from typing import Any, Final

import numpy as np

from ranvier.exports.labels import Labels
from ranvier.network.columns import Category, Column, Periodic, Piecewise, Plain
from ranvier.network.embedding import EmbeddingLayer
from ranvier.network.layers import DenseLayer
from ranvier.network.network import Network
from ranvier.version import __version__

# f(z) as Python; {p} is the parameter.
FORMULAS: Final = {
    "identity": "z",
    "relu": "np.maximum(z, 0)",
    "leaky_relu": "np.where(z > 0, z, {p} * z)",
    "relu6": "np.clip(z, 0, 6)",
    "elu": "np.where(z > 0, z, {p} * np.expm1(np.minimum(z, 0)))",
    "selu": "1.0507009873554805 * np.where(z > 0, z, "
    "1.6732632423543772 * np.expm1(np.minimum(z, 0)))",
    "gelu": "z * normal_cdf(z)",
    "gelu_tanh": "z * sigmoid(2 * np.sqrt(2 / np.pi) * (z + 0.044715 * z**3))",
    "silu": "z * sigmoid(z)",
    "mish": "z * np.tanh(np.logaddexp(0, z))",
    "sigmoid": "sigmoid(z)",
    "tanh": "np.tanh(z)",
    "softplus": "np.logaddexp(0, z)",
    "softsign": "z / (1 + np.abs(z))",
    "hard_sigmoid": "np.clip(z / 6 + 0.5, 0, 1)",
    "hard_tanh": "np.clip(z, -1, 1)",
    "step": "np.where(z >= 0, 1.0, 0.0)",
    "exp": "np.exp(z)",
    "softmax": "softmax(z)",
}

HELPERS: Final = {
    "sigmoid": '''\
def sigmoid(z):
    """1 / (1 + e^-z), without overflow."""
    e = np.exp(-np.abs(z))
    return np.where(z < 0, e, 1.0) / (1 + e)
''',
    "normal_cdf": '''\
def normal_cdf(z):
    """Probability that a standard normal number is below z."""
    erfc = np.vectorize(math.erfc, otypes=[float])
    return 0.5 * erfc(-np.asarray(z) / math.sqrt(2))
''',
    "softmax": '''\
def softmax(z):
    """e^z, divided by the sum over the units."""
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)
''',
    "periodic": '''\
def periodic(x, w, b, V, v):
    """Waves of a column x, mixed, and x itself."""
    x = x[:, None]
    return np.hstack([np.cos(2 * np.pi * x * w + b) @ V + v, x])
''',
    "piecewise": '''\
def piecewise(x, edges, v, M, a=None):
    """How far x is through each bin, mixed."""
    x = x[:, None]
    p = (x - edges[:-1]) / np.diff(edges)
    p[:, 1:] = np.maximum(p[:, 1:], 0)
    p[:, :-1] = np.minimum(p[:, :-1], 1)
    return p @ M + v + (0 if a is None else x * a)
''',
    "category": '''\
def category(x, table):
    """The row of a table that each code names; row 0 for a code it has not."""
    known = (x >= 0) & (x < len(table))
    return table[np.where(known, x, 0).astype(int)]
''',
}


def numpy_source(net: Network, labels: Labels | None = None) -> str:
    """Write a program with a function ``predict(X)``, of classes also ``label(X)``.

    It computes in float64, whatever the network does, with W, b, Z and A by the names
    that this package uses.
    """
    body, used = _body(net)
    helpers = [text for name, text in HELPERS.items() if name in used]
    imports = ["import math\n"] * ("normal_cdf" in used) + ["import numpy as np"]
    parts = [
        f'"""{net!r}, written by Ranvier {__version__}.\n\n'
        'Needs NumPy alone: predict(X) takes an array (n, inputs).\n"""',
        "\n".join(imports),
        *(helper.rstrip() + "\n" for helper in helpers),
        "\n".join(_parameters(net)),
        body,
        *([] if labels is None else [_label(labels, net.outputs)]),
    ]
    return "\n\n".join(parts)


def _label(labels: Labels, outputs: int) -> str:
    """Write the function from rows to their classes."""
    if labels.several:
        return """\
def label(X):
    \"\"\"Labels (n, k) of rows X: 1 where a row has them, else 0.\"\"\"
    return (predict(X) > 0.5).astype(int)
"""
    code = "A.argmax(axis=1)" if outputs > 1 else "(A[:, 0] > 0.5).astype(int)"
    inputs = f"\nINPUTS = {list(labels.inputs)!r}" if labels.inputs else ""
    kind = ", dtype=object" if labels.classes.dtype == object else ""
    return f"""\
CLASSES = np.array({labels.classes.tolist()!r}{kind}){inputs}


def label(X):
    \"\"\"The class of each row of X.\"\"\"
    A = predict(X)
    return CLASSES[{code}]
"""


def _parameters(net: Network) -> Iterable[str]:
    if net.embedding is not None:
        for place, arrays in enumerate(net.embedding.values):
            for name, values in arrays.items():
                yield f"{name}_{place} = {_array(values)}"
        for place, column in enumerate(net.embedding.columns):
            if isinstance(column, Piecewise):
                yield f"edges_{place} = {_array(np.array(column.edges))}"
        if net.embedding.scale is not None:
            yield f"scale = {_array(net.embedding.scale)}"
    for k, layer in enumerate(net.dense_layers, 1):
        for letter, values in layer.arrays().items():
            yield f"{letter}{k} = {_array(values)}"


def _array(values: Any) -> str:
    nested = np.asarray(values, np.float64).tolist()
    return f"np.array({nested!r})"


def _body(net: Network) -> tuple[str, set[str]]:
    used: set[str] = set()
    lines = [
        f'"""Outputs (n, {net.outputs}) of rows X (n, {net.inputs})."""',
        "A = np.asarray(X, dtype=float)",
    ]
    if net.embedding is not None:
        lines += _embedding(net.embedding, used)
    for k, layer in enumerate(net.dense_layers, 1):
        lines += _dense(layer, k, used)
    lines.append("return A")
    return "def predict(X):\n" + indent("\n".join(lines), "    ") + "\n", used


def _dense(layer: DenseLayer, k: int, used: set[str]) -> list[str]:
    f = layer.activation
    formula = FORMULAS[f.name].format(p=f.parameter)
    used.update(
        name for name in ("sigmoid", "normal_cdf", "softmax") if name in formula
    )
    formula = formula.replace("z", f"Z{k}") if f.name != "softmax" else f"softmax(Z{k})"
    if layer.alpha is not None:
        formula = f"Z{k} + alpha{k} * ({formula} - Z{k})"
    shapes = f"(n, {layer.inputs}) x ({layer.inputs}, {layer.units})"
    return [f"Z{k} = A @ W{k} + b{k}  # {shapes}", f"A = {formula}"]


def _embedding(layer: EmbeddingLayer, used: set[str]) -> list[str]:
    calls = [_column(place, column, used) for place, column in enumerate(layer.columns)]
    joined = "".join(f"    {call},\n" for call in calls)
    lines = [f"A = np.hstack([\n{joined}])"]
    return lines if layer.scale is None else [*lines, "A = scale * A"]


def _column(place: int, column: Column, used: set[str]) -> str:
    x = f"A[:, {place}]"
    match column:
        case Plain():
            return f"{x}[:, None]"
        case Periodic():
            used.add("periodic")
            names = "wbVv"
        case Category():
            used.add("category")
            return f"category({x}, table_{place})"
        case Piecewise():
            used.add("piecewise")
            names = "vM" + "a" * column.linear
            values = ", ".join(f"{name}_{place}" for name in names)
            return f"piecewise({x}, edges_{place}, {values})"
    return f"periodic({x}, {', '.join(f'{name}_{place}' for name in names)})"
