"""A model's rows as its network sees them, for the trace and what builds on it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranvier.job.preparation import Target, squash
from ranvier.table.columns import Category, Column, Number
from ranvier.table.dates import Date
from ranvier.table.frames import columns_of
from ranvier.table.table import TableEncoder
from ranvier.table.targets import ClassTarget
from ranvier.table.values import usable_values
from ranvier.trace.fitted import EncodedRows


def encoded_rows(
    encoder: TableEncoder, target: Target, frame: Any, y: Any = None
) -> EncodedRows:
    """Encode rows of a table, and their targets where they are known.

    Parameters
    ----------
    encoder, target
        Those of the model.
    frame
        A table as for `Model.predict`; or one row of it, as a pandas series or a dict.
    y
        Targets as they stand in a table. None: the table's own column, where it has one
        without gaps.

    Raises
    ------
    ValueError
        As for `Model.predict`; or a target is no class that training knew.
    """
    frame = _table(frame)
    columns = columns_of(frame)
    if y is None and target.name in columns:
        own = columns[target.name]
        y = None if usable_values(own, target.name, empty=True).missing.any() else own
    rows = EncodedRows(
        X=squash(encoder.transform(frame)).astype(np.float64),
        names=encoder.names,
        sources=encoder.source,
        Y=None if y is None else _targets(target, y),
        outputs=target.labels if isinstance(target, ClassTarget) else (target.name,),
        baseline=squash(average_row(encoder)[None]).astype(np.float64)[0],
    )
    if isinstance(target, ClassTarget):
        return rows
    return rows._replace(unit=target.scale.sd, origin=target.scale.mean)


def average_row(encoder: TableEncoder) -> NDArray[np.float32]:
    """Give the mean of the training rows, (inputs,): 0, and shares of categories.

    Examples
    --------
    >>> import pandas
    >>> frame = pandas.DataFrame({"size": [1.0, 2.0, 3.0, 4.0], "kind": list("aaab")})
    >>> average_row(TableEncoder.fit(frame))
    array([0.  , 0.75, 0.25], dtype=float32)
    """
    parts = [_average(column, encoder.rows) for column in encoder.columns.values()]
    return np.concatenate(parts, dtype=np.float32)


def _average(column: Column, rows: int) -> NDArray[np.float64]:
    if isinstance(column, Category):
        return column.average()
    average = np.zeros(len(column.names))
    if isinstance(column, Number | Date) and column.missing:
        average[-1] = column.missing / rows
    return average


def _table(frame: Any) -> Any:
    """Make a table of a single row: a dict, or a row of a pandas frame."""
    if isinstance(frame, dict):
        import pandas as pd

        return pd.DataFrame([frame])
    if hasattr(frame, "to_frame") and hasattr(frame, "index"):
        return frame.to_frame().T
    return frame


def _targets(target: Target, y: Any) -> NDArray[Any]:
    if not isinstance(target, ClassTarget):
        return target.transform(y)
    labels = target.transform(y)
    if (labels < 0).any():
        unseen = list(target.unseen(y)) or ["a missing value"]
        raise ValueError(
            f"the target {target.name!r} holds {unseen[0]!r}, but training knew the "
            f"classes {', '.join(target.labels)}: leave such rows out"
        )
    return labels
