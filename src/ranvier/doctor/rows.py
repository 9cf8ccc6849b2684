"""Rows as the checks see them: numbers by column, and targets as classes or numbers."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranvier.network.array_conversion import read
from ranvier.table.frames import Columns
from ranvier.table.table import Table
from ranvier.table.task_inference import TaskName, infer_task
from ranvier.table.values import Values, values_of, without_missing_markers

Array = NDArray[Any]

MOST_CHECKED = 50_000  # rows; the first ones say enough


@dataclass(frozen=True)
class Rows:
    """Rows with their targets.

    Parameters
    ----------
    columns
        (n,) float64 of each column by its name: numbers, or codes of categories and
        dates; NaN where missing.
    numeric
        The columns that hold numbers.
    y
        (n,) codes of classes from 0 (int64), or numbers (float64, NaN where missing).
    classes
        The classes by their codes; None for numbers.
    given
        (n, k) the targets as given, if they are numbers.
    is_matrix
        Whether X is a matrix of numbers, which a network takes as it is.
    """

    columns: dict[str, Array]
    numeric: frozenset[str]
    y: Array
    classes: tuple[Any, ...] | None
    given: Array | None
    is_matrix: bool

    @classmethod
    def of(
        cls,
        X: Any,
        y: Any,
        task: TaskName | None = None,
        names: Sequence[str] = (),
        what: str = "",
    ) -> Rows:
        """Read rows: a matrix of numbers, or a table of any library.

        Parameters
        ----------
        X, y
            The rows and their targets.
        task
            What is predicted; None: inferred from y.
        names
            Of the columns of a matrix; empty: x0, x1, ...
        what
            Put before X and y in errors: ``"validation "``.

        Raises
        ------
        ValueError
            X is no table or has no cells, or X and y have different numbers of rows.
        TypeError
            X is sparse.
        """
        try:
            columns, numeric, is_matrix = _columns(X, names)
        except (ValueError, TypeError) as error:
            raise type(error)(f"{what}X cannot be read: {error}") from None
        n = len(next(iter(columns.values()), ()))
        if n == 0:
            raise ValueError(
                f"{what}X has {n} rows and {len(columns)} columns: give at least one "
                "of each"
            )
        labels, classes, given = _targets(y, task)
        if len(labels) != n:
            raise ValueError(
                f"{what}X has {n} rows, but y has {len(labels)}: give one target for "
                "each row"
            )
        return cls(columns, numeric, labels, classes, given, is_matrix)

    def __len__(self) -> int:
        return len(self.y)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(self.columns)

    @cached_property
    def table(self) -> Table:
        """The columns as a table."""
        return Table(Columns(self.columns))

    @property
    def missing_target(self) -> Array:
        """Mark the rows without a target, (n,)."""
        if self.classes is not None:
            return np.asarray(self.y < 0)
        return np.asarray(np.isnan(self.y))

    @cached_property
    def matrix(self) -> Array:
        """The columns standardised, missing values at 0, (n, d) float64."""
        with np.errstate(all="ignore"):
            X = np.column_stack([*self.columns.values()])
            X = np.where(np.isfinite(X), X, np.nan)
            mean, sd = _moments(X)
            return np.nan_to_num((X - mean) / np.where(sd > 0, sd, 1.0))

    def take(self, rows: Array) -> Rows:
        """Return some rows."""
        return replace(
            self,
            columns={name: x[rows] for name, x in self.columns.items()},
            y=self.y[rows],
            given=None if self.given is None else self.given[rows],
        )


def _moments(X: Array) -> tuple[Array, Array]:
    """Return mean and standard deviation of the known values of each column."""
    known = ~np.isnan(X)
    count = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, X, 0).sum(axis=0) / count
    squares = np.where(known, X - mean, 0) ** 2
    return mean, np.sqrt(squares.sum(axis=0) / count)


def _columns(
    X: Any, names: Sequence[str]
) -> tuple[dict[str, Array], frozenset[str], bool]:
    if hasattr(X, "toarray") and hasattr(X, "nnz"):
        raise TypeError(
            f"X is a sparse matrix ({type(X).__name__}), but the checks need a dense "
            "one: give X.toarray(), of some of the rows if they are many"
        )
    with suppress(ValueError, TypeError):
        matrix, own = read(X, np.dtype(np.float64), "X", "")
        if matrix.ndim == 2:
            d = matrix.shape[1]
            fits = len(names) == d
            own = own or (list(names) if fits else [f"x{i}" for i in range(d)])
            columns = dict(zip(own, matrix.T, strict=True))
            return columns, frozenset(columns), True
    if hasattr(X, "ndim") and not hasattr(X, "columns") and X.ndim == 2:
        X = {f"x{i}": X[:, i] for i in range(X.shape[1])}
    table = Table.of(X)
    values = {name: table.values(name) for name in table.names}
    numeric = frozenset(n for n, own in values.items() if own.kind == "number")
    return {n: _numbers(own) for n, own in values.items()}, numeric, False


def _numbers(values: Values) -> Array:
    """Return numbers as they are, and codes of texts and dates; NaN where missing."""
    values = without_missing_markers(values)
    if values.kind == "number":
        return values.data
    codes = np.full(len(values), np.nan)
    known = ~values.missing
    if values.kind in ("text", "date") and known.any():
        data = values.data[known]
        data = data.astype(str) if data.dtype == object else data
        codes[known] = np.unique(data, return_inverse=True)[1].reshape(-1)
    return codes


def _targets(
    y: Any, task: TaskName | None
) -> tuple[Array, tuple[Any, ...] | None, Array | None]:
    if not hasattr(y, "dtype") and not hasattr(y, "to_numpy"):
        if isinstance(y, str | bytes) or not hasattr(y, "__iter__"):
            raise TypeError(
                f"y is {type(y).__name__}, but a target for each row was expected: "
                "give a list, an array or a column"
            )
        y = list(y)
    with suppress(ValueError, TypeError):
        given = read(y, np.dtype(np.float64), "y", "")[0]
        if given.ndim == 2 and given.shape[1] > 1:
            one_hot = ((given == 0) | (given == 1)).all() and (given.sum(1) == 1).all()
            if one_hot and task != "regression":
                k = given.shape[1]
                return given.argmax(axis=1), tuple(range(k)), given
            return given[:, 0], None, given
        y = given.reshape(-1)
        return (*_labels(y, task), y[:, None])
    return (*_labels(y, task), None)


def _labels(y: Any, task: TaskName | None) -> tuple[Array, tuple[Any, ...] | None]:
    values = without_missing_markers(values_of(y))
    if values.kind == "number" and not np.isfinite(values.data).any():
        return values.data.astype(np.float64), None
    if values.kind == "number":
        known = values.data[np.isfinite(values.data)]
        if (task or infer_task(known).name) == "regression":
            return values.data.astype(np.float64), None
    missing = values.missing
    codes = np.full(len(values), -1)
    data = values.data[~missing]
    data = data.astype(str) if data.dtype == object else data
    classes, codes[~missing] = np.unique(data, return_inverse=True)
    names = classes.tolist()
    whole = values.kind == "number" and (classes == np.floor(classes)).all()
    return codes, tuple(int(c) for c in names) if whole else tuple(names)
