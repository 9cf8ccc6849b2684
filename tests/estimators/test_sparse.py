"""A first layer beside the engine gives what the engine gives for dense rows."""

from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

from ranvier import _engine
from ranvier.estimators import sparse
from ranvier.estimators.layers import Description, engine_of
from ranvier.estimators.rows import Rows
from ranvier.network.losses import Loss

NETWORKS = {
    "two": Description(40, (7, 3), ("tanh", "softmax"), (0.0,)),
    "three": Description(40, (7, 5, 3), ("gelu", "tanh", "softmax"), (0.0, 0.0)),
    "one": Description(40, (3,), ("softmax",), ()),
}


def case(name: str, n: int, rng: Any, dtype: type = np.float64) -> Any:
    description = NETWORKS[name]
    theta = rng.normal(size=engine_of(description).parameters).astype(dtype)
    X = sp.random(n, 40, density=0.05, format="csr", random_state=1, dtype=dtype)
    return description, theta, X


@pytest.mark.parametrize("n", [1, 63, 64, 65, 200])
@pytest.mark.parametrize("name", NETWORKS)
def test_predict(name: str, n: int, rng: Any) -> None:
    description, theta, X = case(name, n, rng)
    expected = np.empty((n, 3))
    workspace = _engine.Workspace(1)
    _engine.predict(engine_of(description), theta, X.toarray(), expected, workspace)
    found = sparse.predict(description, theta, X, workspace)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("n", [3, 300])
@pytest.mark.parametrize("name", NETWORKS)
def test_gradient(name: str, n: int, weighted: bool, rng: Any) -> None:
    description, theta, X = case(name, n, rng)
    Y = rng.integers(0, 3, n).astype(np.int32)
    w = rng.uniform(0, 2, n) if weighted else None
    workspace, loss = _engine.Workspace(1), Loss("cross_entropy")
    expected = np.empty_like(theta)
    network = engine_of(description)
    L = _engine.loss_and_gradient(
        network, theta, X.toarray(), Y, w, loss.engine, expected, workspace
    )
    rows = Rows(X, Y, w)
    found, gradient = sparse.loss_and_gradient(
        description, theta, rows, loss, workspace
    )
    np.testing.assert_allclose(found, L, rtol=1e-12)
    np.testing.assert_allclose(gradient.dense(description), expected, atol=1e-13)
    if X.nnz < 40:
        np.testing.assert_array_equal(gradient.inputs, np.unique(X.indices))
    else:
        assert gradient.inputs is None


def test_float32_stays(rng: Any) -> None:
    description, theta, X = case("two", 5, rng, np.float32)
    A = sparse.predict(description, theta, X, _engine.Workspace(1))
    assert A.dtype == np.float32


def test_is_wide() -> None:
    assert sparse.is_wide(sp.random(20, 100, density=0.05, format="csr"))
    assert not sparse.is_wide(sp.random(20, 100, density=0.5, format="csr"))
    assert not sparse.is_wide(np.zeros((2, 2)))
