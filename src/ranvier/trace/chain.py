"""The chain rule for one weight, or one unit, in one row: factor by factor.

For the weight w from input i to unit j of a layer, and one row,

    dL/dw = dL/da_j . da_j/dz_j . dz_j/dw,    da_j/dz_j = f'(z_j),    dz_j/dw = x_i,

where dL/da_j is the loss's own slope in the last layer, and below it the sum of
dL/dz_k w_jk over the units k that unit j feeds (Rumelhart, Hinton & Williams, 1986).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np

from ranvier.network.losses import Loss
from ranvier.trace.addresses import Weight
from ranvier.trace.formulas import LOSS, Derivative, Symbol, Term, number
from ranvier.trace.layer_trace import Array, LayerTrace

MOST_TERMS: Final = 8  # of a sum that are listed; the others are one line


@dataclass(frozen=True)
class Part:
    """One term of a sum, or one factor of a path: what it is, its value, its source."""

    name: str
    value: float
    source: str


@dataclass(frozen=True)
class Factor:
    """One factor of a chain rule.

    Attributes
    ----------
    name : str
        What it is, such as "dA2[0]/dZ2[0]".
    value : float
        Its value for the row.
    meaning : str
        What that says, in words.
    source : str
        Where the value comes from: the formula, with its numbers.
    terms : tuple of Part
        Where the factor is a sum: its terms, the largest first, the rest as one.
    """

    name: str
    value: float
    meaning: str
    source: str
    terms: tuple[Part, ...] = ()
    symbol: Term = field(default=LOSS, repr=False)


class RowTrace(NamedTuple):
    """One row of traced layers, with what is needed to speak of it.

    ``columns`` and ``outputs`` name the inputs and the outputs; ``given`` is what the
    table holds in the column of each input, where there is one; ``target`` (outputs,)
    is the row's Y, ``share`` its weight in the mean over the rows.
    """

    layers: Sequence[LayerTrace]
    row: int
    columns: Sequence[str]
    outputs: Sequence[str]
    target: Array
    share: float
    loss: Loss
    given: Sequence[str] = ()

    @property
    def last(self) -> LayerTrace:
        """The layer of the outputs."""
        return self.layers[-1]

    def input(self, i: int) -> str:
        """Name an input, with what the table holds there: what comes in is encoded."""
        name, told = self.columns[i], self.given[i] if self.given else ""
        said = not told or name.endswith(f"={told}")
        return name if said else f"{name}, {told} in the table"


def weight_factors(at: RowTrace, weight: Weight) -> tuple[Factor, ...]:
    """Return the factors of dL/dw for this row, from the loss down."""
    return (*unit_factors(at, weight.layer, weight.unit), incoming(at, weight))


def unit_factors(at: RowTrace, layer: int, unit: int) -> tuple[Factor, ...]:
    """Return the factors of dL/dz of a unit: dL/da and da/dz, or both in one."""
    own = at.layers[layer - 1]
    if own is at.last and _only_makes_sense_as_one(at, unit):
        return (_loss_and_activation(at, unit),)
    derivative = Derivative(Symbol("A", layer, (unit,)), Symbol("Z", layer, (unit,)))
    alpha = "" if own.alpha is None else f" and alpha = {number(own.alpha[unit])}"
    f = Factor(
        str(derivative),
        float(slopes(own, at.row)[unit]),
        f"the slope of {own.activation} where the unit stands"
        f"{', scaled by its alpha' * bool(alpha)}",
        f"{'1 + alpha (' * bool(alpha)}f'(z){' - 1)' * bool(alpha)} at z = "
        f"{number(own.Z[at.row, unit])}{alpha}",
        symbol=derivative,
    )
    return _loss_by_output(at, unit) if own is at.last else _above(at, own, unit), f


def incoming(at: RowTrace, weight: Weight) -> Factor:
    """Compute dz/dw: what the weight multiplies."""
    layer, i, unit = weight
    z = Symbol("Z", layer, (unit,))
    if i is None:
        derivative = Derivative(z, Symbol("b", layer, (unit,)))
        told = "a bias is added as it is", "the constant 1"
        return Factor(str(derivative), 1.0, *told, symbol=derivative)
    derivative = Derivative(z, Symbol("W", layer, (i, unit)))
    value = float(at.layers[layer - 1].X[at.row, i])
    told = "what comes in along the weight", _source(at, layer, i)
    return Factor(str(derivative), value, *told, symbol=derivative)


def slopes(layer: LayerTrace, row: int) -> Array:
    """Compute f'(z) of each unit in a row; of softmax, the diagonal of its Jacobian."""
    slope = layer.slope[row]
    return slope if slope.ndim == 1 else np.diagonal(slope)


def _source(at: RowTrace, layer: int, i: int) -> str:
    if layer == 1:
        return f"the input {at.input(i)}"
    return f"A{layer - 1}[{i}], the output of that unit"


