"""L-BFGS against closed forms and against scikit-learn."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression, PoissonRegressor, Ridge

import ranvier as rv
from ranvier import _engine
from ranvier.network.losses import Loss
from ranvier.training.lbfgs import Objective, minimise, weight_mask
from ranvier.training.optimizers import LBFGS
from ranvier.training.task import Data, Task

Array = NDArray[Any]
EXACT = LBFGS(max_iterations=2000, tolerance=1e-10)


@pytest.fixture
def X(rng: np.random.Generator) -> Array:
    return rng.normal(size=(200, 4)) @ rng.normal(size=(4, 4))


def make_task(net: rv.Network, X: Array, Y: Array, loss: str, w: Any = None) -> Task:
    data = Data(X, Y, w).astype(net.dtype)
    rows = np.arange(len(X))
    return Task(net, data, rows, Loss(loss), _engine.Workspace(1))


def linear(outputs: int = 1, activation: str = "identity") -> rv.Network:
    return rv.Network(4, [rv.Dense(outputs, activation)], dtype="float64", seed=0)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("outputs", [1, 3])
def test_linear_network_is_least_squares(
    X: Array, outputs: int, weighted: bool, rng: np.random.Generator
) -> None:
    Y = rng.normal(size=(200, outputs))
    w = rng.random(200) if weighted else None
    net = linear(outputs)
    minimise(make_task(net, X, Y, "squared_error", w), EXACT, 2000, lambda _: False)
    root = np.ones((200, 1)) if w is None else np.sqrt(w)[:, None]
    X1 = np.hstack([X, np.ones((200, 1))])
    solution = np.linalg.lstsq(X1 * root, Y * root)[0]
    assert net.theta == pytest.approx(solution.ravel(), rel=1e-6, abs=1e-8)


def test_penalty_is_ridge(X: Array, rng: np.random.Generator) -> None:
    y = rng.normal(size=200)
    net = linear()
    task = make_task(net, X, y[:, None], "squared_error")
    # Ours: mean of squares + l2 / 2 W^2; scikit-learn's: sum of squares + alpha W^2.
    minimise(task, LBFGS(2000, 1e-10, l2=0.2), 2000, lambda _: False)
    ridge = Ridge(alpha=0.2 / 2 * 200).fit(X, y)
    expected = [*ridge.coef_, ridge.intercept_]
    assert net.theta == pytest.approx(np.array(expected), rel=1e-7, abs=1e-9)


@pytest.mark.parametrize("logits", [False, True])
def test_logistic_regression(X: Array, logits: bool, rng: np.random.Generator) -> None:
    y = (X[:, 0] + rng.normal(size=200) > 0).astype(float)
    net = linear(1, "identity" if logits else "sigmoid")
    minimise(
        make_task(net, X, y[:, None], "log_loss"),
        LBFGS(2000, 1e-10, l2=0.01),
        2000,
        lambda _: False,
    )
    theirs = LogisticRegression(C=1 / (0.01 * 200), tol=1e-10, max_iter=5000).fit(X, y)
    expected = np.array([*theirs.coef_[0], *theirs.intercept_])
    assert net.theta == pytest.approx(expected, rel=1e-5, abs=1e-6)


def test_multinomial_logistic_regression(X: Array, rng: np.random.Generator) -> None:
    y = (X[:, :3] + rng.normal(size=(200, 3))).argmax(axis=1)
    w = rng.random(200)
    net = linear(3, "softmax")
    minimise(
        make_task(net, X, y.astype(np.int32), "cross_entropy", w),
        LBFGS(2000, 1e-10, l2=0.01),
        2000,
        lambda _: False,
    )
    C = 1 / (0.01 * w.sum())
    theirs = LogisticRegression(C=C, tol=1e-10, max_iter=5000)
    theirs.fit(X, y, sample_weight=w)
    assert pytest.approx(theirs.coef_, rel=1e-4, abs=1e-5) == net.layers[0].W.T
    assert net(X) == pytest.approx(theirs.predict_proba(X), abs=1e-6)


def test_poisson_regression(X: Array, rng: np.random.Generator) -> None:
    X = X / 4
    y = rng.poisson(np.exp(X[:, 0])).astype(float)
    net = linear(1, "exp")
    minimise(
        make_task(net, X, y[:, None], "poisson"),
        LBFGS(2000, 1e-10, l2=0.01),
        2000,
        lambda _: False,
    )
    theirs = PoissonRegressor(alpha=0.01, tol=1e-10, max_iter=5000).fit(X, y)
    expected = np.array([*theirs.coef_, theirs.intercept_])
    assert net.theta == pytest.approx(expected, rel=1e-5, abs=1e-6)


def test_float32_network_ends_at_the_same_place(
    X: Array, rng: np.random.Generator
) -> None:
    Y = rng.normal(size=(200, 1))
    thetas = []
    for dtype in ("float32", "float64"):
        net = rv.Network(4, [rv.Dense(1)], dtype=dtype, seed=0)
        task = make_task(net, X.astype(np.float32), Y, "squared_error")
        assert minimise(task, EXACT, 2000, lambda _: False) != "finished"
        thetas.append(net.theta)
    assert thetas[0] == pytest.approx(thetas[1], rel=1e-5, abs=1e-6)


def test_objective_is_loss_with_penalty(X: Array, rng: np.random.Generator) -> None:
    net = rv.Network.mlp(4, 3, 2, "tanh", dtype="float64", seed=1)
    Y = rng.normal(size=(200, 2))
    objective = Objective(make_task(net, X, Y, "squared_error"), 0.3)
    theta = net.theta.copy()
    value, gradient = objective(theta)
    squares = sum(float((layer.W**2).sum()) for layer in net.dense_layers)
    loss, _ = net.loss_and_gradient(X, Y)
    assert value == pytest.approx(loss + 0.15 * squares, rel=1e-12)
    assert objective.loss == pytest.approx(loss, rel=1e-12)
    for i in range(theta.size):
        step = np.zeros_like(theta)
        step[i] = 1e-5
        slope = (objective(theta + step)[0] - objective(theta - step)[0]) / 2e-5
        assert gradient[i] == pytest.approx(slope, rel=1e-6, abs=1e-9)


def test_weight_mask() -> None:
    net = rv.Network(1, [rv.Dense(2), rv.Dropout(0.1), rv.Dense(1)])
    task = make_task(net, np.ones((1, 1)), np.ones((1, 1)), "squared_error")
    assert weight_mask(task).tolist() == [True] * 2 + [False] * 2 + [True] * 2 + [False]


def test_one_record_an_iteration(X: Array, rng: np.random.Generator) -> None:
    net = rv.Network.mlp(4, 5, 1, "tanh", dtype="float64", seed=0)
    Y = rng.normal(size=(200, 1))
    task = make_task(net, X, Y, "squared_error")
    records = []

    def see(record: rv.EpochRecord) -> bool:
        loss, gradient = net.loss_and_gradient(X, Y)
        assert record.loss == pytest.approx(loss, rel=1e-12)
        norm = np.linalg.norm(gradient.theta)
        assert record.gradient_norm == pytest.approx(norm, rel=1e-9)
        records.append(record)
        return False

    assert minimise(task, LBFGS(), 12, see) == "finished"
    assert [record.epoch for record in records] == list(range(1, 13))
    losses = [record.loss for record in records]
    assert losses == sorted(losses, reverse=True)
    assert np.isnan(records[0].learning_rate)
    assert records[0].rows_per_second > 0


def test_stops_when_told(X: Array, rng: np.random.Generator) -> None:
    net = rv.Network.mlp(4, 5, 1, "tanh", seed=0)
    task = make_task(net, X, rng.normal(size=(200, 1)), "squared_error")
    seen = []
    ended = minimise(
        task, LBFGS(), 50, lambda r: bool(seen.append(r.epoch) or r.epoch == 3)
    )
    assert ended == "stopped"
    assert seen == [1, 2, 3]


def test_error_of_a_watcher_comes_through(X: Array, rng: np.random.Generator) -> None:
    net = rv.Network.mlp(4, 5, 1, "tanh", seed=0)
    task = make_task(net, X, rng.normal(size=(200, 1)), "squared_error")

    def see(record: rv.EpochRecord) -> bool:
        raise KeyError(record.epoch)

    with pytest.raises(KeyError, match="1"):
        minimise(task, LBFGS(), 50, see)


def test_only_its_rows_count(X: Array) -> None:
    Y = X[:, :1].copy()
    Y[150:] = 1e6
    net = linear()
    data = Data(X, Y)
    rows = np.arange(150)
    task = Task(net, data, rows, Loss("squared_error"), _engine.Workspace(1))
    minimise(task, EXACT, 2000, lambda _: False)
    assert net.theta == pytest.approx([1, 0, 0, 0, 0], abs=1e-6)


def test_start_that_is_not_finite(X: Array) -> None:
    net = linear()
    net.theta[...] = 1e300
    task = make_task(net, X, X[:, :1], "squared_error")
    with pytest.raises(rv.NonFiniteError, match="layer 0") as raised:
        minimise(task, LBFGS(), 10, lambda _: False)
    assert len(raised.value.rows) == 200
    assert (net.theta == 1e300).all()
