"""Sparse tables as the engine takes them: row by row, the filled cells only."""

from typing import Any

import numpy as np

from ranvier import _engine
from ranvier.estimators.engine_rows import is_sparse

# Share of filled cells from which on a table is made dense, a part at a time: the
# engine goes through a cell of a dense row some ten times faster, empty or not.
WIDE = 0.1


def is_very_sparse(X: Any) -> bool:
    """Say whether a table has so few filled cells that it should not be made dense."""
    return is_sparse(X) and X.nnz < WIDE * X.shape[0] * X.shape[1]


def to_engine_csr(X: Any) -> Any:
    """Return the filled cells of a CSR matrix in the engine's form, without a copy."""
    kind: Any = _engine.SparseFloat32
    if X.dtype == np.float64:
        kind = _engine.SparseFloat64
    count = int(X.indptr[-1])  # SciPy may keep room for more
    return kind(
        X.data[:count],
        X.indices[:count].astype(np.int32, copy=False),
        X.indptr.astype(np.int64, copy=False),
        X.shape[1],
    )
