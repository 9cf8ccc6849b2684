"""Rosenblatt's perceptron: one neuron that learns if a line can do it, or a proof.

For each row whose class is wrong the weights move by the row: w += y x, b += y, with
y = 1 or -1 (Rosenblatt, 1958). If a line separates the classes, this ends after at most
(R / gamma)^2 moves (Novikoff, 1962); if none does, it never ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranvier.network.array_inputs import as_matrix, check_has_rows
from ranvier.neurons.neuron import Neuron
from ranvier.trace.formulas import number

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Inseparable:
    """The proof that no line (plane, ...) has two classes on its two sides.

    A mixture of rows of the one class is a mixture of rows of the other. Whatever
    w . x + b is at that point, it is the same mixture of values above 0 and of values
    below 0: a contradiction.

    Attributes
    ----------
    point : ndarray of shape (d,)
        The common point.
    rows, shares : tuple of two ndarray
        For each class, rows of X and the shares in which they mix to the point.
    message : str
        What the solver said of the linear program y (w . x + b) >= 1.
    """

    point: Array
    rows: tuple[NDArray[np.intp], NDArray[np.intp]]
    shares: tuple[Array, Array]
    X: Array
    classes: tuple[Any, Any]
    message: str

    def check(self) -> float:
        """Compute the point from both sides anew, and give their largest distance."""
        one, other = (
            share @ self.X[rows]
            for rows, share in zip(self.rows, self.shares, strict=True)
        )
        return float(np.abs(one - other).max())

    def __str__(self) -> str:
        mixtures = [
            f"of class {label}: "
            + " + ".join(
                f"{number(share)} x {_point(self.X[row])}"
                for row, share in zip(rows, shares, strict=True)
            )
            for label, rows, shares in zip(
                self.classes, self.rows, self.shares, strict=True
            )
        ]
        return (
            "No line separates the classes: the point "
            f"{_point(self.point)} is a mixture\n  {mixtures[0]}\n  {mixtures[1]}\n"
            "so no w . x + b can be above 0 on the one class and below 0 on the other."
        )


@dataclass(frozen=True, eq=False)
class Perceptron:
    """What `perceptron` found.

    Attributes
    ----------
    neuron : Neuron
        With the activation step: 1 for the second class.
    classes : tuple of two
        The two values of y, sorted.
    converged : bool
        Whether every row ended on its side.
    epochs : int
        Passes over the rows.
    moves : int
        How often the weights moved: the convergence count.
    mistakes : tuple of int
        Wrong rows in each epoch.
    separable : bool
        Whether some line separates the classes.
    proof : Inseparable or None
        Why none does.
    """

    neuron: Neuron
    classes: tuple[Any, Any]
    converged: bool
    epochs: int
    moves: int
    mistakes: tuple[int, ...]
    separable: bool
    proof: Inseparable | None

    def predict(self, X: Any) -> NDArray[Any]:
        """Give the class of each row, (n,)."""
        fires = np.atleast_1d(self.neuron(X)).astype(np.intp)
        return np.asarray(self.classes)[fires]

    def __str__(self) -> str:
        count = f"{self.moves} move{'s' * (self.moves != 1)} in {_epochs(self.epochs)}"
        if self.converged:
            return f"The perceptron converged after {count}: {self.neuron!r}"
        told = f"The perceptron did not converge: {count}, and rows are still wrong."
        if self.proof is not None:
            return f"{told}\n{self.proof}"
        return (
            f"{told}\nA line does separate the classes, as a linear program shows: "
            "give it more epochs, or scale the columns alike."
        )

    __repr__ = __str__


def perceptron(X: Any, y: Any, *, epochs: int = 1000) -> Perceptron:
    """Train one neuron by Rosenblatt's rule; where no line can do it, prove that.

    Parameters
    ----------
    X
        Numbers (n, d), as for `Network`.
    y
        Two classes, (n,), of any kind.
    epochs
        How often the rows are gone through, in their order, before it gives up.

    Returns
    -------
    Perceptron
        The neuron, the count of moves, and whether (and why not) a line exists.

    Raises
    ------
    ValueError
        X does not fit, or y does not hold two classes.

    Notes
    -----
    Whether a line exists is decided by a linear program (scipy), not by patience.

    Examples
    --------
    >>> corners = [[0, 0], [0, 1], [1, 0], [1, 1]]
    >>> perceptron(corners, [0, 1, 1, 1]).converged
    True
    >>> print(perceptron(corners, [0, 1, 1, 0]).proof)
    No line separates the classes: the point (0.5, 0.5) is a mixture
      of class 0: 0.5 x (0, 0) + 0.5 x (1, 1)
      of class 1: 0.5 x (0, 1) + 0.5 x (1, 0)
    so no w . x + b can be above 0 on the one class and below 0 on the other.
    """
    if epochs < 1:
        raise ValueError(f"epochs must be at least 1, but got {epochs!r}")
    matrix, names = as_matrix(X, np.float64)
    check_has_rows(matrix, "X")
    classes, signs = _signs(y, len(matrix))
    w, b, mistakes = _rosenblatt(matrix, signs, epochs)
    converged = mistakes[-1] == 0
    proof = None if converged else _proof(matrix, signs, classes)
    return Perceptron(
        Neuron(w, b, "step", names=names),
        classes,
        converged,
        len(mistakes),
        sum(mistakes),
        tuple(mistakes),
        proof is None,
        proof,
    )


def _rosenblatt(X: Array, signs: Array, epochs: int) -> tuple[Array, float, list[int]]:
    w, b, mistakes = np.zeros(X.shape[1]), 0.0, []
    for _ in range(epochs):
        wrong = 0
        for x, y in zip(X, signs, strict=True):
            # The neuron fires at z >= 0, so z = 0 is on the second class's side.
            if (w @ x + b >= 0) != (y > 0):
                w, b, wrong = w + y * x, b + y, wrong + 1
        mistakes.append(wrong)
        if not wrong:
            break
    return w, float(b), mistakes


def _signs(y: Any, rows: int) -> tuple[tuple[Any, Any], Array]:
    """Give the two classes, and -1 or 1 for each row."""
    labels = np.asarray(y).reshape(-1)
    if len(labels) != rows:
        raise ValueError(
            f"y has {len(labels)} values, but X has {rows} rows: give one for each row"
        )
    known, place = np.unique(labels, return_inverse=True)
    if len(known) != 2:
        raise ValueError(
            f"y holds {len(known)} class(es), {known[:5].tolist()}, but a perceptron "
            "tells two apart: give two"
        )
    first, second = known.tolist()
    return (first, second), np.where(place == 1, 1.0, -1.0)


def _proof(X: Array, signs: Array, classes: tuple[Any, Any]) -> Inseparable | None:
    """Decide by linear programs whether a line exists; if none does, say why."""
    from scipy.optimize import linprog

    n, d = X.shape
    # y (w . x + b) >= 1 for all rows, any w and b
    rows = signs[:, None] * np.column_stack([X, np.ones(n)])
    free = [(None, None)]
    line = linprog(np.zeros(d + 1), -rows, -np.ones(n), bounds=free * (d + 1))
    if line.status != 2:  # 2: infeasible
        return None
    # By Farkas' lemma there are shares >= 0 that mix both classes to one point.
    sides = np.column_stack([signs < 0, signs > 0]).T.astype(float)
    equations = np.vstack([rows[:, :-1].T, sides])
    mixed = linprog(
        np.zeros(n), A_eq=equations, b_eq=np.r_[np.zeros(d), 1, 1], method="highs-ds"
    )
    found = [np.flatnonzero((signs == side) & (mixed.x > 1e-12)) for side in (-1, 1)]
    shares = [mixed.x[place] for place in found]
    return Inseparable(
        shares[0] @ X[found[0]],
        (found[0], found[1]),
        (shares[0], shares[1]),
        X,
        classes,
        str(line.message),
    )


def _point(x: Array) -> str:
    return f"({', '.join(number(value) for value in x)})"


def _epochs(count: int) -> str:
    return f"{count:,} epoch{'s' * (count != 1)}"
