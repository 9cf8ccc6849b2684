"""Tables of every kind give the same outputs, loss and gradient."""

from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

from ranvier import _engine
from ranvier.estimators import engine_calls
from ranvier.estimators import engine_rows as rows_module
from ranvier.estimators.architecture import Architecture, engine_of
from ranvier.estimators.engine_rows import Rows
from ranvier.network.losses import Loss

NETWORK = Architecture(6, (5, 2), ("tanh", "identity"), (0.0,))


@pytest.mark.parametrize("density", [0.05, 0.6])
@pytest.mark.parametrize("weighted", [False, True])
def test_sparse_is_dense(
    density: float, weighted: bool, rng: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows_module, "PART_BYTES", 500)  # some ten rows at a time
    theta = rng.normal(size=engine_of(NETWORK).parameters)
    X = sp.random(53, 6, density=density, format="csr", random_state=0)
    Y, w = rng.normal(size=(53, 2)), rng.uniform(0, 2, 53) if weighted else None
    sparse_rows, dense_rows = Rows(X, Y, w), Rows(X.toarray(), Y, w)
    loss, workspace = Loss("squared_error"), _engine.Workspace(1)
    np.testing.assert_allclose(
        engine_calls.predict(NETWORK, theta, X, workspace),
        engine_calls.predict(NETWORK, theta, X.toarray(), workspace),
        rtol=1e-13,
    )
    L, gradient = engine_calls.loss_and_gradient(
        NETWORK, theta, dense_rows, loss, workspace
    )
    found, slopes = engine_calls.loss_and_gradient(
        NETWORK, theta, sparse_rows, loss, workspace
    )
    np.testing.assert_allclose(found, L, rtol=1e-12)
    np.testing.assert_allclose(slopes, gradient, atol=1e-13)
    for rows in (sparse_rows, dense_rows):
        mean = engine_calls.mean_loss(NETWORK, theta, rows, loss, workspace)
        np.testing.assert_allclose(mean, L, rtol=1e-12)


@pytest.mark.usefixtures("more_processors")
def test_threads() -> None:
    assert engine_calls.workspace_for(None, 1e3).n_threads == 1
    assert engine_calls.workspace_for(3, 1e3).n_threads == 3
