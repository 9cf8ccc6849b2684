"""The metrics of an epoch: which fit a loss, what is refused, units of predictions."""

from functools import partial
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from ranvier.training.epoch_metrics import resolve, resolve_all, to_predictions

Array = NDArray[Any]


@pytest.mark.parametrize(
    ("metric", "loss", "mode"),
    [
        ("accuracy", "cross_entropy", "max"),
        ("accuracy", "log_loss", "max"),
        ("rmse", "squared_error", "min"),
        ("mae", "huber", "min"),
        ("r2", "quantile", "max"),
        ("rmse", "poisson", "min"),
    ],
)
def test_named(metric: str, loss: str, mode: str) -> None:
    found = resolve(metric, loss)
    assert (found.name, found.mode) == (metric, mode)


def test_own_function() -> None:
    def worst(y: Array, A: Array) -> float:
        return float(abs(y - A).max())

    metric = resolve(worst, "squared_error")
    assert (metric.name, metric.mode) == ("worst", None)
    w = np.array([1.0, 0.0])
    assert metric.score(np.array([1.0, 2.0]), np.array([1.0, 5.0]), w) == 3.0
    assert resolve(partial(worst, A=0), "huber").name == "partial"


def test_several() -> None:
    assert resolve_all(None, "huber") == ()
    assert [m.name for m in resolve_all("mae", "huber")] == ["mae"]
    assert [m.name for m in resolve_all(["mae", "r2"], "huber")] == ["mae", "r2"]
    with pytest.raises(ValueError, match="2 metrics are called 'mae'"):
        resolve_all(["mae", "mae"], "huber")


@pytest.mark.parametrize(
    ("metric", "loss", "message"),
    [
        ("acuracy", "cross_entropy", "'acuracy'.*'accuracy'"),
        ("accuracy", "squared_error", "does not fit.*'squared_error'.*rmse, mae or r2"),
        ("rmse", "cross_entropy", "does not fit.*'cross_entropy'.*accuracy"),
    ],
)
def test_refused(metric: str, loss: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        resolve(metric, loss)


def test_neither_name_nor_function() -> None:
    with pytest.raises(TypeError, match="but got 3: give for example 'accuracy'"):
        resolve(3, "huber")  # type: ignore[arg-type]


def test_predictions_are_in_the_units_of_y() -> None:
    Z = np.array([[0.0, 1.0], [-1e4, 1e4]], np.float32)
    sigmoid = to_predictions(Z, "log_loss", "identity")
    assert sigmoid == pytest.approx(np.array([[0.5, 1 / (1 + np.exp(-1))], [0, 1]]))
    softmax = to_predictions(Z, "cross_entropy", "identity")
    assert softmax[0] == pytest.approx([1 / (1 + np.e), np.e / (1 + np.e)])
    assert softmax[1].tolist() == [0, 1]
    rate = to_predictions(np.array([[2.0]]), "poisson", "identity")
    assert rate == pytest.approx([np.exp(2.0)])
    for loss, activation in [("log_loss", "sigmoid"), ("squared_error", "identity")]:
        assert np.array_equal(to_predictions(Z, loss, activation), Z)


def test_one_output_becomes_one_dimension() -> None:
    A = np.array([[1.0], [2.0]])
    assert to_predictions(A, "squared_error", "identity").shape == (2,)
    assert to_predictions(A, "squared_error", "relu").shape == (2,)
