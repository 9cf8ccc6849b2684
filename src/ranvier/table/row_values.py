"""What a user gives for each row: the name of a column, or the values themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ranvier.table.table import Table

ByColumn: TypeAlias = str | Sequence[Any] | NDArray[Any] | None


def values_by_row(table: Table, given: ByColumn) -> NDArray[Any] | None:
    """Return a value of each row, (n,), None where nothing was given.

    Raises ValueError for a column with missing values, and for another number of rows.
    """
    if given is None:
        return None
    if isinstance(given, str):
        values = table.values(given)
        data = values.data
        if values.missing.any():
            raise ValueError(
                f"the column {given!r} has no value in row "
                f"{int(values.missing.argmax())} (counted from 0): fill it in, or "
                "leave that row out"
            )
        return np.asarray(data).astype(str) if data.dtype == object else data
    data = np.asarray(given)
    if data.shape != (len(table),):
        raise ValueError(
            f"expected one value for each of the {len(table)} rows, but got the shape "
            f"{data.shape}: give the name of a column, or an array of that length"
        )
    return data


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
    values = values_by_row(table, time)
    if values is None or values.dtype.kind not in "iufM":
        raise ValueError(
            "time holds neither dates nor numbers: give the name of a column of these, "
            "or put the rows into their order and give time_ordered=True"
        )
    return np.argsort(values[rows], kind="stable")
