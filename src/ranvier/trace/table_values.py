"""What the user's table holds in the rows of a trace, in words."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ranvier.inspectable import EncodedRows
from ranvier.table.frames import columns_of
from ranvier.table.values import is_missing
from ranvier.trace.formulas import number

LONGEST: Final = 40  # letters of a value


def values_of(
    encoded: EncodedRows, rows: NDArray[np.intp]
) -> dict[str, tuple[str, ...]]:
    """Return the values of some rows by the columns that inputs were made from.

    Returns
    -------
    dict of str to tuple of str
        Empty where the network sees the table as it is.
    """
    if encoded.table is None:
        return {}
    columns = columns_of(encoded.table)
    return {
        source: tuple(shortened(text(value)) for value in columns[source][rows])
        for source in dict.fromkeys(encoded.sources)
    }


def text(value: Any) -> str:
    """Write a value of a table for the eye.

    Examples
    --------
    >>> text(39.10000001), text("Adelie"), text(float("nan"))
    ('39.1', 'Adelie', '(missing)')
    """
    if is_missing(value) or value != value:  # NaT, in a column of dates
        return "(missing)"
    return (
        number(float(value)) if isinstance(value, float | np.floating) else str(value)
    )


def shortened(told: str) -> str:
    """Cut a long value off."""
    return told if len(told) <= LONGEST else f"{told[: LONGEST - 3]}..."
