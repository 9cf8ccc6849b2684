"""Logic by neurons: formulas as networks of threshold units, with weights one can read.

A unit fires, giving 1, when the weighted sum of its inputs reaches its threshold
(McCulloch & Pitts, 1943): "and" of m inputs when all m are 1, "or" when one is. An
input that counts negated has the weight -1. XOR is no single unit, as
`ranvier.neurons.perceptron` proves; it takes two layers: (a or b) and not (a and b).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ranvier.checks import checked_size
from ranvier.neurons import formula as formulas
from ranvier.neurons.circuit import Circuit
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


def __dir__() -> list[str]:
    return sorted(__all__)


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
    """Return the unit that fires when all inputs are 1.

    Parameters
    ----------
    inputs
        How many inputs, x0, x1, ...: a whole number of at least 1.

    Returns
    -------
    Circuit
        Callable with a truth for each input.

    Raises
    ------
    ValueError
        `inputs` is no whole number of at least 1.

    Examples
    --------
    >>> from ranvier.neurons import logic
    >>> logic.AND(3).network.layers[0].b.tolist()
    [-2.5]
    """
    return _joined("AND", " and ", inputs)


def OR(inputs: int = 2) -> Circuit:  # noqa: N802
    """Return the unit that fires when at least one input is 1.

    Parameters
    ----------
    inputs
        How many inputs, x0, x1, ...: a whole number of at least 1.

    Returns
    -------
    Circuit
        Callable with a truth for each input.

    Raises
    ------
    ValueError
        `inputs` is no whole number of at least 1.

    Examples
    --------
    >>> from ranvier.neurons import logic
    >>> logic.OR()(False, True)
    True
    """
    return _joined("OR", " or ", inputs)


def NOT() -> Circuit:  # noqa: N802
    """Return the unit that fires when its input is 0.

    Returns
    -------
    Circuit
        Callable with one truth.

    Examples
    --------
    >>> from ranvier.neurons import logic
    >>> logic.NOT()(False)
    True
    """
    return _gate("NOT", ["x0"], -1, 0.5)


def NAND(inputs: int = 2) -> Circuit:  # noqa: N802
    """Return the unit that fires unless all inputs are 1.

    Parameters
    ----------
    inputs
        How many inputs, x0, x1, ...: a whole number of at least 1.

    Returns
    -------
    Circuit
        Callable with a truth for each input.

    Raises
    ------
    ValueError
        `inputs` is no whole number of at least 1.

    Examples
    --------
    >>> from ranvier.neurons import logic
    >>> logic.NAND()(True, True)
    False
    """
    names = _inputs("NAND", inputs)
    return _gate("NAND", names, -1, len(names) - 0.5)


def NOR(inputs: int = 2) -> Circuit:  # noqa: N802
    """Return the unit that fires when all inputs are 0.

    Parameters
    ----------
    inputs
        How many inputs, x0, x1, ...: a whole number of at least 1.

    Returns
    -------
    Circuit
        Callable with a truth for each input.

    Raises
    ------
    ValueError
        `inputs` is no whole number of at least 1.

    Examples
    --------
    >>> from ranvier.neurons import logic
    >>> logic.NOR()(False, False)
    True
    """
    return _gate("NOR", _inputs("NOR", inputs), -1, 0.5)


def MAJORITY(inputs: int = 3) -> Circuit:  # noqa: N802
    """Return the unit that fires when more than half of its inputs are 1.

    Parameters
    ----------
    inputs
        How many inputs, x0, x1, ...: a whole number of at least 1.

    Returns
    -------
    Circuit
        Callable with a truth for each input.

    Raises
    ------
    ValueError
        `inputs` is no whole number of at least 1.

    Examples
    --------
    >>> from ranvier.neurons import logic
    >>> logic.MAJORITY()(True, False, True)
    True
    """
    names = _inputs("MAJORITY", inputs)
    return _gate("MAJORITY", names, 1, -(len(names) // 2) - 0.5)


def XOR(inputs: int = 2) -> Circuit:  # noqa: N802
    """Return the network that fires when an odd number of its inputs is 1.

    One unit cannot do it; two layers can, for two inputs.

    Parameters
    ----------
    inputs
        How many inputs, x0, x1, ...: a whole number of at least 1.

    Returns
    -------
    Circuit
        Callable with a truth for each input.

    Raises
    ------
    ValueError
        `inputs` is no whole number of at least 1.

    Examples
    --------
    >>> from ranvier.neurons import logic
    >>> logic.XOR(3)(True, True, True)
    True
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
