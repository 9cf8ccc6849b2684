"""Functions and means with the same bits on every machine and for any number of rows.

NumPy's exp and log differ in their last bit between processors, and its sums add in an
order that depends on the shape.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranvier import _engine

Array = NDArray[Any]


def elementary(name: str, x: Array) -> Array:
    """Apply a function of the engine to float64 of any shape.

    Parameters
    ----------
    name
        ``"exp"``, ``"expm1"``, ``"log"``, ``"log1p"`` or another of
        ``engine/equations/elementary.h``.
    x
        Numbers of any shape.

    Examples
    --------
    >>> elementary("exp", np.array([[0.0, 1.0]])).round(4)
    array([[1.    , 2.7183]])
    """
    flat = np.ascontiguousarray(x, np.float64).reshape(-1)
    return np.asarray(_engine.elementary(name, flat)).reshape(np.shape(x))


def sum_in_order(values: Array, axis: int) -> Array:
    """Add along an axis from first to last, in float64; the axis is gone.

    Examples
    --------
    >>> sum_in_order(np.array([[1.0, 2.0], [3.0, 4.0]]), 1)
    array([3., 7.])
    """
    sums = np.add.accumulate(values, axis=axis, dtype=np.float64)
    return np.asarray(sums.take(-1, axis))


def mean_in_order(values: Array) -> Array:
    """Return the mean over the first axis, added from first to last, in float64.

    Examples
    --------
    >>> mean_in_order(np.array([[1.0, 2.0], [3.0, 4.0]]))
    array([2., 3.])
    """
    return np.asarray(sum_in_order(values, 0) / len(values))
