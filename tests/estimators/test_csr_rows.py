"""Sparse tables in the engine's form."""

import numpy as np
import pytest
import scipy.sparse as sp

from ranvier import _engine
from ranvier.estimators import csr_rows


def test_is_very_sparse() -> None:
    few = sp.random(50, 40, density=0.05, format="csr", random_state=0)
    many = sp.random(50, 40, density=0.5, format="csr", random_state=0)
    assert csr_rows.is_very_sparse(few)
    assert not csr_rows.is_very_sparse(many)
    assert not csr_rows.is_very_sparse(few.toarray())


@pytest.mark.parametrize("index", [np.int32, np.int64])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_cells(dtype: type, index: type) -> None:
    X = sp.random(20, 30, density=0.05, format="csr", random_state=0, dtype=dtype)
    X.indices, X.indptr = X.indices.astype(index), X.indptr.astype(index)
    # SciPy lets the arrays be longer than the matrix.
    X.data, X.indices = np.r_[X.data, dtype(7)], np.r_[X.indices, index(99)]
    network = _engine.Network(30, [("dense", 1, "identity", 0.0)])
    theta = np.arange(31, dtype=dtype)
    out, workspace = np.empty((20, 1), dtype), _engine.Workspace(1)
    _engine.predict(network, theta, csr_rows.to_engine_csr(X), out, workspace)
    np.testing.assert_allclose(out, X.toarray() @ theta[:30, None] + 30, rtol=1e-6)
