"""Validation of X: any table, array or sparse matrix -> named columns."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.utils.validation import validate_data

from ranvier.table.frames import Columns, columns_of, named_columns, take_rows
from ranvier.table.given_weights import checked_weights
from ranvier.table.values import is_missing

Array = NDArray[Any]

# A sparse table becomes dense columns: at most so many cells.
MOST_CELLS = 2**30


def table_of(estimator: Any, X: Any, *, reset: bool) -> Any:
    """Validate X; return a data frame as it is, anything else as `Columns`.

    If `reset`, the names and the number of the columns are stored in the estimator.
    Otherwise the model finds named columns by name, and unnamed ones are compared with
    those that were stored.
    """
    X = named_columns(X)
    if isinstance(X, Columns):
        if reset:
            estimator.feature_names_in_ = np.array(list(X.columns), dtype=object)
            estimator.n_features_in_ = len(X.columns)
        return X
    if nw.dependencies.is_into_series(X):
        raise ValueError(
            "Expected a 2-dimensional table, but got one column: Reshape your data, "
            "for example with X.to_frame()"
        )
    if _is_frame(X):
        X = X if _one_kind_of_names(X) else _renamed(X)
        columns_of(X)  # refuses names that are there twice
        if reset or not hasattr(estimator, "feature_names_in_"):
            validate_data(estimator, X, skip_check_array=True, reset=reset)
        if len(X) == 0:
            raise ValueError(
                "Found array with 0 sample(s) (the table has no rows): give at least "
                "one row"
            )
        return X if _plain_names(X) else _renamed(X)
    if np.ma.isMaskedArray(X):
        kind = np.float64 if X.dtype.kind in "biuf" else object
        X = np.ma.filled(X.astype(kind), np.nan if kind is np.float64 else None)
    try:
        X = validate_data(
            estimator, _as_objects(X), accept_sparse="csc", dtype=None,
            ensure_all_finite=False, reset=reset,
        )  # fmt: skip
    except ValueError as error:
        if "inhomogeneous" not in str(error):
            raise
        raise ValueError(
            "X must be a table, but its rows have different lengths: give (n, d) values"
        ) from None
    if sparse.issparse(X):
        X = _dense(X)
    names = getattr(estimator, "feature_names_in_", None)
    if names is None:
        names = [f"x{i}" for i in range(X.shape[1])]
    return Columns({str(name): X[:, i] for i, name in enumerate(names)})


def checked_by_row(name: str, given: Any, rows: int) -> Array | None:
    """Return a value for each row (n,), None of None; else ValueError."""
    if given is None:
        return None
    found = np.ma.filled(given, None) if np.ma.isMaskedArray(given) else given
    try:
        found = np.asarray(found)
    except ValueError:  # lists of different lengths
        found = np.empty(0)
    if found.shape != (rows,):
        raise ValueError(
            f"{name} has shape {found.shape}, but there are {rows} rows: give one "
            "value for each row, (n,)"
        )
    missing = _missing(found)
    if missing.any():
        raise ValueError(
            f"{name} is missing in row {int(missing.argmax())} (counted from 0): give "
            "each row a value"
        )
    return found


def _missing(values: Array) -> Array:
    """Mark the missing entries of an array, (n,)."""
    if values.dtype == object:
        return np.fromiter(map(is_missing, values), bool, len(values))
    if values.dtype.kind in "mM":
        return np.asarray(np.isnat(values))
    return np.asarray(values != values)


def _is_frame(X: Any) -> bool:
    return nw.dependencies.is_into_dataframe(X)


def _plain_names(X: Any) -> bool:
    """Whether all names are strings; in pandas they need not be."""
    if not nw.dependencies.is_pandas_dataframe(X):
        return True
    return all(isinstance(name, str) for name in X.columns)


def _one_kind_of_names(X: Any) -> bool:
    """Whether no column has a text as its name, or all have."""
    if not nw.dependencies.is_pandas_dataframe(X):
        return True
    return len({isinstance(name, str) for name in X.columns}) <= 1


def _renamed(X: Any) -> Any:
    """Return a pandas frame with its column names as strings."""
    return X.set_axis([str(name) for name in X.columns], axis=1)


def _as_objects(X: Any) -> Any:
    """Keep numbers among strings, which NumPy would turn into strings."""
    if isinstance(X, list | tuple) and any(
        isinstance(value, str) for row in X[:50] if isinstance(row, list | tuple)
        for value in row
    ):  # fmt: skip
        return np.array(X, dtype=object)
    return X


def _dense(X: Any) -> Array:
    rows, columns = X.shape
    if rows * columns > MOST_CELLS:
        raise ValueError(
            f"the sparse table has {rows:,} x {columns:,} cells, more than the "
            f"{MOST_CELLS:,} that can be taken at once: reduce its columns first, for "
            "example with sklearn.decomposition.TruncatedSVD"
        )
    return np.asarray(X.toarray())


def without_weightless_rows(table: Any, y: Array, sample_weight: Any) -> Any:
    """Check weights; leave the rows of weight 0 out."""
    if sample_weight is None:
        return table, y, None, slice(None)
    weights = checked_weights("sample_weight", sample_weight, y).astype(np.float64)
    used = weights > 0
    if used.all():
        return table, y, weights, slice(None)
    return take_rows(table, np.flatnonzero(used)), y[used], weights[used], used
