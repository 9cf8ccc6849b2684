"""Views of predictions: map over two columns, confusion matrix, rows, one row."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ranvier.live.axes import Axis
from ranvier.live.curves import finite
from ranvier.live.inspection import Inspection
from ranvier.live.network_view import fixed, grid, looked_over

Array = NDArray[Any]

MAP: Final = 48
GOLDEN: Final = (5**0.5 - 1) / 2  # whose multiples, cut to [0, 1), keep well apart
MOST_POINTS: Final = 400
MOST_CLASSES: Final = 12
MOST_LISTED: Final = 128  # classes of the whole matrix
ROWS: Final = 25
BINS: Final = 10
MOST_UNITS: Final = 16
MOST_TERMS: Final = 8


def data_map(
    inspection: Inspection, x: str | None, y: str | None, row: int | None
) -> dict[str, Any]:
    """Return the predictions over two columns, and the rows that lie there."""
    first, second = looked_over(inspection, x, y)
    X = grid(inspection, first, second, row, MAP)
    told: dict[str, Any] = {
        "x": _axis(first),
        "y": _axis(second),
        "fixed": fixed(inspection, first, second, row),
        "size": MAP,
        "columns": [axis.name for axis in inspection.axes],
        "classes": list(inspection.classes),
        "target": inspection.target,
    }
    if inspection.is_classes:
        P = inspection.probabilities(X)
        told["label"] = P.argmax(axis=1).tolist()
        told["certainty"] = finite(P.max(axis=1))
    else:
        told["value"] = finite(inspection.in_user_units(inspection.outputs(X)[:, 0]))
    rows = _points(inspection)
    rows = rows[np.isfinite(first.places[rows]) & np.isfinite(second.places[rows])]
    told["points"] = [
        {
            "row": int(r),
            "x": _place(first, r, GOLDEN),
            "y": _place(second, r, GOLDEN**2),
            "training": bool(inspection.training[r]),
        }
        for r in rows
    ]
    targets = (
        inspection.labels[rows].tolist()
        if inspection.is_classes
        else finite(inspection.in_user_units(_first(inspection.Y[rows])))
    )
    for point, target in zip(told["points"], targets, strict=True):
        point["target"] = target
    return told


def _axis(axis: Axis) -> dict[str, Any]:
    low, high = axis.range
    return {
        "name": axis.name,
        "kind": axis.kind,
        "low": low,
        "high": high,
        "labels": list(axis.labels),
    }


def _place(axis: Axis, row: int, step: float) -> float:
    """Return where a row lies on an axis; those of one category beside each other."""
    x = float(axis.places[row])
    if axis.kind != "category":
        return x
    return x + 0.7 * ((row + 1) * step % 1 - 0.5)


def quality(inspection: Inspection) -> dict[str, Any]:
    """Return the quality of the predictions, on held-out rows if there are any.

    Returns
    -------
    dict
        ``held_out``, ``rows``; for classes ``matrix`` [true][predicted],
        ``calibration``: (confidence, accuracy, rows) for each bin, ``accuracy``; for
        numbers ``residuals``: (prediction, error) of some rows, their histogram,
        ``rmse``, ``r2``.
    """
    held_out = ~inspection.training
    rows = np.flatnonzero(held_out) if held_out.any() else np.arange(len(inspection))
    told: dict[str, Any] = {
        "held_out": bool(held_out.any()),
        "rows": len(rows),
        "classes": list(inspection.classes),
        "target": inspection.target,
    }
    if inspection.is_classes:
        return told | _of_classes(inspection, rows)
    A = inspection.in_user_units(inspection.outputs(inspection.X[rows])[:, 0])
    y = inspection.in_user_units(_first(inspection.Y[rows]))
    error = A - y
    some = np.unique(np.linspace(0, len(rows) - 1, min(300, len(rows))).astype(int))
    counts, edges = np.histogram(error[np.isfinite(error)], 24)
    spread = float(((y - y.mean()) ** 2).sum())
    return told | {
        "residuals": [
            [*finite(np.array([A[i], error[i]])), int(rows[i])] for i in some
        ],
        "histogram": {
            "low": float(edges[0]),
            "high": float(edges[-1]),
            "counts": counts.tolist(),
        },
        "rmse": float(np.sqrt((error**2).mean())),
        "r2": 1 - float((error**2).sum()) / spread if spread else None,
    }


def _of_classes(inspection: Inspection, rows: Array) -> dict[str, Any]:
    P, labels = inspection.probabilities(inspection.X[rows]), inspection.labels[rows]
    told, certainty = P.argmax(axis=1), P.max(axis=1)
    count = len(inspection.classes)
    matrix = np.bincount(labels * count + told, minlength=count * count)
    matrix = matrix.reshape(count, count)
    order = np.arange(count)
    if count > MOST_CLASSES:  # those that are most often mistaken
        wrong = matrix.sum(0) + matrix.sum(1) - 2 * matrix.diagonal()
        order = np.sort(np.argsort(-wrong, kind="stable")[:MOST_CLASSES])
    right = told == labels
    bins = np.clip((certainty * BINS).astype(int), 0, BINS - 1)
    calibration = [
        [float(certainty[bins == b].mean()), float(right[bins == b].mean()), int(n)]
        for b, n in enumerate(np.bincount(bins, minlength=BINS))
        if n
    ]
    shown = matrix[np.ix_(order, order)]
    names: list[str | None] = [inspection.classes[i] for i in order]
    if count > MOST_CLASSES:  # all rows are counted, those of other classes together
        group = np.full(count, len(order))
        group[order] = np.arange(len(order))
        shown = np.zeros((len(order) + 1, len(order) + 1), np.int64)
        np.add.at(shown, (group[:, None], group[None]), matrix)
        names.append(None)
    return {
        "matrix": shown.tolist(),
        "shown": names,
        "all": matrix.tolist() if MOST_CLASSES < count <= MOST_LISTED else None,
        "calibration": calibration,
        "accuracy": float(right.mean()),
    }


def row_list(inspection: Inspection, search: str, page: int) -> dict[str, Any]:
    """Return a page of the rows that hold a text, the largest errors first."""
    errors = inspection.errors()
    order = np.argsort(-np.nan_to_num(errors, nan=np.inf), kind="stable")
    if search:
        order = _found(inspection, order, search)
    shown = order[page * ROWS : (page + 1) * ROWS]
    names, values = inspection.raw(shown)
    truth, told = predictions_of(inspection, shown)
    return {
        "columns": names,
        "target": inspection.target,
        "found": len(order),
        "page": page,
        "pages": -(-len(order) // ROWS),
        "classes": list(inspection.classes),
        "rows": [
            {
                "row": int(r),
                "values": values[i],
                "truth": truth[i],
                "answer": told[i],
                "error": finite(errors[r : r + 1])[0],
                "training": bool(inspection.training[r]),
            }
            for i, r in enumerate(shown)
        ],
    }


def predictions_of(inspection: Inspection, rows: Array) -> tuple[list[Any], list[Any]]:
    """Return true and predicted values of some rows, in the user's units."""
    if inspection.is_classes:
        told = inspection.probabilities(inspection.X[rows]).argmax(axis=1)
        names = inspection.classes
        return [names[i] for i in inspection.labels[rows]], [names[i] for i in told]
    A = inspection.in_user_units(inspection.outputs(inspection.X[rows])[:, 0])
    return finite(inspection.in_user_units(_first(inspection.Y[rows]))), finite(A)


