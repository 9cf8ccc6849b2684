"""The strongest paths of a weight to the loss, exactly, without listing them all.

A weight deep in a network reaches the loss by as many paths as the sizes of the layers
above multiply to. Along a path the sizes of the factors multiply too, so the strongest
paths from a unit continue along the strongest from the unit above: each unit keeps its
best few, from the outputs downwards.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ranvier.trace import formulas
from ranvier.trace.addresses import Weight
from ranvier.trace.chain import Part, RowTrace, incoming, slopes
from ranvier.trace.layer_trace import Array, LayerTrace


@dataclass(frozen=True)
class Path:
    """One way from a weight to the loss, through one unit of each layer above it.

    Attributes
    ----------
    units : tuple of int
        The unit of the weight's own layer, then one of each layer above.
    value : float
        The product of the factors: what the weight does to the loss along this path.
    factors : tuple of Part
        The factors in order, from the weight up to the loss.
    text : str
        The path in words: "income -> unit 3 of layer 1 -> output yes".
    """

    units: tuple[int, ...]
    value: float
    factors: tuple[Part, ...]
    text: str


class _Paths(NamedTuple):
    """For each of d units the m strongest paths from its z to the loss."""

    values: Array  # (d, m), the products
    units: NDArray[np.int64]  # (d, m, length)


def strongest_paths(at: RowTrace, weight: Weight, most: int) -> tuple[Path, ...]:
    """Return the paths on which a weight does most to the loss, strongest first."""
    layer, i, unit = weight
    last = at.last
    dZ = last.dZ[at.row]
    values, units = _paths_from(at.layers, at.row, dZ, layer, most)
    x = incoming(at, weight)
    below = f"unit {i} of layer {layer - 1}"
    start = "bias" if i is None else at.columns[i] if layer == 1 else below
    found = []
    for value, way in zip(values[unit], units[unit], strict=True):
        if x.value * value == 0:
            break  # a unit at rest, as of relu, ends its paths
        route = tuple(map(int, way))
        k = route[-1]
        source = f"of the output {at.outputs[k]}"
        end = Part(f"dL/dZ{last.number}[{k}]", float(dZ[k]), source)
        steps = _steps(at.layers, at.row, layer, route)
        parts = (Part(x.name, x.value, x.source), *steps, end)
        text = _words(start, layer, route, at.outputs)
        found.append(Path(route, float(x.value * value), parts, text))
    return tuple(found)


def prediction_paths(
    layers: Sequence[LayerTrace],
    row: int,
    output: int,
    columns: Sequence[str],
    outputs: Sequence[str],
    most: int = 5,
) -> tuple[Path, ...]:
    """Return the strongest paths from the inputs to z of one output, in one row.

    The value of a path is x_i times the weights and slopes along it: its part of
    sum_i x_i dz/dx_i. It ends at z, since f of the outputs, as softmax, may be flat.
    """
    end = np.zeros(layers[-1].Z.shape[1])
    end[output] = 1
    paths = _paths_from(layers, row, end, 1, most)
    first = layers[0]
    values = (first.X[row, :, None] * first.W)[:, :, None] * paths.values  # (i, j, m)
    order = np.argsort(-np.abs(values).reshape(-1), kind="stable")[:most]
    found = []
    for i, j, m in zip(*np.unravel_index(order, values.shape), strict=True):
        if values[i, j, m] == 0:
            break  # no path goes further
        route = tuple(map(int, paths.units[j, m]))
        x = Part(f"X1[{i}]", float(first.X[row, i]), f"the input {columns[i]}")
        w = Part(f"W1[{i},{j}]", float(first.W[i, j]), "the weight")
        parts = (x, w, *_steps(layers, row, 1, route))
        text = _words(columns[i], 1, route, outputs)
        found.append(Path(route, float(values[i, j, m]), parts, text))
    return tuple(found)


def count_paths(at: RowTrace, weight: Weight) -> int:
    """Count the paths from a weight to the outputs."""
    count = 1
    for layer in at.layers[weight.layer :]:
        count *= layer.Z.shape[1]
    return count


def _paths_from(
    layers: Sequence[LayerTrace], row: int, dZ: Array, number: int, most: int
) -> _Paths:
    """Return the strongest paths from each unit of a layer up to dZ of the last."""
    paths = _Paths(dZ[:, None], np.arange(len(dZ))[:, None, None])
    for layer in reversed(layers[number - 1 : -1]):
        steps = slopes(layer, row)[:, None] * layers[layer.number].W  # (j, k)
        best = [_best(j, step, paths, most) for j, step in enumerate(steps)]
        values, units = zip(*best, strict=True)
        paths = _Paths(np.array(values), np.array(units))
    return paths


def _best(
    j: int, steps: Array, paths: _Paths, most: int
) -> tuple[Array, NDArray[np.int64]]:
    """Return the strongest paths from unit j; `steps` lead to the units above."""
    values = (steps[:, None] * paths.values).reshape(-1)
    units = paths.units.reshape(len(values), -1)
    best = np.argsort(-np.abs(values), kind="stable")[:most]
    return values[best], np.insert(units[best], 0, j, axis=1)


def _steps(
    layers: Sequence[LayerTrace], row: int, first: int, route: tuple[int, ...]
) -> list[Part]:
    """Compute the slopes and weights along a route that begins in layer `first`."""
    parts = []
    for place, (j, k) in enumerate(pairwise(route), first):
        layer, above = layers[place - 1], layers[place]
        z = f"f'(z) at z = {formulas.number(layer.Z[row, j])}"
        slope = float(slopes(layer, row)[j])
        parts.append(Part(f"dA{place}[{j}]/dZ{place}[{j}]", slope, z))
        w = float(above.W[j, k])
        parts.append(Part(f"W{place + 1}[{j},{k}]", w, "the weight"))
    return parts


def _words(
    start: str, first: int, route: tuple[int, ...], outputs: Sequence[str]
) -> str:
    through = enumerate(route[:-1], first)
    hidden = [f"unit {unit} of layer {number}" for number, unit in through]
    return " -> ".join([start, *hidden, f"output {outputs[route[-1]]}"])
