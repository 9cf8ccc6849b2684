"""The strongest paths of a weight to the loss, exactly, without listing them all.

A weight deep in a network reaches the loss by as many paths as the sizes of the layers
above multiply to. Along a path the sizes of the factors multiply too, so the strongest
paths from a unit go on along the strongest from the unit above: each unit keeps its
best few, from the outputs downwards.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ranvier.trace import formulas
from ranvier.trace.chain import Part, RowTrace, incoming, slopes
from ranvier.trace.layers import Array
from ranvier.trace.places import Weight


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


class _Ways(NamedTuple):
    """For each of d units the m strongest ways from its z to the loss."""

    values: Array  # (d, m), the products
    units: NDArray[np.int64]  # (d, m, length)


def strongest_paths(at: RowTrace, weight: Weight, most: int) -> tuple[Path, ...]:
    """Give the paths on which a weight does most to the loss, strongest first."""
    values, units = _ways_from(at, weight.layer, most)
    x = incoming(at, weight)
    ways = zip(values[weight.unit], units[weight.unit], strict=True)
    return tuple(
        Path(
            (route := tuple(map(int, way))),
            float(x.value * value),
            (Part(x.name, x.value, x.source), *_steps(at, weight.layer, route)),
            _words(at, weight, route),
        )
        for value, way in ways
        if x.value * value != 0  # a unit at rest, as of relu, ends its paths
    )


def count_paths(at: RowTrace, weight: Weight) -> int:
    """Count the paths from a weight to the outputs."""
    count = 1
    for layer in at.layers[weight.layer :]:
        count *= layer.Z.shape[1]
    return count


def _ways_from(at: RowTrace, number: int, most: int) -> _Ways:
    """Give the strongest ways from each unit of layer `number`."""
    outputs = at.last.Z.shape[1]
    ways = _Ways(at.last.dZ[at.row][:, None], np.arange(outputs)[:, None, None])
    for layer in reversed(at.layers[number - 1 : -1]):
        steps = slopes(layer, at.row)[:, None] * at.layers[layer.number].W  # (j, k)
        best = [_best(j, step, ways, most) for j, step in enumerate(steps)]
        values, units = zip(*best, strict=True)
        ways = _Ways(np.array(values), np.array(units))
    return ways


def _best(
    j: int, steps: Array, ways: _Ways, most: int
) -> tuple[Array, NDArray[np.int64]]:
    """Give the strongest ways from unit j, whose steps to the units above are given."""
    values = (steps[:, None] * ways.values).reshape(-1)
    units = ways.units.reshape(len(values), -1)
    best = np.argsort(-np.abs(values), kind="stable")[:most]
    return values[best], np.insert(units[best], 0, j, axis=1)


def _steps(at: RowTrace, first: int, route: tuple[int, ...]) -> list[Part]:
    """Give the factors along a route that begins in layer `first`."""
    parts = []
    for place, (j, k) in enumerate(pairwise(route), first):
        layer, above = at.layers[place - 1], at.layers[place]
        z = f"f'(z) at z = {formulas.number(layer.Z[at.row, j])}"
        slope = float(slopes(layer, at.row)[j])
        parts.append(Part(f"dA{place}[{j}]/dZ{place}[{j}]", slope, z))
        w = float(above.W[j, k])
        parts.append(Part(f"W{place + 1}[{j},{k}]", w, "the weight"))
    k, last = route[-1], at.last
    dz, source = float(last.dZ[at.row, k]), f"of the output {at.outputs[k]}"
    return [*parts, Part(f"dL/dZ{last.number}[{k}]", dz, source)]


def _words(at: RowTrace, weight: Weight, route: tuple[int, ...]) -> str:
    layer, i, _ = weight
    start = "bias"
    if i is not None:
        below = f"unit {i} of layer {layer - 1}"
        start = at.columns[i] if layer == 1 else below
    through = enumerate(route[:-1], layer)
    hidden = [f"unit {unit} of layer {number}" for number, unit in through]
    return " -> ".join([start, *hidden, f"output {at.outputs[route[-1]]}"])
