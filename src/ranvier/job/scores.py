"""How good predictions are on rows whose answer is known."""

import numpy as np
from numpy.typing import NDArray

# Below this a probability in float32 is rounding; it keeps the log-loss finite.
SMALLEST_PROBABILITY = 1e-7

# How people write the scores; and those of them that are better when they are higher.
TITLES = {
    "accuracy": "accuracy",
    "log_loss": "log-loss",
    "auc": "AUC",
    "rmse": "RMSE",
    "mae": "MAE",
    "r2": "R2",
}
HIGHER_IS_BETTER = {"accuracy", "auc", "r2"}


def classification_scores(
    labels: NDArray[np.integer], probabilities: NDArray[np.floating]
) -> dict[str, float]:
    """Score class probabilities.

    Parameters
    ----------
    labels
        (n,) the true classes 0 ... C-1; -1 for a class that training had not seen: such
        a row counts as wrong in the accuracy and is left out of the others.
    probabilities
        (n, C) the predicted probabilities, each row with sum 1.

    Returns
    -------
    dict
        ``accuracy``, in [0, 1]; ``log_loss``, the mean of -log(probability of the true
        class), in nats; with two classes also ``auc``, the area under the ROC curve of
        class 1. NaN where no row or only one class makes it undefined.

    Examples
    --------
    >>> P = np.array([[0.5, 0.5], [0.25, 0.75]])
    >>> scores = classification_scores(np.array([0, 1]), P)
    >>> scores["accuracy"], round(scores["log_loss"], 4), scores["auc"]
    (1.0, 0.4904, 1.0)
    """
    known = labels >= 0
    given = labels[known]
    P = np.clip(probabilities[known].astype(np.float64), SMALLEST_PROBABILITY, 1.0)
    own = P[np.arange(len(given)), given]
    hits = probabilities.argmax(axis=1) == labels
    scores = {
        "accuracy": float(hits.mean()) if len(hits) else np.nan,
        "log_loss": float(-np.log(own).mean()) if len(own) else np.nan,
    }
    if probabilities.shape[1] == 2:
        scores["auc"] = area_under_curve(given, P[:, 1])
    return scores


def regression_scores(
    y: NDArray[np.floating], prediction: NDArray[np.floating]
) -> dict[str, float]:
    """Score predicted numbers.

    Parameters
    ----------
    y
        (n,) the true values, in the target's units.
    prediction
        (n,) the predicted values, in the same units.

    Returns
    -------
    dict
        ``rmse`` and ``mae``, in the target's units; ``r2`` = 1 - sum of squared errors
        / sum of squared deviations from the mean of `y`. NaN where undefined.

    Examples
    --------
    >>> regression_scores(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 2.0]))["r2"]
    0.5
    """
    if len(y) == 0:
        return {"rmse": np.nan, "mae": np.nan, "r2": np.nan}
    error = prediction.astype(np.float64) - y
    spread = float(((y - y.mean()) ** 2).sum())
    return {
        "rmse": float(np.sqrt((error**2).mean())),
        "mae": float(np.abs(error).mean()),
        "r2": 1 - float((error**2).sum()) / spread if spread > 0 else np.nan,
    }


def area_under_curve(labels: NDArray[np.integer], score: NDArray[np.floating]) -> float:
    """Give the chance that a row of class 1 scores above one of class 0, ties half."""
    _, place, count = np.unique(score, return_inverse=True, return_counts=True)
    rank = (np.cumsum(count) - (count - 1) / 2)[place]
    ones = labels == 1
    n1 = int(ones.sum())
    n0 = len(labels) - n1
    if n0 == 0 or n1 == 0:
        return float("nan")
    # Mann & Whitney 1947: the rank sum of class 1, less its smallest possible value.
    return float((rank[ones].sum() - n1 * (n1 + 1) / 2) / (n0 * n1))
