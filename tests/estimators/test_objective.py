"""scikit-learn's losses, and what is made of the engine's, are the same numbers."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from sklearn.neural_network._base import LOSS_FUNCTIONS

from ranvier import _engine
from ranvier.estimators.architecture import activation_of
from ranvier.estimators.engine_rows import Rows
from ranvier.estimators.objective import Objective, objective_of
from ranvier.network.losses import Loss

CASES = {
    "binary": ("logistic", "binary_log_loss", 1),
    "multilabel": ("logistic", "binary_log_loss", 3),
    "multiclass": ("softmax", "log_loss", 4),
    "regression": ("identity", "squared_error", 1),
    "multioutput": ("identity", "squared_error", 3),
    "poisson": ("exp", "poisson", 1),
    "poisson of several": ("exp", "poisson", 2),
}


def case(name: str, rng: np.random.Generator) -> tuple[Objective, Any, Any, Any]:
    activation, loss, outputs = CASES[name]
    Z = rng.normal(size=(30, outputs))
    A = {
        "logistic": 1 / (1 + np.exp(-Z)),
        "softmax": np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True),
        "identity": Z,
        "exp": np.exp(Z),
    }[activation]
    if activation == "softmax":
        y = np.eye(outputs)[rng.integers(0, outputs, 30)]
    elif activation == "logistic":
        y = (rng.random(Z.shape) < 0.5).astype(float)
    else:
        y = rng.poisson(2.0, Z.shape).astype(float)
    mlp = SimpleNamespace(out_activation_=activation, loss=loss, label_smoothing=0.0)
    return objective_of(mlp, outputs), y, Z, A


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("name", CASES)
def test_loss_and_gradient(name: str, weighted: bool, rng: Any) -> None:
    objective, y, Z, A = case(name, rng)
    w = rng.uniform(0.1, 2, 30) if weighted else None
    # The network Z = Z: its inputs are the logits, its W the identity.
    outputs = Z.shape[1]
    activation = activation_of(CASES[name][0]).name
    network = _engine.Network(outputs, [("dense", outputs, activation, 0.0)])
    theta = np.append(np.eye(outputs).ravel(), np.zeros(outputs))
    rows = Rows(Z, objective.targets(y, np.float64), w, objective.constants(y))
    gradient = np.empty_like(theta)
    L = _engine.loss_and_gradient(
        network, theta, Z, rows.Y, w, objective.engine, gradient, _engine.Workspace(1)
    )
    expected = LOSS_FUNCTIONS[CASES[name][1]](y, A, w)
    ours = objective.loss_factor * L + rows.mean_constant()
    np.testing.assert_allclose(ours, expected, rtol=1e-12)
    # scikit-learn's slope is A - y in each of these, weighted.
    shares = np.full(30, 1 / 30) if w is None else w / w.sum()
    expected = Z.T @ (shares[:, None] * (A - y))
    dW = gradient[: outputs**2].reshape(outputs, outputs)
    np.testing.assert_allclose(objective.slope_factor * dW, expected, atol=1e-14)


def test_only_one_is_inconsistent(rng: Any) -> None:
    for name in CASES:
        objective, *_ = case(name, rng)
        same = objective.loss_factor == objective.slope_factor
        assert same == (name != "multioutput")
        again = objective.consistent()
        assert again.loss_factor == again.slope_factor == objective.slope_factor


@pytest.mark.parametrize("name", ["binary", "multilabel", "multiclass"])
def test_clipped(name: str, rng: Any) -> None:
    objective, y, Z, _ = case(name, rng)
    Z = Z * 100
    with np.errstate(over="ignore"):
        P = 1 / (1 + np.exp(-Z))
    if name == "multiclass":
        P = np.exp(Z - Z.max(axis=1, keepdims=True))
        P /= P.sum(axis=1, keepdims=True)
    rows = Rows(Z, objective.targets(y, np.float64))
    assert objective.clips
    expected = LOSS_FUNCTIONS[CASES[name][1]](y, P)
    ours = objective.loss_factor * objective.clipped(P, rows)
    np.testing.assert_allclose(ours, expected, rtol=1e-9)


def test_smoothing() -> None:
    smooth = Objective(Loss("log_loss"), smoothing=0.2)
    np.testing.assert_allclose(
        smooth.targets(np.eye(2), np.float64), [[0.9, 0.1], [0.1, 0.9]]
    )


def test_negative_counts_are_refused() -> None:
    objective = Objective(Loss("poisson"))
    with pytest.raises(ValueError, match=r"out of the valid range.*smallest is -2"):
        objective.constants(np.array([[1.0], [-2.0]]))
