"""The network as the page draws it: what units have learned, weights between them."""

import base64
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ranvier.live.axes import Axis
from ranvier.live.curves import finite
from ranvier.live.inspection import Inspection

Array = NDArray[Any]

MOST_UNITS: Final = 12  # of a layer that are drawn
MOST_WEIGHTS: Final = 400  # between two layers
GRID: Final = 24
BINS: Final = 24
SAMPLE: Final = 2000
DEAD: Final = 1e-12
FLAT: Final = 0.1  # of the largest range in a layer: below it, a unit pales


def describe_network(
    inspection: Inspection, x: str | None, y: str | None, row: int | None
) -> dict[str, Any]:
    """Describe the network to be drawn.

    Parameters
    ----------
    inspection
        The network and its rows.
    x, y
        Columns to show the response of units over; None: the two that matter most.
    row
        The row whose other columns stay as they are; None: a usual one.

    Returns
    -------
    dict
        ``columns``, ``layers`` (each with ``units``: index, bias, response, dead), the
        inputs first; ``weights`` between them, of columns that are embedded their
        `contributions`; ``outputs``, what each output is; ``fixed``, the name and value
        of every other column.
    """
    first, second = looked_over(inspection, x, y)
    X = grid(inspection, first, second, row, GRID)
    layers = inspection.network.dense_layers
    shown = [_inputs_shown(inspection, first, second)]
    shown += [
        _strongest(layer.W, layers[i + 1].W if i + 1 < len(layers) else None)
        for i, layer in enumerate(layers)
    ]
    lines = [layer.W for layer in layers]
    if inspection.is_embedded:
        lines[0] = contributions(inspection)
    weights = [_weights(W, shown[i], shown[i + 1]) for i, W in enumerate(lines)]
    return {
        "inputs": {
            "size": inspection.network.inputs,
            "units": [_input(inspection, X, i) for i in shown[0]],
        },
        "layers": _layers(inspection, X, shown[1:]),
        "weights": weights,
        "embedded": inspection.is_embedded,
        "x": first.name,
        "y": second.name,
        "columns": [axis.name for axis in inspection.axes],
        "fixed": fixed(inspection, first, second, row),
        "outputs": list(inspection.output_names),
        "target": inspection.target,
        "grid": GRID,
        "scale": finite(inspection.in_user_units(np.array(output_scale(inspection)))),
        "rows": len(inspection),
    }


def _input(inspection: Inspection, X: Array, i: int) -> dict[str, Any]:
    low, high = contrast(X[:, i : i + 1])
    name, response = inspection.columns[i], _packed(X[:, i], low[0], high[0])
    return {"index": int(i), "name": name, "response": response}


def unit_panel(inspection: Inspection, layer: int, unit: int) -> dict[str, Any]:
    """Describe one unit: weights into it, histograms of Z and A, slope, gradient.

    Raises
    ------
    IndexError
        There is no such unit.
    """
    inspection = inspection.dense
    layers = inspection.network.dense_layers
    if not (0 <= layer < len(layers) and 0 <= unit < layers[layer].units):
        raise IndexError
    own = layers[layer]
    rows = _sample_rows(inspection)
    trace = inspection.network.trace(
        inspection.X[rows], inspection.Y[rows], loss=inspection.loss
    ).layers[layer]
    w = own.W[:, unit]
    order = np.argsort(-np.abs(w), kind="stable")[:40]
    slope = (
        trace.slope[:, unit] if trace.slope.ndim == 2 else trace.slope[:, unit, unit]
    )
    return {
        "activation": str(own.activation),
        "bias": float(own.b[unit]),
        "weights": [
            {
                "index": int(i),
                "name": inspection.columns[i] if layer == 0 else f"a{layer}[{i}]",
                "value": float(w[i]),
                "gradient": float(trace.dW[i, unit]),
            }
            for i in order
        ],
        "inputs": int(w.size),
        "Z": _histogram(trace.Z[:, unit]),
        "A": _histogram(trace.A[:, unit]),
        "dead": bool(layer < len(layers) - 1 and (np.abs(slope) <= DEAD).all()),
        "saturated": float((np.abs(slope) < 0.01).mean()),
        "bias_gradient": float(trace.db[unit]),
        "gradient_norm": float(
            np.hypot(np.linalg.norm(trace.dW[:, unit]), trace.db[unit])
        ),
        "rows": len(rows),
    }


