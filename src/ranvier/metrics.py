"""Scores of predictions: their formulas, titles and directions, each of them once.

The scores that are computed in each epoch are written here, because scikit-learn's
functions check their arguments on each call, which on a small table takes longer than
the epoch. They equal scikit-learn's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Weights = NDArray[np.floating] | None

# Probabilities below this are rounding errors of float32; it keeps log-losses finite.
SMALLEST_PROBABILITY = 1e-7


@dataclass(frozen=True)
class Score:
    """How a score is written, which direction is better, and what it is computed from.

    Attributes
    ----------
    title
        The name to print.
    higher_is_better
        False for losses and errors.
    needs_probabilities
        Whether predicted classes alone are not enough.
    """

    title: str
    higher_is_better: bool
    needs_probabilities: bool = False


SCORES = {
    "accuracy": Score("accuracy", True),
    "log_loss": Score("log-loss", False, needs_probabilities=True),
    "auc": Score("AUC", True, needs_probabilities=True),
    "rmse": Score("RMSE", False),
    "mae": Score("MAE", False),
    "r2": Score("R2", True),
}


# ---------------------------------------------------------------- formulas


def class_accuracy(y: Array, A: Array, weights: Weights = None) -> float:
    """Return the fraction of rows whose largest output is that of their class.

    `y` holds labels (n,) or one-hot rows (n, C), `A` outputs (n, C).
    """
    labels = y if y.ndim == 1 else y.argmax(axis=1)
    return _mean(labels == A.argmax(axis=1), weights)


def label_accuracy(y: Array, A: Array, weights: Weights = None) -> float:
    """Return the fraction of rows in which every output is on the right side of 1/2."""
    right = (y > 0.5) == (A > 0.5)
    return _mean(right if right.ndim == 1 else right.all(axis=1), weights)


def log_loss(
    labels: NDArray[np.integer], P: Array, classes: Array | None = None
) -> float:
    """Return the mean of -log(probability of the true class), in nats.

    Parameters
    ----------
    labels
        (n,) true classes.
    P
        (n, C) predicted probabilities, each row with sum 1.
    classes
        (C,) the class of each column of `P`, ascending; None: 0 ... C-1. A class that
        is not among them has probability 0.

    Returns
    -------
    float
        NaN without rows. Probabilities count as at least `SMALLEST_PROBABILITY`.

    Examples
    --------
    >>> P, classes = np.array([[0.5, 0.5], [0.25, 0.75]]), np.array([0, 2])
    >>> round(log_loss(np.array([0, 2]), P, classes), 4)
    0.4904
    """
    if not len(labels):
        return float("nan")
    classes = np.arange(P.shape[1]) if classes is None else classes
    column = np.searchsorted(classes, labels).clip(0, len(classes) - 1)
    known = classes[column] == labels
    p = np.where(known, P[np.arange(len(labels)), column].astype(np.float64), 0.0)
    return float(-np.log(np.clip(p, SMALLEST_PROBABILITY, 1)).mean())


def auc(
    labels: NDArray[np.integer], values: Array, classes: Array | None = None
) -> float:
    """Return the area under the ROC curve: each class against the rest, then the mean.

    Parameters
    ----------
    labels
        (n,) true classes.
    values
        (n, C) scores, higher for rows that belong to the class; probabilities or not.
    classes
        (C,) the class of each column, ascending; None: 0 ... C-1.

    Returns
    -------
    float
        The mean over the classes that occur in `labels` and are not alone there; NaN
        without any.

    Examples
    --------
    >>> values = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]])
    >>> auc(np.array([0, 1, 0]), values)
    1.0
    """
    from sklearn.metrics import roc_auc_score

    classes = np.arange(values.shape[1]) if classes is None else classes
    areas = []
    for column, label in enumerate(classes):
        positive = labels == label
        if positive.any() and not positive.all():
            areas.append(roc_auc_score(positive, values[:, column]))
    return float(np.mean(areas)) if areas else float("nan")


def rmse(y: Array, A: Array, weights: Weights = None) -> float:
    """Return the root of the mean squared error."""
    return float(np.sqrt(_mean(_mean_of_outputs((y.astype(float) - A) ** 2), weights)))


def mae(y: Array, A: Array, weights: Weights = None) -> float:
    """Return the mean absolute error."""
    return _mean(_mean_of_outputs(abs(y.astype(float) - A)), weights)


def r2(y: Array, A: Array, weights: Weights = None) -> float:
    """Return the coefficient of determination, averaged over the outputs.

    As in scikit-learn, a constant target counts 1 if it is predicted exactly and 0
    otherwise. NaN where a prediction is not finite.
    """
    if not np.isfinite(A).all():
        return float("nan")
    Y, A = y.reshape(len(y), -1).astype(float), A.reshape(len(A), -1)
    mean = np.average(Y, axis=0, weights=weights)
    residual = np.average((Y - A) ** 2, axis=0, weights=weights)
    total = np.average((Y - mean) ** 2, axis=0, weights=weights)
    constant = total == 0
    unexplained = residual / np.where(constant, 1.0, total)
    return float(np.mean(1 - np.where(constant, residual > 0, unexplained)))


def _mean(values: Array, weights: Weights) -> float:
    return float(np.average(values, weights=weights))


def _mean_of_outputs(values: Array) -> Array:
    return values if values.ndim == 1 else values.mean(axis=1)


# ---------------------------------------------------------------- tables of scores


def classification_scores(
    labels: NDArray[np.integer], P: NDArray[np.floating]
) -> dict[str, float]:
    """Score class probabilities.

    Parameters
    ----------
    labels
        (n,) true classes 0 ... C-1; -1 for a class that training did not see. Such a
        row counts as wrong in the accuracy and is left out of the other scores.
    P
        (n, C) predicted probabilities, each row with sum 1.

    Returns
    -------
    dict
        ``accuracy`` in [0, 1]; ``log_loss`` in nats; with two classes also ``auc``.
        NaN where there are no rows, or where one class alone leaves it undefined.

    Examples
    --------
    >>> P = np.array([[0.5, 0.5], [0.25, 0.75]])
    >>> scores = classification_scores(np.array([0, 1]), P)
    >>> scores["accuracy"], round(scores["log_loss"], 4), scores["auc"]
    (1.0, 0.4904, 1.0)
    """
    known = labels >= 0
    scores = {
        "accuracy": class_accuracy(labels, P) if len(labels) else float("nan"),
        "log_loss": log_loss(labels[known], P[known]),
    }
    if P.shape[1] == 2:
        scores["auc"] = auc(labels[known], P[known])
    return scores


def regression_scores(
    y: NDArray[np.floating], prediction: NDArray[np.floating]
) -> dict[str, float]:
    """Score predicted numbers.

    Parameters
    ----------
    y, prediction
        (n,) true and predicted values, in the units of the target.

    Returns
    -------
    dict
        ``rmse`` and ``mae`` in the units of the target, and ``r2``; NaN without rows.

    Examples
    --------
    >>> regression_scores(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 2.0]))["r2"]
    0.5
    """
    if len(y) == 0:
        return {"rmse": np.nan, "mae": np.nan, "r2": np.nan}
    return {
        "rmse": rmse(y, prediction),
        "mae": mae(y, prediction),
        "r2": r2(y, prediction),
    }


def score_classifier(
    model: Any, X: Any, labels: NDArray[np.integer], classes: NDArray[np.integer]
) -> dict[str, float]:
    """Score a fitted classifier of any library.

    Parameters
    ----------
    model
        Has ``predict``, and perhaps ``predict_proba`` or ``decision_function``.
    X, labels
        Rows that `model` takes, and their (n,) true labels.
    classes
        (C,) the label that each class 0 ... C-1 of the model stands for, ascending.

    Returns
    -------
    dict
        ``accuracy``; ``log_loss`` where the model gives probabilities; ``auc`` where it
        gives probabilities or decision values.
    """
    predicted = np.asarray(model.predict(X)).reshape(-1).astype(np.int64)
    scores = {"accuracy": _mean(classes[predicted] == labels, None)}
    if hasattr(model, "predict_proba"):
        P = np.asarray(model.predict_proba(X), np.float64)
        scores["log_loss"] = log_loss(labels, P, classes)
        scores["auc"] = auc(labels, P, classes)
    elif hasattr(model, "decision_function"):
        values = np.asarray(model.decision_function(X), np.float64)
        values = np.column_stack([-values, values]) if values.ndim == 1 else values
        scores["auc"] = auc(labels, values, classes)
    return scores


def score_regressor(model: Any, X: Any, y: NDArray[np.floating]) -> dict[str, float]:
    """Score a fitted regressor of any library; see `regression_scores`."""
    prediction = np.asarray(model.predict(X), np.float64).reshape(-1)
    return regression_scores(y, prediction)