def row_trace(inspection: Inspection, row: int, weight: str | None) -> dict[str, Any]:
    """Return one row's way through the network, and the chain rule for one weight.

    Raises
    ------
    IndexError
        There is no such row.
    ValueError
        There is no such weight.
    """
    if not 0 <= row < len(inspection):
        raise IndexError
    dense = inspection.dense
    trace = dense.network.trace(
        dense.X[row : row + 1], dense.Y[row : row + 1], loss=dense.loss
    )
    names, values = inspection.raw(np.array([row]))
    truth, told = predictions_of(inspection, np.array([row]))
    weight = weight or _strongest_weight(trace)
    explained = trace.explain(weight, row=0, paths=3).to_dict()
    return {
        "row": row,
        "training": bool(inspection.training[row]),
        "columns": names,
        "values": values[0],
        "truth": truth[0],
        "answer": told[0],
        "target": inspection.target,
        "classes": list(inspection.classes),
        "outputs": list(inspection.output_names),
        "loss": trace.L,
        "loss_name": str(inspection.loss),
        "inputs": [
            {"index": i, "name": name, "value": float(x)}
            for i, (name, x) in enumerate(
                zip(dense.columns, dense.X[row].tolist(), strict=True)
            )
        ],
        "embedded": inspection.is_embedded,
        "layers": [_layer(dense, layer) for layer in trace.layers],
        "weight": weight,
        "explained": _without_html(explained),
    }


