"""Inputs, targets and weights: turned into the arrays the engine takes, and checked."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import DTypeLike, NDArray

from ranvier import _engine
from ranvier.network.array_conversion import read
from ranvier.network.losses import Loss

Array = NDArray[Any]

SHOWN: Final = 3  # columns that an error describes one by one
PROBABILITY_GAP: Final = 1e-4  # how far from 1 the probabilities of a row may add up

FOR_X: Final = (
    "Give numbers: rv.fit_table and `ranvier train` take tables as they are and encode "
    "the other columns"
)
FOR_Y: Final = (
    "Give numbers. Classes become numbers with `classes, y = np.unique(y, "
    "return_inverse=True)`; rv.fit_table and `ranvier train` do so themselves"
)


def as_matrix(
    X: Any, dtype: DTypeLike, columns: int | None = None, what: str = "X"
) -> tuple[Array, list[str] | None]:
    """Turn a table of numbers into a matrix, a row for each case.

    Parameters
    ----------
    X
        A NumPy array, a list of rows, or a frame of pandas, polars or Arrow. Booleans
        count as 0 and 1.
    dtype
        float32 or float64.
    columns
        How many columns are expected; None for any number.
    what
        What to call it in errors.

    Returns
    -------
    matrix : ndarray of shape (n, d)
        C-contiguous and finite. It is `X` itself if it can be.
    names : list of str, or None
        The names of the columns, if it has them.

    Raises
    ------
    ValueError
        It holds NaN, infinity or something other than numbers, or its shape does not
        fit.
    TypeError
        It is no table.

    Examples
    --------
    >>> as_matrix([[1, 2], [3, 4]], "float64")
    (array([[1., 2.],
           [3., 4.]]), None)
    """
    matrix, names = read(X, np.dtype(dtype), what, FOR_X)
    wanted = "rows x columns" if columns is None else f"rows x {columns} columns"
    if matrix.ndim != 2:
        hint = (
            f"{what}.reshape(-1, 1) makes it one column, {what}.reshape(1, -1) one row"
            if matrix.ndim == 1
            else "give a table, one row for each case"
        )
        raise ValueError(
            f"{what} has the shape {matrix.shape}, but 2 dimensions are expected "
            f"({wanted}): {hint}"
        )
    if columns is not None and matrix.shape[1] != columns:
        turned = f" ({what}.T?)" * (matrix.shape[0] == columns)
        raise ValueError(
            f"{what} has the shape {matrix.shape}, but {columns} columns are expected, "
            f"one for each input of the network: give those it was built for{turned}"
        )
    _check_finite(matrix, names, what)
    return matrix, names


def as_targets(
    y: Any,
    loss: Loss,
    outputs: int,
    dtype: DTypeLike,
    rows: int | None = None,
    what: str = "y",
) -> Array:
    """Turn targets into what the engine takes for a loss.

    Parameters
    ----------
    y
        As X in `as_matrix`; with one output also a list, a 1-D array or a series.
        For cross_entropy: classes 0 to outputs - 1, or a probability for each class.
    loss
        The loss.
    outputs
        Outputs of the network.
    dtype
        float32 or float64.
    rows
        How many rows are expected; None for any number.
    what
        What to call it in errors.

    Returns
    -------
    ndarray
        (n, outputs) of `dtype`, or int32 classes (n,) for cross_entropy.

    Raises
    ------
    ValueError
        The shape or a value does not fit the loss.

    Examples
    --------
    >>> as_targets([0, 2], Loss("cross_entropy"), 3, "float32")
    array([0, 2], dtype=int32)
    """
    if loss.name == "cross_entropy" and outputs == 1:
        raise ValueError(
            "cross_entropy was given one output, but classes need one each: use "
            "Dense(classes, 'softmax'), or for two classes Dense(1, 'sigmoid') with "
            "log_loss"
        )
    # Classes are read in float64, in which every int32 is exact.
    wide = np.dtype(np.float64) if loss.name == "cross_entropy" else np.dtype(dtype)
    Y, names = read(y, wide, what, FOR_Y)
    if rows is not None and Y.shape[:1] != (rows,):
        raise ValueError(
            f"{what} has the shape {Y.shape}, but X has {rows} rows: give one target "
            "for each row of X"
        )
    _check_finite(Y, names, what)
    if loss.name == "cross_entropy" and (Y.ndim == 1 or Y.shape[1:] == (1,)):
        return _labels(Y.reshape(-1), outputs, what)
    if Y.ndim == 1 and outputs == 1:
        Y = Y.reshape(-1, 1)
    if Y.ndim != 2 or Y.shape[1] != outputs:
        labels = ", or classes (rows,)" * (loss.name == "cross_entropy")
        raise ValueError(
            f"{what} has the shape {Y.shape}, but (rows, {outputs}) is expected, a "
            f"column for each output of the network: give targets of that shape{labels}"
        )
    _check_values(Y, loss, what)
    return np.ascontiguousarray(Y, dtype=dtype)


def as_weights(
    w: Any, rows: int, dtype: DTypeLike = np.float64, what: str = "sample_weight"
) -> Array:
    """Turn weights of rows into an array (rows,).

    Parameters
    ----------
    w
        One weight for each row: a list, a 1-D array or a series.
    rows
        How many rows there are.
    dtype
        float32 or float64.
    what
        What to call it in errors.

    Returns
    -------
    ndarray of shape (rows,)
        Finite, nowhere negative, and somewhere positive.

    Raises
    ------
    ValueError
        They are not so, or not one for each row.

    Examples
    --------
    >>> as_weights([1, 2], 2)
    array([1., 2.])
    """
    weights, names = read(w, np.dtype(dtype), what, "Give one number for each row")
    if weights.shape not in ((rows,), (rows, 1)):
        raise ValueError(
            f"{what} has the shape {weights.shape}, but X has {rows} rows: give one "
            f"weight for each row, as an array of the shape ({rows},)"
        )
    weights = weights.reshape(rows)
    _check_finite(weights, names, what)
    _refuse_where(weights < 0, weights, what, "at least 0", "drop such rows instead")
    if not weights.any():
        raise ValueError(
            f"{what} is 0 in all {rows} rows, but at least one must count: give some "
            "row a positive weight"
        )
    return weights


def is_ready(X: Any, dtype: np.dtype[Any], columns: int) -> bool:
    """Say whether the engine can take X as it is; `as_matrix` would return it."""
    return (
        type(X) is np.ndarray
        and X.dtype == dtype
        and X.ndim == 2
        and X.shape[1] == columns
        and X.flags.c_contiguous
        and X.flags.aligned
        and _engine.all_finite(X)
    )


def is_row(X: Any) -> bool:
    """Say whether X has one dimension: a row by itself rather than a table."""
    if isinstance(X, list | tuple):
        return bool(X) and np.ndim(X[0]) == 0
    return len(getattr(X, "shape", ())) == 1


def as_row(x: Any, dtype: DTypeLike, columns: int) -> Array:
    """Turn the numbers of one row into a matrix of one row."""
    if type(x) is np.ndarray and is_ready(matrix := x[None], np.dtype(dtype), columns):
        return matrix
    row, _ = read(x, np.dtype(dtype), "x", FOR_X)
    if row.shape != (columns,):
        raise ValueError(
            f"x has one dimension and {row.size} values, but the network has {columns} "
            f"inputs: give {columns} values, or a table of rows x {columns} columns "
            "(x.reshape(-1, 1) makes x one column)"
        )
    _check_finite(row, None, "x")
    return row.reshape(1, -1)


def check_has_rows(X: Array, what: str) -> None:
    """Refuse a matrix that a loss has nothing to be the mean of."""
    if not len(X):
        raise ValueError(
            f"{what} has no rows (shape {X.shape}), but at least one is needed: give "
            "rows to learn from"
        )


def _check_finite(array: Array, names: Sequence[str] | None, what: str) -> None:
    """Refuse NaN and infinity: which columns, how many, and the first row of each."""
    if _engine.all_finite(array):
        return
    bad = ~np.isfinite(array)
    tall = bad.reshape(len(bad), -1)
    columns = np.flatnonzero(tall.any(axis=0))
    values = array.reshape(tall.shape)
    if array.ndim == 1:
        found = _found(values[:, 0])
    else:
        parts = [
            f"column {repr(names[c]) if names else c}: {_found(values[:, c])}"
            for c in columns[:SHOWN]
        ]
        more = len(columns) - SHOWN
        parts += [f"{more} more column{'s' * (more > 1)}"] if more > 0 else []
        found = "; ".join(parts)
    raise ValueError(
        f"{what} holds NaN or infinity, but a network needs finite numbers ({found}; "
        "rows are counted from 0): drop those rows or fill the values in, as "
        "rv.fit_table and `ranvier train` do"
    )


def _found(column: Array) -> str:
    """Count what is not finite in a column, and say where it begins."""
    nans, infinities = int(np.isnan(column).sum()), int(np.isinf(column).sum())
    counts = [f"{nans} NaN"] * (nans > 0)
    counts += [f"{infinities} infinite"] * (infinities > 0)
    first = int((~np.isfinite(column)).argmax())
    return f"{' and '.join(counts)}, first in row {first}"


def _labels(values: Array, outputs: int, what: str) -> Array:
    """Return classes as int32, each from 0 to outputs - 1."""
    bad = (values != np.floor(values)) | (values < 0) | (values >= outputs)
    expected = (
        f"a class from 0 to {outputs - 1}, one of the network's {outputs} outputs"
    )
    _refuse_where(bad, values, what, expected, "number the classes from 0")
    return values.astype(np.int32)


def _check_values(Y: Array, loss: Loss, what: str) -> None:
    """Refuse targets outside the range that a loss is made for."""
    if loss.name == "poisson":
        todo = "counts and rates are not negative; for other targets use another loss"
        _refuse_where(Y < 0, Y, what, "at least 0 for poisson", todo)
    if loss.name == "log_loss":
        todo = "number the two classes 0 and 1"
        _refuse_where((Y < 0) | (Y > 1), Y, what, "in [0, 1] for log_loss", todo)
    if loss.name == "cross_entropy":
        _refuse_where(Y < 0, Y, what, "at least 0, a probability", "give probabilities")
        totals = Y.sum(axis=1)
        gap = np.abs(totals - 1) > PROBABILITY_GAP
        todo = f"divide by their sum, {what} / {what}.sum(axis=1, keepdims=True)"
        _refuse_where(gap, totals, f"the sum over a row of {what}", "1", todo)


def _refuse_where(
    bad: Array, values: Array, what: str, expected: str, todo: str
) -> None:
    """Refuse values that are marked: how many, the first of them, and where it is."""
    if not bad.any():
        return
    place = np.unravel_index(int(bad.argmax()), bad.shape)
    column = f", column {int(place[1])}" if bad.ndim > 1 and bad.shape[1] > 1 else ""
    where = f"row {int(place[0])}{column} (counted from 0; {int(bad.sum())} in all)"
    raise ValueError(
        f"{what} is {values[place]:.6g} in {where}, but it must be {expected}: {todo}"
    )
