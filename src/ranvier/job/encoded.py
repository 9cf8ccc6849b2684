"""A model's rows as its network sees them, for the trace and what builds on it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranvier.inspectable import EncodedRows
from ranvier.job.preparation import Target
from ranvier.network.columns import Category as Coded
from ranvier.network.embedding import Embedding
from ranvier.table.encoder import TableEncoder
from ranvier.table.frames import columns_of
from ranvier.table.targets import ClassTarget
from ranvier.table.values import usable_values
from ranvier.training.task import Data

Array = NDArray[Any]


def encoded_rows(
    encoder: TableEncoder, target: Target, usual: Array, frame: Any, y: Any = None
) -> EncodedRows:
    """Encode rows of a table, and their targets where they are known.

    Parameters
    ----------
    encoder, target
        Those of the model.
    usual
        The row that rows are compared with, see `usual_row`.
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
        X=encoder.transform(frame).astype(np.float64),
        names=encoder.names,
        sources=encoder.sources,
        Y=None if y is None else _targets(target, y),
        outputs=target.labels if isinstance(target, ClassTarget) else (target.name,),
        baseline=usual.astype(np.float64),
        table=frame,
    )
    if isinstance(target, ClassTarget):
        return rows
    return rows._replace(unit=target.scale.sd, origin=target.scale.mean)


def usual_row(data: Data, embedding: Embedding) -> Array:
    """Give the mean of the training rows, (inputs,); of codes, the most frequent."""
    mean = np.average(data.X, axis=0, weights=data.weights)
    for place, column in enumerate(embedding.columns):
        if isinstance(column, Coded):
            codes = data.X[:, place].astype(np.int64)
            mean[place] = np.bincount(codes, data.weights).argmax()
    return np.asarray(mean, np.float32)


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
