"""Steps in NumPy are the engine's steps."""

from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

import ranvier as rv
from ranvier import _engine
from ranvier.estimators import wide
from ranvier.estimators.layers import Description, engine_of
from ranvier.estimators.optimizer import Optimizer
from ranvier.estimators.rows import Rows
from ranvier.estimators.wide import WideSteps
from ranvier.network.losses import Loss

NETWORK = Description(30, (4, 3), ("tanh", "softmax"), (0.0,))
SOLVERS: dict[str, dict[str, Any]] = {
    "sgd": {"solver": "sgd", "momentum": 0},
    "momentum": {"solver": "sgd", "nesterovs_momentum": False},
    "nesterov": {"solver": "sgd"},
    "adam": {"solver": "adam", "epsilon": 1e-3},
    "adamw": {"solver": "adamw", "weight_decay": 0.3},
    "clipped": {"solver": "adam", "clip_norm": 0.05, "epsilon": 1e-2},
}


@pytest.mark.parametrize("slope_factor", [1.0, 2.0])
@pytest.mark.parametrize("name", SOLVERS)
def test_witness(
    name: str, slope_factor: float, rng: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wide, "BLOCK", 28)  # seven inputs at a time
    mlp = rv.MLPClassifier(**SOLVERS[name])
    theta = rng.normal(size=engine_of(NETWORK).parameters)
    expected = theta.copy()
    X = sp.random(60, 30, density=0.05, format="csr", random_state=0)
    Y, w = rng.integers(0, 3, 60).astype(np.int32), rng.uniform(0.1, 2, 60)
    ours, theirs = Optimizer(mlp, theta), Optimizer(mlp, theta)
    loss, workspace = Loss("cross_entropy"), _engine.Workspace(1)
    update = theirs.update(0.7, slope_factor)
    rates = np.full(6, 0.02)
    done = _engine.train_epoch(
        engine_of(NETWORK), expected, theirs.slots, X.toarray(), Y, w, np.arange(60),
        10, loss.engine, update, rates, 0, 0, 0, workspace, True,
    )  # fmt: skip
    steps = WideSteps(NETWORK, theta, ours, loss)
    rows = Rows(X, Y, w)
    for step in range(6):
        batch = rows.take(np.arange(10 * step, 10 * step + 10))
        l2 = 0.7 / slope_factor / batch.weight()
        found = steps.take(batch, 0.02, l2, slope_factor, workspace)
        ours.steps += 1
        np.testing.assert_allclose(found.loss, done.step_losses[step], rtol=1e-11)
        np.testing.assert_allclose(found.squares, done.step_squares[step], rtol=1e-11)
    np.testing.assert_allclose(theta, expected, atol=1e-13)
    np.testing.assert_allclose(ours.slots, theirs.slots, atol=1e-14)
