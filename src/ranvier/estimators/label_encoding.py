"""Class labels as codes 0, 1, ...; never as a column for each class.

scikit-learn's checks and its binarizer take longer than an epoch over a small table,
and n x classes of memory. Labels that are not plain, or wrong, still go to them and get
their errors.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.preprocessing import LabelBinarizer

Array = NDArray[Any]

_PLAIN = "biuU"  # bool, int and str: no array of these is a regression target


def codes_of(mlp: Any, labels: Any, *, define: bool) -> Array | None:
    """Return the number of the class of each row; None if that is not quickly known.

    Parameters
    ----------
    mlp
        The classifier; where `define` is true it is given its classes.
    labels
        What a user gave as y.
    define
        Whether the classes are those of y, or known already.
    """
    y: Array | None = _plain(labels)
    if y is None:
        return None
    if define:
        classes, codes = np.unique(y, return_inverse=True)
        mlp._label_binarizer = LabelBinarizer().fit(classes)
        mlp.classes_ = mlp._label_binarizer.classes_
        return codes
    classes = mlp.classes_
    kind = y.dtype.kind.replace("O", "U")  # classes_ of texts are of this kind
    if classes.dtype.kind != kind or mlp._label_binarizer.y_type_ not in (
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


def _plain(y: Any) -> Any:
    """Return labels as an array of one kind, as scikit-learn would; None if unsure."""
    if isinstance(y, list | tuple):
        if len({type(label) for label in y}) != 1 or not isinstance(y[0], str | int):
            return None
        y = np.asarray(y)
    elif isinstance(getattr(y, "dtype", None), np.dtype) and hasattr(y, "to_numpy"):
        y = y.to_numpy()  # a pandas Series
    if not isinstance(y, np.ndarray) or y.ndim != 1 or not len(y):
        return None
    kind = y.dtype.kind
    is_plain = kind in _PLAIN
    if kind == "f":  # fractions would be a regression target
        is_plain = bool((np.isfinite(y) & (y == np.floor(y))).all())
    if kind == "O":
        is_plain = all(type(label) is str for label in y)
    return y if is_plain else None


def as_targets(codes: Array, count: int) -> Array:
    """Return codes as they are; of up to two classes a column (n, 1), true for 1."""
    if count > 2:
        return codes
    column: Array = (codes == 1).reshape(-1, 1)
    return column


def balanced(codes: Array, weights: Array | None) -> Array:
    """Weight the rows so that all classes weigh the same.

    A class weighs what its rows do, so a row of weight 2 counts like two rows.
    """
    totals = np.bincount(codes, weights).astype(np.float64)
    even = totals.sum() / np.count_nonzero(totals)
    shares = np.divide(even, totals, out=np.ones_like(totals), where=totals > 0)
    of_rows: Array = shares[codes]
    return of_rows
