"""A model's answers for a table, as a table; and what to know about them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from ranvier.job.model import Model
from ranvier.metrics import SCORES
from ranvier.table.frames import target_column
from ranvier.table.targets import ClassTarget, NumberTarget

if TYPE_CHECKING:
    import pyarrow as pa

# What float32 carries of a number near 1; in text, more of them would be noise.
DIGITS = 7


def answers(model: Model, frame: pa.Table, proba: bool, with_inputs: bool) -> pa.Table:
    """Predict each row.

    Parameters
    ----------
    model
        The model.
    frame
        An Arrow table with the columns the model was trained on.
    proba
        Whether to add the probability of each class.
    with_inputs
        Whether to put the columns of `frame` in front.

    Returns
    -------
    pyarrow.Table
        ``prediction``, and with `proba` a column ``probability of CLASS`` for each
        class; a name that an input has already gets an underscore behind it.
    """
    import pyarrow as pa

    columns: dict[str, Any] = {}
    if with_inputs:
        columns |= zip(frame.column_names, frame.columns, strict=True)

    def add(name: str, values: Any) -> None:
        while name in columns:
            name += "_"
        columns[name] = pa.array(values)

    if proba:
        P = model.predict_proba(frame).astype(np.float64)
        best = model.target.inverse(P.argmax(axis=1))
    else:
        best = model.predict(frame)
    if isinstance(model.target, NumberTarget):
        best = np.round(best, _decimals(model.target.scale.sd))
    add("prediction", best)
    if proba and isinstance(model.target, ClassTarget):
        for label, p in zip(model.target.labels, P.T, strict=True):
            add(f"probability of {label}", np.round(p, DIGITS))
    return pa.table(columns)


def _decimals(sd: float) -> int:
    """Give the decimals of a number that was computed in units of `sd`."""
    return DIGITS - math.floor(math.log10(sd))


def notices(model: Model, frame: pa.Table) -> Iterator[str]:
    """Say what training had not seen, and the scores where the table has the target."""
    yield from model.encoder.schema.unseen_categories(frame)
    target = model.target
    if target.name not in frame.column_names:
        return
    column = target_column(frame, target.name)
    if column.null_count() == len(column):
        return
    if isinstance(target, ClassTarget) and (unseen := target.unseen(column)):
        yield (
            f"{sum(unseen.values())} row(s) have a {target.name!r} that training had "
            f"not seen, {next(iter(unseen))!r} for one: they count as wrong."
        )
    try:
        scores = model.score(frame).items()
    except ValueError as error:  # no reason to keep the predictions back
        yield f"The table holds {target.name!r} itself, but is not scored: {error}."
        return
    told = ", ".join(f"{SCORES[name].title} {value:.4g}" for name, value in scores)
    yield f"The table holds {target.name!r} itself: {told}."