def looked_over(
    inspection: Inspection, x: str | None, y: str | None
) -> tuple[Axis, Axis]:
    """Return the two columns to look over; without a choice, those that say most."""
    both = inspection.chosen_axes
    first = inspection.axis(x, both[0])
    second = inspection.axis(y, both[1])
    if second is first and second.name != y:
        second = both[0]
    return first, second


def fixed(
    inspection: Inspection, first: Axis, second: Axis, row: int | None
) -> list[list[Any]]:
    """Return the name and value of each column that a picture holds fixed."""
    held = row is not None and 0 <= row < len(inspection)
    return [
        [axis.name, axis.shown(float(axis.places[row]) if held else axis.usual)]
        for axis in inspection.axes
        if axis.name not in (first.name, second.name)
    ]


def importance(inspection: Inspection) -> NDArray[np.int64]:
    """Order the inputs by how much the first layer makes of their spread."""
    order = np.argsort(
        -np.linalg.norm(contributions(inspection), axis=1), kind="stable"
    )
    return order[np.isin(order, inspection.shown)]


def contributions(inspection: Inspection) -> Array:
    """Compute how far what a column adds to a unit's Z varies from row to row.

    Returns
    -------
    ndarray of shape (d, units)
        Standard deviations over some rows: of x W of a column that is no more than x,
        of the sum over e W of one that is embedded as several numbers e. What only
        follows from a column counts with it, and is 0 by itself.
    """
    dense = inspection.dense
    W = inspection.network.dense_layers[0].W
    some = dense.X[: 4 * SAMPLE]
    layer = inspection.network.embedding
    if layer is None:
        return np.asarray(some.std(axis=0)[:, None] * np.abs(W))
    columns = inspection.derived_from.repeat(
        [column.outputs for column in layer.columns]
    )
    spread = np.zeros((len(layer.columns), W.shape[1]))
    for i in inspection.shown:
        own = columns == i
        spread[i] = (some[:, own] @ W[own]).std(axis=0)
    return spread


def grid(
    inspection: Inspection, first: Axis, second: Axis, row: int | None, size: int
) -> Array:
    """Return rows over two columns, (size^2, d), the second rising."""
    if row is not None and 0 <= row < len(inspection):
        base = inspection.X[row]
    else:
        base = inspection.usual
    X = np.tile(base, (size * size, 1)).astype(inspection.network.dtype)
    X[:, first.inputs] = np.tile(first.encode(first.positions(size)), (size, 1))
    if second is not first:
        up = second.encode(second.positions(size))
        X[:, second.inputs] = np.repeat(up, size, axis=0)
    return X


def _inputs_shown(inspection: Inspection, first: Axis, second: Axis) -> list[int]:
    """Choose the inputs to draw: the first of each column, then the most important."""
    own = [int(axis.inputs[0]) for axis in (first, second) if len(axis.inputs)]
    order = [*own, *map(int, importance(inspection))]
    return sorted(list(dict.fromkeys(order))[:MOST_UNITS])


def _strongest(W: Array, after: Array | None) -> list[int]:
    """Choose the units to draw: those with the most weight into and out of them."""
    if W.shape[1] <= MOST_UNITS:
        return list(range(W.shape[1]))
    strength = np.linalg.norm(W, axis=0)
    if after is not None:
        strength = strength * np.linalg.norm(after, axis=1)
    return sorted(map(int, np.argsort(-strength, kind="stable")[:MOST_UNITS]))


