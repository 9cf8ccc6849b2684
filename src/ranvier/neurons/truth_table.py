"""The truth table of a circuit: every assignment of its variables, and the value."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ranvier.messages import plain

if TYPE_CHECKING:
    import pandas as pd

Bits = NDArray[np.int8]


@dataclass(frozen=True, eq=False)
class TruthTable:
    """What a circuit gives for every assignment of its variables.

    Attributes
    ----------
    variables : tuple of str
        The columns of ``assignments``.
    assignments : ndarray of shape (2^n, n)
        0 and 1, in counting order.
    values : ndarray of shape (2^n,)
        What the circuit gives, 0 or 1.
    name : str
        What the last column is called.

    Examples
    --------
    >>> from ranvier.neurons import logic
    >>> print(logic.compile("rain -> wet").truth_table())
    rain  wet  rain -> wet
       0    0            1
       0    1            1
       1    0            0
       1    1            1
    """

    variables: tuple[str, ...]
    assignments: Bits
    values: Bits
    name: str

    def to_frame(self) -> pd.DataFrame:
        """Return the table as a pandas frame.

        Returns
        -------
        pandas.DataFrame
            A column for each variable and one for the value, all 0 or 1.

        Raises
        ------
        ImportError
            pandas is not installed.

        Examples
        --------
        >>> from ranvier.neurons import logic
        >>> logic.AND().truth_table().to_frame()["AND(2)"].tolist()
        [0, 0, 0, 1]
        """
        import pandas as pd

        columns = [*self.variables, self.name]
        table = np.column_stack([self.assignments, self.values])
        return pd.DataFrame(table, columns=columns)

    def __str__(self) -> str:
        head = "  ".join([*map(plain, self.variables), plain(self.name)])
        widths = [len(plain(name)) for name in (*self.variables, self.name)]
        rows = np.column_stack([self.assignments, self.values]).tolist()
        lines = [
            "  ".join(f"{bit:>{width}}" for bit, width in zip(row, widths, strict=True))
            for row in rows
        ]
        return "\n".join([head, *lines])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        cells = "".join(f"<th>{escape(name)}</th>" for name in self.variables)
        head = f"<tr>{cells}<th>{escape(self.name)}</th></tr>"
        rows = np.column_stack([self.assignments, self.values]).tolist()
        body = "".join(
            f"<tr>{''.join(f'<td>{bit}</td>' for bit in row)}</tr>" for row in rows
        )
        return f"<table>{head}{body}</table>"
