"""L-BFGS, and the one thing done otherwise than scikit-learn on purpose."""

from typing import Any

import numpy as np
import pytest
from sklearn import neural_network

import ranvier as rv
from cases import central_differences, gap
from ranvier.estimators.engine_rows import Rows
from ranvier.estimators.lbfgs_objective import PenalisedLoss
from ranvier.estimators.objective import objective_of
from ranvier.estimators.parameter_views import theta_of


def several_outputs(rng: Any, outputs: int) -> tuple[Any, Any]:
    X = rng.normal(size=(60, 4))
    return X, np.tanh(X @ rng.normal(size=(4, outputs))) + 0.5


def gradient_gap(mlp: Any, X: Any, y: Any) -> float:
    """Return how far an estimator's gradient is from the slope of its loss."""
    packed = np.hstack([part.ravel() for part in [*mlp.coefs_, *mlp.intercepts_]])
    y = y.reshape(len(y), -1)
    layers = len(mlp.coefs_)
    activations: list[Any] = [X] + [None] * layers
    lists: list[list[Any]] = [[None] * layers for _ in range(3)]

    def loss_grad(theta: Any) -> Any:
        return mlp._loss_grad_lbfgs(theta.copy(), X, y, None, activations, *lists)

    numeric = central_differences(lambda theta: loss_grad(theta)[0], packed)
    return gap(loss_grad(packed)[1], numeric)


@pytest.mark.parametrize("outputs", [1, 2, 3, 5])
def test_deliberate_difference(outputs: int, rng: Any) -> None:
    """scikit-learn's gradient is as many times its loss's as there are outputs."""
    X, y = several_outputs(rng, outputs)
    y = y[:, 0] if outputs == 1 else y
    given: dict[str, Any] = {
        "hidden_layer_sizes": (6,), "activation": "tanh", "solver": "lbfgs",
        "random_state": 0, "max_iter": 1, "alpha": 0.0,
    }  # fmt: skip
    theirs = neural_network.MLPRegressor(**given).fit(X, y)
    ours = rv.MLPRegressor(**given).fit(X, y)
    # Theirs is k times the slope: (k - 1) / 1 of it too long.
    np.testing.assert_allclose(gradient_gap(theirs, X, y), outputs - 1, atol=1e-5)
    assert gradient_gap(ours, X, y) < 1e-6


def test_loss_is_the_sum_over_outputs(rng: Any) -> None:
    X, y = several_outputs(rng, 3)
    reg = rv.MLPRegressor(solver="lbfgs", random_state=0, max_iter=50, alpha=0.1)
    reg.fit(X, y)
    squares = ((reg.predict(X) - y) ** 2).sum(axis=1).mean()
    penalty = 0.1 / 2 / 60 * sum(np.sum(W**2) for W in reg.coefs_)
    np.testing.assert_allclose(reg.loss_, squares / 2 + penalty, rtol=1e-12)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(
    "loss",
    ["squared_error", "poisson", "huber", rv.losses.quantile(0.8), "absolute_error"],
)
def test_gradient_is_the_slope(loss: Any, weighted: bool, rng: Any) -> None:
    X, y = several_outputs(rng, 2)
    y = abs(y)
    reg = rv.MLPRegressor(loss, (5,), "tanh", solver="lbfgs", max_iter=2, alpha=0.3)
    reg.set_params(random_state=0).fit(X, y)
    objective = objective_of(reg, 2)
    w = rng.uniform(0.1, 2, len(X)) if weighted else None
    function = PenalisedLoss(reg, Rows(X, y, w, objective.constants(y)), objective)
    theta = theta_of(reg).copy()
    numeric = central_differences(lambda t: function(t)[0], theta)
    assert gap(function(theta)[1], numeric) < 1e-6


