"""Classes as numbers, where that is quick; scikit-learn's own way takes the rest.

For labels in a plain array its checks and its binarizer take longer than an epoch over
a small table. Whatever is not plain, or not right, goes to them and gets their errors.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.preprocessing import LabelBinarizer

Array = NDArray[Any]

_PLAIN = "biuU"  # bool, int and str: of these no array is a regression target


def codes_of(mlp: Any, y: Any, *, define: bool) -> Array | None:
    """Give the number of the class of each row; None if that is not quickly known.

    Parameters
    ----------
    mlp
        The classifier; where `define` is true it is given its classes.
    y
        What a user gave.
    define
        Whether the classes are those of y, or known already.
    """
    if not isinstance(y, np.ndarray) or y.ndim != 1 or y.dtype.kind not in _PLAIN:
        return None
    if define:
        classes, codes = np.unique(y, return_inverse=True)
        mlp._label_binarizer = LabelBinarizer().fit(classes)
        mlp.classes_ = mlp._label_binarizer.classes_
        return codes
    classes = mlp.classes_
    if classes.dtype.kind != y.dtype.kind or mlp._label_binarizer.y_type_ not in (
        "binary",
        "multiclass",
    ):
        return None
    codes = np.searchsorted(classes, y)
    codes[codes == len(classes)] = 0
    if (classes[codes] != y).any():
        return None
    if mlp.warm_start and len(np.unique(codes)) < len(classes):
        return None
    return codes


def binarised(codes: Array, count: int) -> Array:
    """Give a column for each class, true in the rows that have it; of two, the last."""
    if count <= 2:
        column: Array = (codes == 1).reshape(-1, 1)
        return column
    columns: Array = codes[:, None] == np.arange(count)
    return columns


def balanced(codes: Array, weights: Array | None) -> Array:
    """Give each row a weight with which all classes weigh the same.

    A class weighs what its rows do, so a row of weight 2 counts like two rows.
    """
    totals = np.bincount(codes, weights).astype(np.float64)
    even = totals.sum() / np.count_nonzero(totals)
    shares = np.divide(even, totals, out=np.ones_like(totals), where=totals > 0)
    of_rows: Array = shares[codes]
    return of_rows
