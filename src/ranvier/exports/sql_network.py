"""A network as SQL: lists of numbers, a subquery a step."""

from __future__ import annotations

from math import pi, sqrt
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ranvier.exports.sql_text import numbers
from ranvier.network.activations import Activation
from ranvier.network.columns import Category, Column, Periodic, Piecewise, Plain
from ranvier.network.embedding import EmbeddingLayer
from ranvier.network.layers import DenseLayer
from ranvier.network.network import Network

Array = NDArray[Any]
Step = dict[str, str]

SELU, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772  # Klambauer et al. 2017
SIGMOID = "1 / (1 + exp(least(-({z}), 700)))"
SOFTPLUS = "(greatest({z}, 0) + ln(1 + exp(-abs({z}))))"
HUGE = 1e300
CUBIC = 2 * sqrt(2 / pi)

# f(z) with the parameter p. DuckDB has no erf, which gelu needs.
FORMULAS: Final[dict[str, str]] = {
    "identity": "{z}",
    "relu": "greatest({z}, 0)",
    "leaky_relu": "CASE WHEN {z} > 0 THEN {z} ELSE {z} * {p} END",
    "relu6": "least(greatest({z}, 0), 6)",
    "elu": "CASE WHEN {z} > 0 THEN {z} ELSE {p} * (exp(least({z}, 0)) - 1) END",
    "selu": (
        f"{SELU!r} * CASE WHEN {{z}} > 0 THEN {{z}} "
        f"ELSE {SELU_ALPHA!r} * (exp(least({{z}}, 0)) - 1) END"
    ),
    "gelu_tanh": "{z} * " + SIGMOID.replace(
        "{z}", f"{CUBIC!r} * ({{z}} + 0.044715 * {{z}} * {{z}} * {{z}})"
    ),
    "silu": "{z} * " + SIGMOID,
    "mish": "{z} * tanh(" + SOFTPLUS + ")",
    "sigmoid": SIGMOID,
    "tanh": "tanh({z})",
    "softplus": SOFTPLUS,
    "softsign": "{z} / (1 + abs({z}))",
    "hard_sigmoid": "least(greatest({z} / 6 + 0.5, 0), 1)",
    "hard_tanh": "least(greatest({z}, -1), 1)",
    "step": "CASE WHEN {z} >= 0 THEN 1 ELSE 0 END",
    "exp": "exp(least({z}, 700))",
}  # fmt: skip


class NetworkQuery:
    """The steps of a network: from the list ``x`` to the list of its outputs.

    Parameters
    ----------
    net
        The network.
    name
        What the names of its columns begin with.

    Attributes
    ----------
    steps : list of dict
        Columns to add, one dict after the other.
    outputs : str
        The column with the outputs.

    Raises
    ------
    TypeError
        An activation cannot be written in SQL.
    """

    def __init__(self, net: Network, name: str) -> None:
        self.name, self.steps = name, list[Step]()
        inputs, scale = "x", None
        if net.embedding is not None:
            inputs, scale = self._embed(net.embedding), net.embedding.scale
        self.steps.append({f"{name}_a0": f"list_append({inputs}, 1.0)"})
        for k, layer in enumerate(net.dense_layers, 1):
            last = k == len(net.dense_layers)
            self._layer(layer, k, scale if k == 1 else None, last)
        self.outputs = f"{name}_a{len(net.dense_layers)}"

    def _embed(self, layer: EmbeddingLayer) -> str:
        """Add what depends on waves and bins; return the whole embedding, unscaled."""
        waves: Step = {}
        parts = []
        for k, (column, values) in enumerate(
            zip(layer.columns, layer.values, strict=True)
        ):
            waves |= self._waves(column, dict(values), k)
            parts.append(self._column(column, dict(values), k))
        self.steps.append(waves)
        return f"flatten([{', '.join(parts)}])"

    def _waves(self, column: Column, values: dict[str, Array], k: int) -> Step:
        """Return p, on which the embedding of a column depends linearly."""
        x, name = f"x[{k + 1}]", f"{self.name}_p{k}"
        if isinstance(column, Periodic):
            angles = np.column_stack([2 * pi * values["w"].astype(float), values["b"]])
            waves = f"[cos(e[1] * {x} + e[2]) for e in {numbers(angles)}]"
            return {name: f"list_append({waves}, 1.0)"}
        if isinstance(column, Piecewise):
            edges = np.array(column.edges)
            low, high = np.zeros(column.bins), np.ones(column.bins)
            low[0], high[-1] = -HUGE, HUGE
            bins = np.column_stack([edges[:-1], np.diff(edges), low, high])
            p = "least(greatest((" + x + " - e[1]) / e[2], e[3]), e[4])"
            return {name: f"list_concat([{p} for e in {numbers(bins)}], [{x}, 1.0])"}
        return {}

    def _column(self, column: Column, values: dict[str, Array], k: int) -> str:
        """Return what a column becomes, a list."""
        x, p = f"x[{k + 1}]", f"{self.name}_p{k}"
        match column:
            case Plain():
                return f"[{x}]"
            case Category():
                return f"({numbers(values['table'])})[{x}::INTEGER + 1]"
            case Periodic():
                mixed = _linear(p, np.vstack([values["V"], values["v"]]))
                return f"list_append({mixed}, {x})"
            case Piecewise():
                a = values["a"] if column.linear else np.zeros(column.width)
                return _linear(p, np.vstack([values["M"], a, values["v"]]))

    def _layer(
        self, layer: DenseLayer, k: int, scale: Array | None, last: bool
    ) -> None:
        W = layer.W if scale is None else layer.W.astype(float) * scale[:, None]
        z, a = f"{self.name}_z{k}", f"{self.name}_a{k}"
        weights = np.vstack([W, layer.b])
        self.steps.append({z: _linear(f"{self.name}_a{k - 1}", weights)})
        if layer.activation.name == "softmax":
            self.steps += softmax(z, a)
            return
        activated = _activated(layer.activation, z, layer.alpha)
        self.steps.append({a: activated if last else f"list_append({activated}, 1.0)"})


def softmax(z: str, p: str) -> list[Step]:
    """Return the steps from a list z to its softmax p."""
    return [
        {f"{p}_top": f"list_max({z})"},
        {f"{p}_e": f"[exp(v - {p}_top) for v in {z}]"},
        {f"{p}_sum": f"list_sum({p}_e)"},
        {p: f"[v / {p}_sum for v in {p}_e]"},
    ]


def _linear(a: str, W: Array) -> str:
    """Return a W for a list a and a matrix W (inputs, outputs)."""
    return f"[list_dot_product(w, {a}) for w in {numbers(W.T)}]"


def _activated(f: Activation, z: str, alpha: Array | None) -> str:
    if f.name not in FORMULAS:
        raise TypeError(
            f"the activation {f.name!r} cannot be written in SQL, which has no such "
            "function: train with another, for example 'mish'"
        )
    formula = FORMULAS[f.name].replace("{p}", repr(float(f.parameter or 0)))
    if alpha is not None:
        own = formula.replace("{z}", f"{z}[i]")
        mixed = f"{z}[i] + ({own} - {z}[i]) * ({numbers(alpha)})[i]"
        return f"[{mixed} for i in range(1, {len(alpha) + 1})]"
    if f.name == "identity":
        return z
    own = formula.replace("{z}", "v")
    return f"[{own} for v in {z}]"