def _above(at: RowTrace, own: LayerTrace, unit: int) -> Factor:
    """Compute dL/da of a hidden unit: the sum over the units that it feeds."""
    above = at.layers[own.number]
    k, dz, w = above.number, above.dZ[at.row], above.W[unit]
    derivative = Derivative(LOSS, Symbol("A", own.number, (unit,)))
    value = float(own.dA[at.row, unit])
    names = [f"dL/dZ{k}[{j}] W{k}[{unit},{j}]" for j in range(len(w))]
    units = f"the {len(w)} units" if len(w) > 1 else "the one unit"
    return Factor(
        str(derivative),
        value,
        f"how the loss changes with the unit's output, through {units} above",
        f"the sum of dL/dZ{k}[j] W{k}[{unit},j] over the units j",
        sum_of_products(names, dz, w, value),
        derivative,
    )


def sum_of_products(
    names: Sequence[str], left: Array, right: Array, total: float
) -> tuple[Part, ...]:
    """List the terms of a sum of products, largest first, and the small ones as one."""
    values = left * right
    order = np.argsort(-np.abs(values), kind="stable")
    shown = order if len(order) <= MOST_TERMS + 1 else order[:MOST_TERMS]
    parts = [
        Part(names[j], float(values[j]), f"{number(left[j])} x {number(right[j])}")
        for j in map(int, shown)
    ]
    if rest := len(order) - len(parts):
        left_over = total - sum(part.value for part in parts)
        parts.append(Part(f"{rest} smaller terms", left_over, "together"))
    return tuple(parts)


def _loss_by_output(at: RowTrace, unit: int) -> Factor:
    """Compute dL/da of an output: the loss's own slope."""
    derivative = Derivative(LOSS, Symbol("A", at.last.number, (unit,)))
    return Factor(
        str(derivative),
        float(at.last.dA[at.row, unit]),
        f"how the loss changes with the output {at.outputs[unit]}",
        _with_numbers(at, unit, loss_slope(at.loss, at.last, logits="a")),
        symbol=derivative,
    )


def _only_makes_sense_as_one(at: RowTrace, unit: int) -> bool:
    """Say whether dL/da and da/dz of an output have no values of their own.

    Every output of softmax depends on every z; and where an output has reached 0, the
    slope of its logarithm is infinite and that of the activation 0.
    """
    saturated = not np.isfinite(at.last.dA[at.row, unit])
    return at.last.activation.name == "softmax" or saturated


def _loss_and_activation(at: RowTrace, unit: int) -> Factor:
    last, value = at.last, float(at.last.dZ[at.row, unit])
    derivative = Derivative(LOSS, Symbol("Z", last.number, (unit,)))
    terms: tuple[Part, ...] = ()
    dA = last.dA[at.row]
    if last.activation.name == "softmax" and np.isfinite(dA).all():
        z, a = f"dZ{last.number}[{unit}]", f"A{last.number}"
        names = [f"dL/d{a}[{i}] d{a}[{i}]/{z}" for i in range(len(dA))]
        terms = sum_of_products(names, dA, last.slope[at.row, :, unit], value)
    return Factor(
        str(derivative),
        value,
        f"how the loss changes with z of the output {at.outputs[unit]}: "
        f"{at.loss.name} and {last.activation} in one",
        _with_numbers(at, unit, fused_slope(at.loss, last)),
        terms,
        derivative,
    )


def _with_numbers(at: RowTrace, unit: int, formula: str) -> str:
    a, y = at.last.A[at.row, unit], at.target[unit]
    shared = "" if at.share == 1 else f", times the row's share {number(at.share)}"
    return f"{formula} with a = {number(a)}, y = {number(y)}{shared}"


def loss_slope(loss: Loss, last: LayerTrace, logits: str) -> str:
    """Write dL/da of one output in one row."""
    p = f"{loss.parameter:g}"
    formula = {
        "squared_error": "2 (a - y)",
        "absolute_error": "sign(a - y)",
        "huber": f"(a - y, held within -{p} and {p})",
        "quantile": f"(-{p} if a < y, {1 - loss.parameter:g} if a > y)",
        "poisson": "(1 - y / a)",
        "log_loss": "((1 - y) / (1 - a) - y / a)",
        "cross_entropy": "-y / a",
    }[loss.name]
    if last.activation.name == "identity":  # the outputs are logits
        f = {"poisson": "exp", "log_loss": "sigmoid", "cross_entropy": "softmax"}
        if loss.name in f:
            formula = f"({f[loss.name]}({logits}) - y)"
    return formula + _mean(loss, last)


def fused_slope(loss: Loss, last: LayerTrace) -> str:
    """Write dL/dz of a loss together with the activation it has built in."""
    smoothed = loss.name == "cross_entropy" and loss.parameter > 0
    target = f"(y smoothed by {loss.parameter:g})" if smoothed else "y"
    return f"(a - {target})" + _mean(loss, last)


def _mean(loss: Loss, last: LayerTrace) -> str:
    """Say that all losses but cross-entropy are means over the outputs."""
    outputs = last.Z.shape[1]
    return f" / {outputs}" if outputs > 1 and loss.name != "cross_entropy" else ""
