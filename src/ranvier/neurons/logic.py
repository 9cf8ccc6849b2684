"""Logic by neurons: formulas as networks of threshold units, with weights one can read.

A unit fires, giving 1, when the weighted sum of its inputs reaches its threshold
(McCulloch & Pitts, 1943): "and" of m inputs when all m are 1, "or" when one is. An
input that counts negated has the weight -1. XOR is no single unit, as
`ranvier.neurons.perceptron` proves; it takes two layers: (a or b) and not (a and b).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from itertools import product
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from ranvier.checks import checked_size
from ranvier.messages import choose, listed, plain
from ranvier.network.layers import Dense
from ranvier.network.network import Network
from ranvier.neurons import formula as formulas
from ranvier.neurons.gates import Gate, layered
from ranvier.neurons.truth_table import TruthTable

if TYPE_CHECKING:
    pass

__all__ = [
    "AND",
    "MAJORITY",
    "NAND",
    "NOR",
    "NOT",
    "OR",
    "XOR",
    "Circuit",
    "TruthTable",
    "compile",
]

Bits = NDArray[np.int8]

MOST_VARIABLES: Final = 20  # of a truth table, which has a row for each assignment


def __dir__() -> list[str]:
    return sorted(__all__)


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
        """Give what the formula is for one assignment, or for rows of them.

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
        table = np.asarray(values)
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
            return np.asarray(rows)
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

        Raises
        ------
        ValueError
            There are more than 20 variables.
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


def compile(formula: str) -> Circuit:
    """Turn a formula of logic into a network of threshold units, exact for every input.

    Parameters
    ----------
    formula
        Names, ``true``, ``false``, brackets, and ``not and or xor`` or the signs
        ``~ & | ^ -> <->``, with Python's precedence; names in any script.

    Returns
    -------
    Circuit
        Callable; with ``network``, ``truth_table()``, and ``gates``.

    Raises
    ------
    ValueError
        It is no formula (the message points at the place), or it has no variable.

    Examples
    --------
    >>> from ranvier.neurons import logic
    >>> circuit = logic.compile("(a and not b) or c")
    >>> circuit(True, False, False)
    True
    >>> circuit.network.layers[-1].W.tolist(), circuit.network.layers[-1].b.tolist()
    ([[1.0], [1.0]], [-0.5])
    """
    parsed = formulas.parse(formula)
    names = formulas.variables(parsed)
    if not names:
        raise ValueError(
            f"{formula!r} has no variable, so a network of it would have no input: "
            "name at least one"
        )
    return Circuit(formula, names, layered(parsed, names))


def AND(inputs: int = 2) -> Circuit:  # noqa: N802 - gates are written in capitals
    """Give the unit that fires when all inputs are 1.

    Examples
    --------
    >>> from ranvier.neurons import logic
    >>> logic.AND(3).network.layers[0].b.tolist()
    [-2.5]
    """
    return _joined("AND", " and ", inputs)


def OR(inputs: int = 2) -> Circuit:  # noqa: N802
    """Give the unit that fires when at least one input is 1."""
    return _joined("OR", " or ", inputs)


def NOT() -> Circuit:  # noqa: N802
    """Give the unit that fires when its input is 0."""
    return _gate("NOT", ["x0"], -1, 0.5)


def NAND(inputs: int = 2) -> Circuit:  # noqa: N802
    """Give the unit that fires unless all inputs are 1."""
    names = _inputs("NAND", inputs)
    return _gate("NAND", names, -1, len(names) - 0.5)


def NOR(inputs: int = 2) -> Circuit:  # noqa: N802
    """Give the unit that fires when all inputs are 0."""
    return _gate("NOR", _inputs("NOR", inputs), -1, 0.5)


def MAJORITY(inputs: int = 3) -> Circuit:  # noqa: N802
    """Give the unit that fires when more than half of its inputs are 1."""
    names = _inputs("MAJORITY", inputs)
    return _gate("MAJORITY", names, 1, -(len(names) // 2) - 0.5)


def XOR(inputs: int = 2) -> Circuit:  # noqa: N802
    """Give the network that fires when an odd number of its inputs is 1.

    One unit cannot do it; two layers can, for two inputs.
    """
    return _joined("XOR", " xor ", inputs)


def _joined(name: str, operator: str, inputs: int) -> Circuit:
    circuit = compile(operator.join(_inputs(name, inputs)))
    return Circuit(f"{name}({inputs})", circuit.variables, circuit.gates)


def _gate(name: str, names: list[str], weight: int, bias: float) -> Circuit:
    """Make a circuit of one unit that weighs all its inputs alike."""
    told = f"{name}({', '.join(names)})"
    weights = dict.fromkeys(range(len(names)), weight)
    return Circuit(told, names, [[Gate(name, told, weights, bias)]])


def _inputs(name: str, inputs: int) -> list[str]:
    return [f"x{i}" for i in range(checked_size(f"the inputs of {name}", inputs))]
