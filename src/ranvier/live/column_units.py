"""Columns of a network's inputs in the units of the user's table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranvier.table.encoder import TableEncoder

Array = NDArray[Any]


class ColumnUnits:
    """The way back from the encoded matrix to the table.

    Parameters
    ----------
    encoder
        What made the matrix.
    """

    def __init__(self, encoder: TableEncoder) -> None:
        self.encoder = encoder

    @property
    def derived_from(self) -> NDArray[np.int64]:
        """The column that each is derived from, (d,): bins from their number."""
        own = np.arange(len(self.encoder.names))
        return np.maximum.accumulate(np.where(self.encoder.is_bin, -1, own))

    def table(self, X: Array) -> Mapping[str, Array]:
        """Return rows in the columns and units of the table, by the column's name."""
        return self.encoder.inverse_transform(X)
