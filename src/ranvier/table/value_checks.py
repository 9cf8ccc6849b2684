"""Columns whose values cannot be used are refused, each in a sentence."""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from ranvier.table.values import Values, values_of


def refuse_infinite(numbers: NDArray[np.float64], name: str) -> None:
    """Raise for infinite numbers: which column, how many, the first row."""
    infinite = np.isinf(numbers)
    if infinite.any():
        raise ValueError(
            f"column {name!r} holds {np.count_nonzero(infinite)} infinite value(s), "
            f"the first in row {int(infinite.argmax())} (counted from 0): replace them "
            "by numbers or leave those cells empty"
        )


def usable_values(column: Any, name: str, empty: bool = False) -> Values:
    """Read a target column: numbers or texts, and only if allowed nothing at all."""
    values = values_of(column)
    if values.kind in {"number", "text"} or (empty and values.kind == "empty"):
        return values
    if values.kind == "empty":
        raise ValueError(f"the target {name!r} has no values: choose another column")
    found = "dates" if values.kind == "date" else values.found
    raise ValueError(
        f"the target {name!r} holds {found}, which cannot be predicted: choose a "
        "column of numbers, texts or truths"
    )


def refuse(name: str, values: Values, expected: str) -> NoReturn:
    """Raise for a column of another kind than expected: its first value and row."""
    row = int((~values.missing).argmax())
    given = values.found or repr(str(values.data[row]))
    raise ValueError(
        f"column {name!r} should hold {expected}, but row {row} (counted from 0) holds "
        f"{given}: give a column of the same kind as in training"
    )
