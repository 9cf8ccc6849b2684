"""The scores of a fitted model on rows it has not seen."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranvier.job.scores import (
    SMALLEST_PROBABILITY,
    area_under_curve,
    regression_scores,
)

Array = NDArray[np.float64]
Labels = NDArray[np.integer]


def class_scores(model: Any, frame: Any, y: Labels, seen: Labels) -> dict[str, float]:
    """Score a classifier; what needs probabilities only where it gives some.

    Parameters
    ----------
    model, frame, y
        Predicts for the rows of a frame; their (n,) labels.
    seen
        (C,) the label that each class 0 ... C-1 of the model stands for, ascending.

    Returns
    -------
    dict
        ``accuracy``; ``log_loss`` in nats; ``auc``, of two classes or the mean over
        several, each against the rest.
    """
    labels = seen[np.asarray(model.predict(frame)).reshape(-1).astype(np.int64)]
    scores = {"accuracy": float(np.mean(labels == y))}
    if hasattr(model, "predict_proba"):
        P = np.asarray(model.predict_proba(frame), np.float64)
        scores |= {"log_loss": log_loss(P, y, seen), "auc": mean_auc(P, y, seen)}
    elif hasattr(model, "decision_function"):
        values = np.asarray(model.decision_function(frame), np.float64)
        values = np.column_stack([-values, values]) if values.ndim == 1 else values
        scores["auc"] = mean_auc(values, y, seen)
    return scores


def number_scores(model: Any, frame: Any, y: Array) -> dict[str, float]:
    """Score a regressor: ``rmse`` and ``mae``, in the target's units, and ``r2``."""
    prediction = np.asarray(model.predict(frame), np.float64).reshape(-1)
    return regression_scores(y, prediction)


def log_loss(P: Array, y: Labels, seen: Labels) -> float:
    """Give the mean of -log(probability of the true class); one not seen has none.

    Examples
    --------
    >>> P, seen = np.array([[0.5, 0.5], [0.25, 0.75]]), np.array([0, 2])
    >>> round(log_loss(P, np.array([0, 2]), seen), 4)
    0.4904
    """
    place = np.searchsorted(seen, y).clip(0, len(seen) - 1)
    own = np.where(seen[place] == y, P[np.arange(len(y)), place], 0.0)
    return float(-np.log(np.clip(own, SMALLEST_PROBABILITY, 1)).mean())


def mean_auc(values: Array, y: Labels, seen: Labels) -> float:
    """Give the area under the ROC curve: each class against the rest, then the mean.

    Over the classes that occur in y and do not fill it; NaN where there is none.

    Examples
    --------
    >>> values = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]])
    >>> mean_auc(values, np.array([0, 1, 0]), np.array([0, 1]))
    1.0
    """
    areas = [
        area_under_curve((y == label).astype(np.int64), values[:, place])
        for place, label in enumerate(seen)
    ]
    known = [area for area in areas if np.isfinite(area)]
    return float(np.mean(known)) if known else float("nan")
