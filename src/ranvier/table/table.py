"""A table of any library, each of whose columns is read at most once."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranvier.table.frames import (
    column_of,
    columns_of,
    named_columns,
    take_rows,
)
from ranvier.table.values import Values, values_of


class Table:
    """A table whose columns are read when they are first needed, and kept.

    Parameters
    ----------
    frame
        A pandas, polars or Arrow table, or `Columns`.

    Raises
    ------
    ValueError
        It is no table, or has a column name twice.

    Notes
    -----
    The values stay in memory as long as the table object, so make one for a fit or a
    prediction and let it go with it.

    Examples
    --------
    >>> import polars
    >>> table = Table.of(polars.DataFrame({"x": [1.0, 2.0], "y": ["a", None]}))
    >>> table.names, len(table), table.values("y").missing.tolist()
    (('x', 'y'), 2, [False, True])
    """

    def __init__(self, frame: Any) -> None:
        self.frame = named_columns(frame)
        self._columns = columns_of(self.frame)
        self._values: dict[str, Values] = {}

    @classmethod
    def of(cls, frame: Any) -> Table:
        """Return a `Table` as it is, and any other table as a new one."""
        return frame if isinstance(frame, Table) else cls(frame)

    def __len__(self) -> int:
        return len(self.frame)

    def __contains__(self, name: str) -> bool:
        return name in self._columns

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(self._columns)

    def require(self, name: str) -> None:
        """Raise ValueError, with the nearest name, if there is no such column."""
        column_of(self._columns, name)

    def values(self, name: str) -> Values:
        """Return the values of a column, read on the first call."""
        if name not in self._values:
            self._values[name] = values_of(column_of(self._columns, name))
        return self._values[name]

    def take(self, rows: NDArray[np.int64]) -> Table:
        """Return some rows as a table, with the values that were read already.

        Parameters
        ----------
        rows
            Row numbers from 0, in any order.

        Returns
        -------
        Table
            The table itself if these are all of its rows in their order.
        """
        if np.array_equal(rows, np.arange(len(self))):
            return self
        taken = Table(take_rows(self.frame, rows))
        # A column of Python objects of several types may be of one type in some rows.
        taken._values = {
            name: values.take(rows)
            for name, values in self._values.items()
            if not values.mixed
        }
        return taken
