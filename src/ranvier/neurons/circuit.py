"""A formula of logic as a network of threshold units that can be called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from itertools import product
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ranvier.messages import choose, listed, plain
from ranvier.network.layers import Dense
from ranvier.network.network import Network
from ranvier.neurons.gates import Gate
from ranvier.neurons.truth_table import TruthTable

MOST_VARIABLES: Final = 20  # of a truth table, which has a row for each assignment


class Circuit:
    """A formula as a network of threshold units; `compile` makes one.

    Attributes
    ----------
    formula : str
        As it was given.
    variables : tuple of str
        The inputs of the network, in the order in which the formula names them.
    network : Network
        Its units have the activation step; its weights are whole, its biases end in .5.
    gates : tuple of tuple of Gate
        Of each layer, what each unit stands for: ``gates[0][2].formula``.

    Examples
    --------
    >>> from ranvier.neurons import logic
    >>> circuit = logic.compile("a and not b")
    >>> circuit.variables, circuit(True, False)
    (('a', 'b'), True)
    """

    def __init__(
        self,
        formula: str,
        variables: Sequence[str],
        gates: Sequence[Sequence[Gate]],
    ) -> None:
        self.formula = formula
        self.variables = tuple(variables)
        self.gates = tuple(map(tuple, gates))
        d_in = len(self.variables)
        layers = []
        for units in self.gates:
            W, b = np.zeros((d_in, len(units))), np.zeros(len(units))
            for unit, gate in enumerate(units):
                for place, weight in gate.weights.items():
                    W[place, unit] = weight
                b[unit] = gate.bias
            layers.append(Dense(len(units), "step", W=W, b=b))
            d_in = len(units)
        self.network = Network(len(self.variables), layers)

    def __call__(self, *values: Any, **named: Any) -> Any:
        """Return what the formula is for one assignment, or for rows of them.

        Parameters
        ----------
        *values
            A truth for each variable, in order; or a table of 0 and 1, (n, variables):
            an array or a list by the order of its columns, a frame of pandas, polars or
            Arrow by their names, with others left aside.
        **named
            Truths by the names of the variables, instead.

        Returns
        -------
        bool, or ndarray of shape (n,) of bool for a table

        Raises
        ------
        ValueError
            Values are missing or too many, unknown, or neither true nor false.

        Examples
        --------
        >>> from ranvier.neurons import logic
        >>> implies = logic.compile("rain -> wet")
        >>> implies(True, False), implies(rain=0, wet=0)
        (False, True)
        """
        if named:
            values = (self._in_order(named, values),)
        table = _array(values)
        if len(values) == 1 and np.ndim(values[0]) > 0:
            table = self._table(values[0])
        rows = np.atleast_2d(table)
        if rows.ndim != 2 or rows.shape[1] != len(self.variables):
            raise ValueError(
                f"got the shape {table.shape}, but the formula has the "
                f"{len(self.variables)} variables {listed(self.variables)}: give a "
                "truth for each, or rows of them"
            )
        if rows.dtype.kind not in "buifO" or not np.isin(rows, (0, 1)).all():
            raise ValueError(
                "a variable is true or false, so give True and False or 1 and 0"
            )
        fires = self.network(rows.astype(np.float32))[:, 0] == 1
        return fires if table.ndim == 2 else bool(fires[0])

    def _table(self, rows: Any) -> NDArray[Any]:
        """Return rows in the order of the variables; a frame is read by its columns."""
        if not hasattr(rows, "columns") and not hasattr(rows, "column_names"):
            return _array(rows)
        import narwhals as nw

        frame = nw.from_native(rows, eager_only=True)
        columns = {str(name): frame[name].to_numpy() for name in frame.columns}
        missing = [name for name in self.variables if name not in columns]
        if missing:
            raise ValueError(
                f"the frame has no column {listed(missing)}, but the formula has the "
                f"variables {listed(self.variables)}: "
                f"{choose(missing[0], columns, 'columns')}"
            )
        return np.column_stack([columns[name] for name in self.variables])

    def _in_order(self, named: Mapping[str, Any], values: Sequence[Any]) -> list[Any]:
        if values:
            raise ValueError("give the truths in order or by name, not both")
        for name in named:
            if name not in self.variables:
                raise ValueError(
                    f"the formula has no variable {name!r}: "
                    f"{choose(name, self.variables, 'variables')}"
                )
        missing = [name for name in self.variables if name not in named]
        if missing:
            raise ValueError(f"{listed(missing)} is missing: give a truth for each")
        return [named[name] for name in self.variables]

    def truth_table(self) -> TruthTable:
        """Run every assignment through the network.

        Returns
        -------
        TruthTable
            A row for each assignment, in counting order.

        Raises
        ------
        ValueError
            There are more than 20 variables.

        Examples
        --------
        >>> from ranvier.neurons import logic
        >>> logic.compile("a or b").truth_table().values.tolist()
        [0, 1, 1, 1]
        """
        n = len(self.variables)
        if n > MOST_VARIABLES:
            raise ValueError(
                f"the truth table of {n} variables has {2**n:,} rows; at most "
                f"{MOST_VARIABLES} variables are tabulated: call the circuit with the "
                "rows you want"
            )
        table = np.array(list(product((0, 1), repeat=n)), np.int8).reshape(-1, n)
        return TruthTable(
            self.variables, table, self(table).astype(np.int8), self.formula
        )

    def __str__(self) -> str:
        lines = [f"{plain(self.formula)} as {self.network!r}"]
        below: Sequence[str] = tuple(map(plain, self.variables))
        for number, units in enumerate(self.gates, 1):
            lines.append(f"layer {number}")
            for unit, gate in enumerate(units):
                told = f"{gate.kind} of {gate.rule(below)}"
                lines.append(f"  unit {unit}: {plain(gate.formula)}    ({told})")
            below = tuple(f"unit {unit}" for unit in range(len(units)))
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>{self.network._repr_html_()}"


def _array(values: Any) -> NDArray[Any]:
    try:
        return np.asarray(values)
    except ValueError:
        raise ValueError(
            "a variable is true or false, so give a truth for each variable, or rows "
            f"of equal length, but got {values!r}"
        ) from None
