"""A task: its data, and the scores of its network."""

from typing import Any

import numpy as np
import pytest

import ranvier as rv
from ranvier import _engine
from ranvier.network.losses import Loss
from ranvier.training import task
from ranvier.training.epoch_metrics import resolve_all
from ranvier.training.task import Data, Task, mean_gradient, mean_loss

LABELS = Loss("cross_entropy")


@pytest.fixture
def data(rng: np.random.Generator) -> Data:
    X = rng.normal(size=(5000, 4))
    return Data(X, rng.integers(0, 3, 5000).astype(np.int32), rng.random(5000))


@pytest.fixture
def net() -> rv.Network:
    return rv.Network.mlp(4, 6, 3, "tanh", dtype="float64", seed=0)


@pytest.fixture
def workspace() -> _engine.Workspace:
    return _engine.Workspace(1)


def test_take_and_precision(data: Data) -> None:
    part = data.take(np.array([4, 2]))
    assert np.array_equal(part.X, data.X[[4, 2]])
    assert part.Y.tolist() == data.Y[[4, 2]].tolist()
    single = data.astype(np.float32)
    assert single.X.dtype == np.float32
    assert single.weights is not None
    assert single.weights.dtype == np.float32
    assert single.Y.dtype == np.int32
    numbers = Data(data.X, data.X[:, :2]).astype(np.float32)
    assert numbers.Y.dtype == np.float32
    assert numbers.weights is None


def test_weights_are_summed_in_float64() -> None:
    weights = np.array([2**24, 1, 1, 1], np.float32)
    data = Data(np.zeros((4, 1)), np.zeros((4, 1)), weights)
    assert data.weight_of(np.arange(4)) == 2**24 + 3
    assert data.weight_of(np.array([1, 3])) == 2
    assert Data(data.X, data.Y).weight_of(np.array([1, 3])) == 2


def test_blocks_cover_the_rows(data: Data) -> None:
    blocks = list(data.blocks(task.CALL_WORK / 3000))
    assert [len(part) for part, _ in blocks] == [3000, 2000]
    assert sum(share for _, share in blocks) == pytest.approx(1)
    assert np.array_equal(np.concatenate([part.X for part, _ in blocks]), data.X)
    # However much work a row is, a call has rows enough to be worth it.
    assert len(next(data.blocks(1e30))[0]) == task.CALL_ROWS


def test_loss_and_gradient_do_not_depend_on_the_blocks(
    data: Data,
    net: rv.Network,
    workspace: _engine.Workspace,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    expected, gradient = net.loss_and_gradient(
        data.X, data.Y, loss="cross_entropy", sample_weight=data.weights
    )
    assert mean_loss(net, data, LABELS, workspace) == expected
    monkeypatch.setattr(task, "CALL_WORK", 0)
    monkeypatch.setattr(task, "CALL_ROWS", 700)
    assert mean_loss(net, data, LABELS, workspace) == pytest.approx(expected, rel=1e-13)
    loss, flat = mean_gradient(net.engine, net.theta, data, LABELS, workspace)
    assert loss == pytest.approx(expected, rel=1e-13)
    assert flat == pytest.approx(gradient.theta, rel=1e-10, abs=1e-14)


def scores_of(
    net: rv.Network, data: Data, loss: str, metric: Any
) -> tuple[float | None, dict[str, float]]:
    rows = np.arange(len(data))
    metrics = resolve_all(metric, loss)
    workspace = _engine.Workspace(1)
    return Task(net, data, rows, Loss(loss), workspace, data, metrics).scores()


def test_scores_of_classes(data: Data, net: rv.Network) -> None:
    seen: list[Any] = []

    def own(y: Any, A: Any) -> float:
        seen.extend([y, A])
        return 3.0

    loss, scores = scores_of(net, data, "cross_entropy", ["accuracy", own])
    right = net(data.X).argmax(axis=1) == data.Y
    assert scores["accuracy"] == pytest.approx(np.average(right, weights=data.weights))
    assert scores["own"] == 3.0
    assert loss == pytest.approx(
        net.loss_and_gradient(
            data.X, data.Y, loss="cross_entropy", sample_weight=data.weights
        )[0]
    )
    y, P = seen
    assert np.array_equal(y, data.Y)
    assert P.sum(axis=1) == pytest.approx(np.ones(len(data)))  # no logits


def test_scores_of_one_number(rng: np.random.Generator) -> None:
    X, y = rng.normal(size=(40, 2)), rng.normal(size=40)
    net = rv.Network(2, [rv.Dense(1)], dtype="float64", seed=0)
    _, scores = scores_of(net, Data(X, y[:, None]), "squared_error", ["rmse", "mae"])
    error = net(X)[:, 0] - y  # both have one dimension: no table of all differences
    assert scores["rmse"] == pytest.approx((error**2).mean() ** 0.5)
    assert scores["mae"] == pytest.approx(abs(error).mean())


def test_without_validation(net: rv.Network, data: Data) -> None:
    rows = np.arange(len(data))
    assert Task(net, data, rows, LABELS, _engine.Workspace(1)).scores() == (None, {})