def test_dtype_of_the_weights(rng: Any) -> None:
    X, y = several_outputs(rng, 1)
    given: dict[str, Any] = {"solver": "lbfgs", "random_state": 0, "max_iter": 30}
    wide = rv.MLPRegressor(**given).fit(X.astype(np.float32), y.ravel())
    assert wide.coefs_[0].dtype == np.float64  # as in scikit-learn
    narrow = rv.MLPRegressor(**given, dtype="float32").fit(X, y.ravel())
    assert narrow.coefs_[0].dtype == narrow.predict(X[:2].astype(np.float32)).dtype
    assert narrow.coefs_[0].dtype == np.float32


@pytest.mark.parametrize("weighted", [False, True])
def test_float32_ends_where_float64_does(weighted: bool, rng: Any) -> None:
    """The problem is convex; from float32 alone the gradient would stay at 1e-6."""
    X, y = several_outputs(rng, 2)
    X = X.astype(np.float32)
    w = rng.uniform(0.5, 2, len(X)) if weighted else None
    given: dict[str, Any] = {
        "hidden_layer_sizes": (), "solver": "lbfgs", "random_state": 0, "tol": 1e-9,
        "max_iter": 500, "alpha": 0.1,
    }  # fmt: skip
    narrow = rv.MLPRegressor(**given).fit(X, y, sample_weight=w)
    wide = rv.MLPRegressor(**given).fit(X.astype(np.float64), y, sample_weight=w)
    np.testing.assert_allclose(narrow.coefs_[0], wide.coefs_[0], rtol=1e-6)


def test_float32_goes_along_with_float64_at_first(rng: Any) -> None:
    X, y = several_outputs(rng, 1)
    X, y = X.astype(np.float32), y.ravel() > 0.5
    given: dict[str, Any] = {"solver": "lbfgs", "random_state": 0, "max_iter": 4}
    narrow = rv.MLPClassifier(**given).fit(X, y)
    wide = rv.MLPClassifier(**given).fit(X.astype(np.float64), y)
    assert 0 < abs(narrow.loss_ / wide.loss_ - 1) < 1e-5


@pytest.mark.parametrize("reason", ["little is won", "many tries"])
def test_float64_takes_over(reason: str, rng: Any) -> None:
    X, y = several_outputs(rng, 1)
    given: dict[str, Any] = {"solver": "lbfgs", "random_state": 0, "max_iter": 2}
    reg = rv.MLPRegressor(**given).fit(X, y.ravel())
    objective = objective_of(reg, 1)
    function = PenalisedLoss(reg, objective.rows(X, y, None, np.float32), objective)
    theta = theta_of(reg)
    for _ in range(5):
        loss, gradient = function(theta)
    assert gradient.dtype == np.float64
    assert function.rows.X.dtype == np.float32
    if reason == "many tries":
        function(theta)
    else:
        function.iteration_ends(loss)
        assert function.rows.X.dtype == np.float32
        function.iteration_ends(loss * (1 - 1e-5))
    assert function.rows.X.dtype == function.rows.Y.dtype == np.float64


def test_dropout_is_refused() -> None:
    with pytest.raises(ValueError, match="set dropout=0, or solver='adam'"):
        rv.MLPRegressor(solver="lbfgs", dropout=0.1).fit([[1.0], [2.0]], [1.0, 2.0])


def test_validation_losses_are_kept(rng: Any) -> None:
    X, y = several_outputs(rng, 1)
    reg = rv.MLPRegressor(solver="lbfgs", max_iter=10, random_state=0)
    reg.fit(X[:40], y[:40].ravel(), X_val=X[40:], y_val=y[40:].ravel())
    assert len(reg.validation_losses_) == reg.n_iter_
    error = np.mean((reg.predict(X[40:]) - y[40:].ravel()) ** 2) / 2
    np.testing.assert_allclose(reg.validation_losses_[-1], error, rtol=1e-9)
    assert reg.best_epoch_ == int(np.argmin(reg.validation_losses_)) + 1
