"""Scores of an estimator on validation rows, epoch by epoch."""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranvier.estimators.engine_rows import Rows
from ranvier.metrics import class_accuracy, label_accuracy, r2

Array = NDArray[Any]


@dataclass(frozen=True)
class HeldOut:
    """Rows that an estimator is scored on after each epoch.

    Parameters
    ----------
    rows
        The rows, as the engine takes them.
    y
        Targets: (n, outputs), 0 and 1 for labels; or codes of classes (n,).
    """

    rows: Rows
    y: Array


def score_of_outputs(mlp: Any, held_out: HeldOut) -> Callable[[Array], float]:
    """Return the function from the outputs for the held-out rows to `mlp.score`."""
    y, weights = held_out.y, held_out.rows.weights
    score = r2
    if hasattr(mlp, "classes_"):
        score = label_accuracy
        if mlp.out_activation_ == "softmax":
            score = class_accuracy
    return lambda A: score(y, A, weights)


def classes_of(A: Array) -> Array:
    """Return the index of the predicted class of each row."""
    if A.shape[1] == 1:
        return (A[:, 0] > 0.5).astype(np.intp)
    classes: Array = A.argmax(axis=1)
    return classes


def scorer_of(mlp: Any, held_out: HeldOut) -> Callable[[], float]:
    """Return the function that scores an estimator, as it is now, by `scoring`."""
    from sklearn.metrics import check_scoring

    # A twin that shares the weights: it is given an array, which has no names of
    # columns, and warns of nothing.
    twin = copy.copy(mlp)
    twin.__dict__.pop("feature_names_in_", None)
    scorer = check_scoring(twin, scoring=mlp.scoring)
    y = mlp._labels_of(held_out.y)
    weights = held_out.rows.weights
    given = {} if weights is None else {"sample_weight": weights}

    def score() -> float:
        twin.coefs_, twin.intercepts_ = mlp.coefs_, mlp.intercepts_
        return float(scorer(twin, held_out.rows.X, y, **given))

    return score
