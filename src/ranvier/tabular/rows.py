"""What a user gives as X -> a table of columns with names."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.utils.validation import validate_data

from ranvier.table.frames import Columns, take_rows

Array = NDArray[Any]

# A sparse table is taken apart into columns, all of them dense: up to so many cells.
MOST_CELLS = 2**30


def table_of(estimator: Any, X: Any, *, reset: bool) -> Any:
    """Check what was given as X; give a data frame as it is, all else as `Columns`.

    The names and the number of the columns are learned when `reset` is true. When it is
    not, named columns are left to the model, which finds them by their names; others
    are compared with those that were learned.
    """
    if _is_frame(X):
        if reset or not hasattr(estimator, "feature_names_in_"):
            validate_data(estimator, X, skip_check_array=True, reset=reset)
        if len(X) == 0:
            raise ValueError(
                "Found array with 0 sample(s) (the table has no rows): give at least "
                "one row"
            )
        return X if _plain_names(X) else _renamed(X)
    X = _as_objects(X)
    X = validate_data(
        estimator,
        X,
        accept_sparse="csc",
        dtype=None,
        ensure_all_finite=False,
        reset=reset,
    )
    if sparse.issparse(X):
        X = _dense(X)
    names = getattr(estimator, "feature_names_in_", None)
    if names is None:
        names = [f"x{i}" for i in range(X.shape[1])]
    return Columns({str(name): X[:, i] for i, name in enumerate(names)})


def _is_frame(X: Any) -> bool:
    return nw.dependencies.is_into_dataframe(X)


def _plain_names(X: Any) -> bool:
    """Say whether all names are texts; in pandas they need not be."""
    if not nw.dependencies.is_pandas_dataframe(X):
        return True
    return all(isinstance(name, str) for name in X.columns)


def _renamed(X: Any) -> Any:
    """Return the columns of a pandas frame whose names are numbers as texts."""
    return X.set_axis([str(name) for name in X.columns], axis=1)


def _as_objects(X: Any) -> Any:
    """Keep the numbers among texts numbers, which NumPy would make texts of."""
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


def take(table: Any, rows: Array) -> Any:
    """Return some rows of a table, as `table_of` gives it."""
    if isinstance(table, Columns):
        return Columns({name: v[rows] for name, v in table.columns.items()})
    return take_rows(table, rows)
