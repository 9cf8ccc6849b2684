"""The rows of an estimator's table, as the engine takes them: dense, a part at a time.

A sparse table is never made dense as a whole. Where few columns of it are filled, not
even a batch is: see `sparse`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

# Bytes of a part of a sparse table that is made dense at a time.
PART_BYTES = 8 << 20


@dataclass(frozen=True)
class Rows:
    """Rows with their targets and weights.

    Parameters
    ----------
    X
        Inputs (n, d): C-contiguous, or a CSR matrix.
    Y
        Targets as the engine takes them.
    weights
        Weights of the rows (n,), or None for all 1.
    constants
        What each row adds to the loss whatever the network says (n,), or None.
    """

    X: Any
    Y: Array
    weights: Array | None = None
    constants: Array | None = None

    def __len__(self) -> int:
        return int(self.X.shape[0])

    def take(self, rows: Array | slice) -> "Rows":
        """Return some of the rows."""
        return Rows(
            self.X[rows],
            self.Y[rows],
            None if self.weights is None else self.weights[rows],
            None if self.constants is None else self.constants[rows],
        )

    def astype(self, dtype: Any) -> "Rows":
        """Return the rows in another precision; labels stay as they are."""
        labels, weights = self.Y.ndim == 1, self.weights
        return Rows(
            self.X.astype(dtype, copy=False),
            self.Y if labels else self.Y.astype(dtype, copy=False),
            None if weights is None else weights.astype(dtype, copy=False),
            self.constants,
        )

    def sums(self, order: Array, batch_size: int) -> Array:
        """Return the weight of each batch of an order, in float64."""
        starts = np.arange(0, len(order), batch_size)
        if self.weights is None:
            return np.diff(starts, append=len(order)).astype(np.float64)
        weights = self.weights[order].astype(np.float64)
        return np.add.reduceat(weights, starts)

    def weight(self) -> float:
        """Return the weight of all rows."""
        if self.weights is None:
            return float(len(self))
        return float(self.weights.sum(dtype=np.float64))

    def mean_constant(self) -> float:
        """Compute the mean of `constants`, weighted."""
        if self.constants is None:
            return 0.0
        return float(np.average(self.constants, weights=self.weights))


def is_sparse(X: Any) -> bool:
    """Say whether a table is one of scipy's sparse ones."""
    return hasattr(X, "nnz") and hasattr(X, "tocsr")


def ready(X: Any, dtype: Any) -> Any:
    """Return a table as a C-contiguous array or a CSR matrix of a dtype."""
    if is_sparse(X):
        return X.tocsr().astype(dtype, copy=False)
    return np.ascontiguousarray(X, dtype)


def parts(X: Any, least: int = 1) -> Iterator[slice]:
    """Cut the rows of a table into parts, each small enough to be made dense."""
    n, d = X.shape
    count = max(PART_BYTES // (X.dtype.itemsize * max(d, 1)), least)
    for first in range(0, n, count):
        yield slice(first, min(first + count, n))


def dense(X: Any) -> Array:
    """Return a part of a table as an array."""
    if is_sparse(X):
        return np.ascontiguousarray(X.toarray())
    array: Array = X
    return array
