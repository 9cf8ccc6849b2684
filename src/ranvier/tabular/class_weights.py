"""Weights of classes -> weights of rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranvier.checks import checked_float
from ranvier.messages import check_known

Array = NDArray[Any]


def class_weights(
    class_weight: Any, y: Array, classes: Array | None, weights: Array | None
) -> Array | None:
    """Multiply the weights of rows by those of their classes.

    Parameters
    ----------
    class_weight
        A dict from classes to weights, ``"balanced"``, or None for all 1.
    y
        (n,) class codes, or labels (n, k).
    classes
        The classes by their codes; None for labels.
    weights
        (n,) of the rows; None: all 1. Balanced classes have equal total weight.
    """
    if class_weight is None:
        return weights
    if isinstance(class_weight, dict):
        for name, weight in class_weight.items():
            if not checked_float(f"class_weight[{name!r}]", weight, example=1.0) > 0:
                raise ValueError(
                    f"class_weight[{name!r}] must be above 0, but got {weight!r}: "
                    "leave the rows of a class out if it should not count"
                )
    elif not isinstance(class_weight, list) or classes is not None:
        check_known("class_weight", class_weight, ("balanced",))
    if classes is None or class_weight != "balanced":
        from sklearn.utils.class_weight import compute_sample_weight

        named = y if classes is None else classes[y]
        own = np.asarray(compute_sample_weight(class_weight, named))
    else:
        total = np.bincount(y, weights)
        count = np.count_nonzero(total)
        own = np.asarray((total.sum() / (count * np.maximum(total, 1e-300)))[y])
    return own if weights is None else weights * own
