"""Columns of a network's inputs in the units of the user's table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ranvier.table.encoder import TableEncoder

Array = NDArray[Any]

# Scaled numbers stay within (-3, 3), where infinity lies: show ranges up to this.
EDGE: Final = 2.99


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

    def of(self, column: int, values: Array) -> Array | None:
        """Return values of a column in the units of the table; None if it has none."""
        encoder = self.encoder
        is_whole = encoder.names[column] == encoder.sources[column]
        if column not in encoder.numeric_columns or not is_whole:
            return None
        scaler = encoder.numeric_columns[column].scaler
        return scaler.inverse_transform(
            np.clip(np.asarray(values, np.float64), -EDGE, EDGE)
        )

    def complete(self, X: Array) -> None:
        """Set the columns of bins from the numbers that they are derived from."""
        if self.encoder.numeric != "bins":
            return
        for column, part in self.encoder.numeric_columns.items():
            own = slice(column + 1, column + 1 + len(part.bins))
            X[:, own] = part.bins.transform(X[:, column].astype(np.float64))
