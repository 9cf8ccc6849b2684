"""Intervals that hold a share of the answers, from errors on rows held out."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

KEPT = 1000  # quantiles of the errors that are kept


class Interval(NamedTuple):
    """Predictions and, for each, the bounds between which the answer should lie.

    Attributes
    ----------
    prediction, low, high
        Of each row, (n,) or (n, k).
    """

    prediction: Array
    low: Array
    high: Array


def kept_errors(errors: Array) -> Array:
    """Give the sizes of errors (n, k) in ascending order, or KEPT quantiles of them."""
    sizes = np.sort(np.abs(errors), axis=0)
    if len(sizes) <= KEPT:
        return sizes
    levels = np.linspace(0, 1, KEPT)
    return np.asarray(np.quantile(sizes, levels, axis=0, method="higher"))


def half_width(errors: Array, share: float) -> Array:
    """Give the size of error (k,) that a new row passes with probability 1 - share.

    The ceil((n + 1) share)-th of n errors: split conformal prediction (Vovk, Gammerman
    & Shafer, "Algorithmic learning in a random world", 2005).
    """
    if not 0 < share < 1:
        raise ValueError(
            f"interval must be the share of answers it should hold, in (0, 1), but got "
            f"{share!r}: give for example 0.9"
        )
    place = int(np.ceil((len(errors) + 1) * share)) - 1
    return np.asarray(errors[min(place, len(errors) - 1)])
