"""A model's rows as its networks see them, for the trace and what builds on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ranvier.inspectable import EncodedRows
from ranvier.table.frames import columns_of, named_columns
from ranvier.table.value_checks import usable_values
from ranvier.tabular.outputs import NumberOutputs

if TYPE_CHECKING:
    from ranvier.tabular.model import TableModel


def encoded_rows(model: TableModel, frame: Any, y: Any = None) -> EncodedRows:
    """Encode rows of a table, and their targets where they are known.

    Parameters
    ----------
    model
        The model.
    frame
        A table as for `TableModel.predict`; or one row of it, a pandas series or a
        dict.
    y
        Targets as they stand in a table. None: the table's own column, where it has one
        without gaps.

    Raises
    ------
    ValueError
        As for `TableModel.predict`; or a target is no class that training knew.
    """
    frame = model.reading.apply(named_columns(_table(frame)), target=model.target)
    encoder, outputs = model.encoder, model.outputs
    columns = columns_of(frame)
    if y is None and model.target in columns:
        own = columns[model.target]
        gaps = usable_values(own, model.target, empty=True).missing.any()
        y = None if gaps else own
    rows = EncodedRows(
        X=model.encode(frame).astype(np.float64),
        names=encoder.names,
        sources=encoder.sources,
        Y=None if y is None else outputs.encode(y),
        outputs=outputs.names,
        baseline=encoder.reference_row,
        table=frame,
    )
    if not isinstance(outputs, NumberOutputs):
        return rows
    rows = rows._replace(decoder=outputs.decoder)
    if not outputs.single:
        return rows
    unit, origin = float(outputs.transform.scale[0]), float(outputs.transform.center[0])
    return rows._replace(unit=unit, origin=origin)


def _table(frame: Any) -> Any:
    """Make a table of a row of a pandas frame; others are returned as they are."""
    if hasattr(frame, "to_frame") and hasattr(frame, "index"):
        return frame.to_frame().T
    return frame
