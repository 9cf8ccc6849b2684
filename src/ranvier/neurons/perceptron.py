"""Rosenblatt's perceptron: one neuron that learns if a line can do it, or a proof.

For each row whose class is wrong the weights move by the row: w += y x, b += y, with
y = 1 or -1 (Rosenblatt, 1958). If a line separates the classes, this ends after at most
(R / gamma)^2 moves (Novikoff, 1962); if none does, it never ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranvier.checks import checked_int
from ranvier.network.array_inputs import as_matrix, check_has_rows
from ranvier.neurons.neuron import Neuron
from ranvier.neurons.separability import Line, Mixture, decide, exact, separates
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
        The common point, rounded to floats.
    rows : tuple of two ndarray
        For each class, the rows of X that mix to the point.
    shares : tuple of two ndarray
        For each class, the fraction of each of its rows in the mixture, rounded to
        floats.
    mixture : Mixture
        Rows and fractions, exact.
    X : ndarray of shape (n, d)
        The rows that the proof is about.
    classes : tuple of two
        The two classes.
    """

    mixture: Mixture
    X: Array
    classes: tuple[Any, Any]

    @property
    def point(self) -> Array:
        """The common point (d,), rounded to floats."""
        return np.array([float(value) for value in self._point(0)])

    @property
    def rows(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """For each class, the rows of X that mix to the point."""
        first, second = self.mixture.rows
        return np.array(first, np.intp), np.array(second, np.intp)

    @property
    def shares(self) -> tuple[Array, Array]:
        """For each class, the fractions of its rows, rounded to floats."""
        first, second = self.mixture.shares
        return np.array(first, np.float64), np.array(second, np.float64)

    def check(self) -> bool:
        """Return whether both mixtures are the same point, in exact arithmetic."""
        proper = all(
            sum(shares) == 1 and min(shares) > 0 for shares in self.mixture.shares
        )
        return proper and self._point(0) == self._point(1)

    def _point(self, side: int) -> list[Fraction]:
        rows = [
            list(map(Fraction, self.X[j].tolist())) for j in self.mixture.rows[side]
        ]
        shares = self.mixture.shares[side]
        return [
            sum((s * x for s, x in zip(shares, column, strict=True)), Fraction(0))
            for column in zip(*rows, strict=True)
        ]

    def __str__(self) -> str:
        mixtures = [
            f"of class {label}: "
            + " + ".join(
                f"{number(share)} x {_text(self.X[row])}"
                for row, share in zip(rows, shares, strict=True)
            )
            for label, rows, shares in zip(
                self.classes, self.rows, self.shares, strict=True
            )
        ]
        return (
            "No line separates the classes: the point "
            f"{_text(self.point)} is a mixture\n  {mixtures[0]}\n  {mixtures[1]}\n"
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
    separable : bool or None
        Whether some line separates the classes; None if that was not decided, because
        the exact arithmetic would take too long.
    line : Line or None
        A line that separates them, in exact fractions.
    proof : Inseparable or None
        Why none does.

    Examples
    --------
    >>> found = perceptron([[1.0], [2.0], [4.0]], ["low", "low", "high"])
    >>> found.separable, found.predict([[0.0], [5.0]]).tolist()
    (True, ['low', 'high'])
    """

    neuron: Neuron
    classes: tuple[Any, Any]
    converged: bool
    epochs: int
    moves: int
    mistakes: tuple[int, ...]
    separable: bool | None
    line: Line | None
    proof: Inseparable | None

    def predict(self, X: Any) -> NDArray[Any]:
        """Predict the class of each row.

        Parameters
        ----------
        X
            Numbers (n, d): an array, a list of rows, or a frame of pandas, polars or
            Arrow; or one row (d,).

        Returns
        -------
        ndarray of shape (n,)
            One of ``classes`` for each row; (1,) for one row.

        Raises
        ------
        ValueError
            X has another number of columns, or holds something other than finite
            numbers.

        Examples
        --------
        >>> found = perceptron([[1.0], [2.0], [4.0]], [0, 0, 1])
        >>> found.predict([[0.0], [5.0]]).tolist()
        [0, 1]
        """
        fires = np.atleast_1d(self.neuron(X)).astype(np.intp)
        return np.asarray(self.classes)[fires]

    def __str__(self) -> str:
        count = f"{self.moves} move{'s' * (self.moves != 1)} in {_epochs(self.epochs)}"
        if self.converged:
            return f"The perceptron converged after {count}: {self.neuron!r}"
        text = f"The perceptron did not converge: {count}, and rows are still wrong."
        if self.proof is not None:
            return f"{text}\n{self.proof}"
        if self.line is not None:
            return (
                f"{text}\nA line does separate the classes, as exact arithmetic shows: "
                "give it more epochs, or scale the columns alike."
            )
        return (
            f"{text}\nWhether a line separates the classes is undecided: the exact "
            "arithmetic for so many columns would take too long."
        )

    __repr__ = __str__


def perceptron(X: Any, y: Any, *, epochs: int = 1000) -> Perceptron:
    """Train one neuron by Rosenblatt's rule; where no line can do it, prove that.

    Parameters
    ----------
    X
        Numbers (n, d): an array, a list of rows, or a frame of pandas, polars or Arrow.
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
        X does not fit or its numbers overflow, y does not hold two classes or has
        missing values, or `epochs` is no whole number of at least 1.

    Notes
    -----
    Whether a line exists is decided by a linear program in exact arithmetic
    (`ranvier.neurons.separability`), for the floats in X as they are. Both verdicts
    come with a witness that has been verified exactly: the line, or a mixture of rows.

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
    epochs = checked_int("epochs", epochs, 1, example=1000)
    matrix, names = as_matrix(X, np.float64)
    check_has_rows(matrix, "X")
    classes, signs = _signs(y, len(matrix))
    w, b, mistakes = _rosenblatt(matrix, signs, epochs)
    converged = mistakes[-1] == 0
    line, proof = _verdict(matrix, signs, classes, exact(w, b) if converged else None)
    return Perceptron(
        neuron=Neuron(w, b, "step", names=names),
        classes=classes,
        converged=converged,
        epochs=len(mistakes),
        moves=sum(mistakes),
        mistakes=tuple(mistakes),
        separable=None if line is None and proof is None else line is not None,
        line=line,
        proof=proof,
    )


def _verdict(
    X: Array, signs: Array, classes: tuple[Any, Any], candidate: Line | None
) -> tuple[Line | None, Inseparable | None]:
    """Return a verified line, or a verified proof that there is none, or neither."""
    if candidate is not None and separates(candidate, X, signs):
        return candidate, None
    found = decide(X, signs)
    if isinstance(found, Line):
        return (found, None) if separates(found, X, signs) else (None, None)
    proof = None if found is None else Inseparable(found, X, classes)
    return None, proof if proof is not None and proof.check() else None


def _rosenblatt(X: Array, signs: Array, epochs: int) -> tuple[Array, float, list[int]]:
    w, b, mistakes = np.zeros(X.shape[1]), 0.0, []
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(epochs):
            wrong = 0
            for x, y in zip(X, signs, strict=True):
                z = w @ x + b
                # The neuron fires at z >= 0, so z = 0 is on the second class's side.
                if (z >= 0) != (y > 0):
                    w, b, wrong = w + y * x, b + y, wrong + 1
                if not np.isfinite(z):
                    raise ValueError(
                        f"X holds numbers as large as {np.abs(X).max():.3g}, and their "
                        "products with the weights overflow: divide the columns by "
                        "their size first"
                    )
            mistakes.append(wrong)
            if not wrong:
                break
    return w, float(b), mistakes


def _signs(y: Any, rows: int) -> tuple[tuple[Any, Any], Array]:
    """Return the two classes, and -1 or 1 for each row."""
    labels = np.asarray(y)
    if labels.shape not in ((rows,), (rows, 1)):
        raise ValueError(
            f"y has the shape {labels.shape}, but X has {rows} rows: give one class "
            "for each row"
        )
    labels = labels.reshape(rows)
    if (labels != labels).any() or None in labels.tolist():  # NaN, NaT and None
        raise ValueError(
            "y has missing values, but every row needs a class: leave those rows out"
        )
    try:
        known, place = np.unique(labels, return_inverse=True)
    except TypeError:
        kinds = sorted({type(label).__name__ for label in labels.tolist()})
        raise ValueError(
            f"y mixes values of the types {', '.join(kinds)}, which have no order: "
            "give all classes as one type, for example as text"
        ) from None
    if len(known) != 2:
        raise ValueError(
            f"y holds {len(known)} class(es), {known[:5].tolist()}, but a perceptron "
            "separates two: give rows of two classes"
        )
    first, second = known.tolist()
    return (first, second), np.where(place == 1, 1.0, -1.0)


def _text(x: Array) -> str:
    return f"({', '.join(number(value) for value in x)})"


def _epochs(count: int) -> str:
    return f"{count:,} epoch{'s' * (count != 1)}"
