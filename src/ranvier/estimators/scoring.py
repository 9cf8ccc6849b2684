"""Scores of an estimator on validation rows, epoch by epoch.

Accuracy and R^2 are computed here and equal scikit-learn's, whose functions check
their arguments anew in each epoch, which on a small table takes longer than the epoch.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranvier.estimators.rows import Rows

Array = NDArray[Any]


@dataclass(frozen=True)
class HeldOut:
    """Rows that an estimator is scored on after each epoch.

    Parameters
    ----------
    rows
        The rows, as the engine takes them.
    y
        The answers as the outputs should be, (n, outputs): 0 and 1 for classes.
    """

    rows: Rows
    y: Array


def score_of_outputs(mlp: Any, held_out: HeldOut) -> Callable[[Array], float]:
    """Give the function from the outputs for the held-out rows to `mlp.score`."""
    weights = held_out.rows.weights
    if not hasattr(mlp, "classes_"):
        return R2(held_out.y, weights)
    several_labels = mlp.out_activation_ == "logistic" and held_out.y.shape[1] > 1
    right = held_out.y if several_labels else classes_of(held_out.y)

    def accuracy(A: Array) -> float:
        if several_labels:  # all of which have to be right
            hits = ((A > 0.5) == right).all(axis=1)
        else:
            hits = classes_of(A) == right
        return float(np.average(hits, weights=weights))

    return accuracy


def classes_of(A: Array) -> Array:
    """Give the number of the class of each row."""
    if A.shape[1] == 1:
        return (A[:, 0] > 0.5).astype(np.intp)
    classes: Array = A.argmax(axis=1)
    return classes


class R2:
    """The coefficient of determination, the mean over outputs, of one set of answers.

    An output whose answers are all the same gives 1 if it is met and 0 if not, as
    scikit-learn has it.
    """

    def __init__(self, y: Array, weights: Array | None) -> None:
        self.y = y
        self.weights = None if weights is None else weights[:, None]
        mean = np.average(y, axis=0, weights=weights)
        self.spread = self._sum((y - mean) ** 2)

    def __call__(self, A: Array) -> float:
        """Give the score of some outputs; NaN where they are not finite."""
        if not np.isfinite(A).all():
            return float("nan")
        error = self._sum((self.y - A) ** 2)
        flat = self.spread == 0
        scores = 1 - error / np.where(flat, 1.0, self.spread)
        scores[flat] = error[flat] == 0
        return float(scores.mean())

    def _sum(self, squares: Array) -> Array:
        if self.weights is not None:
            squares = squares * self.weights
        total: Array = squares.sum(axis=0, dtype=np.float64)
        return total


def scorer_of(mlp: Any, held_out: HeldOut) -> Callable[[], float]:
    """Give the function that scores an estimator as it is now by its `scoring`."""
    from sklearn.metrics import check_scoring

    # A twin that shares the weights: it is given an array, which has no names of
    # columns, and warns of nothing.
    twin = copy.copy(mlp)
    twin.__dict__.pop("feature_names_in_", None)
    scorer = check_scoring(twin, scoring=mlp.scoring)
    y = held_out.y
    if hasattr(mlp, "classes_"):
        y = mlp._label_binarizer.inverse_transform(y.astype(float))
    elif y.shape[1] == 1:
        y = y[:, 0]
    weights = held_out.rows.weights
    given = {} if weights is None else {"sample_weight": weights}

    def score() -> float:
        twin.coefs_, twin.intercepts_ = mlp.coefs_, mlp.intercepts_
        return float(scorer(twin, held_out.rows.X, y, **given))

    return score
