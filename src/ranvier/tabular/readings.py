"""How each column of a table was read, in words."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranvier.messages import listed
from ranvier.table.columns import Category, Column, Dropped, Number
from ranvier.tabular.encoding import WIDTH, Encoding
from ranvier.tabular.inputs import is_coded, number_names

Array = NDArray[Any]

# Whole numbers of at most so many different values may be codes, which only the user
# can know; of two values it makes no difference.
FEW_VALUES = 20


def readings(encoding: Encoding) -> dict[str, str]:
    """Say how each column was read, by its name.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"size": [1.5, None, 3.0], "kind": ["a", "b", "a"]})
    >>> for name, told in readings(Encoding.fit(table)).items():
    ...     print(f"{name}: {told}")
    size: number from 1.5 to 3, 1 missing
    kind: category of 2 values, an input for each
    """
    return {name: _reading(column) for name, column in encoding.table.columns.items()}


def counted(encoding: Encoding, single: dict[str, Array]) -> list[str]:
    """Name the columns of whole numbers that have few different values.

    Parameters
    ----------
    encoding
        What each column is.
    single
        The (n,) numbers of each column, NaN where missing.
    """
    found = []
    for name, column in encoding.table.columns.items():
        if isinstance(column, Number) and name in single:
            values = np.unique(single[name])
            values = values[~np.isnan(values)]
            whole = (values == np.floor(values)).all()
            if whole and 2 < len(values) <= FEW_VALUES:
                found.append(name)
    return found


def notice(names: list[str]) -> str:
    """Say what it means."""
    return (
        f"The few different whole numbers of {listed(names)} are read as numbers: if "
        "they are codes without an order, name their columns in categories=."
    )


def _reading(column: Column) -> str:
    if isinstance(column, Dropped):
        return f"left out: {column.reason}"
    missing = f", {column.missing} missing" if column.missing else ""
    if isinstance(column, Number):
        return f"{_number(column)}{missing}"
    if isinstance(column, Category):
        values, inputs = len(column.categories), "an input for each"
        if is_coded(column):
            inputs = f"{WIDTH} learnt numbers for each"
        rare = f", {column.pooled} rare ones together" if column.pooled else ""
        return f"category of {values} values{rare}, {inputs}{missing}"
    parts = [name.removeprefix(f"{column.name}: ") for name in number_names(column)]
    return f"date by its {', '.join(parts)}{missing}"


def _number(column: Number) -> str:
    if column.scale.sd == 0:
        return f"one number, {column.minimum:g}, or none"
    if column.form == "boolean":
        return "true or false"
    whole = "whole number" if column.form == "integer" else "number"
    return f"{whole} from {column.minimum:g} to {column.maximum:g}"