def _layer(inspection: Inspection, layer: Any) -> dict[str, Any]:
    """Compute the numbers of a layer for one row; of a wide one, the loudest units."""
    strength = np.abs(layer.A[0]) + np.abs(layer.dZ[0])
    shown = np.sort(np.argsort(-strength, kind="stable")[:MOST_UNITS])
    slope = layer.slope[0] if layer.slope.ndim == 2 else layer.slope[0].diagonal()
    return {
        "number": layer.number,
        "activation": str(layer.activation),
        "d_in": layer.W.shape[0],
        "d_out": layer.W.shape[1],
        "units": [
            {
                "index": int(j),
                "z": float(layer.Z[0, j]),
                "a": float(layer.A[0, j]),
                "slope": float(slope[j]),
                "dz": float(layer.dZ[0, j]),
                "b": float(layer.b[j]),
                "terms": _terms(layer, int(j)),
            }
            for j in shown
        ],
    }


def _terms(layer: Any, unit: int) -> list[list[float]]:
    """Return the largest terms x w of a unit's sum: index, x, w."""
    products = layer.X[0] * layer.W[:, unit]
    order = np.argsort(-np.abs(products), kind="stable")[:MOST_TERMS]
    return [[int(i), float(layer.X[0, i]), float(layer.W[i, unit])] for i in order]


def _strongest_weight(trace: Any) -> str:
    """Name the weight of the first layer that had most to do with the error."""
    dW = np.abs(trace.layers[0].dW)
    i, j = np.unravel_index(int(dW.argmax()), dW.shape)
    return f"W1[{i},{j}]"


def _without_html(explained: dict[str, Any]) -> dict[str, Any]:
    """Leave out what the page would have to parse: it builds formulas from names."""
    for name in ("mathml", "latex"):
        explained.pop(name, None)
    for factor in explained["factors"]:
        factor.pop("symbol", None)
    return explained


def _found(inspection: Inspection, order: Array, search: str) -> NDArray[np.int64]:
    """Keep the rows that hold a text in a column or the target; its number's first."""
    wanted = search.casefold().strip()
    _, values = inspection.raw(order)
    truth, told = predictions_of(inspection, order)
    kept = [
        int(r)
        for i, r in enumerate(order)
        if any(
            wanted in str(value).casefold()
            for value in (*values[i], truth[i], told[i])
            if value is not None
        )
    ]
    named = [int(r) for r in order if wanted == str(r)]
    return np.array([*named, *(r for r in kept if r not in named)], np.int64)


def _points(inspection: Inspection) -> NDArray[np.int64]:
    count = min(len(inspection), MOST_POINTS)
    return np.unique(np.linspace(0, len(inspection) - 1, count).astype(np.int64))


def _first(Y: Array) -> Array:
    return Y if Y.ndim == 1 else Y[:, 0]
