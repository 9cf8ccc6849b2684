"""Rows that say the same -> one row with their weight."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


class Merged(NamedTuple):
    """Numbers of rows, all different, in an order that the table's has no part in.

    ``weights`` of those rows; None where all are 1. ``place`` of each row of the table
    among them.
    """

    rows: NDArray[np.int64]
    weights: NDArray[np.float64] | None
    place: NDArray[np.int64]

    @property
    def copies(self) -> NDArray[np.int64]:
        """How many rows of the table each row stands for."""
        return np.bincount(self.place, minlength=len(self.rows))


def merge(X: Array, Y: Array, weights: Array | None) -> Merged:
    """Find the rows of (X, Y) that are equal in every bit.

    So a row of weight 2 counts exactly as two equal rows do, a row never lies on both
    sides of a split, and a fit does not depend on the order of the rows.
    """
    n = len(X)
    Y = Y.reshape(n, -1)
    parts = [
        np.ascontiguousarray(part).view(np.uint8).reshape(n, -1) for part in (X, Y)
    ]
    table = np.ascontiguousarray(np.hstack(parts))
    keys = table.view([("", np.void, table.shape[1])]).reshape(n)
    _, rows, place = np.unique(keys, return_index=True, return_inverse=True)
    given = np.ones(n) if weights is None else weights
    total = np.bincount(place, given, minlength=len(rows)).astype(np.float64)
    return Merged(rows, None if (total == 1).all() else total, place.reshape(n))
