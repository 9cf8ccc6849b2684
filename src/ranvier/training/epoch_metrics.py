"""Metrics that training computes on the validation rows after each epoch.

A metric of your own is a function of (y_true, y_pred). Both are 1-D where the network
has one output; y_pred is in the units of y: probabilities for the losses log_loss and
cross_entropy, rates for poisson, also where the network itself ends in logits.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranvier.messages import unknown
from ranvier.metrics import SCORES, class_accuracy, label_accuracy, mae, r2, rmse
from ranvier.training.calibration import calibrated_loss
from ranvier.training.stopping import Mode

Array = NDArray[Any]
Weights = NDArray[np.floating] | None
MetricLike = str | Callable[[Array, Array], float]


@dataclass(frozen=True)
class Metric:
    """A named score: its function of (y, A, weights), and the direction that is better.

    Parameters
    ----------
    name
        What the score is called in an `EpochRecord`.
    score
        The function; y are the targets, A the predictions, weights those of the rows
        or None.
    mode
        ``"min"`` or ``"max"``, whichever is better; None if it is not known.
    """

    name: str
    score: Callable[[Array, Array, Weights], float]
    mode: Mode | None


NAMES = ("accuracy", "calibrated_log_loss", "rmse", "mae", "r2")


def resolve(metric: MetricLike, loss: str) -> Metric:
    """Turn what a user gives for a metric into a `Metric` that fits the loss.

    Parameters
    ----------
    metric
        ``"accuracy"``, ``"calibrated_log_loss"``, ``"rmse"``, ``"mae"``, ``"r2"``, or a
        function of (y_true, y_pred).
    loss
        Name of the loss the network is trained with.

    Returns
    -------
    Metric
        The metric; a function keeps its own name and has no known direction.

    Raises
    ------
    ValueError
        The name is unknown, or the metric does not fit the loss.
    TypeError
        It is neither a name nor a function.

    Examples
    --------
    >>> resolve("accuracy", "cross_entropy").mode
    'max'
    """
    if callable(metric):
        return Metric(_name_of(metric), _without_weights(metric), None)
    if not isinstance(metric, str):
        raise TypeError(
            f"metric must be a name or a function of (y_true, y_pred), but got "
            f"{metric!r}: give for example 'accuracy' or 'rmse'"
        )
    classes = {"cross_entropy": class_accuracy, "log_loss": label_accuracy}
    numbers = {"rmse": rmse, "mae": mae, "r2": r2}
    if metric == "accuracy" and loss in classes:
        return Metric(metric, classes[loss], "max")
    if metric == "calibrated_log_loss" and loss == "cross_entropy":
        return Metric(metric, calibrated_loss, "min")
    if metric in numbers and loss != "cross_entropy":
        mode: Mode = "max" if SCORES[metric].higher_is_better else "min"
        return Metric(metric, numbers[metric], mode)
    if metric in NAMES:
        fit = "accuracy" if loss in classes else "rmse, mae or r2"
        fit += " or calibrated_log_loss" if loss == "cross_entropy" else ""
        raise ValueError(
            f"metric {metric!r} does not fit the loss {loss!r}: give {fit}, or a "
            "function of (y_true, y_pred)"
        )
    raise unknown("metric", metric, NAMES)


def several(
    metric: MetricLike | Sequence[MetricLike] | None,
) -> tuple[MetricLike, ...]:
    """Return one metric, several or none as several."""
    if metric is None:
        return ()
    if isinstance(metric, list | tuple):
        return tuple(metric)
    return (metric,)  # type: ignore[return-value]  # a str is a sequence of str


def resolve_all(
    metric: MetricLike | Sequence[MetricLike] | None, loss: str
) -> tuple[Metric, ...]:
    """Turn one metric, several or none into `Metric`s with different names."""
    metrics = tuple(resolve(one, loss) for one in several(metric))
    names = [one.name for one in metrics]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(
                f"{names.count(name)} metrics are called {name!r}: give each its own "
                "__name__, so that their values differ"
            )
    return metrics


def to_predictions(A: Array, loss: str, activation: str) -> Array:
    """Turn outputs into predictions: probabilities or rates where A are logits."""
    if activation == "identity":
        A = A.astype(np.float64)
        if loss == "log_loss":
            A = 0.5 * (1 + np.tanh(A / 2))  # the logistic function, safe for any A
        if loss == "poisson":
            A = np.exp(A)
        if loss == "cross_entropy":
            A = np.exp(A - A.max(axis=1, keepdims=True))
            A /= A.sum(axis=1, keepdims=True)
    return A[:, 0] if A.shape[1] == 1 else A


def _name_of(function: Callable[..., float]) -> str:
    return getattr(function, "__name__", type(function).__name__)


def _without_weights(
    function: Callable[[Array, Array], float],
) -> Callable[[Array, Array, Weights], float]:
    def score(y: Array, A: Array, weights: Weights) -> float:
        return float(function(y, A))

    return score
