"""What a model predicts for rows, as JSON: labels, probabilities, bounds, unseen."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from ranvier.table.column_types import Category
from ranvier.table.table import Table
from ranvier.tabular.outputs import ClassOutputs, NumberOutputs
from ranvier.tabular.prediction import TablePredictor


def columns_of_model(model: TablePredictor) -> list[Any]:
    """Return the columns that a model reads, each once."""
    encodings = model.encoder.encodings
    columns = {e.column.name: e.column for e in reversed(encodings)}
    return [columns[name] for name in dict.fromkeys(e.column.name for e in encodings)]


def predict(
    model: TablePredictor, frame: Any, interval: float | None
) -> list[dict[str, Any]]:
    """Predict rows.

    Parameters
    ----------
    model
        The model.
    frame
        Its columns (n rows).
    interval
        Coverage of the bounds of numbers; None: no bounds.

    Returns
    -------
    list of dict
        For each row ``label`` and ``probabilities``, or ``prediction``, with ``low``
        and ``high``; and ``unseen``: columns whose category training had not seen.

    Raises
    ------
    ValueError
        The model has no such bounds.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what they say of rows is in `unseen`
        found = _predictions(model, frame, interval)
    table = Table(frame)
    for column in columns_of_model(model):
        if not isinstance(column, Category):
            continue
        values = table.values(column.name)
        if not column.unseen(values):
            continue
        for row, entry in enumerate(found):
            if column.unseen(values.take(np.array([row]))):
                entry["unseen"].append(column.name)
    return found


def _predictions(
    model: TablePredictor, frame: Any, interval: float | None
) -> list[dict[str, Any]]:
    outputs = model.outputs
    if isinstance(outputs, NumberOutputs):
        predicted = model.predict(frame, interval=interval)
        names = ("prediction",) if interval is None else ("prediction", "low", "high")
        parts = (predicted,) if interval is None else predicted
        return [
            dict(zip(names, values, strict=True)) | {"unseen": []}
            for values in zip(*(_numbers(outputs, part) for part in parts), strict=True)
        ]
    if interval is not None:
        raise ValueError(
            f"there are no intervals for classes of {outputs.name!r}: leave interval "
            "out"
        )
    P = model.predict_proba(frame)
    rows = [dict(zip(outputs.names, map(float, row), strict=True)) for row in P]
    if isinstance(outputs, ClassOutputs):
        labels = outputs.target.inverse(P.argmax(axis=1))
        texts = [_plain(label) for label in labels]
    else:
        texts = [{name: bool(p > 0.5) for name, p in row.items()} for row in rows]
    return [
        {"label": label, "probabilities": row, "unseen": []}
        for label, row in zip(texts, rows, strict=True)
    ]


def _numbers(outputs: NumberOutputs, values: Any) -> list[Any]:
    """Return a number for each row, or one for each target by its name."""
    if np.ndim(values) == 1:
        return [_plain(value) for value in values]
    names = outputs.names
    return [dict(zip(names, map(_plain, row), strict=True)) for row in values]


def _plain(value: Any) -> Any:
    """Return what JSON can hold: infinite bounds are null."""
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value if isinstance(value, bool | int | float | str | None) else str(value)
