"""From a trace to the explanation of a weight or a unit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from ranvier.checks import checked_index, checked_int, checked_layer
from ranvier.messages import plain
from ranvier.trace.addresses import Weight, read_weight
from ranvier.trace.chain import RowTrace, unit_factors, weight_factors
from ranvier.trace.explanation import Check, Explanation, Incoming
from ranvier.trace.formulas import LOSS, Derivative, Symbol
from ranvier.trace.layer_trace import Array
from ranvier.trace.paths import count_paths, strongest_paths

if TYPE_CHECKING:
    from ranvier.trace.readable import ReadableTrace

MOST_ROWS: Final = 3  # that are named as contributing most
STEP: Final = 1e-5  # of the central difference, relative to a weight above 1
SMALL: Final = 1e-6  # gradients below this are compared as they are


def explain_weight(
    trace: ReadableTrace, name: str, row: int | None, paths: int
) -> Explanation:
    """Explain a weight or a bias; see `Trace.explain`."""
    weight = read_weight(name, trace.layers, trace.columns)
    paths = checked_int("paths", paths, 0, 10_000, example=5)
    number, i, unit = weight
    layer = trace.layers[number - 1]
    x = np.ones(len(trace.X)) if i is None else layer.X[:, i]
    contributions = x * layer.dZ[:, unit]
    at = _row_trace(trace, _chosen(row, contributions))
    letter, place = ("b", (unit,)) if i is None else ("W", (i, unit))
    value = float(layer.b[unit] if i is None else layer.W[i, unit])
    gradient = float(contributions.sum())
    return Explanation(
        name=str(weight),
        value=value,
        about=_about(trace, weight),
        row=at.row,
        factors=weight_factors(at, weight),
        contribution=float(contributions[at.row]),
        gradient=gradient,
        rows=_strongest_rows(contributions),
        n_rows=len(trace.X),
        paths=strongest_paths(at, weight, max(1, paths)) if paths else (),
        n_paths=count_paths(at, weight),
        incoming=(),
        check=_check(trace, weight, gradient),
        symbol=Derivative(LOSS, Symbol(letter, number, place)),
    )


def explain_unit(
    trace: ReadableTrace, layer: int, unit: int, row: int | None
) -> Explanation:
    """Explain a unit; see `Trace.explain_unit`."""
    number = checked_layer(layer, len(trace.layers))
    own = trace.layers[number - 1]
    unit = checked_index("unit", unit, len(own.b), f" of layer {number}")
    contributions = own.dZ[:, unit]
    at = _row_trace(trace, _chosen(row, contributions))
    gradient = float(contributions.sum())
    z, a = float(own.Z[at.row, unit]), float(own.A[at.row, unit])
    sizes = np.abs(own.X[at.row] * own.W[:, unit])
    order = np.argsort(-sizes, kind="stable")
    which = f"unit {unit}" if own is not trace.layers[-1] else f"output {unit}"
    named = f" ({plain(trace.outputs[unit])})" if own is trace.layers[-1] else ""
    return Explanation(
        name=f"Z{number}[{unit}]",
        value=z,
        about=f"z of {which}{named} of layer {number}, whose output is "
        f"{own.f(unit)} = {a:.6g}",
        row=at.row,
        factors=unit_factors(at, number, unit),
        contribution=float(contributions[at.row]),
        gradient=gradient,
        rows=_strongest_rows(contributions),
        n_rows=len(trace.X),
        paths=(),
        n_paths=0,
        incoming=(
            *(_incoming(at, Weight(number, int(i), unit)) for i in order),
            _incoming(at, Weight(number, None, unit)),
        ),
        # z moves with b, one for one: dL/db is the sum of dL/dz over the rows.
        check=_check(trace, Weight(number, None, unit), gradient),
        symbol=Derivative(LOSS, Symbol("Z", number, (unit,))),
    )


def _row_trace(trace: ReadableTrace, row: int) -> RowTrace:
    assert trace.Y is not None  # dZ was there, and so are these
    assert trace.loss is not None
    return RowTrace(
        trace.layers,
        row,
        tuple(map(plain, trace.columns)),
        tuple(map(plain, trace.outputs)),
        trace.Y[row],
        float(trace.shares()[row]),
        trace.loss,
        tuple(plain(trace.given[s][row]) if trace.given else "" for s in trace.sources),
    )


def _chosen(row: int | None, contributions: Array) -> int:
    if row is None:
        return int(np.abs(contributions).argmax())
    return checked_index("row", row, len(contributions), " of the trace")


def _strongest_rows(contributions: Array) -> tuple[tuple[int, float], ...]:
    order = np.argsort(-np.abs(contributions), kind="stable")[:MOST_ROWS]
    return tuple((int(row), float(contributions[row])) for row in order)


def _about(trace: ReadableTrace, weight: Weight) -> str:
    """Say in words which weight that is."""
    number, i, unit = weight
    last = number == len(trace.layers)
    to = (
        f"output {plain(trace.outputs[unit])}"
        if last
        else f"unit {unit} of layer {number}"
    )
    if i is None:
        return f"the bias of {to}"
    below = f"unit {i} of layer {number - 1}"
    return (
        f"the weight from {plain(trace.columns[i]) if number == 1 else below} to {to}"
    )


def _incoming(at: RowTrace, weight: Weight) -> Incoming:
    number, i, unit = weight
    layer = at.layers[number - 1]
    if i is None:
        x, w, source = 1.0, float(layer.b[unit]), "the bias"
    else:
        x, w = float(layer.X[at.row, i]), float(layer.W[i, unit])
        source = at.input(i) if number == 1 else f"unit {i} of layer {number - 1}"
    dz = float(layer.dZ[at.row, unit])
    return Incoming(str(weight), source, x, w, x * w, x * dz)


def _check(trace: ReadableTrace, weight: Weight, gradient: float) -> Check:
    """Compare a gradient with a central difference of L, in double."""
    number, i, unit = weight
    net = trace.network.copy()
    layer = net.dense_layers[number - 1]
    array, at = (layer.b, (unit,)) if i is None else (layer.W, (i, unit))
    value = float(array[at])
    step = STEP * max(1.0, abs(value))
    moved = []
    for w in (value + step, value - step):
        array[at] = w
        L, _ = net.loss_and_gradient(
            trace.X, trace.Y, loss=trace.loss, sample_weight=trace.weights
        )
        moved.append(L)
    difference = (moved[0] - moved[1]) / (2 * step)
    scale = max(abs(gradient), abs(difference))
    gap = abs(gradient - difference) / (scale if scale > SMALL else 1.0)
    return Check(difference, gap, step)
