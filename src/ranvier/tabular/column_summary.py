"""How each column of a table was read, in words."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranvier.messages import listed
from ranvier.table.column_encoding import CodeEncoding
from ranvier.table.column_types import Category, Column, Dropped, Number
from ranvier.table.encoder import TableEncoder
from ranvier.tabular.input_embedding import CODE_WIDTH

Array = NDArray[Any]

# Integers with at most this many different values may be codes, which only the user
# can know; with two values it makes no difference.
FEW_VALUES = 20


def column_summary(encoder: TableEncoder) -> dict[str, str]:
    """Say how each column was read, by its name.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"size": [1.5, None, 3.0], "kind": ["a", "b", "a"]})
    >>> for name, summary in column_summary(TableEncoder.fit(table)).items():
    ...     print(f"{name}: {summary}")
    size: number from 1.5 to 3, 1 missing
    kind: category of 2 values, an input for each
    """
    coded = {e.column.name for e in encoder.encodings if isinstance(e, CodeEncoding)}
    return {
        name: _summary(column, name in coded) + _code(encoder.codes.get(name))
        for name, column in encoder.schema.columns.items()
    }


def few_integers(encoder: TableEncoder, column_values: dict[str, Array]) -> list[str]:
    """Name the columns of integers with few different values, which may be codes.

    Parameters
    ----------
    encoder
        Fitted to the table.
    column_values
        What its `column_values` returned for the table.
    """
    found = []
    for name, column in encoder.schema.columns.items():
        if isinstance(column, Number) and name in column_values:
            values = np.unique(column_values[name])
            values = values[~np.isnan(values)]
            whole = (values == np.floor(values)).all()
            if whole and 2 < len(values) <= FEW_VALUES:
                found.append(name)
    return found


def few_integers_notice(names: list[str]) -> str:
    """Say how such columns were read, and how to change it."""
    return (
        f"The few different integers of {listed(names)} are read as numbers: if they "
        "are codes without an order, name their columns in categories=."
    )


def _summary(column: Column, coded: bool) -> str:
    if isinstance(column, Dropped):
        return f"left out: {column.reason}"
    missing = f", {column.missing} missing" if column.missing else ""
    if isinstance(column, Number):
        return f"{_number(column)}{missing}"
    if isinstance(column, Category):
        values = f"{len(column.categories)} values"
        rare = f", {column.pooled} rare ones together" if column.pooled else ""
        inputs = f"{CODE_WIDTH} learned numbers" if coded else "an input"
        return f"category of {values}{rare}, {inputs} for each{missing}"
    names = [column.part_names[k] for k in column.varying]
    parts = [name.removeprefix(f"{column.name}: ") for name in names]
    return f"date by its {', '.join(parts)}{missing}"


def _code(category: Category | None) -> str:
    """Say what the codes of a number are, if it has any."""
    if category is None:
        return ""
    rare = f", {category.pooled} rare ones together" if category.pooled else ""
    codes = f"{len(category.categories)} codes{rare}"
    return f"; also {codes}, {CODE_WIDTH} learnt numbers for each"


def _number(column: Number) -> str:
    if column.scale.sd == 0:
        return f"one number, {column.minimum:g}, or none"
    if column.form == "boolean":
        return "true or false"
    kind = "integer" if column.form == "integer" else "number"
    return f"{kind} from {column.minimum:g} to {column.maximum:g}"
