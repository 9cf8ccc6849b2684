"""Which rows are traced, and how many can be."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ranvier.network.network import Network
from ranvier.trace.layer_trace import memory

LARGEST: Final = 256 << 20  # bytes of a trace


def taken_rows(rows: Sequence[int] | None, size: int) -> NDArray[np.intp]:
    """Return the indices of the rows to trace in a table of so many; None: all.

    Raises
    ------
    ValueError
        They are no numbers, or some row is outside the table.
    """
    if rows is None:
        return np.arange(size)
    try:
        taken = np.asarray(rows)
    except ValueError:  # lists of unequal length
        taken = np.zeros(0)
    if taken.ndim != 1 or taken.dtype.kind not in "iu" or not len(taken):
        raise ValueError(
            f"rows must be the numbers of rows, such as [3, 17], but got {rows!r}"
        )
    outside = taken[(taken < 0) | (taken >= size)]
    if len(outside):
        raise ValueError(
            f"row {int(outside[0])} does not exist: rows are numbered 0 to {size - 1:,}"
        )
    return taken.astype(np.intp)


def refuse_too_many(network: Network, rows: int, *, derivatives: bool) -> None:
    """Refuse a trace that would fill the memory, and offer the rows that fit.

    Raises
    ------
    ValueError
        It would take more than `LARGEST`.
    """
    size = memory(network.dense_layers, rows, derivatives=derivatives)
    if size > LARGEST:
        fitting = max(1, LARGEST * rows // size)
        raise ValueError(
            f"a trace of {rows:,} rows would take {size / 1e6:,.0f} MB of memory, and "
            f"at most {LARGEST / 1e6:,.0f} MB are taken: name the rows to look at, for "
            f"example rows=[0, 1, 2] or rows=range({fitting})"
        )
