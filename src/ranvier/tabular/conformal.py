"""Prediction intervals by split conformal prediction, from residuals of held-out rows.

Vovk, Gammerman & Shafer, "Algorithmic learning in a random world", 2005.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ranvier.checks import checked_float
from ranvier.network.network import Network
from ranvier.table.scalers import quantiles
from ranvier.table.target_transform import TargetTransform
from ranvier.tabular.outputs import OutOfFold
from ranvier.training.task import Data
from ranvier.warn import warn_user

Array = NDArray[Any]

MOST_KEPT = 1000  # quantiles of the residuals
ROUNDING = 1e-6
MANY_COPIES = 5  # of a row, from which on one more or less hardly changes a fit


class Interval(NamedTuple):
    """Predictions and, for each, bounds between which the target should lie.

    Attributes
    ----------
    prediction, low, high
        Of each row, (n,) or (n, k).
    """

    prediction: Array
    low: Array
    high: Array


def residual_quantiles(residuals: Array, weights: Array | None = None) -> Array:
    """Return the sizes of residuals, ascending, or `MOST_KEPT` quantiles of them.

    Parameters
    ----------
    residuals
        (n, k) errors on held-out rows, of k targets.
    weights
        (n,) how many rows of the training table each stands for; None: one.

    Returns
    -------
    ndarray
        (m, k) quantiles of the sizes at levels 1/m, 2/m, ..., 1.
    """
    sizes = np.abs(residuals)
    if weights is None:
        sizes = np.sort(sizes, axis=0)
        if len(sizes) <= MOST_KEPT:
            return sizes
        levels = np.linspace(0, 1, MOST_KEPT)
        return np.asarray(np.quantile(sizes, levels, axis=0, method="higher"))
    if not len(sizes):
        return sizes
    kept = int(np.clip(np.rint(weights.sum()), 1, MOST_KEPT))
    levels = np.arange(1, kept + 1) / kept
    own = weights.astype(np.float64)
    return np.stack([quantiles(size, levels, own) for size in sizes.T], axis=1)


def calibration_residuals(
    transform: TargetTransform,
    networks: Sequence[Network],
    data: Data,
    held_out: OutOfFold,
    copies: Array | None,
) -> tuple[Array, Array | None]:
    """Return residuals on rows as new ones come, and how many rows each stands for.

    Rows that occur once are predicted by members that held them out. A row with many
    copies is predicted by all members: a new row is another copy, and with one copy
    less the fit would be the same.

    Parameters
    ----------
    transform
        Between the target and the networks' outputs.
    networks, data
        The members, and the distinct training rows.
    held_out
        Averaged outputs of members on rows that they held out.
    copies
        (rows,) how often each distinct row occurs in the table; None: once.

    Returns
    -------
    residuals : ndarray
        (m, k), in the units of the networks' outputs.
    weights : ndarray or None
        (m,) with mean 1 over the rows of the table; None: all 1.
    """
    residuals = transform.transform(transform.predictions(held_out.Z)) - held_out.Y
    if data.weights is None and copies is None:
        return residuals, None
    weights = np.ones(len(data)) if data.weights is None else data.weights
    copies = np.ones(len(data)) if copies is None else copies
    weights = weights.astype(np.float64) * (copies.sum() / weights.sum(dtype=float))
    often = copies >= MANY_COPIES
    once = ~often[held_out.rows]
    outputs = np.stack([network(data.X[often]) for network in networks])
    predicted = transform.transform(transform.predictions(outputs).mean(axis=0))
    # A copy's target lies exactly on the bound: float32 must not put it outside.
    exact = np.abs(predicted - data.Y[often])
    exact += ROUNDING * (1 + np.abs(data.Y[often]))
    residuals = np.concatenate([residuals[once], exact])
    judged = weights[held_out.rows[once]]
    rows = judged.sum() + weights[often].sum()
    if judged.sum() > 0:  # they stand for all rows that occur once
        judged = judged * (weights[~often].sum() / judged.sum())
    weights = np.concatenate([judged, weights[often]])
    return residuals, weights * (rows / weights.sum()) if len(weights) else None


def conformal_quantile(sizes: Array, coverage: float) -> Array:
    """Return the residual size that a new row exceeds with probability 1 - coverage.

    Parameters
    ----------
    sizes
        (m, k) from `residual_quantiles`.
    coverage
        In (0, 1).

    Returns
    -------
    ndarray
        (k,) the ceil((m + 1) coverage)-th smallest size; infinite if that is beyond
        the largest.

    Raises
    ------
    ValueError
        The coverage is outside (0, 1).

    Warns
    -----
    UserWarning
        The coverage needs more held-out rows than there are.
    """
    if not 0 < checked_float("interval", coverage, example=0.9) < 1:
        raise ValueError(
            f"interval must be the fraction of targets that the bounds should contain, "
            f"in (0, 1), but got {coverage!r}: give for example 0.9"
        )
    rank = int(np.ceil((len(sizes) + 1) * coverage))
    if rank > len(sizes):
        most = len(sizes) / (len(sizes) + 1)
        warn_user(
            f"interval={coverage!r} is more than {len(sizes)} residuals of held-out "
            f"rows can support: the bounds are infinite. Ask for at most "
            f"{np.floor(most * 1000) / 1000:.3f}, or fit with more rows",
            UserWarning,
        )
        return np.full(sizes.shape[1], np.inf)
    return np.asarray(sizes[rank - 1])
