"""What a user gives for each row: the name of a column, or the values themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ranvier.messages import choose
from ranvier.table.table import Table
from ranvier.table.values import is_missing

ByColumn: TypeAlias = str | Sequence[Any] | NDArray[Any] | None


def values_by_row(table: Table, given: ByColumn, what: str) -> NDArray[Any] | None:
    """Return a value of each row, (n,), None where nothing was given.

    Raises ValueError, which says what was given, for a column that is not there or has
    missing values, and for another number of rows.
    """
    if given is None:
        return None
    if isinstance(given, str):
        if given not in table:
            raise ValueError(
                f"{what}: there is no column {str(given)!r}: "
                f"{choose(given, table.names, 'columns')}"
            )
        values = table.values(given)
        data = values.data
        if values.missing.any():
            raise ValueError(
                f"{what}: the column {given!r} has no value in row "
                f"{int(values.missing.argmax())} (counted from 0): fill it in, or "
                "leave that row out"
            )
        return np.asarray(data).astype(str) if data.dtype == object else data
    try:
        data = np.ma.filled(np.ma.asarray(given).astype(object), None)
    except (TypeError, ValueError):  # lists of different lengths
        data = np.empty(0)
    if data.shape != (len(table),):
        raise ValueError(
            f"{what} must be the name of a column or one value for each of the "
            f"{len(table)} rows, but got {given!r}: give an array of that length"
        )
    missing = np.fromiter(map(is_missing, data), bool, len(data))
    if missing.any():
        raise ValueError(
            f"{what} has no value in row {int(missing.argmax())} (counted from 0): "
            "fill it in, or leave that row out"
        )
    return np.array(data.tolist())


def some_rows(
    values: NDArray[Any] | None, rows: NDArray[np.int64]
) -> NDArray[Any] | None:
    """Return the values of some rows; None of none."""
    return None if values is None else values[rows]


def time_order(
    table: Table, time: ByColumn, rows: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the order in time of some rows, the earliest first; equal ones stay.

    Raises ValueError for a time that is neither dates nor numbers.
    """
    values = values_by_row(table, time, "time")
    if values is None or values.dtype.kind not in "iufM":
        raise ValueError(
            "time holds neither dates nor numbers: give the name of a column of these, "
            "or put the rows into their order and give time_ordered=True"
        )
    return np.argsort(values[rows], kind="stable")
