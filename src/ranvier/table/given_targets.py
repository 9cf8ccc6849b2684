"""The y that a user gives to an estimator -> an array of plain values."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from ranvier.messages import listed
from ranvier.table.given_weights import checked_weights
from ranvier.table.values import is_missing

_WAYS_OUT = {
    "Interval": "their names, for example y.astype(str)",
    "Period": "their names, for example y.astype(str)",
    "Timedelta": "numbers, for example seconds",
    "timedelta": "numbers, for example seconds",
    "timedelta64": "numbers, for example seconds",
    "bytes": "texts, for example [label.decode() for label in y]",
    "complex": "real numbers",
    "complex128": "real numbers",
}


def plain_target(y: Any) -> Any:
    """Return targets as NumPy has them; anything that is no plain value is refused.

    Columns of pandas, polars and Arrow become arrays of their own kind: nullable
    integers are integers, truths are truths. So do arrays of Python objects, if they
    are all truths, whole numbers, or decimals.

    Parameters
    ----------
    y
        An array, a list, a series of any library, a frame, or a sparse matrix. Matrices
        are returned as they are.

    Raises
    ------
    ValueError
        A value is missing or masked, or no text, number, truth or date; or texts and
        numbers are mixed.
    """
    if np.ma.isMaskedArray(y):
        if np.ma.getmaskarray(y).any():
            raise ValueError("y is masked (missing) in some rows: leave them out")
        y = np.asarray(y)
    if nw.dependencies.is_into_series(y):
        y = _of_series(y)
    try:
        values = np.asarray(y)
    except ValueError:  # rows of different lengths, which scikit-learn names
        return y
    if values.ndim != 1 or not len(values):
        return y
    if values.dtype.kind in "mcS":
        name = {"m": "timedelta64", "c": "complex", "S": "bytes"}[values.dtype.kind]
        raise _refusal(name)
    if values.dtype.kind == "f" and np.isnan(values).any():
        raise _missing(np.isnan(values))
    if values.dtype != object:
        return y
    missing = np.fromiter(map(is_missing, values), bool, len(values))
    if missing.any():
        raise _missing(missing)
    return _of_objects(values, y)


class PlainScores:
    """The `score` of an estimator, of targets as `plain_target` reads them."""

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Return the accuracy of classes, or the R2 of numbers.

        Parameters
        ----------
        X
            Rows (n, d), as for `predict`.
        y
            The targets of the rows, of any type that `fit` takes.
        sample_weight
            (n,) weights of the rows; None: all 1.

        Returns
        -------
        float
            At most 1, for a prediction without error.

        Raises
        ------
        ValueError
            A target is missing or no plain value.

        Examples
        --------
        >>> import ranvier as rv
        >>> X, y = [[0.0], [1.0], [2.0], [3.0]], [False, False, True, True]
        >>> rv.MLPClassifier(solver="lbfgs", random_state=0).fit(X, y).score(X, y)
        1.0
        """
        own: Any = super()
        y = plain_target(y)
        if sample_weight is not None:
            sample_weight = checked_weights("sample_weight", sample_weight, y)
        return float(own.score(X, y, sample_weight))


def _of_series(y: Any) -> Any:
    """Read a column by its type; one with missing values becomes one of objects."""
    series = nw.from_native(y, series_only=True)
    dtype = series.dtype
    if dtype.is_integer() or dtype == nw.Boolean:
        if series.null_count():
            return np.array(series.to_list(), dtype=object)
        if isinstance(
            getattr(y, "dtype", None), np.dtype
        ):  # of pandas, as NumPy has it
            return y
        if dtype in (nw.Int128, nw.UInt128):
            return np.array(series.to_list())
        kind = "bool" if dtype == nw.Boolean else type(dtype).__name__.lower()
        return np.array(series.to_list(), kind)
    if series.implementation.is_pandas():
        return y
    return np.array(series.to_list(), dtype=object) if series.null_count() else y


def _of_objects(values: NDArray[Any], y: Any) -> Any:
    """Return objects of one kind with the type of that kind."""
    kinds = {type(value) for value in values}
    names = {kind.__name__ for kind in kinds}
    for name in names & _WAYS_OUT.keys():
        raise _refusal(name)
    if names == {"Decimal"}:
        all_whole = all(value == int(value) for value in values)
        return values.astype(np.int64 if all_whole else np.float64)
    if kinds <= {bool, np.bool_}:
        return values.astype(np.bool_)
    if all(issubclass(kind, int | np.integer) for kind in kinds - {bool, np.bool_}):
        whole = np.array(values.tolist())
        return whole if whole.dtype.kind in "iu" else y
    texts = {kind for kind in kinds if issubclass(kind, str)}
    if texts and texts != kinds:
        raise ValueError(
            f"y mixes values of type {listed(sorted(names))}: make them one type, for "
            "example with y.astype(str)"
        )
    return y


def _missing(missing: NDArray[np.bool_]) -> ValueError:
    return ValueError(
        f"y is missing in row {int(missing.argmax())} (counted from 0): Input y "
        "contains NaN or None, leave such rows out"
    )


def _refusal(name: str) -> ValueError:
    start = "Complex data not supported: " if name.startswith("complex") else ""
    return ValueError(f"{start}y holds values of type {name}: give {_WAYS_OUT[name]}")
