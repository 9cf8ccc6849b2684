"""Numbers such as <0.05: beside the number a column that says that it is a bound."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from ranvier.reading.columns import ColumnReading
from ranvier.table.numbers import NUMBER, plain
from ranvier.table.values import values_of


def bound_name(name: str) -> str:
    """Name the column that says which numbers of a column are bounds."""
    return f"{name} is a bound"


def are_bounds(column: Any) -> NDArray[np.bool_]:
    """Say which texts of a column are bounds, (n,); of other values none is."""
    values = values_of(column)
    n = len(values.data)
    if values.kind != "text" or values.declared:
        return np.zeros(n, bool)
    found = {text: _is_bound(text) for text in set(values.data.tolist())}
    return np.fromiter((found[text] for text in values.data), bool, n)


def bound_columns(
    columns: dict[str, ColumnReading], given: dict[str, Any], known: Collection[str]
) -> dict[str, Any]:
    """Return the columns of bounds by their names, for columns that had them.

    Parameters
    ----------
    columns
        How each column is read.
    given
        The columns before they are read.
    known
        Columns that have been read before, and have theirs beside them.
    """
    return {
        bound_name(name): _series(are_bounds(given[name]), given[name])
        for name, column in columns.items()
        if column.bounds and name in given and name not in known
    }


def _is_bound(text: str | None) -> bool:
    if text is None or not any(sign in text for sign in "<>≤≥"):
        return False
    match = NUMBER.fullmatch(plain(text))
    return match is not None and match["bound"] is not None


def _series(flags: NDArray[np.bool_], like: Any) -> Any:
    """Return truths as a column of the library that another column is of."""
    if not isinstance(like, nw.Series):
        return flags
    return nw.Series.from_numpy("", flags, backend=like.implementation).to_native()
