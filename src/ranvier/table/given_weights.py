"""Weights of rows, checked as scikit-learn does, with errors that name the argument."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.validation import _check_sample_weight

Array = NDArray[Any]


def checked_weights(name: str, weights: Any, X: Any) -> Array:
    """Return weights of the rows of X as an array (n,).

    Parameters
    ----------
    name
        What errors call the argument.
    weights
        What a user gave: one weight for each row, or one for all.
    X
        The table, which has been checked.

    Raises
    ------
    ValueError, TypeError
        A weight is negative, infinite, NaN or no number, all are 0, or there is not one
        for each row.
    """
    _check_numbers(name, weights)
    with naming(name):
        checked: Array = _check_sample_weight(weights, X)
    if (checked < 0).any():
        raise ValueError(
            f"{name} must be at least 0, but row {int(checked.argmin())} has "
            f"{checked.min():.6g}: give the weight of each row, 0 to leave it out"
        )
    with np.errstate(all="ignore"):
        total = checked.sum(dtype=np.float64)
        if not (np.isfinite(total) and np.isfinite(1 / total)):
            raise ValueError(
                f"{name} adds up to {total:.6g}, with which no mean can be computed: "
                "give weights of about 1"
            )
    return checked


@contextmanager
def naming(name: str) -> Iterator[None]:
    """Have the errors of scikit-learn's checks say which argument they are about."""
    try:
        yield
    except TypeError as error:
        raise TypeError(f"{name} cannot be used: {error}") from error
    except ValueError as error:
        raise ValueError(f"{name} cannot be used: {error}") from error


def _check_numbers(name: str, weights: Any) -> None:
    with naming(name):
        array = np.asarray(weights)
    if array.dtype.kind not in "biufO":
        raise TypeError(
            f"{name} must hold numbers, but got {weights!r}: give one weight for each "
            "row"
        )


def sample_weights_of(class_weight: Any, y: Array) -> Array:
    """Return the weights of rows by those of their classes, as scikit-learn does."""
    with naming("class_weight"):
        weights: Array = compute_sample_weight(class_weight, y)
    return weights
