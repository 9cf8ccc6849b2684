"""A model's predictions for a table, as a table, and notices about them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from ranvier.messages import listed
from ranvier.metrics import SCORES
from ranvier.table.frames import target_column
from ranvier.tabular.drift import drift_message
from ranvier.tabular.outputs import ClassOutputs, NumberOutputs
from ranvier.tabular.prediction import TablePredictor

if TYPE_CHECKING:
    import pyarrow as pa

# What float32 carries of a number near 1; in text, more of them would be noise.
DIGITS = 7


def predictions(
    model: TablePredictor,
    frame: pa.Table,
    proba: bool = False,
    with_inputs: bool = False,
    interval: float | None = None,
) -> pa.Table:
    """Predict each row.

    Parameters
    ----------
    model
        The model.
    frame
        An Arrow table with the columns of the training table.
    proba
        Whether to add the probability of each class.
    with_inputs
        Whether to put the columns of `frame` in front.
    interval
        The fraction of true numbers that bounds should hold; None: no bounds.

    Returns
    -------
    pyarrow.Table
        ``prediction``; with `interval` also ``low`` and ``high``; with `proba` a column
        ``probability of CLASS`` for each class. A name that an input has already gets
        an underscore behind it.
    """
    import pyarrow as pa

    columns: dict[str, Any] = {}
    if with_inputs:
        columns |= zip(frame.column_names, frame.columns, strict=True)

    def add(name: str, values: Any) -> None:
        while name in columns:
            name += "_"
        columns[name] = pa.array(values)

    outputs = model.outputs
    if isinstance(outputs, NumberOutputs):
        if proba:
            model.predict_proba(frame)  # says that numbers have none
        bounds = model.predict(frame, interval)
        parts = {"prediction": bounds} if interval is None else bounds._asdict()
        for name, values in parts.items():
            for suffix, own in _each_target(values):
                add(name + suffix, _rounded(own, outputs))
        return pa.table(columns)
    if interval is not None or not isinstance(outputs, ClassOutputs):
        model.predict(frame, interval)  # says that classes have none
        P = model.predict_proba(frame)
        for label, p in zip(outputs.names, P.T, strict=True):
            add(f"prediction of {label}", (p > 0.5).astype(np.int64))
    else:
        P = model.predict_proba(frame)
        add("prediction", outputs.target.inverse(P.argmax(axis=1)))
    if proba:
        for label, p in zip(outputs.names, P.T, strict=True):
            add(f"probability of {label}", np.round(p.astype(np.float64), DIGITS))
    return pa.table(columns)


def _each_target(values: Any) -> list[tuple[str, Any]]:
    """Return (n,) numbers as they are, and of (n, k) each column with its index."""
    if values.ndim == 1:
        return [("", values)]
    return [(f" {k}", column) for k, column in enumerate(values.T)]


def _rounded(y: Any, outputs: NumberOutputs) -> Any:
    """Round numbers to what float32 carries of them."""
    if outputs.transform.formula:  # a logarithm: its error is relative
        return np.array([float(f"{value:.{DIGITS}g}") for value in y])
    sd = float(outputs.transform.scale.max())
    return np.round(y, DIGITS - math.floor(math.log10(sd)))


def notices(model: TablePredictor, frame: pa.Table) -> Iterator[str]:
    """Say what training did not see, and the scores where the table has the target."""
    if unknown := model.unknown_columns(frame):
        yield f"Column(s) {listed(unknown)} were not in training and are ignored."
    table = model.reading.apply(frame, target=model.target)
    if message := drift_message(model.encoder, table):
        yield message
    else:
        yield from model.encoder.schema.unseen_categories(table)
    name, outputs = model.target, model.outputs
    if name not in frame.column_names:
        return
    column = target_column(frame, name)
    if column.null_count() == len(column):
        return
    if isinstance(outputs, ClassOutputs) and (unseen := outputs.target.unseen(column)):
        yield (
            f"{sum(unseen.values())} row(s) have a {name!r} that training did not see, "
            f"{next(iter(unseen))!r} for one: they count as wrong."
        )
    try:
        scores = model.evaluate(frame).items()
    except ValueError as error:  # no reason to keep the predictions back
        yield f"The table holds {name!r} itself, but is not scored: {error}."
        return
    text = ", ".join(f"{SCORES[name].title} {value:.4g}" for name, value in scores)
    yield f"The table holds {name!r} itself: {text}."
