"""The inputs that a single column becomes: their names, their numbers, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranvier.table.columns import OTHER, Category, Column, Dropped, Number
from ranvier.table.dates import DATE_PARTS, Date
from ranvier.table.table import TableEncoder
from ranvier.table.values import Values, values_of
from ranvier.tabular.normal import NormalScores
from ranvier.tabular.spread import Spread

Array = NDArray[Any]

ONE_HOT = 8  # columns of a category, up to which each is an input of its own

Scale = Spread | NormalScores


def is_coded(column: Column, one_hot: int | None = ONE_HOT) -> bool:
    """Say whether a column is one input, the code of its category.

    It is where it would be more than `one_hot` inputs; None: never.
    """
    if one_hot is None or not isinstance(column, Category):
        return False
    return len(column.names) > one_hot


def used(table: TableEncoder, frame: Any) -> list[tuple[Any, Values]]:
    """Pair each column that is used with its values in a table."""
    given = table.given(frame)
    return [
        (column, values_of(given[column.name]))
        for column in table.columns.values()
        if not isinstance(column, Dropped)
    ]


# ---------------------------------------------------------------- numbers and dates


def number_names(column: Column) -> list[str]:
    """Name the columns of numbers that a column gives."""
    if isinstance(column, Number):
        return [column.name] if column.scale.sd > 0 else []
    if isinstance(column, Date):
        scales = zip(DATE_PARTS, column.scales, strict=True)
        return [f"{column.name}: {part}" for part, scale in scales if scale.sd > 0]
    return []


def numbers(column: Column, values: Values) -> list[tuple[str, Array]]:
    """Give the columns of numbers that a column gives, NaN where missing."""
    names = number_names(column)
    if isinstance(column, Number) and names:
        return [(names[0], column.numbers(values))]
    if isinstance(column, Date):
        parts = zip(column.parts(values), column.scales, strict=True)
        varying = [part for part, scale in parts if scale.sd > 0]
        return list(zip(names, varying, strict=True))
    return []


def missing(column: Number | Date, values: Values) -> Array:
    """Mark the rows without a value."""
    if isinstance(column, Number):
        return np.isnan(column.numbers(values))
    return np.isnan(column.parts(values)[0])


def day(elapsed: float) -> str:
    """Write the day that is so many days from the first of 1970."""
    return str(np.datetime64(round(elapsed), "D"))


# ---------------------------------------------------------------- categories


def marked(column: Category, scaled: bool) -> tuple[str, ...]:
    """Name the marks that are inputs: where they are scaled, one of two is enough."""
    both = len(column.names) == 2
    return column.names[:1] if scaled and both else column.names


def encode(column: Category, values: Values) -> Array:
    """Mark the category of each row with 1, all others with 0."""
    marks = np.empty((len(values.data), len(column.names)))
    column.encode(values, marks)
    return marks


def marks(column: Category, marks: Array, scaled: bool) -> Array:
    """Give marks as inputs, (n, len(marked(column, scaled)))."""
    if not scaled:
        return marks
    told = [spread.scale(marks[:, k]) for k, spread in enumerate(_spreads(column))]
    return np.stack(told, axis=1)


def _spreads(column: Category) -> list[Spread]:
    shares = column.average()[: len(marked(column, scaled=True))]
    return [Spread.of_marks(share) for share in shares]


# ---------------------------------------------------------------- and back


def decode(
    column: Any, block: Array, spreads: Mapping[str, Scale], scaled: bool, coded: bool
) -> Array:
    """Give the values of a column from its inputs; see `Encoding.inverse`."""
    if coded:
        return _of_codes(column, np.rint(block[:, 0]).astype(np.int64))
    if isinstance(column, Category):
        return _of_marks(column, block.astype(np.float64), scaled)
    scale = column.scale if isinstance(column, Number) else column.scales[0]
    Z = np.zeros((len(block), 2))
    if scale.sd > 0:
        first = spreads[number_names(column)[0]]
        Z[:, 0] = scale.standardise(first.restore(block[:, 0].astype(np.float64)))
    if column.missing:
        Z[:, 1] = block[:, -1]
    return np.asarray(column.decode(Z))


def _of_marks(column: Category, block: Array, scaled: bool) -> Array:
    """Give the categories of marks; OTHER where they are those of no category."""
    if scaled:
        told = [
            spread.restore(block[:, k]) for k, spread in enumerate(_spreads(column))
        ]
        block = np.stack(told, axis=1)
        if block.shape[1] < len(column.names):
            block = np.stack([block[:, 0], 1 - block[:, 0]], axis=1)
    unknown = np.isclose(block, column.average(), atol=1e-6).all(axis=1)
    return np.where(unknown, OTHER, column.decode(block))


def _of_codes(column: Category, codes: Array) -> Array:
    """Give the categories of codes; OTHER of 0, which stands for what was not seen."""
    known: list[str | None] = [OTHER, *column.categories]
    known += [OTHER] if column.other else []
    known += [None] if column.missing else []
    return np.asarray(np.array(known, object)[codes.clip(0, len(known) - 1)])
