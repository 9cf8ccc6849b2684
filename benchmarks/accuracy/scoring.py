"""The scores of a contender on the test rows."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranvier.job.scores import SMALLEST_PROBABILITY, area_under_curve

Array = NDArray[np.float64]


def class_scores(
    model: Any, frame: Any, y: NDArray[Any], seen: NDArray[Any]
) -> dict[str, float]:
    """Score classes: ``error`` = 1 - accuracy, ``auc`` and ``log_loss`` if it has them.

    Parameters
    ----------
    model, frame, y
        Predicts for the rows of a frame; their labels.
    seen
        (C,) the label that each class of the model stands for.
    """
    labels = seen[np.asarray(model.predict(frame)).reshape(-1).astype(int)]
    scores = {"error": float(np.mean(labels != y))}
    if hasattr(model, "predict_proba"):
        P = np.asarray(model.predict_proba(frame), np.float64)
        scores["auc"] = mean_auc(P, y, seen)
        scores["log_loss"] = log_loss(P, y, seen)
    elif hasattr(model, "decision_function"):
        values = np.asarray(model.decision_function(frame), np.float64)
        values = np.column_stack([-values, values]) if values.ndim == 1 else values
        scores["auc"] = mean_auc(values, y, seen)
    return scores


def number_scores(model: Any, frame: Any, y: NDArray[Any]) -> dict[str, float]:
    """Score numbers: ``error`` = RMSE / standard deviation of the test targets."""
    rest = np.asarray(model.predict(frame), np.float64).reshape(-1) - y
    return {"error": float(np.sqrt(np.mean(rest**2)) / np.std(y))}


def mean_auc(values: Array, y: NDArray[Any], seen: NDArray[Any]) -> float:
    """Give the area under the ROC curve: each class against the rest, then the mean.

    Over the classes that occur in y and do not fill it.
    """
    areas = [
        area_under_curve((y == label).astype(int), values[:, place])
        for place, label in enumerate(seen)
    ]
    return float(np.nanmean(areas))


def log_loss(P: Array, y: NDArray[Any], seen: NDArray[Any]) -> float:
    """Give the mean of -log(probability of the true class); a class not seen has none."""
    place = np.searchsorted(seen, y).clip(0, len(seen) - 1)
    own = np.where(seen[place] == y, P[np.arange(len(y)), place], 0)
    return float(-np.log(np.clip(own, SMALLEST_PROBABILITY, 1)).mean())