def _layers(
    inspection: Inspection, X: Array, shown: list[list[int]]
) -> list[dict[str, Any]]:
    """Describe the units shown of each layer, with their responses to rows X."""
    values = inspection.network.forward(X)
    sample = inspection.network.forward(_sample(inspection))
    responses = [layer.A for layer in values[:-1]] + [inspection.outputs(X)]
    ends = [contrast(A) for A in responses[:-1]]
    low, high = output_scale(inspection)
    every = np.ones(inspection.network.outputs)
    ends.append((low * every, high * every))
    return [
        {
            "activation": str(layer.activation),
            "size": layer.units,
            "units": [
                _unit(
                    layer.b, responses[i][:, j], (ends[i][0][j], ends[i][1][j]),
                    sample[i].A, j,
                )
                for j in shown[i]
            ],
        }
        for i, layer in enumerate(inspection.network.dense_layers)
    ]  # fmt: skip


def output_scale(inspection: Inspection) -> tuple[float, float]:
    """Return the ends that all outputs share: of probabilities, or of the targets."""
    if inspection.is_classes:
        return 0.0, 1.0
    low, high = float(inspection.Y.min()), float(inspection.Y.max())
    return (low, high) if high > low else (low - 1, high + 1)


def contrast(A: Array) -> tuple[Array, Array]:
    """Return the ends of each unit's square, (units,), from the responses (m, units).

    They are its lowest and highest value, but for a unit that hardly varies beside the
    others of its layer: it looks flat.
    """
    A = np.nan_to_num(A.astype(np.float64))
    low, high = A.min(axis=0), A.max(axis=0)
    half = np.maximum(high - low, FLAT * (high - low).max(initial=0)) / 2
    return (low + high) / 2 - half, (low + high) / 2 + half


def _unit(
    b: Array, response: Array, ends: tuple[float, float], sample: Array, unit: int
) -> dict[str, Any]:
    values = sample[:, unit]
    return {
        "index": int(unit),
        "bias": float(b[unit]),
        "response": _packed(response, *ends),
        "mean": float(values.mean()),
        "low": float(values.min()),
        "high": float(values.max()),
        "still": bool(values.max() - values.min() < 1e-9),
    }


def _packed(values: Array, low: float, high: float) -> str:
    """Pack a response into one byte a point, from one end of its scale to the other."""
    values = np.nan_to_num(values.astype(np.float64))
    if high == low:
        scaled = np.full(values.shape, 127.5)
    else:
        scaled = np.clip((values - low) / (high - low), 0, 1) * 255
    return base64.b64encode(scaled.round().astype(np.uint8).tobytes()).decode()


def _weights(W: Array, sources: list[int], units: list[int]) -> list[list[float]]:
    """Return [source, unit, weight] for those drawn, the largest of them if many."""
    triples = [[i, j, float(f"{W[i, j]:.6g}")] for i in sources for j in units]
    triples.sort(key=lambda triple: -abs(triple[2]))
    return triples[:MOST_WEIGHTS]


def _histogram(values: Array) -> dict[str, Any]:
    values = values[np.isfinite(values)]
    low, high = (
        (float(values.min()), float(values.max())) if values.size else (0.0, 0.0)
    )
    if high - low < 1e-12:
        low, high = low - 0.5, high + 0.5
    counts, _ = np.histogram(values, BINS, (low, high))
    quantiles = np.quantile(values, [0.05, 0.5, 0.95]) if values.size else np.zeros(3)
    return {
        "low": low,
        "high": high,
        "counts": counts.tolist(),
        "quantiles": finite(quantiles),
    }


def _sample_rows(inspection: Inspection) -> NDArray[np.int64]:
    count = min(len(inspection), SAMPLE)
    return np.unique(np.linspace(0, len(inspection) - 1, count).astype(np.int64))


def _sample(inspection: Inspection) -> Array:
    return np.ascontiguousarray(
        inspection.X[_sample_rows(inspection)], inspection.network.dtype
    )
