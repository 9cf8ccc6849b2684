"""Prediction intervals by split conformal prediction, from residuals of held-out rows.

Vovk, Gammerman & Shafer, "Algorithmic learning in a random world", 2005.
"""

from __future__ import annotations

import warnings
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ranvier.table.scalers import quantiles

Array = NDArray[Any]

MOST_KEPT = 1000  # quantiles of the residuals


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


def half_width(sizes: Array, coverage: float) -> Array:
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
    if not 0 < coverage < 1:
        raise ValueError(
            f"interval must be the fraction of targets that the bounds should contain, "
            f"in (0, 1), but got {coverage!r}: give for example 0.9"
        )
    rank = int(np.ceil((len(sizes) + 1) * coverage))
    if rank > len(sizes):
        most = len(sizes) / (len(sizes) + 1)
        warnings.warn(
            f"interval={coverage!r} is more than {len(sizes)} residuals of held-out "
            f"rows can support: the bounds are infinite. Ask for at most "
            f"{np.floor(most * 1000) / 1000:.3f}, or fit with more rows",
            UserWarning,
            stacklevel=3,
        )
        return np.full(sizes.shape[1], np.inf)
    return np.asarray(sizes[rank - 1])
